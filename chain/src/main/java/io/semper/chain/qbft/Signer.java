package io.semper.chain.qbft;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Signature;

/// A validator's key: here, in another process, or in a device. The same hash always gives the same
/// signature.
public interface Signer {
  Address address();

  Signature sign(Hash32 hash);
}
