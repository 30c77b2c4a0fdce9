package io.semper.chain.qbft;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Signature;

/// Who signed a hash. The real one is [io.semper.core.crypto.Secp256k1#recover]; simulations, whose
/// time signatures would take up, have a cheaper one.
@FunctionalInterface
public interface Recovery {
  /// `null` where the signature is none.
  Address recover(Hash32 hash, Signature signature);
}
