package io.semper.p2p.identity;

import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.crypto.Sha256;
import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.wire.ProtoReader;
import io.semper.p2p.wire.ProtoWriter;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.SignatureException;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/// A peer's public key.
///
/// `data` is the wire form of its type: 32 bytes for Ed25519, a compressed point of 33 bytes for
/// secp256k1, a SubjectPublicKeyInfo in DER for ECDSA and RSA.
public final class PublicKey {
  /// Longest encoding read. An RSA key of [#MAX_RSA_BITS] takes 1,070 bytes.
  public static final int MAX_BYTES = 2048;

  public static final int MIN_RSA_BITS = 2048;

  /// A larger modulus lets a peer burn our processor with one handshake.
  public static final int MAX_RSA_BITS = 8192;

  /// Longest signature looked at: RSA's, as long as its modulus.
  public static final int MAX_SIGNATURE_BYTES = MAX_RSA_BITS / 8;

  private static final byte[] ED25519_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

  private final KeyType type;
  private final byte[] data;

  /// The JDK's key, or for secp256k1 the 64 bytes of the point.
  private final Object key;

  private PublicKey(KeyType type, byte[] data, Object key) {
    this.type = type;
    this.data = data;
    this.key = key;
  }

  /// @throws MalformedInputException if `data` is no key of that type, or an RSA key outside
  ///   [#MIN_RSA_BITS] to [#MAX_RSA_BITS]
  public static PublicKey of(KeyType type, byte[] data) {
    Object key =
        switch (type) {
          case ED25519 -> {
            if (data.length != 32) {
              throw new MalformedInputException("Ed25519 key of " + data.length + " bytes", 0);
            }
            yield javaKey("Ed25519", concat(ED25519_PREFIX, data));
          }
          case SECP256K1 -> decompress(data);
          case ECDSA -> javaKey("EC", data);
          case RSA -> javaKey("RSA", data);
        };
    if (key instanceof RSAPublicKey rsa) {
      int bits = rsa.getModulus().bitLength();
      if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS || rsa.getPublicExponent().bitLength() > 64) {
        throw new MalformedInputException("RSA key of " + bits + " bits", 0);
      }
    } else if (type == KeyType.ECDSA && !(key instanceof ECPublicKey)) {
      throw new MalformedInputException("not an elliptic curve key", 0);
    }
    return new PublicKey(type, data.clone(), key);
  }

  /// Reads the deterministic protobuf form: type, then data, nothing else.
  public static PublicKey decode(byte[] encoded) {
    if (encoded.length > MAX_BYTES) {
      throw new MalformedInputException("public key too long", MAX_BYTES);
    }
    ProtoReader in = new ProtoReader(encoded);
    KeyType type = null;
    byte[] data = null;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> type = keyType(in);
        case 2 -> data = in.bytes(MAX_BYTES);
        default -> throw new MalformedInputException("public key with more fields", in.position());
      }
    }
    if (type == null || data == null) {
      throw new MalformedInputException("public key lacks a field", encoded.length);
    }
    PublicKey key = of(type, data);
    if (!Arrays.equals(key.encode(), encoded)) {
      throw new MalformedInputException("public key is not encoded deterministically", 0);
    }
    return key;
  }

  static KeyType keyType(ProtoReader in) {
    long number = in.varint();
    KeyType[] types = KeyType.values();
    if (number < 0 || number >= types.length) {
      throw new MalformedInputException("unknown key type " + number, in.fieldStart());
    }
    return types[(int) number];
  }

  public KeyType type() {
    return type;
  }

  public byte[] data() {
    return data.clone();
  }

  /// The 64 bytes (x ‖ y) of a secp256k1 key.
  public byte[] point() {
    if (type != KeyType.SECP256K1) {
      throw new IllegalStateException("no key of secp256k1");
    }
    return ((byte[]) key).clone();
  }

  public byte[] encode() {
    return new ProtoWriter(data.length + 8).varint(1, type.ordinal()).bytes(2, data).toByteArray();
  }

  /// Whether `signature` is this key's over `message`; anything else, malformed or not, is false.
  public boolean verify(byte[] message, byte[] signature) {
    if (signature.length > MAX_SIGNATURE_BYTES) {
      return false;
    }
    return switch (type) {
      case ED25519 -> javaVerify("Ed25519", message, signature);
      case ECDSA -> javaVerify("SHA256withECDSA", message, signature);
      case RSA -> javaVerify("SHA256withRSA", message, signature);
      case SECP256K1 -> verifySecp256k1(message, signature);
    };
  }

  private boolean javaVerify(String algorithm, byte[] message, byte[] signature) {
    try {
      java.security.Signature verifier = java.security.Signature.getInstance(algorithm);
      verifier.initVerify((java.security.PublicKey) key);
      verifier.update(message);
      return verifier.verify(signature);
    } catch (SignatureException | InvalidKeyException malformed) {
      // Whether an Ed25519 key is a point of its curve shows only here.
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK lacks " + algorithm, e);
    }
  }

  private boolean verifySecp256k1(byte[] message, byte[] der) {
    byte[] rs = DerSignature.decode(der);
    if (rs == null) {
      return false;
    }
    UInt256 r = UInt256.of(rs, 0, 32);
    UInt256 s = UInt256.of(rs, 32, 32);
    return Secp256k1.verify(Sha256.hash(message), r, s, (byte[]) key);
  }

  private static java.security.PublicKey javaKey(String algorithm, byte[] der) {
    try {
      return KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(der));
    } catch (java.security.spec.InvalidKeySpecException e) {
      throw new MalformedInputException("not a public key: " + e.getMessage(), 0);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK lacks " + algorithm, e);
    }
  }

  private static byte[] decompress(byte[] compressed) {
    byte[] point = Secp256k1.decompress(compressed);
    if (point == null) {
      throw new MalformedInputException("not a point of secp256k1", 0);
    }
    return point;
  }

  static byte[] concat(byte[] first, byte[] second) {
    byte[] out = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, out, first.length, second.length);
    return out;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PublicKey that && type == that.type && Arrays.equals(data, that.data);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(data);
  }

  @Override
  public String toString() {
    return type + " " + HexFormat.of().formatHex(data);
  }
}
