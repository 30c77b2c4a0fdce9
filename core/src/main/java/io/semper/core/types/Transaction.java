package io.semper.core.types;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.crypto.Signature;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import java.util.List;

/// A signed transaction as it travels and is stored. One final class a type.
///
/// Immutable; encoding, hash and sender are computed at most once (racing threads compute the same
/// value), so senders can be recovered ahead on other threads. Two transactions are equal when
/// their hashes are.
public abstract sealed class Transaction
    permits LegacyTransaction,
        AccessListTransaction,
        FeeMarketTransaction,
        BlobTransaction,
        SetCodeTransaction {

  private final long nonce;
  private final long gasLimit;
  private final Address to;
  private final UInt256 value;
  private final byte[] data;
  private final Signature signature;

  private byte[] encoded;
  private Hash32 hash;
  private Address sender;

  Transaction(
      long nonce, long gasLimit, Address to, UInt256 value, byte[] data, Signature signature) {
    this.nonce = nonce;
    this.gasLimit = gasLimit;
    this.to = to;
    this.value = value;
    this.data = data;
    this.signature = signature;
  }

  /// The EIP-2718 type, 0 for legacy.
  public abstract int type();

  /// The chain this is bound to, or `null` for a legacy transaction without EIP-155.
  public abstract UInt256 chainId();

  /// The most wei a unit of gas may cost; the gas price of types 0 and 1.
  public abstract UInt256 maxFeePerGas();

  /// The most wei a unit of gas may pay the block's producer; the gas price of types 0 and 1.
  public abstract UInt256 maxPriorityFeePerGas();

  /// Empty for legacy.
  public abstract List<AccessListEntry> accessList();

  /// What the sender signs.
  public abstract Hash32 signingHash();

  /// The same transaction under another signature.
  public abstract Transaction withSignature(Signature signature);

  /// The same transaction signed by nobody, its sender taken on trust: for simulations. Signature
  /// and `v` are zero in its encoding.
  public final Transaction unsigned(Address from) {
    Transaction copy = withSignature(Signature.NONE);
    copy.sender = from;
    return copy;
  }

  /// The same transaction sent by `from` without its key, as development chains allow. Unlike
  /// [#unsigned] its encoding says who sends it.
  public final Transaction impersonating(Address from) {
    return withSignature(Signature.impersonating(from));
  }

  /// Whether this was made by [#impersonating]: valid on development chains only.
  public final boolean impersonated() {
    return signature.impersonated() != null;
  }

  abstract void writePayload(RlpWriter out);

  /// Versioned hashes of the blobs a type 3 transaction brings, else empty.
  public List<Hash32> blobVersionedHashes() {
    return List.of();
  }

  /// The most wei a unit of blob gas may cost, zero where there are no blobs.
  public UInt256 maxFeePerBlobGas() {
    return UInt256.ZERO;
  }

  /// Empty except for type 4.
  public List<Authorization> authorizations() {
    return List.of();
  }

  /// Unsigned 64-bit.
  public final long nonce() {
    return nonce;
  }

  /// Unsigned 64-bit; what exceeds 63 bits never fits into a block.
  public final long gasLimit() {
    return gasLimit;
  }

  /// `null` where the transaction creates a contract.
  public final Address to() {
    return to;
  }

  public final UInt256 value() {
    return value;
  }

  public final byte[] data() {
    return data;
  }

  public final Signature signature() {
    return signature;
  }

  /// The account whose key signed this, or `null` where the signature recovers to none.
  public final Address sender() {
    Address s = sender;
    if (s == null) {
      s = signature.impersonated();
      if (s == null) {
        s = Secp256k1.recover(signingHash(), signature);
      }
      sender = s;
    }
    return s;
  }

  /// Whether its sender costs no recovery any more.
  public final boolean knowsSender() {
    return sender != null;
  }

  /// Takes over what another object of the same transaction knows of its sender, which costs no
  /// recovery.
  ///
  /// @throws IllegalArgumentException where it is another transaction
  public final void shareSender(Transaction same) {
    if (!same.hash().equals(hash())) {
      throw new IllegalArgumentException(same.hash() + " is not " + hash());
    }
    sender = same.sender();
  }

  /// Keccak-256 of the EIP-2718 encoding.
  public final Hash32 hash() {
    Hash32 h = hash;
    if (h == null) {
      h = Keccak.hash(encode());
      hash = h;
    }
    return h;
  }

  /// The EIP-2718 encoding: what hashes, the transactions trie and raw RPC methods use.
  public final byte[] encode() {
    byte[] e = encoded;
    if (e == null) {
      RlpWriter out = new RlpWriter(192 + data.length);
      writePayload(out);
      e = type() == 0 ? out.toBytes() : TypedEnvelope.wrap(type(), out.toBytes());
      encoded = e;
    }
    return e;
  }

  /// Appends this as an item of a block body: typed transactions as byte strings.
  final void writeTo(RlpWriter out) {
    if (type() == 0) {
      out.raw(encode());
    } else {
      out.bytes(encode());
    }
  }

  static Transaction readFrom(RlpReader in) {
    int start = in.offset();
    if (in.nextIsList()) {
      return LegacyTransaction.read(new RlpReader(in.readRaw()));
    }
    byte[] encoded = in.readBytes();
    if (encoded.length > 0 && (encoded[0] & 0xFF) >= 0xC0) {
      throw new MalformedInputException("legacy transaction inside a byte string", start);
    }
    return decode(encoded);
  }

  /// Reads the EIP-2718 encoding.
  ///
  /// @throws MalformedInputException where it is none or of a type unknown here
  public static Transaction decode(byte[] encoded) {
    if (encoded.length == 0) {
      throw new MalformedInputException("empty transaction", 0);
    }
    int type = encoded[0] & 0xFF;
    RlpReader in =
        type >= 0xC0 ? new RlpReader(encoded) : new RlpReader(encoded, 1, encoded.length - 1);
    Transaction transaction =
        switch (type) {
          case 1 -> AccessListTransaction.read(in);
          case 2 -> FeeMarketTransaction.read(in);
          case 3 -> BlobTransaction.read(in);
          case 4 -> SetCodeTransaction.read(in);
          default -> {
            if (type < 0xC0) {
              throw new MalformedInputException("transaction type " + type + " not supported", 0);
            }
            yield LegacyTransaction.read(in);
          }
        };
    in.end();
    return transaction;
  }

  /// The signature fields that end every typed payload.
  static Signature readSignature(RlpReader in) {
    int at = in.offset();
    long parity = in.readLong();
    if (parity > 1) {
      throw new MalformedInputException("signature parity is neither 0 nor 1", at);
    }
    return new Signature((int) parity, in.readNumber(), in.readNumber());
  }

  static void writeSignature(RlpWriter out, Signature signature) {
    out.number(signature.yParity()).number(signature.r()).number(signature.s());
  }

  static void writeTo(RlpWriter out, Address to) {
    if (to == null) {
      out.bytes(new byte[0]);
    } else {
      out.address(to);
    }
  }

  @Override
  public final boolean equals(Object other) {
    return other instanceof Transaction t && t.hash().equals(hash());
  }

  @Override
  public final int hashCode() {
    return hash().hashCode();
  }
}
