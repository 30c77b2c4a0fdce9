package io.semper.core.crypto;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/// Whether blobs are what their commitments say: by one proof a blob (EIP-4844) or by a proof for
/// each of its 128 cells (EIP-7594).
///
/// A blob is the 4,096 values of a polynomial p at the roots of unity, in bit-reversed order. Cell
/// k holds the values of p on a coset of 64 roots, where `x^64 = u_k`. Its proof is `Q_k =
/// [q_k(tau)]` with `p - I_k = q_k (x^64 - u_k)`, and `I_k`, the remainder of p by `x^64 - u_k`,
/// comes out of p's own coefficients by folding: `I_k` has at m the sum of `p_(64b+m) u_k^b`. So
/// the cells themselves need not be computed. With random weights all proofs of all blobs are one
/// equation,
///
/// `e(sum w_k Q_k, tau^64 H) = e(sum w_k (C - [I_k(tau)] + u_k Q_k), H)`
///
/// The weights are powers of a hash of everything that goes in, so nobody can choose the input for
/// its weights. Of Ethereum's ceremony that needs 64 points of G1 and one of G2.
public final class KzgBlobs {
  public static final int BLOB_BYTES = 131_072;
  public static final int CELLS = 128;

  private static final int POINTS = 4096;
  private static final int CELL_POINTS = 64;
  private static final int FOLDS = POINTS / CELL_POINTS;
  private static final int DEGREE_BYTES = 16;
  private static final byte[] BLOB_DOMAIN = "FSBLOBVERIFY_V1_".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] CELLS_DOMAIN =
      "semper cell proof weights".getBytes(StandardCharsets.US_ASCII);

  private KzgBlobs() {}

  /// What does not depend on the blob, made at first use.
  private static final class Setup {
    /// `[tau^m]G` for m below 64.
    static final CurvePoint[] POWERS = new CurvePoint[CELL_POINTS];

    /// `[tau^64]H`.
    static final CurvePoint TAU_64_H;

    /// Inverse powers of the root of unity of the blob's domain.
    static final long[][] INVERSE_ROOTS = new long[POINTS / 2][];

    /// `u_k` of each cell.
    static final long[][] COSETS = new long[CELLS][];

    static final long[] ONE_BY_POINTS =
        Bls12381Scalars.inverse(Bls12381Scalars.of(BigInteger.valueOf(POINTS)));

    static {
      // Points of Ethereum's KZG ceremony, from the trusted setup in the consensus specification:
      // the first 64 monomial points of G1, then the monomial point 64 of G2.
      String[] lines = resource("kzg-ceremony.txt").split("\n");
      Curve g1 = Bls12381.g1();
      for (int m = 0; m < CELL_POINTS; m++) {
        POWERS[m] = Bls12381Encoding.g1(g1, HexFormat.of().parseHex(lines[m]));
      }
      TAU_64_H = Bls12381Encoding.g2(Bls12381.g2(), HexFormat.of().parseHex(lines[CELL_POINTS]));
      long[] inverseRoot = Bls12381Scalars.inverse(Bls12381Scalars.rootOfUnity(POINTS));
      long[] power = Bls12381Scalars.one();
      for (int i = 0; i < INVERSE_ROOTS.length; i++) {
        INVERSE_ROOTS[i] = power;
        power = Bls12381Scalars.mul(power, inverseRoot);
      }
      long[] root = Bls12381Scalars.rootOfUnity(CELLS);
      power = Bls12381Scalars.one();
      for (int i = 0; i < CELLS; i++) {
        COSETS[reversed(i, CELLS)] = power;
        power = Bls12381Scalars.mul(power, root);
      }
    }

    private static String resource(String name) {
      try (InputStream in = KzgBlobs.class.getResourceAsStream(name)) {
        return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /// Whether every cell proof holds. False also for malformed input.
  ///
  /// @param blobs each of [#BLOB_BYTES] bytes
  /// @param commitments as many, compressed points of 48 bytes
  /// @param proofs [#CELLS] times as many: those of the first blob's cells, and so on
  public static boolean verifyCellProofs(
      List<byte[]> blobs, List<byte[]> commitments, List<byte[]> proofs) {
    int count = blobs.size();
    if (commitments.size() != count || proofs.size() != CELLS * count) {
      return false;
    }
    if (count == 0) {
      return true;
    }
    Curve g1 = Bls12381.g1();
    CurvePoint[] quotients = new CurvePoint[CELLS * count];
    // Quotients once more, commitments, powers of tau.
    CurvePoint[] points = new CurvePoint[CELLS * count + count + CELL_POINTS];
    for (int i = 0; i < proofs.size(); i++) {
      quotients[i] = Bls12381Encoding.g1(g1, proofs.get(i));
      points[i] = quotients[i];
      if (quotients[i] == null) {
        return false;
      }
    }
    for (int i = 0; i < count; i++) {
      points[CELLS * count + i] = Bls12381Encoding.g1(g1, commitments.get(i));
      if (points[CELLS * count + i] == null) {
        return false;
      }
    }
    System.arraycopy(Setup.POWERS, 0, points, CELLS * count + count, CELL_POINTS);

    long[][] weights = new long[CELLS * count][];
    long[][] scalars = new long[points.length][];
    long[] weight = Bls12381Scalars.one();
    long[] step = challenge(blobs, commitments, proofs);
    long[][] remainder = zeros(CELL_POINTS);
    for (int i = 0; i < count; i++) {
      long[][] coefficients = coefficients(blobs.get(i));
      if (coefficients == null) {
        return false;
      }
      long[][] folds = zeros(FOLDS);
      long[] sum = Bls12381Scalars.zero();
      for (int k = 0; k < CELLS; k++) {
        sum = Bls12381Scalars.add(sum, weight);
        weights[CELLS * i + k] = Bls12381Scalars.plain(weight);
        long[] power = weight;
        for (int b = 0; b < FOLDS; b++) {
          folds[b] = Bls12381Scalars.add(folds[b], power);
          power = Bls12381Scalars.mul(power, Setup.COSETS[k]);
          if (b == 0) {
            scalars[CELLS * i + k] = Bls12381Scalars.plain(power);
          }
        }
        weight = Bls12381Scalars.mul(weight, step);
      }
      for (int b = 0; b < FOLDS; b++) {
        for (int m = 0; m < CELL_POINTS; m++) {
          long[] term = Bls12381Scalars.mul(coefficients[CELL_POINTS * b + m], folds[b]);
          remainder[m] = Bls12381Scalars.sub(remainder[m], term);
        }
      }
      scalars[CELLS * count + i] = Bls12381Scalars.plain(sum);
    }
    for (int m = 0; m < CELL_POINTS; m++) {
      scalars[CELLS * count + count + m] = Bls12381Scalars.plain(remainder[m]);
    }

    MultiScalar sums = Bls12381.g1Sums(g1);
    CurvePoint left = g1.point();
    sums.sum(left, quotients, weights);
    CurvePoint right = g1.point();
    sums.sum(right, points, scalars);
    g1.normalise(left);
    g1.normalise(right);
    Bls12381Pairing pairing = new Bls12381Pairing();
    pairing.add(left, Setup.TAU_64_H);
    pairing.add(right, Kzg.minusH());
    return pairing.productIsOne();
  }

  /// Whether the one proof of a blob holds. False also for malformed input.
  public static boolean verifyBlobProof(byte[] blob, byte[] commitment, byte[] proof) {
    long[][] coefficients = coefficients(blob);
    if (coefficients == null || commitment.length != Bls12381Encoding.G1_BYTES) {
      return false;
    }
    byte[] degree = new byte[DEGREE_BYTES];
    ByteBuffer.wrap(degree).putInt(DEGREE_BYTES - Integer.BYTES, POINTS);
    BigInteger hash =
        new BigInteger(1, Sha256.hashBytes(join(List.of(BLOB_DOMAIN, degree, blob, commitment))));
    BigInteger z = hash.mod(Bls12381Scalars.ORDER);
    long[] at = Bls12381Scalars.of(z);
    long[] value = Bls12381Scalars.zero();
    for (int i = POINTS - 1; i >= 0; i--) {
      value = Bls12381Scalars.add(Bls12381Scalars.mul(value, at), coefficients[i]);
    }
    return Kzg.verifyProof(
        commitment, bytes(Bls12381Scalars.plain(at)), bytes(Bls12381Scalars.plain(value)), proof);
  }

  /// The polynomial whose values the blob holds, lowest coefficient first; `null` where the blob
  /// has another length or an element that is too large.
  private static long[][] coefficients(byte[] blob) {
    if (blob.length != BLOB_BYTES) {
      return null;
    }
    long[][] a = new long[POINTS][];
    for (int i = 0; i < POINTS; i++) {
      a[i] = Bls12381Scalars.read(blob, i * Bls12381Scalars.BYTES);
      if (a[i] == null) {
        return null;
      }
    }
    // The blob's order is the one that the transform by decimation in time begins with.
    for (int half = 1; half < POINTS; half *= 2) {
      int stride = POINTS / 2 / half;
      for (int start = 0; start < POINTS; start += 2 * half) {
        for (int j = 0; j < half; j++) {
          long[] even = a[start + j];
          long[] odd = Bls12381Scalars.mul(a[start + half + j], Setup.INVERSE_ROOTS[j * stride]);
          a[start + j] = Bls12381Scalars.add(even, odd);
          a[start + half + j] = Bls12381Scalars.sub(even, odd);
        }
      }
    }
    for (int i = 0; i < POINTS; i++) {
      a[i] = Bls12381Scalars.mul(a[i], Setup.ONE_BY_POINTS);
    }
    return a;
  }

  private static long[] challenge(
      List<byte[]> blobs, List<byte[]> commitments, List<byte[]> proofs) {
    byte[] hashes =
        join(
            List.of(
                CELLS_DOMAIN,
                Sha256.hashBytes(join(blobs)),
                Sha256.hashBytes(join(commitments)),
                Sha256.hashBytes(join(proofs))));
    return Bls12381Scalars.of(new BigInteger(1, Sha256.hashBytes(hashes)));
  }

  private static byte[] join(List<byte[]> parts) {
    ByteBuffer all = ByteBuffer.allocate(parts.stream().mapToInt(p -> p.length).sum());
    parts.forEach(all::put);
    return all.array();
  }

  private static byte[] bytes(long[] plain) {
    ByteBuffer out = ByteBuffer.allocate(Bls12381Scalars.BYTES);
    for (int i = plain.length - 1; i >= 0; i--) {
      out.putLong(plain[i]);
    }
    return out.array();
  }

  private static long[][] zeros(int count) {
    return new long[count][Bls12381Scalars.BYTES / Long.BYTES];
  }

  /// `i` with its bits in reverse, among indices below `count`, a power of two.
  private static int reversed(int i, int count) {
    return Integer.reverse(i) >>> 1 + Integer.numberOfLeadingZeros(count);
  }
}
