package io.semper.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Against commitments and proofs computed by another library (micro-eth-signer), two blobs with
/// their text, commitment, blob proof and 128 cell proofs in a resource.
class KzgBlobsTest {
  private static final int LINES = 3 + KzgBlobs.CELLS;
  private static final List<String> VECTORS = vectors();

  private static List<String> vectors() {
    try (InputStream in = KzgBlobsTest.class.getResourceAsStream("blobs.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] blob(int i) {
    byte[] text = VECTORS.get(i * LINES).getBytes(StandardCharsets.US_ASCII);
    byte[] blob = new byte[KzgBlobs.BLOB_BYTES];
    System.arraycopy(text, 0, blob, 1, text.length);
    return blob;
  }

  private static byte[] hex(int line) {
    return HexFormat.of().parseHex(VECTORS.get(line));
  }

  private static byte[] commitment(int i) {
    return hex(i * LINES + 1);
  }

  private static byte[] blobProof(int i) {
    return hex(i * LINES + 2);
  }

  private static List<byte[]> cellProofs(int i) {
    List<byte[]> proofs = new ArrayList<>();
    for (int k = 0; k < KzgBlobs.CELLS; k++) {
      proofs.add(hex(i * LINES + 3 + k));
    }
    return proofs;
  }

  private static boolean cells(byte[] blob, byte[] commitment, List<byte[]> proofs) {
    return KzgBlobs.verifyCellProofs(List.of(blob), List.of(commitment), proofs);
  }

  @Test
  void cellProofsHold() {
    assertThat(cells(blob(0), commitment(0), cellProofs(0))).isTrue();
    assertThat(cells(blob(1), commitment(1), cellProofs(1))).isTrue();
  }

  @Test
  void cellProofsOfSeveralBlobsHoldTogether() {
    List<byte[]> proofs = new ArrayList<>(cellProofs(0));
    proofs.addAll(cellProofs(1));
    List<byte[]> blobs = List.of(blob(0), blob(1));
    List<byte[]> commitments = List.of(commitment(0), commitment(1));
    assertThat(KzgBlobs.verifyCellProofs(blobs, commitments, proofs)).isTrue();
    Collections.swap(proofs, 3, KzgBlobs.CELLS + 3);
    assertThat(KzgBlobs.verifyCellProofs(blobs, commitments, proofs)).isFalse();
    assertThat(KzgBlobs.verifyCellProofs(List.of(), List.of(), List.of())).isTrue();
  }

  @Test
  void everyCellCounts() {
    Random random = new Random(7594);
    for (int trial = 0; trial < 4; trial++) {
      List<byte[]> proofs = cellProofs(0);
      int k = random.nextInt(KzgBlobs.CELLS - 1);
      Collections.swap(proofs, k, k + 1);
      assertThat(cells(blob(0), commitment(0), proofs))
          .as("proofs %d, %d swapped", k, k + 1)
          .isFalse();
    }
  }

  @Test
  void anotherBlobOrCommitmentDoesNotHold() {
    assertThat(cells(blob(1), commitment(0), cellProofs(0))).isFalse();
    assertThat(cells(blob(0), commitment(1), cellProofs(0))).isFalse();
    byte[] changed = blob(0);
    changed[KzgBlobs.BLOB_BYTES - 1] ^= 1;
    assertThat(cells(changed, commitment(0), cellProofs(0))).isFalse();
  }

  @Test
  void theZeroBlobHasPointsAtInfinity() {
    byte[] infinity = new byte[48];
    infinity[0] = (byte) 0xc0;
    byte[] zero = new byte[KzgBlobs.BLOB_BYTES];
    List<byte[]> proofs = Collections.nCopies(KzgBlobs.CELLS, infinity);
    assertThat(cells(zero, infinity, proofs)).isTrue();
    assertThat(KzgBlobs.verifyBlobProof(zero, infinity, infinity)).isTrue();
    assertThat(cells(blob(0), infinity, proofs)).isFalse();
  }

  @Test
  void malformedInputDoesNotHold() {
    byte[] tooLarge = blob(0);
    byte[] order = Bls12381Scalars.ORDER.toByteArray();
    System.arraycopy(order, order.length - 32, tooLarge, 64, 32);
    assertThat(cells(tooLarge, commitment(0), cellProofs(0))).isFalse();
    assertThat(cells(Arrays.copyOf(blob(0), 131_071), commitment(0), cellProofs(0))).isFalse();
    assertThat(cells(blob(0), new byte[48], cellProofs(0))).isFalse();
    assertThat(cells(blob(0), commitment(0), cellProofs(0).subList(1, 128))).isFalse();
    List<byte[]> proofs = cellProofs(0);
    proofs.set(9, new byte[48]);
    assertThat(cells(blob(0), commitment(0), proofs)).isFalse();
    assertThat(KzgBlobs.verifyBlobProof(tooLarge, commitment(0), blobProof(0))).isFalse();
  }

  @Test
  void blobProofsHold() {
    assertThat(KzgBlobs.verifyBlobProof(blob(0), commitment(0), blobProof(0))).isTrue();
    assertThat(KzgBlobs.verifyBlobProof(blob(1), commitment(1), blobProof(1))).isTrue();
    assertThat(KzgBlobs.verifyBlobProof(blob(1), commitment(1), blobProof(0))).isFalse();
    assertThat(KzgBlobs.verifyBlobProof(blob(0), commitment(1), blobProof(1))).isFalse();
  }

  @Test
  void scalarsAreThoseOfBigInteger() {
    Random random = new Random(381);
    BigInteger r = Bls12381Scalars.ORDER;
    for (int i = 0; i < 500; i++) {
      BigInteger a = i < 3 ? r.subtract(BigInteger.valueOf(i)) : new BigInteger(255, random).mod(r);
      BigInteger b = i % 7 == 0 ? r.subtract(BigInteger.ONE) : new BigInteger(255, random).mod(r);
      long[] x = Bls12381Scalars.of(a);
      long[] y = Bls12381Scalars.of(b);
      assertThat(Bls12381Scalars.add(x, y)).isEqualTo(Bls12381Scalars.of(a.add(b)));
      assertThat(Bls12381Scalars.sub(x, y)).isEqualTo(Bls12381Scalars.of(a.subtract(b)));
      assertThat(Bls12381Scalars.mul(x, y)).isEqualTo(Bls12381Scalars.of(a.multiply(b)));
    }
  }
}
