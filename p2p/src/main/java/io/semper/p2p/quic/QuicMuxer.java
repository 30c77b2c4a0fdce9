package io.semper.p2p.quic;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamLimitChangedEvent;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.AttributeKey;
import io.semper.p2p.identity.PublicKey;
import io.semper.p2p.limits.Account;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// A QUIC connection as a multiplexer.
// netty reports what went wrong to the handlers as well.
@SuppressWarnings("FutureReturnValueIgnored")
public final class QuicMuxer implements Muxer {
  private static final AttributeKey<QuicMuxer> MUXER =
      AttributeKey.valueOf(QuicMuxer.class, "muxer");

  /// What netty holds for a stream that was reset.
  static final int RESET_STREAM_BYTES = 2048;

  private final QuicChannel channel;
  private final Limits limits;
  private final Channel socket;
  private final InetSocketAddress remote;
  private final Set<QuicStream> streams = ConcurrentHashMap.newKeySet();
  private final RateLimiter opens;
  private final AtomicInteger outbound = new AtomicInteger();
  private PublicKey remoteKey;
  private Consumer<MuxedStream> acceptor;

  /// Streams the peer opened before somebody was there to take them.
  private final Queue<QuicStream> early = new ArrayDeque<>();

  /// Streams to be opened as soon as the peer allows. The event loop's own.
  private final ArrayDeque<CompletableFuture<QuicStream>> due = new ArrayDeque<>();

  private final Account account;
  private volatile String closedBecause;

  /// @param account what received bytes are charged to until they are read
  /// @param socket closed with the connection; null if it serves others too
  QuicMuxer(
      QuicChannel channel,
      InetSocketAddress remote,
      Limits limits,
      Account account,
      Channel socket) {
    this.channel = channel;
    this.limits = limits;
    this.socket = socket;
    this.remote = remote;
    this.account = account;
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

  /// What follows the connection's fate, to be added to its pipeline.
  ChannelHandler events() {
    return new ChannelInboundHandlerAdapter() {
      @Override
      public void channelInactive(ChannelHandlerContext context) throws Exception {
        fail("the connection ended");
        super.channelInactive(context);
      }

      @Override
      public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        fail(String.valueOf(cause.getMessage()));
      }

      @Override
      public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof QuicStreamLimitChangedEvent) {
          openDue();
        }
      }
    };
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
      QuicStream.configure(opened);
      if (!muxer.mayOpen()) {
        opened.shutdown(0);
        opened.close();
        muxer.gone(false);
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
    keep(stream);
    if (acceptor != null) {
      acceptor.accept(stream);
    } else if (early.size() < limits.inboundStreams()) {
      early.add(stream);
    } else {
      stream.reset(0);
    }
  }

  private void keep(QuicStream stream) {
    streams.add(stream);
    stream.whenGone(() -> {
      streams.remove(stream);
      gone(stream.finReceived());
    });
  }

  /// A stream's channel is closed. netty keeps the channels of those that ended by a reset in its
  /// map for as long as the connection stands, so that they are charged to the peer for as long.
  private void gone(boolean finReceived) {
    if (!finReceived && !account.tryReserve(RESET_STREAM_BYTES)) {
      fail("the peer's account is exhausted by streams that were reset");
    }
  }

  /// Opens a stream; waits while the peer allows no more.
  @Override
  public MuxedStream open() throws IOException {
    checkOpen();
    if (outbound.incrementAndGet() > limits.outboundStreams()) {
      outbound.decrementAndGet();
      throw new IOException("too many streams: " + limits.outboundStreams());
    }
    QuicStream stream;
    try {
      stream = create();
    } catch (IOException | RuntimeException e) {
      outbound.decrementAndGet();
      throw e;
    }
    stream.whenGone(outbound::decrementAndGet);
    keep(stream);
    if (closedBecause != null) {
      stream.abort(closedBecause);
    }
    return stream;
  }

  private QuicStream create() throws IOException {
    CompletableFuture<QuicStream> opened = new CompletableFuture<>();
    QuicStream.unlessStopped(() ->
        channel
            .eventLoop()
            .execute(() -> {
              due.add(opened);
              openDue();
            }));
    try {
      return await(opened);
    } catch (ExecutionException e) {
      throw new IOException("opening a stream: " + e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      opened.cancel(false);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while opening a stream");
    }
  }

  private QuicStream await(CompletableFuture<QuicStream> opened)
      throws IOException, ExecutionException, InterruptedException {
    try {
      return opened.get(limits.negotiateMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      if (opened.cancel(false)) {
        throw new IOException("the peer allows no more streams", e);
      }
      return opened.get(); // just now
    }
  }

  /// Opens what is due, on the event loop. Only streams that are allowed are tried: a refusal costs
  /// netty the stream's number, and the peer counts streams by their highest number, so that
  /// numbers left out would be lost to the connection for good.
  private void openDue() {
    if (closedBecause != null) {
      IOException closed = new IOException("connection is closed: " + closedBecause);
      due.forEach(waiting -> waiting.completeExceptionally(closed));
      due.clear();
    }
    while (!due.isEmpty() && channel.peerAllowedStreams(QuicStreamType.BIDIRECTIONAL) > 0) {
      CompletableFuture<QuicStream> next = due.poll();
      if (next.isDone()) {
        continue;
      }
      QuicStream.Opening opening = new QuicStream.Opening(this);
      channel
          .createStream(QuicStreamType.BIDIRECTIONAL, opening)
          .addListener(created -> {
            if (!created.isSuccess()) {
              next.completeExceptionally(created.cause());
            } else if (!next.complete(opening.stream())) {
              opening.stream().reset(0);
            }
          });
    }
  }

  private void checkOpen() throws IOException {
    if (closedBecause != null) {
      throw new IOException("connection is closed: " + closedBecause);
    }
  }

  /// What received bytes are charged to until they are read.
  public Account account() {
    return account;
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

  /// quiche keeps its own clocks but for streams that one side leaves open.
  @Override
  public void tick(long nanoTime) {
    for (QuicStream stream : streams) {
      stream.expire(nanoTime, limits.drainMillis() * 1_000_000L);
    }
  }

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
    account.close();
    QuicStream.unlessStopped(() -> {
      channel.eventLoop().execute(this::openDue);
      channel.close(true, 0, Unpooled.EMPTY_BUFFER);
    });
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
