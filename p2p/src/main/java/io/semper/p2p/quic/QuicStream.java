package io.semper.p2p.quic;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamResetException;
import io.semper.p2p.mux.MuxedStream;
import io.semper.p2p.mux.ReceiveBuffer;
import io.semper.p2p.mux.StreamResetException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A QUIC stream that blocks its callers.
///
/// What arrives waits here up to [#AHEAD_BYTES]; the rest waits in quiche, whose flow control holds
/// up the peer.
// netty reports what went wrong to the handlers as well.
@SuppressWarnings("FutureReturnValueIgnored")
final class QuicStream implements MuxedStream {
  private static final int AHEAD_BYTES = 256 << 10;

  /// What one read takes from quiche.
  private static final int READ_BYTES = 64 << 10;

  private static final FixedRecvByteBufAllocator READS = new FixedRecvByteBufAllocator(READ_BYTES);

  /// What a peer may still send after we have closed, before it is told to stop. To be told at once
  /// would cost it an error where its end is already on the way.
  private static final int MAX_DROPPED_BYTES = 64 << 10;

  private static final int PIECE_BYTES = 64 << 10;

  private final QuicMuxer muxer;
  private final QuicStreamChannel channel;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ReceiveBuffer received;

  /// Whether reading from quiche has stopped until what waits here has been read.
  private volatile boolean paused;

  private int unsent;
  private boolean outputEnded;
  private boolean finDue;
  private boolean outputDone;
  private volatile boolean inputEnded;
  private volatile boolean closed;
  private volatile long closedSince;
  private volatile StreamResetException broken;
  private volatile int timeoutMillis;

  // The event loop's own.
  private boolean unannounced;
  private boolean finReceived;
  private int dropped;

  QuicStream(QuicMuxer muxer, QuicStreamChannel channel) {
    this.muxer = muxer;
    this.channel = channel;
    this.received = new ReceiveBuffer(muxer.account());
  }

  /// How streams are to be that were opened by either side.
  static void configure(QuicStreamChannel opened) {
    opened.config().setAutoRead(false);
    opened.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    opened.config().setOption(ChannelOption.RECVBUF_ALLOCATOR, READS);
  }

  /// Sets up a stream of our own.
  static final class Opening extends ChannelInitializer<QuicStreamChannel> {
    private final QuicMuxer muxer;
    private volatile QuicStream stream;

    Opening(QuicMuxer muxer) {
      this.muxer = muxer;
    }

    @Override
    protected void initChannel(QuicStreamChannel opened) {
      configure(opened);
      stream = new QuicStream(muxer, opened);
      opened.pipeline().addLast(stream.handler());
    }

    QuicStream stream() {
      return stream;
    }
  }

  ChannelHandler handler() {
    return new ChannelInboundHandlerAdapter() {
      @Override
      public void channelActive(ChannelHandlerContext context) {
        context.read();
      }

      @Override
      public void channelRead(ChannelHandlerContext context, Object message) {
        take((ByteBuf) message);
      }

      @Override
      public void channelReadComplete(ChannelHandlerContext context) {
        readOn();
      }

      @Override
      public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == ChannelInputShutdownReadComplete.INSTANCE) {
          finReceived = true;
          inputEnded();
        }
      }

