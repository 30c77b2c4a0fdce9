package io.semper.p2p.quic;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamResetException;
import io.semper.p2p.mux.MuxedStream;
import io.semper.p2p.mux.StreamResetException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.util.ArrayDeque;
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

  /// What a peer may still send after we have closed, before it is told to stop. To be told at once
  /// would cost it an error where its end is already on the way.
  private static final int MAX_DROPPED_BYTES = 64 << 10;

  private static final int PIECE_BYTES = 64 << 10;

  private final QuicMuxer muxer;
  private final QuicStreamChannel channel;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<ByteBuf> received = new ArrayDeque<>();
  private int waiting;
  private int unsent;
  private int dropped;
  private boolean inputEnded;
  private boolean outputEnded;
  private boolean finDue;
  private boolean outputDone;
  private boolean closed;
  private StreamResetException broken;
  private volatile int timeoutMillis;

  QuicStream(QuicMuxer muxer, QuicStreamChannel channel) {
    this.muxer = muxer;
    this.channel = channel;
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
      opened.config().setAutoRead(false);
      opened.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
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
        boolean cut;
        lock.lock();
        try {
          cut = !inputEnded;
        } finally {
          lock.unlock();
        }
        if (cut) {
          // No end was sent: whoever reads must not take what has come for all there is.
          breakOff(new StreamResetException("the connection ended within the stream", 0));
        }
        muxer.forget(QuicStream.this);
      }
    };
  }

  /// Runs when both sides have ended, at once if they have.
  void whenGone(Runnable then) {
    channel.closeFuture().addListener(closed -> then.run());
  }

  private void take(ByteBuf bytes) {
    boolean stop;
    lock.lock();
    try {
      if (!closed && broken == null) {
        int size = bytes.readableBytes();
        if (muxer.account().tryReserve(size)) {
          received.add(bytes);
          waiting += size;
          changed.signalAll();
          return;
        }
        muxer.fail("the peer's account of buffered bytes is exhausted");
      }
      dropped += bytes.readableBytes();
      bytes.release();
      stop = dropped > MAX_DROPPED_BYTES && !inputEnded;
      inputEnded |= stop;
    } finally {
      lock.unlock();
    }
    if (stop) {
      channel.shutdownInput(0);
      closeIfDone();
    }
  }

  private void readOn() {
    boolean more;
    lock.lock();
    try {
      more = waiting < AHEAD_BYTES && !inputEnded;
    } finally {
      lock.unlock();
    }
    if (more) {
      // Not at once: within a read netty only notes the wish, and reads when the next packet comes,
      // which never does from a peer whose window is used up by what waits to be read here.
      channel.eventLoop().execute(channel::read);
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
    lock.lock();
    try {
      return waiting;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    int done = 0;
    boolean resume;
    lock.lock();
    try {
      long deadline = deadline();
      while (received.isEmpty()) {
        check();
        if (inputEnded || closed) {
          return -1;
        }
        await(deadline, "nothing to read");
      }
      int before = waiting;
      while (done < length && !received.isEmpty()) {
        ByteBuf first = received.peek();
        int n = Math.min(length - done, first.readableBytes());
        first.readBytes(into, offset + done, n);
        done += n;
        if (!first.isReadable()) {
          received.poll().release();
        }
      }
      waiting -= done;
      muxer.account().release(done);
      resume = before >= AHEAD_BYTES && waiting < AHEAD_BYTES;
    } finally {
      lock.unlock();
    }
    if (resume) {
      unlessStopped(channel::read);
    }
    return done;
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
    for (int done = 0; done < length; ) {
      int n = Math.min(PIECE_BYTES, length - done);
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
      } finally {
        lock.unlock();
      }
      ByteBuf piece = channel.alloc().directBuffer(n).writeBytes(from, offset + done, n);
      channel.writeAndFlush(piece).addListener(written -> sent(n, (ChannelFuture) written));
      done += n;
    }
  }

  private void sent(int bytes, ChannelFuture written) {
    boolean end;
    lock.lock();
    try {
      unsent -= bytes;
      if (!written.isSuccess()) {
        // The peer reads no more (STOP_SENDING): writing ends, reading need not.
        outputEnded = true;
        outputDone = true;
      }
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

  @Override
  public void writeLast(byte[] from, int offset, int length) throws IOException {
    write(from, offset, length);
    closeWrite();
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
      drop();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    muxer.forget(this);
  }

  private void drop() {
    received.forEach(ByteBuf::release);
    received.clear();
    muxer.account().release(waiting);
    waiting = 0;
  }

  @Override
  public void close() {
    closeWrite();
    boolean readOn;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      readOn = !inputEnded && broken == null;
      drop();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (readOn) {
      unlessStopped(channel::read);
    }
    closeIfDone();
    muxer.forget(this);
  }
}
