package io.semper.p2p.mux;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.limits.Account;
import io.semper.p2p.limits.Limits;
import io.semper.p2p.wire.Duplex;
import io.semper.p2p.wire.Varint;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// An mplex session (`/mplex/6.7.0`), for peers that speak nothing better.
///
/// mplex has no flow control. A stream holds [#STREAM_BYTES] that nobody has read; with more to
/// come the connection stands still for a moment, and the stream is reset if its reader stays
/// behind.
public final class Mplex implements Muxer {
  public static final String ID = "/mplex/6.7.0";

  static final int NEW_STREAM = 0;

  // As the side sends them that did not open the stream; those of the other are one higher.
  static final int MESSAGE = 1;
  static final int CLOSE = 3;
  static final int RESET = 5;

  private static final int MAX_TAG = 6;

  /// Longest message, by the specification.
  static final int MAX_MESSAGE_BYTES = 1 << 20;

  /// Longest message sent; with its header it fills one Noise message.
  static final int SENT_BYTES = 65_519 - Outbox.HEADER_BYTES;

  /// What a stream may hold unread.
  static final int STREAM_BYTES = 4 << 20;

  /// How long the connection waits for a stream's reader that is so far behind.
  private static final long PATIENCE_NANOS = 2_000_000_000L;

  private static final long MAX_HEADER = Long.MAX_VALUE;
  private static final long GOODBYE_NANOS = 200_000_000L;

  private final Duplex channel;
  private final Closeable socket;
  private final Limits limits;
  private final Account account;
  private final Consumer<MuxedStream> acceptor;
  final Outbox outbox;

  private final Map<Key, MplexStream> streams = new ConcurrentHashMap<>();
  private final AtomicLong nextId = new AtomicLong();
  private final AtomicInteger inbound = new AtomicInteger();
  private final AtomicInteger outbound = new AtomicInteger();

  // The reader's own.
  private final Allowance allowance;

  private volatile String closedBecause;

  /// Each side numbers its own streams.
  private record Key(long id, boolean ours) {}

  /// @param channel the secured connection
  /// @param socket closed to end the connection
  /// @param account what buffered bytes are charged to
  /// @param acceptor given each stream the peer opens, on the reader's thread: must not block
  public Mplex(
      Duplex channel,
      Closeable socket,
      Limits limits,
      Account account,
      Consumer<MuxedStream> acceptor) {
    this.channel = channel;
    this.socket = socket;
    this.limits = limits;
    this.account = account;
    this.acceptor = acceptor;
    this.outbox = new Outbox(channel);
    this.allowance = new Allowance(limits);
  }

  /// A frame's header: all of it, but for the content of a message.
  static byte[] frame(int tag, long id, int length) {
    long header = id << 3 | tag;
    byte[] frame = new byte[Varint.size(header) + Varint.size(length)];
    Varint.write(length, frame, Varint.write(header, frame, 0));
    return frame;
  }

  @Override
  public MuxedStream open() throws IOException {
    if (outbound.incrementAndGet() > limits.outboundStreams()) {
      outbound.decrementAndGet();
      throw new IOException("too many streams: " + limits.outboundStreams());
    }
    MplexStream stream = new MplexStream(this, nextId.getAndIncrement(), true, account);
    streams.put(new Key(stream.id(), true), stream);
    if (closedBecause != null) {
      stream.abort(closedBecause);
      throw new IOException("connection is closed: " + closedBecause);
    }
    return stream;
  }

  @Override
  public void run() {
    String cause;
    try {
      for (long header; (header = Varint.read(channel, MAX_HEADER)) >= 0; ) {
        frame(header);
      }
      cause = "the peer closed the connection";
    } catch (MalformedInputException | IOException e) {
      cause = String.valueOf(e.getMessage());
    } catch (RuntimeException | Error e) {
      end("failure: " + e);
      throw e;
    }
    end(cause);
  }

  private void frame(long header) throws IOException {
    int tag = (int) header & 7;
    long id = header >>> 3;
    int length = (int) Varint.read(channel, MAX_MESSAGE_BYTES);
    if (length < 0) {
      throw new EOFException("connection ended within a frame");
    }
    if (tag > MAX_TAG) {
      throw new IOException("unknown kind of frame");
    }
    if (tag == NEW_STREAM) {
      accept(id);
      // Its name says nothing.
      channel.skip(length);
      return;
    }
    // Even tags are sent by the side that opened the stream.
    boolean ours = (tag & 1) == 1;
    MplexStream stream = streams.get(new Key(id, ours));
    if (stream == null && ours && id >= nextId.get()) {
      throw new IOException("frame of a stream that was never opened");
    }
    if (stream == null || tag > MESSAGE + 1 && length > 0) {
      channel.skip(length);
    }
    if (stream == null || length == 0 && tag <= MESSAGE + 1) {
      allowance.countIdleFrame();
    } else if (tag <= MESSAGE + 1) {
      receive(stream, length);
    } else if (tag <= CLOSE + 1) {
      if (!stream.remoteFinished()) {
        allowance.countIdleFrame();
      }
    } else {
      stream.remoteReset();
    }
  }

  private void accept(long id) throws IOException {
    Key key = new Key(id, false);
    if (streams.containsKey(key)) {
      throw new IOException("stream number used again");
    }
    if (!allowance.mayOpen(inbound.get())) {
      outbox.appendControl(frame(RESET, id, 0));
      return;
    }
    inbound.incrementAndGet();
    MplexStream stream = new MplexStream(this, id, false, account);
    streams.put(key, stream);
    acceptor.accept(stream);
  }

  private void receive(MplexStream stream, int length) throws IOException {
    if (!stream.awaitRoom(length, PATIENCE_NANOS)) {
      stream.refuse();
      channel.skip(length);
      return;
    }
    if (!stream.buffer.reserve(length)) {
      throw new IOException("the peer's account of buffered bytes is exhausted");
    }
    for (int left = length; left > 0; ) {
      left -= stream.buffer.fill(channel, left);
      stream.arrived();
    }
  }

  @Override
  public void tick(long now) {
    if (outbox.stalledNanos(now) > limits.writeStallMillis() * 1_000_000L) {
      fail("the peer takes no data");
      return;
    }
    for (MplexStream stream : streams.values()) {
      stream.expire(now, limits.drainMillis() * 1_000_000L);
    }
  }

  /// A stream has ended both ways.
  void forget(long id, boolean ours) {
    streams.remove(new Key(id, ours));
    (ours ? outbound : inbound).decrementAndGet();
  }

  @Override
  public void close() {
    outbox.drain(GOODBYE_NANOS);
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
    for (MplexStream stream : streams.values()) {
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
    return 0;
  }
}