      @Override
      public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        long code =
            cause instanceof QuicStreamResetException reset ? reset.applicationProtocolCode() : 0;
        unlessStopped(() -> channel.shutdown(0));
        unlessStopped(channel::close);
        breakOff(new StreamResetException("stream was reset by the peer, code " + code, code));
      }

      @Override
      public void channelInactive(ChannelHandlerContext context) {
        if (!inputEnded) {
          // No end was sent: whoever reads must not take what has come for all there is.
          breakOff(new StreamResetException("the connection ended within the stream", 0));
        }
        // netty may keep the channel, see [QuicMuxer#gone], but is to keep nothing with it.
        context.pipeline().remove(this);
      }
    };
  }

  /// Runs when both sides have ended, at once if they have.
  void whenGone(Runnable then) {
    channel.closeFuture().addListener(closed -> then.run());
  }

  /// Whether the peer's end has been read. The event loop's.
  boolean finReceived() {
    return finReceived;
  }

  private void take(ByteBuf bytes) {
    int size = bytes.readableBytes();
    try {
      if (closed || broken != null) {
        drop(size);
      } else if (received.reserve(size)) {
        received.fill(bytes.nioBuffer());
        unannounced = true;
      } else {
        muxer.fail("the peer's account of buffered bytes is exhausted");
      }
    } finally {
      bytes.release();
    }
  }

  private void drop(int bytes) {
    dropped += bytes;
    if (dropped > MAX_DROPPED_BYTES && !inputEnded) {
      inputEnded = true;
      channel.shutdownInput(0);
      closeIfDone();
    }
  }

  private void readOn() {
    if (!inputEnded && !mustPause()) {
      // Not at once: within a read netty only notes the wish, and reads when the next packet comes,
      // which never does from a peer whose window is used up by what waits to be read here. Later,
      // all the packets of one system call are there, and are read and announced as one.
      channel.eventLoop().execute(this::readMore);
    } else {
      announce();
    }
  }

  private boolean mustPause() {
    if (received.available() < AHEAD_BYTES) {
      return false;
    }
    // Told first and looked at again: what is read between the two resumes.
    paused = true;
    if (received.available() >= AHEAD_BYTES) {
      return true;
    }
    paused = false;
    return false;
  }

  private void readMore() {
    channel.read();
    announce();
  }

  /// Wakes whoever waits for what has come.
  private void announce() {
    if (unannounced) {
      unannounced = false;
      lock.lock();
      try {
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private void inputEnded() {
    lock.lock();
    try {
      inputEnded = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    closeIfDone();
  }

  @Override
  public long id() {
    return channel.streamId();
  }

  @Override
  public void timeoutMillis(int millis) {
    timeoutMillis = millis;
  }

  @Override
  public int available() {
    return closed || broken != null ? 0 : received.available();
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    check();
    int n = closed ? 0 : received.drain(into, offset, length);
    if (n == 0 && length > 0) {
      n = awaitBytes(into, offset, length);
    }
    if (paused && received.available() <= AHEAD_BYTES / 2) {
      paused = false;
      unlessStopped(() -> channel.eventLoop().execute(this::readMore));
    }
    return n;
  }

  private int awaitBytes(byte[] into, int offset, int length) throws IOException {
    lock.lock();
    try {
      long deadline = deadline();
      while (true) {
        check();
        // Looked at before the bytes are: they come before the end.
        boolean last = inputEnded || closed;
        int n = closed ? 0 : received.drain(into, offset, length);
        if (n > 0) {
          return n;
        }
        if (last) {
          received.release();
          return -1;
        }
        await(deadline, "nothing to read");
      }
    } finally {
      lock.unlock();
    }
  }

  private long deadline() {
    return timeoutMillis == 0 ? 0 : System.nanoTime() + timeoutMillis * 1_000_000L | 1;
  }

  private void await(long deadline, String what) throws IOException {
    try {
      if (deadline == 0) {
        changed.await();
      } else {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          throw new SocketTimeoutException(what + " in " + timeoutMillis + " ms");
        }
        changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted on a stream");
    }
  }

  private void check() throws StreamResetException {
    if (broken != null) {
      throw new StreamResetException(broken.getMessage(), broken.code());
    }
  }

  @Override
  public void write(byte[] from, int offset, int length) throws IOException {
    write(from, offset, length, false);
  }

  private void write(byte[] from, int offset, int length, boolean last) throws IOException {
    for (int done = 0; done < length; ) {
      int n = Math.min(PIECE_BYTES, length - done);
      boolean fin = last && done + n == length;
      lock.lock();
      try {
        long deadline = deadline();
        while (unsent >= AHEAD_BYTES && broken == null && !outputEnded) {
          await(deadline, "the peer took no data");
        }
        check();
        if (outputEnded) {
          throw new IOException("the stream's writing side is closed");
        }
        unsent += n;
        outputEnded = fin;
      } finally {
        lock.unlock();
      }
      ByteBuf piece = channel.alloc().directBuffer(n).writeBytes(from, offset + done, n);
      channel
          .writeAndFlush(fin ? new DefaultQuicStreamFrame(piece, true) : piece)
          .addListener(written -> sent(n, fin, (ChannelFuture) written));
      done += n;
    }
  }

  private void sent(int bytes, boolean fin, ChannelFuture written) {
    boolean end;
    lock.lock();
    try {
      unsent -= bytes;
      if (!written.isSuccess()) {
        // The peer reads no more (STOP_SENDING): writing ends, reading need not.
        outputEnded = true;
      }
      outputDone |= fin || !written.isSuccess();
      end = finDue && unsent == 0;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (end) {
      finish();
    } else {
      closeIfDone();
    }
  }

  /// Writes with the end in the same frame: an end by itself is lost where the peer's
  /// acknowledgement of all data comes before the congestion window lets it leave (quiche issue
  /// 2525, in 0.29.3 and before). Then the peer's stream waits for its expiry.
  @Override
  public void writeLast(byte[] from, int offset, int length) throws IOException {
    if (length == 0) {
      closeWrite();
    } else {
      write(from, offset, length, true);
    }
  }

  @Override
  public void closeWrite() {
    lock.lock();
    try {
      if (outputEnded || broken != null) {
        return;
      }
      outputEnded = true;
      // The end must not overtake what netty still holds.
      finDue = unsent > 0;
      if (finDue) {
        return;
      }
    } finally {
      lock.unlock();
    }
    unlessStopped(this::finish);
  }

  /// Sends the end of our side. What was written before it has left by then, so that it leaves at
  /// once, unless the peer has said that it reads no more: then our side has ended without it.
  private void finish() {
    channel.shutdownOutput();
    channel.eventLoop().execute(this::outputDone);
  }

  private void outputDone() {
    lock.lock();
    try {
      outputDone = true;
    } finally {
      lock.unlock();
    }
    closeIfDone();
  }

  /// netty closes a stream by itself only if both ends came without a failure.
  private void closeIfDone() {
    boolean done;
    lock.lock();
    try {
      done = closed && outputDone && inputEnded;
    } finally {
      lock.unlock();
    }
    if (done) {
      unlessStopped(channel::close);
    }
  }

  @Override
  public void reset(long code) {
    unlessStopped(() -> channel.shutdown((int) code));
    breakOff(new StreamResetException("stream was reset here", code));
    unlessStopped(channel::close);
  }

  /// Asks the event loop for something, unless it has stopped with its transport: then everything
  /// has ended anyway.
  static void unlessStopped(Runnable request) {
    try {
      request.run();
    } catch (RejectedExecutionException stopped) {
      // Nothing is left to be done.
    }
  }

  void abort(String reason) {
    breakOff(new StreamResetException("connection closed: " + reason, 0));
  }

  private void breakOff(StreamResetException cause) {
    lock.lock();
    try {
      if (broken == null) {
        broken = cause;
      }
      outputEnded = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    received.release();
  }

  @Override
  public void close() {
    closeWrite();
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closedSince = System.nanoTime();
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    received.release();
    // What still comes is dropped, up to the end.
    unlessStopped(() -> channel.eventLoop().execute(this::readMore));
    closeIfDone();
  }

  /// Resets a stream that we closed and the peer has left open.
  void expire(long now, long afterNanos) {
    if (closed && now - closedSince > afterNanos) {
      reset(0);
    }
  }
}
