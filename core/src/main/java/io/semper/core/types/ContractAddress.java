package io.semper.core.types;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Keccak;
import io.semper.core.rlp.RlpWriter;

/// Where new contracts come to lie.
public final class ContractAddress {
  private ContractAddress() {}

  /// Of a contract made by a transaction or by CREATE: keccak256(rlp([creator, nonce])).
  ///
  /// @param nonce the creator's before it makes the contract
  public static Address of(Address creator, long nonce) {
    byte[] encoded =
        new RlpWriter(32).startList().address(creator).number(nonce).endList().toBytes();
    return Address.of(Keccak.hash(encoded).toBytes(), 12);
  }

  /// Of a contract made by CREATE2: keccak256(0xff ‖ creator ‖ salt ‖ initCodeHash) (EIP-1014).
  public static Address of(Address creator, Hash32 salt, Hash32 initCodeHash) {
    byte[] preimage = new byte[1 + Address.BYTES + 2 * Hash32.BYTES];
    preimage[0] = (byte) 0xFF;
    creator.writeTo(preimage, 1);
    salt.writeTo(preimage, 1 + Address.BYTES);
    initCodeHash.writeTo(preimage, 1 + Address.BYTES + Hash32.BYTES);
    return Address.of(Keccak.hash(preimage).toBytes(), 12);
  }
}
