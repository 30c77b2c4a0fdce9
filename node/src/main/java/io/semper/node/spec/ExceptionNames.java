package io.semper.node.spec;

import static io.semper.evm.tx.TxError.AUTHORIZATION_LIST_EMPTY;
import static io.semper.evm.tx.TxError.BLOB_COUNT;
import static io.semper.evm.tx.TxError.BLOB_CREATES;
import static io.semper.evm.tx.TxError.BLOB_FEE_CAP_TOO_LOW;
import static io.semper.evm.tx.TxError.BLOB_HASHES_EMPTY;
import static io.semper.evm.tx.TxError.BLOB_HASH_VERSION;
import static io.semper.evm.tx.TxError.FEE_CAP_TOO_LOW;
import static io.semper.evm.tx.TxError.FLOOR_DATA_GAS_TOO_LOW;
import static io.semper.evm.tx.TxError.GAS_LIMIT_REACHED;
import static io.semper.evm.tx.TxError.GAS_LIMIT_TOO_HIGH;
import static io.semper.evm.tx.TxError.INITCODE_TOO_LARGE;
import static io.semper.evm.tx.TxError.INSUFFICIENT_FUNDS;
import static io.semper.evm.tx.TxError.INTRINSIC_GAS_TOO_LOW;
import static io.semper.evm.tx.TxError.NONCE_MAX;
import static io.semper.evm.tx.TxError.NONCE_TOO_HIGH;
import static io.semper.evm.tx.TxError.NONCE_TOO_LOW;
import static io.semper.evm.tx.TxError.SENDER_NOT_EOA;
import static io.semper.evm.tx.TxError.TIP_ABOVE_FEE_CAP;
import static io.semper.evm.tx.TxError.TYPE_NOT_SUPPORTED;

import io.semper.evm.tx.TxError;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// The names two generations of fixtures have for the rule a transaction breaks.
final class ExceptionNames {
  private static final Map<String, Set<TxError>> TRANSACTION = new HashMap<>();

  /// Transactions that cannot be encoded: there is nothing to execute.
  private static final Set<String> UNENCODABLE =
      Set.of(
          "TR_RLP_WRONGVALUE",
          "RLP_INVALID_VALUE",
          "GASLIMIT_PRICE_PRODUCT_OVERFLOW",
          "NONCE_IS_MAX",
          "TR_NonceHasMaxValue");

  static {
    name(INSUFFICIENT_FUNDS, "TR_NoFunds", "TR_NoFundsX", "TR_NoFundsOrGas");
    name(INSUFFICIENT_FUNDS, "SenderNotEOAorNoCASH");
    name(INSUFFICIENT_FUNDS, "INSUFFICIENT_ACCOUNT_FUNDS", "GASLIMIT_PRICE_PRODUCT_OVERFLOW");
    name(INTRINSIC_GAS_TOO_LOW, "IntrinsicGas", "TR_IntrinsicGas", "TR_NoFundsOrGas");
    name(INTRINSIC_GAS_TOO_LOW, "INTRINSIC_GAS_TOO_LOW");
    name(FLOOR_DATA_GAS_TOO_LOW, "INTRINSIC_GAS_BELOW_FLOOR_GAS_COST");
    name(SENDER_NOT_EOA, "SenderNotEOA", "SENDER_NOT_EOA", "SenderNotEOAorNoCASH");
    name(GAS_LIMIT_REACHED, "TR_GasLimitReached", "GAS_ALLOWANCE_EXCEEDED");
    name(GAS_LIMIT_REACHED, "TR_FeeCapLessThanBlocksORGasLimitReached");
    name(GAS_LIMIT_TOO_HIGH, "GAS_LIMIT_EXCEEDS_MAXIMUM");
    name(FEE_CAP_TOO_LOW, "TR_FeeCapLessThanBlocks", "INSUFFICIENT_MAX_FEE_PER_GAS");
    name(FEE_CAP_TOO_LOW, "TR_FeeCapLessThanBlocksORGasLimitReached");
    name(FEE_CAP_TOO_LOW, "TR_FeeCapLessThanBlocksORNoFunds");
    name(INSUFFICIENT_FUNDS, "TR_FeeCapLessThanBlocksORNoFunds");
    name(TIP_ABOVE_FEE_CAP, "TR_TipGtFeeCap", "PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS");
    name(INITCODE_TOO_LARGE, "TR_InitCodeLimitExceeded", "INITCODE_SIZE_EXCEEDED");
    name(NONCE_MAX, "TR_NonceHasMaxValue", "NONCE_IS_MAX");
    name(NONCE_TOO_LOW, "TR_NonceTooLow", "NONCE_MISMATCH_TOO_LOW");
    name(NONCE_TOO_HIGH, "TR_NonceTooHigh", "NONCE_MISMATCH_TOO_HIGH");
    name(TYPE_NOT_SUPPORTED, "TR_TypeNotSupported", "TYPE_NOT_SUPPORTED");
    name(TYPE_NOT_SUPPORTED, "TYPE_3_TX_PRE_FORK", "TYPE_4_TX_PRE_FORK");
    name(BLOB_CREATES, "TR_BLOBCREATE", "TYPE_3_TX_CONTRACT_CREATION");
    name(BLOB_COUNT, "TR_BLOBLIST_OVERSIZE", "TYPE_3_TX_BLOB_COUNT_EXCEEDED");
    name(BLOB_COUNT, "TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED");
    name(BLOB_HASH_VERSION, "TR_BLOBVERSION_INVALID", "TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH");
    name(BLOB_HASHES_EMPTY, "TR_EMPTYBLOB", "TYPE_3_TX_ZERO_BLOBS");
    name(BLOB_FEE_CAP_TOO_LOW, "INSUFFICIENT_MAX_FEE_PER_BLOB_GAS");
    name(AUTHORIZATION_LIST_EMPTY, "TYPE_4_EMPTY_AUTHORIZATION_LIST");
  }

  private ExceptionNames() {}

  private static void name(TxError error, String... names) {
    for (String name : names) {
      TRANSACTION.computeIfAbsent(name, n -> EnumSet.noneOf(TxError.class)).add(error);
    }
  }

  /// Whether `error` is what the fixture calls `expected`: one name, or several parted by `|`.
  ///
  /// @param error `null` for a transaction that cannot be encoded
  static boolean matches(String expected, TxError error) {
    for (String alternative : expected.split("\\|")) {
      String name = alternative.replace("TransactionException.", "");
      if (error == null
          ? UNENCODABLE.contains(name)
          : TRANSACTION.getOrDefault(name, Set.of()).contains(error)) {
        return true;
      }
    }
    return false;
  }
}
