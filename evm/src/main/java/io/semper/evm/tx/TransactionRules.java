package io.semper.evm.tx;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.ChecksumAddress;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.fee.BlobGas;
import io.semper.core.types.Transaction;
import io.semper.evm.fork.ForkRules;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// What can be said of a transaction without looking at any state or block.
///
/// [#verify] says all of it at once, for pools and readers of transactions. [Transition] makes the
/// same checks among its own, in an order fixed by what callers see.
public final class TransactionRules {
  private static final int BLOB_HASH_VERSION = 1;
  private static final String NO_SIGNATURE = "invalid transaction v, r, s values";

  private TransactionRules() {}

  /// Every rule, signature included; empty where all hold.
  public static Optional<TxResult.Invalid> verify(
      Transaction transaction, ForkRules rules, UInt256 chainId) {
    Message unsigned = Message.of(transaction, null);
    TxResult.Invalid invalid = type(unsigned, rules);
    if (invalid == null) invalid = signature(transaction, rules, chainId);
    if (invalid != null) {
      return Optional.of(invalid);
    }
    Message message = Message.of(transaction, transaction.sender());
    invalid = nonce(message);
    if (invalid == null) invalid = gasCap(message, rules);
    if (invalid == null) invalid = tip(message);
    if (invalid == null) invalid = blobs(message, rules);
    if (invalid == null) invalid = authorizations(message);
    if (invalid == null && message.maxFeePerGas().timesExact(message.gasLimit()) == null) {
      invalid = invalid(TxError.INSUFFICIENT_FUNDS, "gas * price exceeds 256 bits");
    }
    if (invalid == null) invalid = gas(message, rules);
    return Optional.ofNullable(invalid);
  }

  /// Only what the signature must be for a chain to take it: the rules that [Transition], which
  /// sees messages without signatures, cannot check. Recovers the sender, which the transaction
  /// then remembers.
  public static Optional<TxResult.Invalid> verifySignature(
      Transaction transaction, ForkRules rules, UInt256 chainId) {
    return Optional.ofNullable(signature(transaction, rules, chainId));
  }

  /// The most a message can cost its sender in wei, `null` where that exceeds 256 bits.
  public static UInt256 mostCost(Message message) {
    UInt256 gas = message.maxFeePerGas().timesExact(message.gasLimit());
    long blobGas = BlobGas.PER_BLOB * message.blobVersionedHashes().size();
    UInt256 blobs = message.maxFeePerBlobGas().timesExact(blobGas);
    UInt256 sum = gas == null ? null : gas.plusExact(message.value());
    return sum == null || blobs == null ? null : sum.plusExact(blobs);
  }

  private static TxResult.Invalid signature(
      Transaction transaction, ForkRules rules, UInt256 chainId) {
    UInt256 bound = transaction.chainId();
    // EIP-155: before it, a legacy v of 35 or more was no signature.
    if (bound != null && transaction.type() == 0 && !rules.protectedTransactions()) {
      return invalid(TxError.SIGNATURE, NO_SIGNATURE);
    }
    if (bound != null && !bound.equals(chainId)) {
      return invalid(
          TxError.CHAIN_ID, "invalid chain id for signer: have %s want %s", bound, chainId);
    }
    // EIP-2
    if (rules.lowS() && transaction.signature().s().compareTo(Secp256k1.HALF_N) > 0) {
      return invalid(TxError.SIGNATURE, NO_SIGNATURE);
    }
    return transaction.impersonated() || transaction.sender() == null
        ? invalid(TxError.SIGNATURE, NO_SIGNATURE)
        : null;
  }

  static TxResult.Invalid type(Message message, ForkRules rules) {
    return message.type() > rules.newestTransactionType()
        ? invalid(TxError.TYPE_NOT_SUPPORTED, "transaction type not supported")
        : null;
  }

  /// EIP-2681.
  static TxResult.Invalid nonce(Message message) {
    return message.nonce() == -1
        ? invalid(
            TxError.NONCE_MAX,
            "nonce has max value: address %s, nonce: %s",
            message.sender(),
            Long.toUnsignedString(message.nonce()))
        : null;
  }

