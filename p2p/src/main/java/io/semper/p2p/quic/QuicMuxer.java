package io.semper.p2p.quic;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicException;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.codec.quic.QuicTransportError;
import io.netty.util.AttributeKey;
import io.semper.p2p.identity.PublicKey;
import io.semper.p2p.limits.Limits;
import io.semper.p2p.limits.RateLimiter;
import io.semper.p2p.mux.MuxedStream;
import io.semper.p2p.mux.Muxer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// A QUIC connection as a multiplexer.
// netty reports what went wrong to the handlers as well.
@SuppressWarnings("FutureReturnValueIgnored")
public final class QuicMuxer implements Muxer {
  private static final AttributeKey<QuicMuxer> MUXER =
      AttributeKey.valueOf(QuicMuxer.class, "muxer");

  /// Streams we have open at once; more wait. Peers allow at least twice as many: a connection that
  /// has used up all it is allowed was seen not to get more once they ended.
  private static final int MAX_OUTBOUND_STREAMS = 128;

  /// How often to look whether the peer allows another stream.
  private static final long ALLOWANCE_LOOK_NANOS = 2_000_000;

  private final QuicChannel channel;
  private final Limits limits;
  private final Channel socket;
  private final InetSocketAddress remote;
  private final Set<QuicStream> streams = ConcurrentHashMap.newKeySet();
  private final RateLimiter opens;
  private final Semaphore outbound = new Semaphore(MAX_OUTBOUND_STREAMS);
  private PublicKey remoteKey;
  private Consumer<MuxedStream> acceptor;

  /// Streams the peer opened before somebody was there to take them.
  private final Queue<QuicStream> early = new ArrayDeque<>();

  private volatile String closedBecause;

  /// @param socket closed with the connection; null if it serves others too
  QuicMuxer(QuicChannel channel, InetSocketAddress remote, Limits limits, Channel socket) {
    this.channel = channel;
    this.limits = limits;
    this.socket = socket;
    this.remote = remote;
    this.opens =
        new RateLimiter(limits.opensPerSecond(), 2 * limits.opensPerSecond(), System.nanoTime());
    channel.attr(MUXER).set(this);
  }

  synchronized void established(PublicKey key) {
    remoteKey = key;
  }

  /// The key the peer proved to hold; null before the handshake has ended.
  public synchronized PublicKey remoteKey() {
    return remoteKey;
  }

  public InetSocketAddress remote() {
    return remote;
  }

  /// From now on streams the peer opens are given to `consumer`, which must not block.
  public void acceptWith(Consumer<MuxedStream> consumer) {
    synchronized (this) {
      acceptor = consumer;
      early.forEach(consumer);
      early.clear();
    }
  }

  /// Sets up streams that peers open.
  @ChannelHandler.Sharable
  static final class InboundStreams extends ChannelInitializer<QuicStreamChannel> {
    @Override
    protected void initChannel(QuicStreamChannel opened) {
      QuicMuxer muxer = opened.parent().attr(MUXER).get();
      opened.config().setAutoRead(false);
      opened.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
      if (muxer == null || !muxer.mayOpen()) {
        opened.shutdown(0);
        return;
      }
      QuicStream stream = new QuicStream(muxer, opened);
      opened.pipeline().addLast(stream.handler());
      muxer.accept(stream);
    }
  }

  private synchronized boolean mayOpen() {
    return opens.tryTake(System.nanoTime()) && closedBecause == null;
  }

  private synchronized void accept(QuicStream stream) {
    streams.add(stream);
    if (acceptor != null) {
      acceptor.accept(stream);
    } else if (early.size() < limits.inboundStreams()) {
      early.add(stream);
    } else {
      stream.reset(0);
    }
  }

  @Override
  public MuxedStream open() throws IOException {
    if (closedBecause != null) {
      throw new IOException("connection is closed: " + closedBecause);
    }
    try {
      if (!outbound.tryAcquire(limits.negotiateMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException("too many streams: " + MAX_OUTBOUND_STREAMS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while opening a stream");
    }
    QuicStream stream;
    try {
      stream = create();
    } catch (IOException e) {
      outbound.release();
      throw e;
    }
    stream.whenGone(outbound::release);
    streams.add(stream);
    if (closedBecause != null) {
      stream.abort(closedBecause);
    }
    return stream;
  }

  /// The peer says how many streams may be open; a stream too many waits for one to end.
  private QuicStream create() throws IOException {
    long deadline = System.nanoTime() + limits.negotiateMillis() * 1_000_000L;
    while (true) {
      if (channel.peerAllowedStreams(QuicStreamType.BIDIRECTIONAL) > 0) {
        QuicStream.Opening opening = new QuicStream.Opening(this);
        var created = channel.createStream(QuicStreamType.BIDIRECTIONAL, opening);
        try {
          QuicTransport.await(created, limits.negotiateMillis(), "opening a stream");
          return opening.stream();
        } catch (IOException e) {
          if (!(e.getCause() instanceof QuicException refused)
              || refused.error() != QuicTransportError.STREAM_LIMIT_ERROR) {
            throw e;
          }
        }
      }
      if (closedBecause != null || System.nanoTime() - deadline > 0) {
        throw new IOException("the peer allows no more streams");
      }
      LockSupport.parkNanos(ALLOWANCE_LOOK_NANOS);
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("interrupted while opening a stream");
      }
    }
  }

  void forget(QuicStream stream) {
    streams.remove(stream);
  }

  @Override
  public void run() {
    try {
      channel.closeFuture().sync();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    end("the connection ended");
  }

  /// quiche keeps its own clocks.
  @Override
  public void tick(long nanoTime) {}

  @Override
  public void close() {
    end("closed");
  }

  @Override
  public void fail(String reason) {
    end(reason);
  }

  private void end(String reason) {
    synchronized (this) {
      if (closedBecause != null) {
        return;
      }
      closedBecause = reason;
    }
    streams.forEach(stream -> stream.abort(reason));
    QuicStream.unlessStopped(() -> channel.close(true, 0, Unpooled.EMPTY_BUFFER));
    if (socket != null) {
      channel.closeFuture().addListener(done -> socket.close());
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
