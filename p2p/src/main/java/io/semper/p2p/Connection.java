package io.semper.p2p;

import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PublicKey;
import io.semper.p2p.limits.Account;
import io.semper.p2p.limits.Limits;
import io.semper.p2p.limits.RateLimiter;
import io.semper.p2p.mux.MuxedStream;
import io.semper.p2p.mux.Muxer;
import io.semper.p2p.negotiate.NegotiationException;
import io.semper.p2p.protocol.Identify;
import io.semper.p2p.protocol.Ping;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/// A secured, multiplexed connection to a peer whose identity is proven.
public final class Connection {
  private static final String LOSES_EARLY_ENDS = "js-libp2p";

  /// Identify pushes that are read, a second.
  private static final int PUSHES_PER_SECOND = 2;

  private final PeerId peer;
  private final PublicKey key;
  private final Multiaddr remoteAddress;
  private final boolean outbound;
  private final String security;
  private final String muxerName;
  private final boolean earlyMuxer;
  private final Limits limits;
  private final Account account;
  private final Map<String, AtomicInteger> served = new ConcurrentHashMap<>();
  private final RateLimiter pushes =
      new RateLimiter(PUSHES_PER_SECOND, 10 * PUSHES_PER_SECOND, System.nanoTime());

  /// Peers serve few pings at once.
  private final ReentrantLock pinging = new ReentrantLock();

  private Muxer muxer;
  private volatile Identify identity;
  private volatile long beganNanos;

  /// When another connection took this one's place; 0 if none has.
  private volatile long replacedSince;

  Connection(
      PublicKey key,
      Multiaddr remoteAddress,
      boolean outbound,
      String security,
      String muxerName,
      boolean earlyMuxer,
      Limits limits,
      Account account) {
    this.peer = PeerId.of(key);
    this.key = key;
    this.remoteAddress = remoteAddress;
    this.outbound = outbound;
    this.security = security;
    this.muxerName = muxerName;
    this.earlyMuxer = earlyMuxer;
    this.limits = limits;
    this.account = account;
  }

  void attach(Muxer started) {
    muxer = started;
    account.whenOverdrawn(() ->
        Thread.ofVirtual()
            .name("p2p-overdrawn")
            .start(() -> fail("it holds most of the memory for all peers")));
  }

  public PeerId peer() {
    return peer;
  }

  public PublicKey key() {
    return key;
  }

  /// Where the peer is, as the socket says.
  public Multiaddr remoteAddress() {
    return remoteAddress;
  }

  /// Whether our side dialled.
  public boolean isOutbound() {
    return outbound;
  }

  /// The protocol that secures the connection, such as `/noise`.
  public String security() {
    return security;
  }

  /// The protocol that multiplexes it, such as `/yamux/1.0.0`.
  public String muxerName() {
    return muxerName;
  }

  /// Whether the multiplexer was agreed on within the security handshake.
  public boolean hasEarlyMuxer() {
    return earlyMuxer;
  }

  /// What the peer last told about itself, if it has.
  public Optional<Identify> identity() {
    return Optional.ofNullable(identity);
  }

  void identity(Identify told) {
    identity = told;
  }

  /// Opens a stream for one protocol without waiting for the peer's answer: it is read before the
  /// first data, and a refusal is thrown then.
  public Stream open(String protocol) throws IOException {
    return Stream.propose(muxer.open(), this, limits.negotiateMillis(), protocol);
  }

  /// Opens a stream for the first of the protocols that the peer speaks, and waits for its answer.
  public Stream open(List<String> protocols) throws IOException {
    MuxedStream muxed = muxer.open();
    try {
      return Stream.propose(muxed, this, limits.negotiateMillis(), protocols);
    } catch (IOException e) {
      muxed.reset(0);
      throw e;
    }
  }

  /// Pings the peer once, over a stream of its own.
  ///
  /// @return nanoseconds until the answer
  /// @throws NegotiationException if the peer answers, but knows no pings
  public long ping() throws IOException {
    pinging.lock();
    try {
      Stream stream = open(Ping.ID);
      try {
        stream.timeoutMillis(limits.pingMillis());
        long took = Ping.ping(stream, RandomGenerator.getDefault());
        stream.close();
        return took;
      } catch (IOException e) {
        stream.reset(0);
        throw e;
      }
    } finally {
      pinging.unlock();
    }
  }

  /// Waits until the peer has begun to serve the streams whose protocols it has agreed to, where
  /// that matters: js-libp2p agrees some milliseconds before its handler listens, and loses an end
  /// that comes between, so that a handler that reads to the end waits for good. It takes up the
  /// streams of a connection in their order, hence the answer to a ping comes later.
  void awaitHandlers() {
    Identify told = identity;
    if (told == null || !told.agentVersion().startsWith(LOSES_EARLY_ENDS)) {
      return;
    }
    try {
      ping();
    } catch (IOException e) {
      // Refused or reset is an answer too, and a connection that is dead fails whoever waited.
    }
  }

  public int streamCount() {
    return muxer.streamCount();
  }

  /// Smoothed round trip, 0 while unknown.
  public long roundTripNanos() {
    return muxer.roundTripNanos();
  }

  /// Bytes buffered for the peer on this connection.
  public long heldBytes() {
    return account.heldBytes();
  }

  /// Says goodbye and ends the connection.
  public void close() {
    muxer.close();
  }

  /// Ends the connection at once because of something the peer did.
  public void fail(String reason) {
    muxer.fail(reason);
  }

  /// Why the connection ended; empty while it stands.
  public Optional<String> closedBecause() {
    return Optional.ofNullable(muxer.closedBecause());
  }

  Muxer muxer() {
    return muxer;
  }

  /// What is held in memory for the peer on this connection.
  public Account account() {
    return account;
  }

  /// Counts a stream served for the protocol, unless there are `max` already.
  boolean beginServing(String protocol, int max) {
    AtomicInteger count = served.computeIfAbsent(protocol, p -> new AtomicInteger());
    if (count.incrementAndGet() > max) {
      count.decrementAndGet();
      return false;
    }
    return true;
  }

  /// Whether an identify push is read, rather than one too many.
  boolean mayPush(long nanoTime) {
    synchronized (pushes) {
      return pushes.tryTake(nanoTime);
    }
  }

  void endServing(String protocol) {
    served.get(protocol).decrementAndGet();
  }

  void began(long nanoTime) {
    beganNanos = nanoTime;
  }

  long beganNanos() {
    return beganNanos;
  }

  void replaced(long nanoTime) {
    replacedSince = nanoTime | 1;
  }

  /// What replaced this one has ended, if anything had.
  void used() {
    replacedSince = 0;
  }

  boolean isReplaced() {
    return replacedSince != 0;
  }

  /// Closes a connection that another has replaced, once its streams have ended or their time has.
  void closeIfReplaced(long nanoTime) {
    long since = replacedSince;
    if (since == 0) {
      return;
    }
    long waited = nanoTime - since;
    if (waited > limits.drainMillis() * 1_000_000L
        || waited > REPLACED_GRACE_NANOS && muxer.streamCount() == 0) {
      Thread.ofVirtual().start(this::close);
    }
  }

  /// The peer may still be opening streams on a connection that was replaced a moment ago.
  private static final long REPLACED_GRACE_NANOS = 3_000_000_000L;

  @Override
  public String toString() {
    return (outbound ? "to " : "from ") + peer + " at " + remoteAddress;
  }
}