  /// EIP-7825.
  static TxResult.Invalid gasCap(Message message, ForkRules rules) {
    long cap = rules.maxTransactionGas();
    return cap != Long.MAX_VALUE && Long.compareUnsigned(message.gasLimit(), cap) > 0
        ? invalid(
            TxError.GAS_LIMIT_TOO_HIGH,
            "transaction gas limit too high (cap: %d, tx: %s)",
            cap,
            Long.toUnsignedString(message.gasLimit()))
        : null;
  }

  /// EIP-1559.
  static TxResult.Invalid tip(Message message) {
    return message.maxFeePerGas().compareTo(message.maxPriorityFeePerGas()) < 0
        ? invalid(
            TxError.TIP_ABOVE_FEE_CAP,
            "max priority fee per gas higher than max fee per gas: address %s,"
                + " maxPriorityFeePerGas: %s, maxFeePerGas: %s",
            message.sender(),
            message.maxPriorityFeePerGas(),
            message.maxFeePerGas())
        : null;
  }

  /// EIP-4844.
  static TxResult.Invalid blobs(Message message, ForkRules rules) {
    if (message.type() != 3) {
      return null;
    }
    if (message.to() == null) {
      return invalid(TxError.BLOB_CREATES, "blob transaction of type create");
    }
    List<Hash32> hashes = message.blobVersionedHashes();
    if (hashes.isEmpty()) {
      return invalid(TxError.BLOB_HASHES_EMPTY, "blob transaction missing blob hashes");
    }
    if (hashes.size() > rules.maxTransactionBlobs()) {
      return invalid(
          TxError.BLOB_COUNT,
          "blob transaction has too many blobs (max: %d, have: %d)",
          rules.maxTransactionBlobs(),
          hashes.size());
    }
    for (int i = 0; i < hashes.size(); i++) {
      if ((hashes.get(i).nibble(0) << 4 | hashes.get(i).nibble(1)) != BLOB_HASH_VERSION) {
        return invalid(TxError.BLOB_HASH_VERSION, "blob %d has invalid hash version", i);
      }
    }
    return null;
  }

  /// EIP-7702.
  static TxResult.Invalid authorizations(Message message) {
    if (message.type() != 4) {
      return null;
    }
    if (message.to() == null) {
      return invalid(
          TxError.SET_CODE_CREATES,
          "EIP-7702 transaction cannot be used to create contract (sender %s)",
          message.sender());
    }
    return message.authorizations().isEmpty()
        ? invalid(
            TxError.AUTHORIZATION_LIST_EMPTY,
            "EIP-7702 transaction with empty auth list (sender %s)",
            message.sender())
        : null;
  }

  static TxResult.Invalid gas(Message message, ForkRules rules) {
    long intrinsic = IntrinsicGas.of(message, rules);
    if (Long.compareUnsigned(message.gasLimit(), intrinsic) < 0) {
      return invalid(
          TxError.INTRINSIC_GAS_TOO_LOW,
          "intrinsic gas too low: have %d, want %d",
          message.gasLimit(),
          intrinsic);
    }
    long floor = IntrinsicGas.floor(message, rules);
    if (Long.compareUnsigned(message.gasLimit(), floor) < 0) {
      return invalid(
          TxError.FLOOR_DATA_GAS_TOO_LOW,
          "insufficient gas for floor data gas cost: have %d, want %d",
          message.gasLimit(),
          floor);
    }
    if (message.to() == null && message.data().length > rules.maxInitCodeBytes()) {
      return invalid(
          TxError.INITCODE_TOO_LARGE,
          "max initcode size exceeded: code size %d limit %d",
          message.data().length,
          rules.maxInitCodeBytes());
    }
    return null;
  }

  /// Addresses are written with their checksum, as go-ethereum does.
  static TxResult.Invalid invalid(TxError error, String reason, Object... numbers) {
    Object[] shown =
        Arrays.stream(numbers)
            .map(n -> n instanceof Address address ? ChecksumAddress.format(address) : n)
            .toArray();
    return new TxResult.Invalid(error, reason.formatted(shown));
  }
}
