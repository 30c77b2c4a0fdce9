package io.semper.p2p.identity;

import io.semper.core.crypto.Secp256k1;
import io.semper.core.crypto.Sha256;
import io.semper.core.crypto.Signature;
import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.wire.ProtoReader;
import io.semper.p2p.wire.ProtoWriter;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/// A peer's own key: it signs, and names the peer.
///
/// Nodes of Ethereum have keys of secp256k1, others mostly Ed25519; ECDSA is there for
/// completeness. RSA keys are only verified, see [PublicKey].
public final class PrivateKey {
  private static final HexFormat HEX = HexFormat.of();
  private static final byte[] ED25519_PREFIX = HEX.parseHex("302e020100300506032b657004220420");

  /// PKCS 8 around an EC private key of P-256, without the lengths.
  private static final byte[] P256_ALGORITHM =
      HEX.parseHex("301306072a8648ce3d020106082a8648ce3d030107");

  private static final byte[] P256_PUBLIC_PREFIX =
      HEX.parseHex("3059301306072a8648ce3d020106082a8648ce3d03010703420004");

  /// A P-256 key of SEC 1 as DER, with its curve and its public point: what other implementations
  /// write. The scalar stands at 7, the point's coordinates at the end.
  private static final int P256_SEC1_BYTES = 121;

  private final PublicKey publicKey;
  private final PeerId peerId;

  /// The form of the type inside the protobuf.
  private final byte[] data;

  private final java.security.PrivateKey javaKey;

  private PrivateKey(PublicKey publicKey, byte[] data, java.security.PrivateKey javaKey) {
    this.publicKey = publicKey;
    this.peerId = PeerId.of(publicKey);
    this.data = data;
    this.javaKey = javaKey;
  }

  /// The Ed25519 key of a 32-byte seed (RFC 8032).
  public static PrivateKey ed25519(byte[] seed) {
    if (seed.length != 32) {
      throw new IllegalArgumentException("seed of " + seed.length + " bytes");
    }
    try {
      // The JDK derives a public key only while it generates a pair: it is given the seed as
      // random.
      KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
      generator.initialize(255, new Replay(seed));
      byte[] spki = generator.generateKeyPair().getPublic().getEncoded();
      byte[] point = Arrays.copyOfRange(spki, spki.length - 32, spki.length);
      java.security.PrivateKey key = pkcs8("Ed25519", PublicKey.concat(ED25519_PREFIX, seed));
      return new PrivateKey(
          PublicKey.of(KeyType.ED25519, point), PublicKey.concat(seed, point), key);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK lacks Ed25519", e);
    }
  }

  public static PrivateKey newEd25519(SecureRandom random) {
    byte[] seed = new byte[32];
    random.nextBytes(seed);
    return ed25519(seed);
  }

  /// The secp256k1 key of a 32-byte scalar in `1 .. N-1`.
  public static PrivateKey secp256k1(byte[] scalar) {
    byte[] point = Secp256k1.publicKey(scalar);
    byte[] compressed = new byte[33];
    compressed[0] = (byte) (2 + (point[63] & 1));
    System.arraycopy(point, 0, compressed, 1, 32);
    return new PrivateKey(PublicKey.of(KeyType.SECP256K1, compressed), scalar.clone(), null);
  }

