package io.semper.core.types;

import io.semper.core.bytes.Address;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;

/// A balance paid out by the consensus layer (EIP-4895). All numbers are unsigned 64-bit.
///
/// @param amountGwei in units of 10^9 wei
public record Withdrawal(long index, long validatorIndex, Address address, long amountGwei) {

  public byte[] encode() {
    RlpWriter out = new RlpWriter(64);
    writeTo(out);
    return out.toBytes();
  }

  void writeTo(RlpWriter out) {
    out.startList().number(index).number(validatorIndex).address(address).number(amountGwei);
    out.endList();
  }

  static Withdrawal readFrom(RlpReader in) {
    in.enterList();
    Withdrawal withdrawal =
        new Withdrawal(
            in.readUnsignedLong(), in.readUnsignedLong(), in.readAddress(), in.readUnsignedLong());
    in.leaveList();
    return withdrawal;
  }
}
