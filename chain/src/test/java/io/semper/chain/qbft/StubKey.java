package io.semper.chain.qbft;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Signature;

/// Signatures that cost nothing: the hash and who claims to have signed it. A simulation's
/// adversary signs with his own keys only.
record StubKey(Address address) implements Signer {
  static final Recovery RECOVERY =
      (hash, signature) -> {
        UInt256 s = signature.s();
        return signature.r().equals(hash.toUInt256())
            ? Address.of((int) s.limb2(), s.limb1(), s.limb0())
            : null;
      };

  @Override
  public Signature sign(Hash32 hash) {
    UInt256 s = UInt256.of(address.low(), address.middle(), address.high() & 0xFFFFFFFFL, 0);
    return new Signature(0, hash.toUInt256(), s);
  }
}
