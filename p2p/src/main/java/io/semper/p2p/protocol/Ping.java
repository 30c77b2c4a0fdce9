package io.semper.p2p.protocol;

import io.semper.p2p.wire.Duplex;
import java.io.IOException;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/// `/ipfs/ping/1.0.0`: 32 random bytes, echoed, as often as the initiator likes.
public final class Ping {
  public static final String ID = "/ipfs/ping/1.0.0";

  /// Concurrent streams of one peer served.
  public static final int MAX_STREAMS = 2;

  private static final int BYTES = 32;

  private Ping() {}

  /// Sends one ping.
  ///
  /// @return nanoseconds until the echo
  /// @throws IOException also if the echo is another
  public static long ping(Duplex stream, RandomGenerator random) throws IOException {
    byte[] sent = new byte[BYTES];
    random.nextBytes(sent);
    long began = System.nanoTime();
    stream.write(sent);
    byte[] echo = new byte[BYTES];
    stream.readFully(echo, 0, BYTES);
    long took = System.nanoTime() - began;
    if (!Arrays.equals(sent, echo)) {
      throw new IOException("ping came back changed");
    }
    return took;
  }

  /// Echoes until the initiator ends.
  public static void serve(Duplex stream) throws IOException {
    byte[] bytes = new byte[BYTES];
    while (true) {
      int n = stream.read(bytes, 0, BYTES);
      if (n < 0) {
        return;
      }
      stream.readFully(bytes, n, BYTES - n);
      stream.write(bytes);
    }
  }
}
