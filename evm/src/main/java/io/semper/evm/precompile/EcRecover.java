package io.semper.evm.precompile;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.crypto.Signature;
import io.semper.core.fork.Fork;
import java.util.Arrays;

/// The signer of a hash (Yellow Paper, appendix E). Input: hash, v, r, s, a word each.
final class EcRecover {
  private static final int INPUT_BYTES = 128;
  private static final byte[] NONE = {};

  private EcRecover() {}

  static long gas(byte[] input, Fork fork) {
    return 3000;
  }

  /// The address as a word, or nothing where the signature is none. High `s` values are accepted.
  static byte[] run(byte[] input) {
    byte[] in = Arrays.copyOf(input, INPUT_BYTES);
    UInt256 v = UInt256.of(in, 32, 32);
    if (!v.fitsLong() || v.limb0() != 27 && v.limb0() != 28) {
      return NONE;
    }
    Signature signature =
        new Signature((int) v.limb0() - 27, UInt256.of(in, 64, 32), UInt256.of(in, 96, 32));
    Address signer = Secp256k1.recover(Hash32.of(in, 0), signature);
    if (signer == null) {
      return NONE;
    }
    byte[] out = new byte[32];
    signer.writeTo(out, 12);
    return out;
  }
}
