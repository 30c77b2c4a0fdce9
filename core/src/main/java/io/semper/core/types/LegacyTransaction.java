package io.semper.core.types;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.crypto.Signature;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import java.math.BigInteger;
import java.util.List;

/// The first transaction format, bound to a chain or not (EIP-155).
public final class LegacyTransaction extends Transaction {
  private static final BigInteger UNPROTECTED_V = BigInteger.valueOf(27);
  private static final BigInteger PROTECTED_V = BigInteger.valueOf(35);

  private final UInt256 chainId;
  private final UInt256 gasPrice;

  /// @param chainId `null` to sign without EIP-155
  /// @param to `null` to create a contract
  public LegacyTransaction(
      UInt256 chainId,
      long nonce,
      UInt256 gasPrice,
      long gasLimit,
      Address to,
      UInt256 value,
      byte[] data,
      Signature signature) {
    super(nonce, gasLimit, to, value, data, signature);
    this.chainId = chainId;
    this.gasPrice = gasPrice;
  }

  @Override
  public int type() {
    return 0;
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
    return List.of();
  }

  /// The `v` that travels: 27 or 28, or `35 + 2 * chainId` plus the parity; 0 where nobody signed,
  /// but not where somebody sent zeros for a signature: what is decoded is encoded the same again.
  public BigInteger v() {
    if (signature() == Signature.NONE) {
      return BigInteger.ZERO;
    }
    BigInteger base =
        chainId == null ? UNPROTECTED_V : chainId.toBigInteger().shiftLeft(1).add(PROTECTED_V);
    return base.add(BigInteger.valueOf(signature().yParity()));
  }

  @Override
  public Hash32 signingHash() {
    RlpWriter out = new RlpWriter(128 + data().length).startList();
    writeFields(out);
    if (chainId != null) {
      out.number(chainId).number(0).number(0);
    }
    return Keccak.hash(out.endList().toBytes());
  }

  @Override
  public LegacyTransaction withSignature(Signature signature) {
    return new LegacyTransaction(
        chainId, nonce(), gasPrice, gasLimit(), to(), value(), data(), signature);
  }

  @Override
  void writePayload(RlpWriter out) {
    out.startList();
    writeFields(out);
    out.number(UInt256.of(v())).number(signature().r()).number(signature().s()).endList();
  }

  private void writeFields(RlpWriter out) {
    out.number(nonce()).number(gasPrice).number(gasLimit());
    writeTo(out, to());
    out.number(value()).bytes(data());
  }

  static LegacyTransaction read(RlpReader in) {
    in.enterList();
    long nonce = in.readUnsignedLong();
    UInt256 gasPrice = in.readNumber();
    long gasLimit = in.readUnsignedLong();
    Address to = in.readAddressOrEmpty();
    UInt256 value = in.readNumber();
    byte[] data = in.readBytes();
    int at = in.offset();
    BigInteger v = in.readNumber().toBigInteger();
    UInt256 chainId = null;
    BigInteger parity = v.subtract(UNPROTECTED_V);
    if (v.compareTo(PROTECTED_V) >= 0) {
      BigInteger rest = v.subtract(PROTECTED_V);
      chainId = UInt256.of(rest.shiftRight(1));
      parity = rest.and(BigInteger.ONE);
    }
    if (parity.signum() < 0 || parity.bitLength() > 1) {
      throw new MalformedInputException("signature v of " + v + " is neither 27, 28 nor >= 35", at);
    }
    Signature signature = new Signature(parity.intValue(), in.readNumber(), in.readNumber());
    in.leaveList();
    return new LegacyTransaction(chainId, nonce, gasPrice, gasLimit, to, value, data, signature);
  }
}
