package io.semper.chain.sync;

import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.types.Header;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.peers.Peers;
import io.semper.p2p.reqresp.Answer;
import io.semper.p2p.reqresp.Protocol;
import io.semper.p2p.reqresp.Requests;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// A connected peer, asked over its streams.
final class NetworkPeer implements SyncPeer, TransactionGossip.PoolPeer {
  /// What deceit costs a peer: a ban.
  private static final double PENALTY = 100;

  private final PeerId peer;
  private final Requests requests;
  private final Protocols protocols;
  private final Peers peers;
  private final long answerBytes;
  private final UnderWay headers = new UnderWay();
  private final UnderWay bodies = new UnderWay();

  /// Requests of one protocol that another thread may end.
  private static final class UnderWay {
    private final Set<Answer<?>> answers = ConcurrentHashMap.newKeySet();
    private final AtomicInteger cancels = new AtomicInteger();
  }

  /// @param answerBytes after which an answer of any protocol ends
  NetworkPeer(PeerId peer, Requests requests, Protocols protocols, Peers peers, long answerBytes) {
    this.peer = peer;
    this.requests = requests;
    this.protocols = protocols;
    this.peers = peers;
    this.answerBytes = answerBytes;
  }

  @Override
  public String id() {
    return peer.toString();
  }

  Status status(Status own) throws PeerException, InterruptedException {
    List<Status> answer = ask(protocols.status(), own);
    if (answer.isEmpty()) {
      throw PeerException.deceit("it tells no status");
    }
    return answer.getFirst();
  }

  @Override
  public List<Header> headers(long from, int count) throws PeerException, InterruptedException {
    return ask(protocols.headers(), new HeaderRange(from, count), headers);
  }

  @Override
  public List<byte[]> bodies(List<Hash32> hashes) throws PeerException, InterruptedException {
    return ask(protocols.bodies(), hashes, bodies);
  }

  @Override
  public void cancelHeaders() {
    cancel(headers);
  }

  @Override
  public void cancelBodies() {
    cancel(bodies);
  }

  /// To tell the peer so may block, for which the caller does not wait.
  private void cancel(UnderWay requests) {
    requests.cancels.incrementAndGet();
    for (Answer<?> answer : requests.answers) {
      Thread.ofVirtual().name("cancel " + peer).start(answer::abort);
    }
  }

  @Override
  public List<byte[]> transactions(List<Hash32> hashes) throws PeerException, InterruptedException {
    return ask(protocols.transactions(), hashes, new UnderWay());
  }

  @Override
  public List<Hash32> pooled() throws PeerException, InterruptedException {
    List<List<Hash32>> answer = ask(protocols.pool(), List.of());
    return answer.isEmpty() ? List.of() : answer.getFirst();
  }

  private <Q, A> List<A> ask(Protocol<Q, A> protocol, Q question)
      throws PeerException, InterruptedException {
    return ask(protocol, question, new UnderWay());
  }

  /// What goes on after the bytes that an answer may have, which nobody need send, is not read.
  private <Q, A> List<A> ask(Protocol<Q, A> protocol, Q question, UnderWay underWay)
      throws PeerException, InterruptedException {
    List<A> chunks = new ArrayList<>();
    int before = underWay.cancels.get();
    try (Answer<A> answer = requests.ask(peer, protocol, question)) {
      underWay.answers.add(answer);
      try {
        if (underWay.cancels.get() != before) {
          throw PeerException.unavailable("cancelled before it was asked", null);
        }
        while (true) {
          boolean enough = answer.bytes() >= answerBytes;
          A chunk = answer.next();
          if (chunk == null || enough) {
            break;
          }
          chunks.add(chunk);
        }
      } finally {
        underWay.answers.remove(answer);
      }
      return chunks;
    } catch (MalformedInputException e) {
      throw PeerException.deceit("not an answer of " + protocol.id() + ": " + e.getMessage());
    } catch (IOException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      throw PeerException.unavailable(protocol.id() + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void disconnect(String reason) {
    peers.report(peer, PENALTY, reason);
  }

  @Override
  public String toString() {
    return id();
  }
}
