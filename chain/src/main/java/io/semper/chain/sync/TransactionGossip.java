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
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Transactions as they spread: passed on exactly if the pool takes them.
final class TransactionGossip implements Validator {
  /// What the pool refused is not fetched again sooner, though it may have room by then.
  private static final long RETRY_MILLIS = 30_000;

  /// A peer asked for what waits in its pool.
  interface PoolPeer {
    /// Hashes of it, as many as it cares to tell.
    List<Hash32> pooled() throws PeerException, InterruptedException;

    /// Encoded transactions, in the order of their hashes, as many as it cares to give; empty where
    /// it has one no more.
    List<byte[]> transactions(List<Hash32> hashes) throws PeerException, InterruptedException;
  }

  private final PoolView pool;
  private final SyncLimits limits;
  private final Clock clock;

  /// Asked of one peer just now, and not of another: after a start all tell of the same.
  private final Set<Hash32> fetching = ConcurrentHashMap.newKeySet();

  TransactionGossip(PoolView pool, SyncLimits limits, Clock clock) {
    this.pool = pool;
    this.limits = limits;
    this.clock = clock;
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

  /// Takes over what waits in the pool of a peer and is not here: it spread before we were
  /// connected, or was lost on its way.
  ///
  /// @param refused when this pool refused what the peer keeps, in milliseconds; to be the same map
  ///   for one peer at each call
  void fetchFrom(PoolPeer peer, Map<Hash32, Long> refused)
      throws PeerException, InterruptedException {
    List<Hash32> theirs = peer.pooled();
    long now = clock.millis();
    refused.keySet().retainAll(new HashSet<>(theirs));
    refused.values().removeIf(at -> now - at >= RETRY_MILLIS);
    Iterator<Hash32> left = theirs.iterator();
    boolean more = true;
    while (more && left.hasNext()) {
      List<Hash32> batch = new ArrayList<>();
      try {
        while (left.hasNext() && batch.size() < limits.bodiesPerRequest()) {
          Hash32 hash = left.next();
          if (!refused.containsKey(hash)
              && pool.transaction(hash).isEmpty()
              && fetching.add(hash)) {
            batch.add(hash);
          }
        }
        more = fetch(peer, batch, refused, now);
      } finally {
        batch.forEach(fetching::remove);
      }
    }
  }

  /// @return whether the peer may have more
  private boolean fetch(PoolPeer peer, List<Hash32> batch, Map<Hash32, Long> refused, long now)
      throws PeerException, InterruptedException {
    int taken = 0;
    while (taken < batch.size()) {
      List<byte[]> answer = peer.transactions(batch.subList(taken, batch.size()));
      if (answer.isEmpty()) {
        return false;
      }
      if (answer.size() > batch.size() - taken) {
        throw PeerException.deceit("more transactions than asked for");
      }
      for (byte[] encoded : answer) {
        Hash32 hash = batch.get(taken++);
        if (encoded.length > 0 && !submit(encoded)) {
          refused.put(hash, now);
        }
      }
    }
    return true;
  }

  /// @return whether the pool takes it
  private boolean submit(byte[] encoded) throws PeerException {
    try {
      return pool.submit(PooledTransaction.decode(encoded)) instanceof Submission.Accepted;
    } catch (MalformedInputException e) {
      throw PeerException.deceit("a transaction that is none: " + e.getMessage());
    }
  }
}
