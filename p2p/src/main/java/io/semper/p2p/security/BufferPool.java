package io.semper.p2p.security;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/// Large arrays for connections that are busy right now; one that waits holds none.
final class BufferPool {
  /// Four Noise messages or sixteen TLS records, with their headers and tags.
  static final int BYTES = 4 * (0xffff + 2) + 1024;

  private static final int MAX_IDLE = 64;
  private static final ArrayDeque<byte[]> IDLE = new ArrayDeque<>();

  /// Where [Aead] works without a copy.
  private static final ArrayDeque<ByteBuffer> IDLE_DIRECT = new ArrayDeque<>();

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

  static ByteBuffer takeDirect() {
    synchronized (IDLE_DIRECT) {
      ByteBuffer buffer = IDLE_DIRECT.pollLast();
      if (buffer != null) {
        return buffer.clear();
      }
    }
    return Aead.allocate(BYTES);
  }

  static void give(ByteBuffer buffer) {
    synchronized (IDLE_DIRECT) {
      if (IDLE_DIRECT.size() < MAX_IDLE) {
        IDLE_DIRECT.addLast(buffer);
      }
    }
  }

  static void give(byte[] buffer) {
    synchronized (IDLE) {
      if (IDLE.size() < MAX_IDLE) {
        IDLE.addLast(buffer);
      }
    }
  }
}
