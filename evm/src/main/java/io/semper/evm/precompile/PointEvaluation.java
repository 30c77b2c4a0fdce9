package io.semper.evm.precompile;

import io.semper.core.bytes.Hex;
import io.semper.core.crypto.Kzg;
import io.semper.core.fork.Fork;
import java.util.Arrays;

/// Proof that a blob's polynomial has the value y at z (EIP-4844).
///
/// Input: versioned hash (32 bytes), z (32), y (32), commitment (48), proof (48). Output: the
/// number of field elements in a blob and the modulus of their field, a word each.
final class PointEvaluation {
  private static final int INPUT_BYTES = 192;
  private static final byte[] SUCCESS =
      Hex.decode(
          "0x0000000000000000000000000000000000000000000000000000000000001000"
              + "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001");

  private PointEvaluation() {}

  static long gas(byte[] input, Fork fork) {
    return 50_000;
  }

  static byte[] run(byte[] input) {
    if (input.length != INPUT_BYTES) {
      return null;
    }
    byte[] commitment = Arrays.copyOfRange(input, 96, 144);
    byte[] hash = Kzg.versionedHash(commitment);
    if (!Arrays.equals(hash, 0, 32, input, 0, 32)) {
      return null;
    }
    byte[] z = Arrays.copyOfRange(input, 32, 64);
    byte[] y = Arrays.copyOfRange(input, 64, 96);
    byte[] proof = Arrays.copyOfRange(input, 144, INPUT_BYTES);
    return Kzg.verifyProof(commitment, z, y, proof) ? SUCCESS.clone() : null;
  }
}
