package io.semper.p2p.mux;

import io.semper.p2p.limits.Account;
import io.semper.p2p.limits.Limits;
import io.semper.p2p.limits.RateLimiter;
import io.semper.p2p.wire.Duplex;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// A Yamux session (`/yamux/1.0.0`).
///
/// Every stream begins with a window of 256 KiB in both directions. Credit is given back when the
/// application has read, not when bytes arrive; a window that empties within four round trips
/// doubles, within the budget of its connection. A frame that breaks the rules ends the session
/// with GoAway.
public final class Yamux implements Muxer {
  public static final String ID = "/yamux/1.0.0";

  static final int DATA = 0;
  static final int WINDOW_UPDATE = 1;
  static final int PING = 2;
  static final int GO_AWAY = 3;

  static final int SYN = 1;
  static final int ACK = 2;
  static final int FIN = 4;
  static final int RST = 8;

  /// The window of a new stream, both ways.
  static final int INITIAL_WINDOW = 256 << 10;

  /// What counts at most as a peer's silence between two ticks: a side that was held up itself has
  /// not listened, and what the peer said meanwhile waits to be read.
  private static final long MAX_STEP_NANOS = 2_000_000_000L;

  /// Numbers skipped that a peer may still use.
  private static final int MAX_SKIPPED = 256;

  /// Longest frame of data sent; with its header it fills one Noise message.
  static final int MAX_DATA_BYTES = 65_519 - Outbox.HEADER_BYTES;

  private static final int PROTOCOL_ERROR = 1;

  /// How long a connection that ends waits for its last frame to leave.
  private static final long GOODBYE_NANOS = 200_000_000L;

  private static final int PINGS_PER_SECOND = 10;

  private final Duplex channel;
  private final Closeable socket;
  private final boolean dialer;
  private final Limits limits;
  private final Account account;
  private final Consumer<MuxedStream> acceptor;
  final Outbox outbox;

  private final Map<Long, YamuxStream> streams = new ConcurrentHashMap<>();
  private final AtomicLong nextId;
  private final AtomicInteger inbound = new AtomicInteger();
  private final AtomicInteger outbound = new AtomicInteger();
  private final Semaphore unanswered;
  private final AtomicLong extraWindow = new AtomicLong();

  // The reader's own.
  private final byte[] header = new byte[Outbox.HEADER_BYTES];
  private final Allowance allowance;
  private final RateLimiter pings;
  private long lastRemoteId;

  /// Numbers below the last one that were not used yet, the latest of them: whoever opens streams
  /// from several threads, as go-libp2p does, sends their numbers out of order.
  private final LinkedHashSet<Long> skipped = new LinkedHashSet<>();

  private volatile boolean remoteGone;
  private volatile long goneSince;
  private volatile String closedBecause;
  private volatile long roundTripNanos;
  private volatile long pingSent;
  private volatile long pingValue;
  private volatile long nextPing;
  private volatile boolean heard;

  // The ticks' own: when the last one was, and how long nothing has come while a ping waits.
  private long ticked;
  private long silent;

  /// @param channel the secured connection
  /// @param socket closed to end the connection
  /// @param dialer whether our side dialled: its streams have odd numbers
  /// @param account what buffered bytes are charged to
  /// @param acceptor given each stream the peer opens, on the reader's thread: must not block
  public Yamux(
      Duplex channel,
      Closeable socket,
      boolean dialer,
      Limits limits,
      Account account,
      Consumer<MuxedStream> acceptor) {
    this.channel = channel;
    this.socket = socket;
    this.dialer = dialer;
    this.limits = limits;
    this.account = account;
    this.acceptor = acceptor;
    this.outbox = new Outbox(channel);
    this.nextId = new AtomicLong(dialer ? 1 : 2);
    this.lastRemoteId = dialer ? 0 : -1;
    this.unanswered = new Semaphore(limits.unansweredOpens());
    this.allowance = new Allowance(limits);
    long now = System.nanoTime();
    this.pings = new RateLimiter(PINGS_PER_SECOND, 2 * PINGS_PER_SECOND, now);
    this.nextPing = now;
    this.ticked = now;
  }

