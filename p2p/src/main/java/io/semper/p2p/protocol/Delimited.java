package io.semper.p2p.protocol;

import io.semper.p2p.wire.Duplex;
import io.semper.p2p.wire.Varint;
import java.io.EOFException;
import java.io.IOException;

/// Messages with their length as a varint before them.
public final class Delimited {
  private Delimited() {}

  /// Reads a length of at most `max`, or -1 if the stream ends before it.
  public static int readLength(Duplex stream, int max) throws IOException {
    return (int) Varint.read(stream, max);
  }

  /// Reads a message of at most `max` bytes, or null if the stream ends before it.
  public static byte[] read(Duplex stream, int max) throws IOException {
    int length = readLength(stream, max);
    if (length < 0) {
      return null;
    }
    // A claim is not believed: the array grows with what arrives.
    byte[] message = new byte[Math.min(length, 64 << 10)];
    int done = 0;
    while (done < length) {
      if (done == message.length) {
        message = java.util.Arrays.copyOf(message, Math.min(length, done * 2));
      }
      int n = stream.read(message, done, message.length - done);
      if (n < 0) {
        throw new EOFException("stream ended within a message");
      }
      done += n;
    }
    return message;
  }

  /// The message with its length before it.
  public static byte[] encode(byte[] message) {
    int prefix = Varint.size(message.length);
    byte[] out = new byte[prefix + message.length];
    Varint.write(message.length, out, 0);
    System.arraycopy(message, 0, out, prefix, message.length);
    return out;
  }
}
