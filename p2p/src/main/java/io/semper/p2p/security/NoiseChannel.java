package io.semper.p2p.security;

import io.semper.p2p.identity.PublicKey;
import io.semper.p2p.wire.Duplex;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import javax.crypto.AEADBadTagException;

/// The transport phase of Noise: messages of at most 65,535 bytes, two bytes of length before each.
///
/// Messages are encrypted and decrypted where the socket takes and puts them, and copied once from
/// or to the caller's place. Large buffers are borrowed while bytes flow: a waiting connection
/// holds [#IDLE_BYTES].
final class NoiseChannel implements SecureChannel {
  private static final int MAX_PLAIN_BYTES = Noise.MAX_FRAME_BYTES - Aead.TAG_BYTES;
  private static final int IDLE_BYTES = 1024;
  private static final byte[] NOTHING = {};

  /// Up to this size what is written needs no borrowed buffer.
  private static final int SMALL_WRITE_BYTES = 4096;

  private final Duplex raw;
  private final NoiseCipher send;
  private final NoiseCipher receive;
  private final PublicKey remoteKey;
  private final Optional<String> muxer;

  private final ByteBuffer small = ByteBuffer.allocate(IDLE_BYTES);
  private ByteBuffer in = small;

  /// Received and not looked at: `start` to `end`. Decrypted and not read: `plain` to `plainEnd`.
  private int start;

  private int end;
  private int plain;
  private int plainEnd;
  private int lastRead;

  NoiseChannel(
      Duplex raw,
      NoiseCipher send,
      NoiseCipher receive,
      PublicKey remoteKey,
      Optional<String> muxer) {
    this.raw = raw;
    this.send = send;
    this.receive = receive;
    this.remoteKey = remoteKey;
    this.muxer = muxer;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    while (plain == plainEnd) {
      if (!nextFrame()) {
        return -1;
      }
    }
    int n = Math.min(length, plainEnd - plain);
    in.get(plain, into, offset, n);
    plain += n;
    return n;
  }

  /// Decrypts the next frame, possibly an empty one.
  private boolean nextFrame() throws IOException {
    if (!require(2)) {
      if (end > start) {
        throw new EOFException("ended within a Noise message");
      }
      return false;
    }
    int length = in.getShort(start) & 0xffff;
    if (length < Aead.TAG_BYTES) {
      throw new IOException("Noise message of " + length + " bytes");
    }
    if (!require(2 + length)) {
      throw new EOFException("ended within a Noise message");
    }
    plain = start + 2;
    plainEnd = plain;
    try {
      receive.open(in, plain, length);
    } catch (AEADBadTagException e) {
      throw new IOException("Noise message is not authentic", e);
    }
    plainEnd = plain + length - Aead.TAG_BYTES;
    start += 2 + length;
    return true;
  }

  /// Makes `bytes` be there from `start` on.
  private boolean require(int bytes) throws IOException {
    while (end - start < bytes) {
      if (start == end) {
        start = end = 0;
        if (in != small && raw.available() == 0 && lastRead < IDLE_BYTES) {
          BufferPool.give(in);
          in = small;
        }
      }
      if (in == small && (bytes > IDLE_BYTES || lastRead == IDLE_BYTES)) {
        ByteBuffer large = BufferPool.takeDirect();
        moveTo(large);
        in = large;
      } else if (in.capacity() - start < Math.max(bytes, 1 + Noise.MAX_FRAME_BYTES) && start > 0) {
        moveTo(in);
      }
      int n = raw.read(in.limit(in.capacity()).position(end));
      if (n < 0) {
        return false;
      }
      lastRead = n;
      end += n;
    }
    return true;
  }

  /// Moves what was not looked at to the begin of a buffer.
  private void moveTo(ByteBuffer buffer) {
    buffer.clear().put(0, in.clear(), start, end - start);
    end -= start;
    start = 0;
  }

  @Override
  public void write(byte[] from, int offset, int length) throws IOException {
    write(NOTHING, from, offset, length);
  }

  @Override
  public void write(byte[] head, byte[] from, int offset, int length) throws IOException {
    int plainBytes = head.length + length;
    int frames = (plainBytes + MAX_PLAIN_BYTES - 1) / MAX_PLAIN_BYTES;
    int size = plainBytes + frames * (2 + Aead.TAG_BYTES);
    if (size <= SMALL_WRITE_BYTES) {
      write(head, from, offset, length, ByteBuffer.allocate(size));
      return;
    }
    ByteBuffer out = BufferPool.takeDirect();
    try {
      write(head, from, offset, length, out);
    } finally {
      BufferPool.give(out);
    }
  }

  /// @param head at most as long as a message
  private void write(byte[] head, byte[] from, int offset, int length, ByteBuffer out)
      throws IOException {
    int at = 0;
    int before = head.length;
    for (int done = 0; done < length || before > 0; before = 0) {
      int n = Math.min(MAX_PLAIN_BYTES - before, length - done);
      int sealed = before + n + Aead.TAG_BYTES;
      if (at + 2 + sealed > out.capacity()) {
        raw.write(out.position(0).limit(at));
        out.clear();
        at = 0;
      }
      out.putShort(at, (short) sealed)
          .put(at + 2, head, 0, before)
          .put(at + 2 + before, from, offset + done, n);
      send.seal(out, at + 2, before + n);
      at += 2 + sealed;
      done += n;
    }
    raw.write(out.position(0).limit(at));
  }

  @Override
  public int available() {
    return plainEnd - plain;
  }

  @Override
  public PublicKey remoteKey() {
    return remoteKey;
  }

  @Override
  public Optional<String> muxer() {
    return muxer;
  }
}
