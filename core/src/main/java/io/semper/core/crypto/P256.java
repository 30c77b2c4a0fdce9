package io.semper.core.crypto;

import java.math.BigInteger;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.ECAlgorithms;
import org.bouncycastle.math.ec.ECCurve;
import org.bouncycastle.math.ec.ECPoint;

/// ECDSA verification over the NIST curve P-256 (FIPS 186-5) as EIP-7951 defines it.
public final class P256 {
  private static final X9ECParameters DOMAIN = CustomNamedCurves.getByName("secp256r1");
  private static final ECCurve CURVE = DOMAIN.getCurve();
  private static final ECPoint GENERATOR = DOMAIN.getG();
  private static final BigInteger ORDER = DOMAIN.getN();
  private static final BigInteger PRIME = CURVE.getField().getCharacteristic();

  private P256() {}

  /// Whether (`r`, `s`) signs `hash` for the public key (`x`, `y`). Every value has 32 bytes; the
  /// hash is not reduced beforehand and `s` may be high.
  public static boolean verify(byte[] hash, byte[] r, byte[] s, byte[] x, byte[] y) {
    BigInteger rn = new BigInteger(1, r);
    BigInteger sn = new BigInteger(1, s);
    if (!inOrder(rn) || !inOrder(sn)) {
      return false;
    }
    BigInteger xn = new BigInteger(1, x);
    BigInteger yn = new BigInteger(1, y);
    if (xn.compareTo(PRIME) >= 0 || yn.compareTo(PRIME) >= 0) {
      return false;
    }
    // Infinity, encoded (0, 0), is not on the curve either: b is not zero.
    ECPoint key = CURVE.createPoint(xn, yn);
    if (!key.isValid()) {
      return false;
    }
    BigInteger inverse = sn.modInverse(ORDER);
    BigInteger u1 = new BigInteger(1, hash).multiply(inverse).mod(ORDER);
    BigInteger u2 = rn.multiply(inverse).mod(ORDER);
    ECPoint point = ECAlgorithms.sumOfTwoMultiplies(GENERATOR, u1, key, u2).normalize();
    return !point.isInfinity() && point.getAffineXCoord().toBigInteger().mod(ORDER).equals(rn);
  }

  private static boolean inOrder(BigInteger value) {
    return value.signum() > 0 && value.compareTo(ORDER) < 0;
  }
}
