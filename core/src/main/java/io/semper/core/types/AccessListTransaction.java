package io.semper.core.types;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.crypto.Signature;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import java.util.List;

/// EIP-2930: a gas price and an access list.
public final class AccessListTransaction extends Transaction {
  private final UInt256 chainId;
  private final UInt256 gasPrice;
  private final List<AccessListEntry> accessList;

  /// @param to `null` to create a contract
  public AccessListTransaction(
      UInt256 chainId,
      long nonce,
      UInt256 gasPrice,
      long gasLimit,
      Address to,
      UInt256 value,
      byte[] data,
      List<AccessListEntry> accessList,
      Signature signature) {
    super(nonce, gasLimit, to, value, data, signature);
    this.chainId = chainId;
    this.gasPrice = gasPrice;
    this.accessList = accessList;
  }

  @Override
  public int type() {
    return 1;
  }

  @Override
  public UInt256 chainId() {
    return chainId;
  }

  @Override
  public UInt256 maxFeePerGas() {
    return gasPrice;
  }

  @Override
  public UInt256 maxPriorityFeePerGas() {
    return gasPrice;
  }

  @Override
  public List<AccessListEntry> accessList() {
    return accessList;
  }

  @Override
  public Hash32 signingHash() {
    RlpWriter out = new RlpWriter(192 + data().length).startList();
    writeFields(out);
    return Keccak.hash(TypedEnvelope.wrap(type(), out.endList().toBytes()));
  }

  @Override
  public AccessListTransaction withSignature(Signature signature) {
    return new AccessListTransaction(
        chainId, nonce(), gasPrice, gasLimit(), to(), value(), data(), accessList, signature);
  }

  @Override
  void writePayload(RlpWriter out) {
    out.startList();
    writeFields(out);
    writeSignature(out, signature());
    out.endList();
  }

  private void writeFields(RlpWriter out) {
    out.number(chainId).number(nonce()).number(gasPrice);
    out.number(gasLimit());
    writeTo(out, to());
    out.number(value()).bytes(data());
    AccessListEntry.write(accessList, out);
  }

  static AccessListTransaction read(RlpReader in) {
    in.enterList();
    UInt256 chainId = in.readNumber();
    long nonce = in.readUnsignedLong();
    UInt256 gasPrice = in.readNumber();
    long gasLimit = in.readUnsignedLong();
    Address to = in.readAddressOrEmpty();
    UInt256 value = in.readNumber();
    byte[] data = in.readBytes();
    List<AccessListEntry> accessList = AccessListEntry.read(in);
    Signature signature = readSignature(in);
    in.leaveList();
    return new AccessListTransaction(
        chainId, nonce, gasPrice, gasLimit, to, value, data, accessList, signature);
  }
}
