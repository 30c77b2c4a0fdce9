package io.semper.p2p.security;

import io.semper.p2p.identity.PublicKey;
import io.semper.p2p.wire.Duplex;
import java.io.EOFException;
import java.io.IOException;
import java.util.Optional;
import javax.crypto.AEADBadTagException;

/// The transport phase of Noise: messages of at most 65,535 bytes, two bytes of length before each.
///
/// Messages are decrypted where they were received and copied once, to the reader's place. Large
/// buffers are borrowed while bytes flow: a waiting connection holds [#IDLE_BYTES].
final class NoiseChannel implements SecureChannel {
  private static final int MAX_PLAIN_BYTES = Noise.MAX_FRAME_BYTES - NoiseCipher.TAG_BYTES;
  private static final int IDLE_BYTES = 1024;
  private static final byte[] NO_DATA = new byte[0];

  private final Duplex raw;
  private final NoiseCipher send;
  private final NoiseCipher receive;
  private final PublicKey remoteKey;
  private final Optional<String> muxer;

  private final byte[] small = new byte[IDLE_BYTES];
  private byte[] in = small;

  /// Received and not looked at: `start` to `end`. Decrypted and not read: `plain` to `plainEnd`.
  private int start;

  private int end;
  private int plain;
  private int plainEnd;

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
    System.arraycopy(in, plain, into, offset, n);
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
    int length = (in[start] & 0xff) << 8 | in[start + 1] & 0xff;
    if (length < NoiseCipher.TAG_BYTES) {
      throw new IOException("Noise message of " + length + " bytes");
    }
    if (!require(2 + length)) {
      throw new EOFException("ended within a Noise message");
    }
    plain = start + 2;
    try {
      plainEnd = plain + receive.apply(NO_DATA, in, plain, length, in, plain);
    } catch (AEADBadTagException e) {
      plainEnd = plain;
      throw new IOException("Noise message is not authentic", e);
    }
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
      if (in == small && (bytes > small.length || lastRead == small.length)) {
        byte[] large = BufferPool.take();
        System.arraycopy(in, start, large, 0, end - start);
        end -= start;
        start = 0;
        in = large;
      } else if (in.length - start < Math.max(bytes, 1 + Noise.MAX_FRAME_BYTES) && start > 0) {
        System.arraycopy(in, start, in, 0, end - start);
        end -= start;
        start = 0;
      }
      int n = raw.read(in, end, in.length - end);
      if (n < 0) {
        return false;
      }
      lastRead = n;
      end += n;
    }
    return true;
  }

  private int lastRead;

  @Override
  public void write(byte[] from, int offset, int length) throws IOException {
    int frames = (length + MAX_PLAIN_BYTES - 1) / MAX_PLAIN_BYTES;
    int size = length + frames * (2 + NoiseCipher.TAG_BYTES);
    boolean pooled = size > 4096;
    byte[] out = pooled ? BufferPool.take() : new byte[size];
    try {
      int at = 0;
      for (int done = 0; done < length; ) {
        int n = Math.min(MAX_PLAIN_BYTES, length - done);
        if (at + n + 2 + NoiseCipher.TAG_BYTES > out.length) {
          raw.write(out, 0, at);
          at = 0;
        }
        int sealed = n + NoiseCipher.TAG_BYTES;
        out[at] = (byte) (sealed >>> 8);
        out[at + 1] = (byte) sealed;
        send.apply(NO_DATA, from, offset + done, n, out, at + 2);
        at += 2 + sealed;
        done += n;
      }
      raw.write(out, 0, at);
    } catch (AEADBadTagException e) {
      throw new IllegalStateException(e);
    } finally {
      if (pooled) {
        BufferPool.give(out);
      }
    }
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
