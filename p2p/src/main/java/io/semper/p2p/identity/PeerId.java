package io.semper.p2p.identity;

import io.semper.core.rlp.MalformedInputException;
import java.util.Arrays;
import java.util.Optional;

/// The name of a peer: a multihash of its public key.
///
/// A key of at most 42 bytes encoded (Ed25519, secp256k1) stands in the id itself, any other is
/// hashed with SHA-256. Ids order by their bytes, unsigned.
public final class PeerId implements Comparable<PeerId> {
  /// Longest public key that the id holds itself.
  public static final int MAX_INLINE_KEY_BYTES = 42;

  /// The multicodec code of a public key, in ids written as a content id.
  private static final int LIBP2P_KEY = 0x72;

  private final byte[] multihash;
  private final int hash;

  private PeerId(byte[] multihash) {
    this.multihash = multihash;
    this.hash = Arrays.hashCode(multihash);
  }

  public static PeerId of(PublicKey key) {
    byte[] encoded = key.encode();
    Multihash hash =
        encoded.length <= MAX_INLINE_KEY_BYTES
            ? Multihash.identity(encoded)
            : Multihash.sha256(encoded);
    return new PeerId(hash.encode());
  }

  /// Reads the bytes of [#toBytes].
  public static PeerId decode(byte[] bytes) {
    Multihash hash = Multihash.decode(bytes);
    switch (hash.code()) {
      case Multihash.IDENTITY -> {
        if (hash.digest().length > MAX_INLINE_KEY_BYTES) {
          throw new MalformedInputException("peer id holds too long a key", 1);
        }
        PublicKey.decode(hash.digest());
      }
      case Multihash.SHA2_256 -> {
        if (hash.digest().length != 32) {
          throw new MalformedInputException("peer id with a short digest", 1);
        }
      }
      default -> throw new MalformedInputException("peer id of another hash function", 0);
    }
    return new PeerId(bytes.clone());
  }

  /// Reads base58 (`12D3Koo…`, `16Uiu2…`, `Qm…`) or a content id in base32 (`bafz…`).
  public static PeerId parse(String text) {
    if (text.startsWith("1") || text.startsWith("Qm")) {
      return decode(Base58.decode(text));
    }
    if (text.length() > Base58.MAX_CHARS || !text.startsWith("b")) {
      throw new MalformedInputException("not a peer id", 0);
    }
    byte[] cid = Base32.decode(text.substring(1));
    if (cid.length < 2 || cid[0] != 1 || cid[1] != LIBP2P_KEY) {
      throw new MalformedInputException("content id is not that of a key", 0);
    }
    return decode(Arrays.copyOfRange(cid, 2, cid.length));
  }

  /// The key, if the id holds it.
  public Optional<PublicKey> publicKey() {
    Multihash hash = Multihash.decode(multihash);
    return hash.code() == Multihash.IDENTITY
        ? Optional.of(PublicKey.decode(hash.digest()))
        : Optional.empty();
  }

  public byte[] toBytes() {
    return multihash.clone();
  }

  /// The id as a content id of version 1 in base32.
  public String toCid() {
    byte[] cid = new byte[multihash.length + 2];
    cid[0] = 1;
    cid[1] = LIBP2P_KEY;
    System.arraycopy(multihash, 0, cid, 2, multihash.length);
    return "b" + Base32.encode(cid);
  }

  @Override
  public int compareTo(PeerId other) {
    return Arrays.compareUnsigned(multihash, other.multihash);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PeerId that && Arrays.equals(multihash, that.multihash);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /// Base58.
  @Override
  public String toString() {
    return Base58.encode(multihash);
  }
}
