package io.semper.p2p.reqresp;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.mux.MuxedStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;

/// The chunks of an answer as they arrive. Whoever reads slowly slows the peer down; whoever closes
/// before the end cancels.
///
/// [#next] throws `MalformedInputException` where the peer broke the protocol, [RefusedException]
/// where it refused, and other `IOException`s where it is gone or too slow.
public final class Answer<A> implements AutoCloseable {
  private static final int MAX_MESSAGE_BYTES = 256;

  /// What must come on average, once the first chunks have had their time: who sends a little
  /// within every limit holds up whoever waits.
  private static final int LEAST_BYTES_PER_SECOND = 16 << 10;

  private final MuxedStream stream;
  private final Protocol<?, A> protocol;
  private final int maxChunks;
  private final RequestLimits limits;
  private final Semaphore quota;
  private final TimedInput in;
  private long waitedNanos;
  private int chunks;
  private long bytes;
  private boolean ended;
  private boolean closed;

  Answer(
      MuxedStream stream,
      Protocol<?, A> protocol,
      int maxChunks,
      RequestLimits limits,
      Semaphore quota) {
    this.stream = stream;
    this.protocol = protocol;
    this.maxChunks = maxChunks;
    this.limits = limits;
    this.quota = quota;
    this.in = new TimedInput(stream);
  }

  /// The next chunk, or null at the end of the answer.
  public A next() throws IOException {
    if (ended) {
      return null;
    }
    int millis = chunks == 0 ? limits.firstChunkMillis() : limits.chunkMillis();
    long now = System.nanoTime();
    in.deadline(now + Math.min(millis * 1_000_000L, allowedNanos() - waitedNanos));
    try {
      int code = in.read();
      if (code < 0) {
        ended = true;
        close();
        return null;
      }
      if (code != 0) {
        byte[] message = SnappyFrames.read(in, MAX_MESSAGE_BYTES);
        throw new RefusedException(code, printable(message));
      }
      if (++chunks > maxChunks) {
        throw new MalformedInputException("more chunks than asked for", chunks);
      }
      byte[] context = new byte[protocol.contextBytes()];
      for (int i = 0; i < context.length; i++) {
        context[i] = context();
      }
      byte[] message = SnappyFrames.read(in, protocol.maxChunkBytes());
      bytes += message.length;
      return protocol.decodeChunk(context, message);
    } catch (EOFException e) {
      cancel();
      throw new MalformedInputException("answer cut short: " + e.getMessage(), chunks);
    } catch (IOException | RuntimeException e) {
      cancel();
      throw e;
    } finally {
      waitedNanos += System.nanoTime() - now;
    }
  }

  /// Encoded bytes of the chunks that have come.
  public long bytes() {
    return bytes;
  }

  /// How long the whole answer may be waited for, by what of it has come.
  private long allowedNanos() {
    long millis = (long) limits.firstChunkMillis() + limits.chunkMillis();
    millis += in.received() * 1_000 / LEAST_BYTES_PER_SECOND;
    return Math.min(millis, limits.answerMillis()) * 1_000_000;
  }

  private byte context() throws IOException {
    int b = in.read();
    if (b < 0) {
      throw new EOFException("in the context of a chunk");
    }
    return (byte) b;
  }

  private static String printable(byte[] message) {
    StringBuilder out = new StringBuilder();
    new String(message, StandardCharsets.UTF_8)
        .chars()
        .forEach(c -> out.append(c >= ' ' && c < 127 ? (char) c : '?'));
    return out.toString();
  }

  private void cancel() {
    ended = true;
    if (!closed) {
      closed = true;
      stream.reset(0);
      quota.release();
    }
  }

  /// Ends the request from another thread: who waits for a chunk gets an `IOException`.
  public void abort() {
    stream.reset(0);
  }

  /// Ends the request; before the end of the answer this tells the peer to stop.
  @Override
  public void close() {
    if (!ended) {
      cancel();
    } else if (!closed) {
      closed = true;
      stream.close();
      quota.release();
    }
  }
}