  /// Reads the protobuf form: Ed25519 (seed and public key, also with the public key twice),
  /// secp256k1, and ECDSA on P-256.
  public static PrivateKey decode(byte[] encoded) {
    if (encoded.length > PublicKey.MAX_BYTES) {
      throw new MalformedInputException("private key too long", PublicKey.MAX_BYTES);
    }
    ProtoReader in = new ProtoReader(encoded);
    KeyType type = null;
    byte[] data = null;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> type = PublicKey.keyType(in);
        case 2 -> data = in.bytes(PublicKey.MAX_BYTES);
        default -> throw new MalformedInputException("private key with more fields", in.position());
      }
    }
    if (type == null || data == null) {
      throw new MalformedInputException("private key lacks a field", encoded.length);
    }
    try {
      return switch (type) {
        case ED25519 -> decodeEd25519(data);
        case SECP256K1 -> secp256k1(data);
        case ECDSA -> decodeP256(data);
        case RSA -> throw new MalformedInputException("RSA keys are only verified", 0);
      };
    } catch (IllegalArgumentException e) {
      throw new MalformedInputException(e.getMessage(), 0);
    }
  }

  private static PrivateKey decodeEd25519(byte[] data) {
    if (data.length != 64 && data.length != 96) {
      throw new MalformedInputException("Ed25519 key of " + data.length + " bytes", 0);
    }
    PrivateKey key = ed25519(Arrays.copyOf(data, 32));
    for (int at = 32; at < data.length; at += 32) {
      if (!Arrays.equals(key.publicKey.data(), Arrays.copyOfRange(data, at, at + 32))) {
        throw new MalformedInputException("Ed25519 seed and public key do not belong together", at);
      }
    }
    return key;
  }

  private static PrivateKey decodeP256(byte[] sec1) {
    if (sec1.length != P256_SEC1_BYTES) {
      throw new MalformedInputException("not a P-256 key", 0);
    }
    byte[] octets = PublicKey.concat(new byte[] {4, (byte) sec1.length}, sec1);
    byte[] body = PublicKey.concat(new byte[] {2, 1, 0}, P256_ALGORITHM);
    body = PublicKey.concat(body, octets);
    byte[] der = PublicKey.concat(new byte[] {0x30, (byte) 0x81, (byte) body.length}, body);
    byte[] point = Arrays.copyOfRange(sec1, sec1.length - 64, sec1.length);
    PublicKey publicKey = PublicKey.of(KeyType.ECDSA, PublicKey.concat(P256_PUBLIC_PREFIX, point));
    java.security.PrivateKey secret = pkcs8("EC", der);
    if (!(secret instanceof ECPrivateKey ec)
        || ec.getS().signum() <= 0
        || ec.getS().compareTo(ec.getParams().getOrder()) >= 0) {
      throw new MalformedInputException("P-256 scalar out of range", 0);
    }
    PrivateKey key = new PrivateKey(publicKey, sec1.clone(), secret);
    byte[] probe = {1};
    if (!publicKey.verify(probe, key.sign(probe))) {
      throw new MalformedInputException("P-256 scalar and point do not belong together", 0);
    }
    return key;
  }

  private static java.security.PrivateKey pkcs8(String algorithm, byte[] der) {
    try {
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
    } catch (java.security.spec.InvalidKeySpecException e) {
      throw new MalformedInputException("not a private key: " + e.getMessage(), 0);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK lacks " + algorithm, e);
    }
  }

  public PublicKey publicKey() {
    return publicKey;
  }

  public PeerId peerId() {
    return peerId;
  }

  public byte[] encode() {
    return new ProtoWriter(data.length + 8)
        .varint(1, publicKey.type().ordinal())
        .bytes(2, data)
        .toByteArray();
  }

  /// Signs in the form of the key's type; ECDSA over secp256k1 with a low s.
  public byte[] sign(byte[] message) {
    return switch (publicKey.type()) {
      case ED25519 -> javaSign("Ed25519", message);
      case ECDSA -> javaSign("SHA256withECDSA", message);
      case SECP256K1 -> {
        Signature signature = Secp256k1.sign(Sha256.hash(message), data);
        byte[] rs = new byte[64];
        signature.r().writeTo(rs, 0);
        signature.s().writeTo(rs, 32);
        yield DerSignature.encode(rs);
      }
      case RSA -> throw new IllegalStateException("RSA keys are only verified");
    };
  }

  private byte[] javaSign(String algorithm, byte[] message) {
    try {
      java.security.Signature signer = java.security.Signature.getInstance(algorithm);
      signer.initSign(javaKey);
      signer.update(message);
      return signer.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK cannot sign with " + algorithm, e);
    }
  }

  /// A source of randomness that returns one value.
  private static final class Replay extends SecureRandom {
    private static final long serialVersionUID = 1L;

    private final byte[] value;

    Replay(byte[] value) {
      this.value = value.clone();
    }

    @Override
    public void nextBytes(byte[] out) {
      if (out.length != value.length) {
        throw new IllegalStateException("asked for " + out.length + " bytes");
      }
      System.arraycopy(value, 0, out, 0, out.length);
    }
  }
}
