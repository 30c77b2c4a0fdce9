package io.semper.chain.sync;

import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.types.PooledTransaction;
import io.semper.core.view.PoolView;
import io.semper.core.view.PoolView.Submission;
import io.semper.p2p.gossip.GossipMessage;
import io.semper.p2p.gossip.Validator;
import io.semper.p2p.gossip.Verdict;
import io.semper.p2p.identity.PeerId;
import java.util.ArrayList;
import java.util.List;

/// Transactions as they spread: passed on exactly if the pool takes them.
final class TransactionGossip implements Validator {
  private final PoolView pool;
  private final SyncLimits limits;

  TransactionGossip(PoolView pool, SyncLimits limits) {
    this.pool = pool;
    this.limits = limits;
  }

  @Override
  public Verdict validate(PeerId from, GossipMessage message) {
    PooledTransaction pooled;
    try {
      pooled = PooledTransaction.decode(message.data());
      if (pooled.transaction().impersonated() || pooled.transaction().sender() == null) {
        return Verdict.REJECT;
      }
    } catch (MalformedInputException e) {
      return Verdict.REJECT;
    }
    return switch (pool.submit(pooled)) {
      case Submission.Accepted ignored -> Verdict.ACCEPT;
      // Which fees and gaps are taken differs from node to node.
      case Submission.Rejected ignored -> Verdict.IGNORE;
    };
  }

  /// Takes over what waits in the pool of a peer, as it spread before we were connected.
  void fetchFrom(NetworkPeer peer) throws PeerException, InterruptedException {
    List<Hash32> missing = new ArrayList<>();
    for (Hash32 hash : peer.pooled()) {
      if (pool.transaction(hash).isEmpty()) {
        missing.add(hash);
      }
    }
    int taken = 0;
    while (taken < missing.size()) {
      int end = Math.min(missing.size(), taken + limits.bodiesPerRequest());
      List<byte[]> answer = peer.transactions(missing.subList(taken, end));
      if (answer.isEmpty()) {
        return;
      }
      for (byte[] encoded : answer) {
        if (encoded.length > 0) {
          submit(encoded);
        }
      }
      taken += answer.size();
    }
  }

  private void submit(byte[] encoded) throws PeerException {
    try {
      pool.submit(PooledTransaction.decode(encoded));
    } catch (MalformedInputException e) {
      throw PeerException.deceit("a transaction that is none: " + e.getMessage());
    }
  }
}
