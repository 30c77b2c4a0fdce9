package io.semper.p2p.security;

import java.util.ArrayDeque;

/// Large arrays for connections that are busy right now; one that waits holds none.
final class BufferPool {
  /// Four Noise messages or sixteen TLS records, with their headers and tags.
  static final int BYTES = 4 * (0xffff + 2) + 1024;

  private static final int MAX_IDLE = 64;
  private static final ArrayDeque<byte[]> IDLE = new ArrayDeque<>();

  private BufferPool() {}

  static byte[] take() {
    synchronized (IDLE) {
      byte[] buffer = IDLE.pollLast();
      if (buffer != null) {
        return buffer;
      }
    }
    return new byte[BYTES];
  }

  static void give(byte[] buffer) {
    synchronized (IDLE) {
      if (IDLE.size() < MAX_IDLE) {
        IDLE.addLast(buffer);
      }
    }
  }
}
