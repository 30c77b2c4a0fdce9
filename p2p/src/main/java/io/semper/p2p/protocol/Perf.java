package io.semper.p2p.protocol;

import io.semper.p2p.mux.MuxedStream;
import java.io.EOFException;
import java.io.IOException;

/// `/perf/1.0.0`: the client says how many bytes it wants, sends its own and ends; the server
/// answers with as many as wanted.
public final class Perf {
  public static final String ID = "/perf/1.0.0";

  private static final int BLOCK_BYTES = 4 * 65_507;

  private Perf() {}

  /// Nanoseconds until the upload was taken, and until the download was there.
  public record Result(long uploadNanos, long downloadNanos) {}

  public static Result run(MuxedStream stream, long uploadBytes, long downloadBytes)
      throws IOException {
    byte[] block = new byte[BLOCK_BYTES];
    for (int i = 0; i < 8; i++) {
      block[i] = (byte) (downloadBytes >>> 56 - 8 * i);
    }
    long began = System.nanoTime();
    stream.write(block, 0, 8);
    send(stream, block, uploadBytes);
    stream.closeWrite();
    // The server answers only after it has read to our end; with nothing to answer it just ends.
    long received = 0;
    long uploaded = 0;
    for (int n; (n = stream.read(block, 0, block.length)) >= 0; received += n) {
      uploaded = uploaded == 0 ? System.nanoTime() : uploaded;
    }
    long ended = System.nanoTime();
    if (received != downloadBytes) {
      throw new EOFException(received + " bytes instead of " + downloadBytes);
    }
    uploaded = uploaded == 0 ? ended : uploaded;
    return new Result(uploaded - began, ended - uploaded);
  }

  public static void serve(MuxedStream stream) throws IOException {
    byte[] block = new byte[BLOCK_BYTES];
    stream.readFully(block, 0, 8);
    long wanted = 0;
    for (int i = 0; i < 8; i++) {
      wanted = wanted << 8 | block[i] & 0xff;
    }
    int n;
    do {
      n = stream.read(block, 0, block.length);
    } while (n >= 0);
    send(stream, block, wanted);
    stream.closeWrite();
  }

  private static void send(MuxedStream stream, byte[] block, long bytes) throws IOException {
    for (long left = bytes; left > 0; ) {
      int n = (int) Math.min(left, block.length);
      stream.write(block, 0, n);
      left -= n;
    }
  }
}
