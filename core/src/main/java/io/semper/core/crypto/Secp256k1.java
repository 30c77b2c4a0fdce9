package io.semper.core.crypto;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import java.math.BigInteger;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.bouncycastle.math.ec.ECAlgorithms;
import org.bouncycastle.math.ec.ECPoint;

/// ECDSA over secp256k1 with public-key recovery (SEC 1, section 4.1.6) and RFC 6979 nonces.
public final class Secp256k1 {
  /// The group order.
  public static final UInt256 N;

  /// Half of the order: larger `s` values are refused since Homestead (EIP-2).
  public static final UInt256 HALF_N;

  private static final X9ECParameters CURVE = CustomNamedCurves.getByName("secp256k1");
  private static final ECDomainParameters DOMAIN = new ECDomainParameters(CURVE);
  private static final BigInteger ORDER = CURVE.getN();
  private static final BigInteger PRIME = CURVE.getCurve().getField().getCharacteristic();

  static {
    N = UInt256.of(ORDER);
    HALF_N = UInt256.of(ORDER.shiftRight(1));
  }

  private Secp256k1() {}

  /// The address whose key signed `hash`, or `null` where the signature is none.
  public static Address recover(Hash32 hash, Signature signature) {
    byte[] key = recoverKey(hash, signature);
    return key == null ? null : address(key);
  }

  /// The 64-byte public key (x ‖ y) that signed `hash`, or `null` where the signature is none.
  public static byte[] recoverKey(Hash32 hash, Signature signature) {
    BigInteger r = signature.r().toBigInteger();
    BigInteger s = signature.s().toBigInteger();
    if (r.signum() == 0 || s.signum() == 0 || r.compareTo(ORDER) >= 0 || s.compareTo(ORDER) >= 0) {
      return null;
    }
    if (r.compareTo(PRIME) >= 0) {
      return null;
    }
    byte[] compressed = new byte[33];
    compressed[0] = (byte) (2 + signature.yParity());
    signature.r().writeTo(compressed, 1);
    ECPoint point;
    try {
      point = CURVE.getCurve().decodePoint(compressed);
    } catch (IllegalArgumentException notOnCurve) {
      return null;
    }
    BigInteger e = new BigInteger(1, hash.toBytes());
    BigInteger inverse = r.modInverse(ORDER);
    BigInteger u1 = e.negate().multiply(inverse).mod(ORDER);
    BigInteger u2 = s.multiply(inverse).mod(ORDER);
    ECPoint key = ECAlgorithms.sumOfTwoMultiplies(CURVE.getG(), u1, point, u2).normalize();
    return key.isInfinity() ? null : uncompressed(key);
  }

  /// Signs with a low `s` value. `privateKey` is 32 bytes in `1 .. N-1`.
  public static Signature sign(Hash32 hash, byte[] privateKey) {
    ECDSASigner signer = new ECDSASigner(new HMacDSAKCalculator(new SHA256Digest()));
    signer.init(true, new ECPrivateKeyParameters(new BigInteger(1, privateKey), DOMAIN));
    BigInteger[] rs = signer.generateSignature(hash.toBytes());
    UInt256 r = UInt256.of(rs[0]);
    boolean high = rs[1].compareTo(ORDER.shiftRight(1)) > 0;
    UInt256 s = UInt256.of(high ? ORDER.subtract(rs[1]) : rs[1]);
    Address own = address(publicKey(privateKey));
    Signature even = new Signature(0, r, s);
    return own.equals(recover(hash, even)) ? even : new Signature(1, r, s);
  }

  /// The 64-byte public key (x ‖ y) of a 32-byte private key.
  public static byte[] publicKey(byte[] privateKey) {
    BigInteger d = new BigInteger(1, privateKey);
    if (d.signum() == 0 || d.compareTo(ORDER) >= 0) {
      throw new IllegalArgumentException("private key out of range");
    }
    return uncompressed(CURVE.getG().multiply(d).normalize());
  }

  /// The account address of a 64-byte public key.
  public static Address address(byte[] publicKey) {
    return Address.of(Keccak.hash(publicKey).toBytes(), 12);
  }

  private static byte[] uncompressed(ECPoint point) {
    byte[] out = new byte[64];
    System.arraycopy(point.getEncoded(false), 1, out, 0, 64);
    return out;
  }
}