  @Override
  public MuxedStream open() throws IOException {
    if (remoteGone || closedBecause != null) {
      throw new IOException("connection is closing");
    }
    if (outbound.incrementAndGet() > limits.outboundStreams()) {
      outbound.decrementAndGet();
      throw new IOException("too many streams: " + limits.outboundStreams());
    }
    try {
      if (!unanswered.tryAcquire(limits.negotiateMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException("the peer acknowledges no streams");
      }
    } catch (InterruptedException e) {
      outbound.decrementAndGet();
      Thread.currentThread().interrupt();
      throw new java.io.InterruptedIOException("interrupted while opening a stream");
    } catch (IOException e) {
      outbound.decrementAndGet();
      throw e;
    }
    long id = nextId.getAndAdd(2);
    if (id > 0xffff_ffffL) {
      forget(null, true, true);
      fail("stream numbers are used up");
      throw new IOException("stream numbers are used up");
    }
    YamuxStream stream = new YamuxStream(this, id, true, account);
    streams.put(id, stream);
    if (closedBecause != null) {
      stream.abort("connection closed");
      throw new IOException("connection closed");
    }
    return stream;
  }

  @Override
  public void run() {
    String cause;
    try {
      ping(System.nanoTime());
      while (readHeader()) {
        heard = true;
        frame();
      }
      cause = "the peer closed the connection";
    } catch (ProtocolException e) {
      cause = e.getMessage();
      sayGoodbye(PROTOCOL_ERROR);
    } catch (IOException e) {
      cause = String.valueOf(e.getMessage());
    } catch (RuntimeException | Error e) {
      end("failure: " + e);
      throw e;
    }
    end(cause);
  }

  private boolean readHeader() throws IOException {
    int done = 0;
    while (done < header.length) {
      int n = channel.read(header, done, header.length - done);
      if (n < 0) {
        if (done > 0) {
          throw new EOFException("connection ended within a frame");
        }
        return false;
      }
      done += n;
    }
    return true;
  }

  private void frame() throws IOException {
    if (header[0] != 0) {
      throw new ProtocolException("unknown version of Yamux");
    }
    int flags = (header[2] & 0xff) << 8 | header[3] & 0xff;
    long id = word(4);
    long length = word(8);
    switch (header[1]) {
      case DATA, WINDOW_UPDATE -> streamFrame(header[1], flags, id, length);
      case PING -> pingFrame(flags, length);
      case GO_AWAY -> {
        if (!remoteGone) {
          goneSince = System.nanoTime();
          remoteGone = true;
        }
        if (streams.isEmpty()) {
          throw new IOException("the peer went away");
        }
        allowance.countIdleFrame();
      }
      default -> throw new ProtocolException("unknown type of frame");
    }
  }

  /// A frame's header: all of it, but for the content of data.
  static byte[] frame(int type, int flags, long id, long length) {
    byte[] frame = new byte[Outbox.HEADER_BYTES];
    frame[1] = (byte) type;
    frame[2] = (byte) (flags >>> 8);
    frame[3] = (byte) flags;
    for (int i = 0; i < 4; i++) {
      frame[4 + i] = (byte) (id >>> 24 - 8 * i);
      frame[8 + i] = (byte) (length >>> 24 - 8 * i);
    }
    return frame;
  }

  private long word(int at) {
    return (header[at] & 0xffL) << 24
        | (header[at + 1] & 0xff) << 16
        | (header[at + 2] & 0xff) << 8
        | header[at + 3] & 0xff;
  }

  private void streamFrame(int type, int flags, long id, long length) throws IOException {
    if (id == 0) {
      throw new ProtocolException("frame of stream 0");
    }
    if ((flags & SYN) != 0) {
      accept(id);
    }
    YamuxStream stream = streams.get(id);
    long payload = type == DATA ? length : 0;
    if (stream == null) {
      strayFrame(flags, id, payload);
      return;
    }
    boolean changes = (flags & (SYN | RST)) != 0 || length > 0;
    if ((flags & ACK) != 0 && stream.acknowledged()) {
      unanswered.release();
      changes = true;
    }
    if (type == WINDOW_UPDATE) {
      // A reset carries a reason in the place of the credit.
      if ((flags & RST) == 0 && !stream.addCredit(length)) {
        throw new ProtocolException("window beyond all bounds");
      }
    } else if (payload > 0) {
      receive(stream, payload);
    }
    if ((flags & RST) != 0) {
      stream.remoteReset(type == WINDOW_UPDATE ? length : 0);
    } else if ((flags & FIN) != 0) {
      changes |= stream.remoteFinished();
    }
    if (!changes) {
      allowance.countIdleFrame();
    }
  }

  private void accept(long id) throws IOException {
    boolean odd = (id & 1) == 1;
    if (odd == dialer) {
      throw new ProtocolException("stream number of the wrong side");
    }
    if (id > lastRemoteId) {
      long first = Math.max(lastRemoteId + 2, id - 2L * MAX_SKIPPED);
      for (long between = first; between < id; between += 2) {
        if (skipped.size() == MAX_SKIPPED) {
          skipped.removeFirst();
        }
        skipped.add(between);
      }
      lastRemoteId = id;
    } else if (!skipped.remove(id)) {
      throw new ProtocolException("stream number used again");
    }
    if (!allowance.mayOpen(inbound.get())) {
      outbox.appendControl(frame(WINDOW_UPDATE, RST, id, 0));
      return;
    }
    inbound.incrementAndGet();
    YamuxStream stream = new YamuxStream(this, id, false, account);
    streams.put(id, stream);
    acceptor.accept(stream);
  }

  private void receive(YamuxStream stream, long payload) throws IOException {
    if (!stream.takeReceiveWindow(payload)) {
      throw new ProtocolException("more data than the window allows");
    }
    if (stream.isDiscarding()) {
      stream.discardedData();
      channel.skip(payload);
      return;
    }
    int left = (int) payload;
    if (!stream.buffer.reserve(left)) {
      throw new IOException("the peer's account of buffered bytes is exhausted");
    }
    while (left > 0) {
      left -= stream.buffer.fill(channel, left);
      stream.wakeReader();
    }
  }

  /// A frame of a stream that is no more, or never was.
  private void strayFrame(int flags, long id, long payload) throws IOException {
    boolean ours = ((id & 1) == 1) == dialer;
    // A reset may come where the peer gave a stream up before it could open it.
    boolean bareReset = (flags & RST) != 0 && payload == 0;
    if (!bareReset && (ours ? id >= nextId.get() : id > lastRemoteId)) {
      throw new ProtocolException("frame of a stream that was never opened");
    }
    if (payload > limits.maxWindowBytes()) {
      throw new ProtocolException("more data than any window allows");
    }
    if (payload == 0) {
      allowance.countIdleFrame();
    }
    channel.skip(payload);
  }

  private void pingFrame(int flags, long value) throws IOException {
    if ((flags & SYN) != 0) {
      if (!pings.tryTake(System.nanoTime())) {
        throw new ProtocolException("pings without end");
      }
      outbox.appendControl(frame(PING, ACK, 0, value));
    } else if ((flags & ACK) != 0 && pingSent != 0 && value == pingValue) {
      long took = System.nanoTime() - pingSent;
      pingSent = 0;
      roundTripNanos = roundTripNanos == 0 ? took : (roundTripNanos + took) / 2;
    } else {
      allowance.countIdleFrame();
    }
  }

  private void ping(long now) throws IOException {
    nextPing = now + limits.keepAliveMillis() * 1_000_000L;
    pingValue = pingValue + 1 & 0xffff_ffffL;
    pingSent = now | 1;
    outbox.appendControl(frame(PING, SYN, 0, pingValue));
  }

  @Override
  public void tick(long now) {
    if (closedBecause != null) {
      return;
    }
    long sent = pingSent;
    silent = sent == 0 || heard ? 0 : silent + Math.min(now - ticked, MAX_STEP_NANOS);
    heard = false;
    ticked = now;
    if (outbox.stalledNanos(now) > limits.writeStallMillis() * 1_000_000L) {
      fail("the peer takes no data");
    } else if (remoteGone
        && (streams.isEmpty() || now - goneSince > limits.drainMillis() * 1_000_000L)) {
      fail("the peer went away");
    } else if (silent > limits.pingMillis() * 1_000_000L) {
      fail("a ping was not answered");
    } else {
      try {
        if (sent == 0 && now - nextPing >= 0) {
          ping(now);
        }
      } catch (IOException e) {
        fail(e.getMessage());
        return;
      }
      for (YamuxStream stream : streams.values()) {
        stream.expire(now, limits.drainMillis() * 1_000_000L);
      }
    }
  }

  /// Takes up to `bytes` for a larger window of a stream.
  boolean growWindow(int bytes) {
    if (extraWindow.addAndGet(bytes) > limits.connectionWindowBytes()) {
      extraWindow.addAndGet(-bytes);
      return false;
    }
    return true;
  }

  int maxWindowBytes() {
    return limits.maxWindowBytes();
  }

  /// A stream has ended both ways.
  ///
  /// @param unansweredOpen whether its opening was never acknowledged
  void forget(YamuxStream stream, boolean ours, boolean unansweredOpen) {
    if (stream != null) {
      streams.remove(stream.id());
      extraWindow.addAndGet(-stream.extraWindow());
    }
    (ours ? outbound : inbound).decrementAndGet();
    if (unansweredOpen) {
      unanswered.release();
    }
  }

  private void sayGoodbye(int code) {
    try {
      outbox.appendControl(frame(GO_AWAY, 0, 0, code));
      outbox.drain(GOODBYE_NANOS);
    } catch (IOException e) {
      // The connection is ending in any case.
    }
  }

  @Override
  public void close() {
    sayGoodbye(0);
    end("closed");
  }

  @Override
  public void fail(String reason) {
    end(reason);
  }

  private void end(String reason) {
    synchronized (this) {
      if (closedBecause == null) {
        closedBecause = reason;
      }
    }
    outbox.fail(new IOException(closedBecause));
    try {
      socket.close();
    } catch (IOException e) {
      // Closing is all that was wanted.
    }
    for (YamuxStream stream : streams.values()) {
      stream.abort(closedBecause);
    }
  }

  @Override
  public String closedBecause() {
    return closedBecause;
  }

  @Override
  public int streamCount() {
    return streams.size();
  }

  @Override
  public long roundTripNanos() {
    return roundTripNanos;
  }
}
