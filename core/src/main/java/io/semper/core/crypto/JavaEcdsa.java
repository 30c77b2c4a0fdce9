package io.semper.core.crypto;

import io.semper.core.bytes.UInt256;
import java.math.BigInteger;
import java.util.Arrays;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.bouncycastle.math.ec.ECAlgorithms;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;

/// BouncyCastle, for platforms and wallets without the native library.
final class JavaEcdsa implements Ecdsa {
  private static final X9ECParameters CURVE = CustomNamedCurves.getByName("secp256k1");
  private static final ECDomainParameters DOMAIN = new ECDomainParameters(CURVE);
  private static final BigInteger ORDER = CURVE.getN();

  @Override
  public byte[] recover(byte[] hash, byte[] rs, int yParity) {
    byte[] compressed = new byte[33];
    compressed[0] = (byte) (2 + yParity);
    System.arraycopy(rs, 0, compressed, 1, 32);
    ECPoint point;
    try {
      point = CURVE.getCurve().decodePoint(compressed);
    } catch (IllegalArgumentException notOnCurve) {
      return null;
    }
    BigInteger inverse = new BigInteger(1, rs, 0, 32).modInverse(ORDER);
    BigInteger u1 = new BigInteger(1, hash).negate().multiply(inverse).mod(ORDER);
    BigInteger u2 = new BigInteger(1, rs, 32, 32).multiply(inverse).mod(ORDER);
    ECPoint key = ECAlgorithms.sumOfTwoMultiplies(CURVE.getG(), u1, point, u2).normalize();
    return key.isInfinity() ? null : encode(key);
  }

  @Override
  public byte[] sign(byte[] hash, byte[] privateKey) {
    ECDSASigner signer = new ECDSASigner(new HMacDSAKCalculator(new SHA256Digest()));
    signer.init(true, new ECPrivateKeyParameters(new BigInteger(1, privateKey), DOMAIN));
    BigInteger[] rs = signer.generateSignature(hash);
    boolean high = rs[1].compareTo(ORDER.shiftRight(1)) > 0;
    byte[] out = new byte[64];
    UInt256.of(rs[0]).writeTo(out, 0);
    UInt256.of(high ? ORDER.subtract(rs[1]) : rs[1]).writeTo(out, 32);
    return out;
  }

  @Override
  public byte[] publicKey(byte[] privateKey) {
    BigInteger d = new BigInteger(1, privateKey);
    return encode(new FixedPointCombMultiplier().multiply(CURVE.getG(), d).normalize());
  }

  private static byte[] encode(ECPoint point) {
    return Arrays.copyOfRange(point.getEncoded(false), 1, 65);
  }
}
