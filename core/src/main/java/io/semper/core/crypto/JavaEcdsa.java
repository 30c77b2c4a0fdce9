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
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;

/// The arithmetic for platforms and wallets without the native library.
///
/// Recovery works on public values only and takes the field, curve and multi-scalar code of this
/// package, whose time depends on them (100 µs against 125 µs with BouncyCastle; the native library
/// takes 34 µs). What touches a private key is BouncyCastle's, which takes care that its time does
/// not depend on the key.
final class JavaEcdsa implements Ecdsa {
  private static final X9ECParameters CURVE = CustomNamedCurves.getByName("secp256k1");
  private static final ECDomainParameters DOMAIN = new ECDomainParameters(CURVE);
  private static final BigInteger ORDER = CURVE.getN();

  private static final Secp256k1Fp FP = Secp256k1Fp.INSTANCE;
  private static final ModularInverse ORDER_INVERSE = new ModularInverse(ORDER, 4);
  private static final long[] SEVEN = {7, 0, 0, 0};
  private static final long[] G_X = limbs(CURVE.getG().getAffineXCoord().toBigInteger());
  private static final long[] G_Y = limbs(CURVE.getG().getAffineYCoord().toBigInteger());

  /// The key is `r^-1 (s R - hash G)` where R is the point with x coordinate r.
  @Override
  public byte[] recover(byte[] hash, byte[] rs, int yParity) {
    Curve curve = new Curve(FP, SEVEN);
    CurvePoint point = curve.point();
    FP.set(point.x, MultiScalar.readScalar(rs, 0));
    curve.setAffine(point);
    long[] square = FP.zero();
    curve.rightHandSide(square, point.x);
    if (!FP.sqrt(point.y, square)) {
      return null;
    }
    if ((point.y[0] & 1) != yParity) {
      FP.neg(point.y, point.y);
    }
    CurvePoint generator = curve.point();
    FP.set(generator.x, G_X);
    FP.set(generator.y, G_Y);
    curve.setAffine(generator);

    long[] inverseLimbs = new long[4];
    ORDER_INVERSE.invert(inverseLimbs, 0, point.x, 0);
    BigInteger inverse = number(inverseLimbs);
    BigInteger u1 = new BigInteger(1, hash).multiply(inverse).negate().mod(ORDER);
    BigInteger u2 = new BigInteger(1, rs, 32, 32).multiply(inverse).mod(ORDER);
    CurvePoint key = curve.point();
    new MultiScalar(curve, new Secp256k1Split())
        .sum(key, new CurvePoint[] {generator, point}, new long[][] {limbs(u1), limbs(u2)});
    if (key.isInfinity()) {
      return null;
    }
    curve.normalise(key);
    byte[] out = new byte[64];
    UInt256.of(key.x[0], key.x[1], key.x[2], key.x[3]).writeTo(out, 0);
    UInt256.of(key.y[0], key.y[1], key.y[2], key.y[3]).writeTo(out, 32);
    return out;
  }

  private static BigInteger number(long[] limbs) {
    return UInt256.of(limbs[0], limbs[1], limbs[2], limbs[3]).toBigInteger();
  }

  private static long[] limbs(BigInteger value) {
    UInt256 v = UInt256.of(value);
    return new long[] {v.limb0(), v.limb1(), v.limb2(), v.limb3()};
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

  @Override
  public byte[] decompress(byte[] compressed) {
    try {
      return encode(CURVE.getCurve().decodePoint(compressed));
    } catch (IllegalArgumentException noPoint) {
      return null;
    }
  }

  /// A public key times a private one, both as [Ecdsa] has them; the key has to be a point.
  static byte[] multiply(byte[] publicKey, byte[] privateKey) {
    byte[] encoded = new byte[65];
    encoded[0] = 4;
    System.arraycopy(publicKey, 0, encoded, 1, 64);
    ECPoint point = CURVE.getCurve().decodePoint(encoded);
    return encode(point.multiply(new BigInteger(1, privateKey)).normalize());
  }

  private static byte[] encode(ECPoint point) {
    return Arrays.copyOfRange(point.getEncoded(false), 1, 65);
  }
}
