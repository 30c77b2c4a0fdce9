package io.semper.p2p.identity;

import io.semper.core.crypto.Sha256;
import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.wire.Varint;
import java.nio.ByteBuffer;

/// A digest that says by which function it was made: varint code, varint length, digest.
///
/// @param code [#IDENTITY], [#SHA2_256] or any other function of the multicodec table
public record Multihash(int code, byte[] digest) {
  public static final int IDENTITY = 0x00;
  public static final int SHA2_256 = 0x12;

  /// Longest digest read.
  public static final int MAX_DIGEST_BYTES = 64;

  public static Multihash identity(byte[] bytes) {
    return new Multihash(IDENTITY, bytes);
  }

  public static Multihash sha256(byte[] message) {
    return new Multihash(SHA2_256, Sha256.hashBytes(message));
  }

  /// Reads a multihash that fills the input.
  public static Multihash decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    long code = Varint.read(in);
    long length = Varint.read(in);
    if (code > Integer.MAX_VALUE) {
      throw new MalformedInputException("unknown hash function", 0);
    }
    if (length > MAX_DIGEST_BYTES || length != in.remaining()) {
      throw new MalformedInputException("digest of another length", in.position());
    }
    byte[] digest = new byte[in.remaining()];
    in.get(digest);
    return new Multihash((int) code, digest);
  }

  public byte[] encode() {
    int prefix = Varint.size(code) + Varint.size(digest.length);
    byte[] out = new byte[prefix + digest.length];
    Varint.write(digest.length, out, Varint.write(code, out, 0));
    System.arraycopy(digest, 0, out, prefix, digest.length);
    return out;
  }
}
