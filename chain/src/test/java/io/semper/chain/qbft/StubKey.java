package io.semper.chain.qbft;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Signature;

/// Signatures that cost nothing: who claims to have signed, and a mixture of that and the hash. A
/// simulation's adversary signs with his own keys only; a signature that he mutates is nobody's.
record StubKey(Address address) implements Signer {
  static final Recovery RECOVERY =
      (hash, signature) -> {
        UInt256 s = signature.s();
        Address signer = Address.of((int) s.limb2(), s.limb1(), s.limb0());
        return signature.r().equals(mixed(hash, signer)) ? signer : null;
      };

  private static UInt256 mixed(Hash32 hash, Address signer) {
    long odd = 0x9E3779B97F4A7C15L;
    UInt256 h = hash.toUInt256();
    return UInt256.of(
        h.limb0() ^ odd * signer.low(),
        h.limb1() ^ odd * signer.middle(),
        h.limb2() ^ odd * signer.high(),
        h.limb3());
  }

  @Override
  public Signature sign(Hash32 hash) {
    UInt256 s = UInt256.of(address.low(), address.middle(), address.high() & 0xFFFFFFFFL, 0);
    return new Signature(0, mixed(hash, address), s);
  }
}
