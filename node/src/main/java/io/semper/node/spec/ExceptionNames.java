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

import io.semper.chain.block.Rule;
import io.semper.chain.block.Violation;
import io.semper.evm.tx.TxError;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The names two generations of fixtures have for the rule that a transaction or a block breaks.
final class ExceptionNames {
  private static final Map<String, Set<TxError>> TRANSACTION = new HashMap<>();

  /// Transactions that cannot be encoded: there is nothing to execute.
  private static final Set<String> UNENCODABLE =
      Set.of(
          "TR_RLP_WRONGVALUE",
          "RLP_INVALID_VALUE",
          "GASLIMIT_PRICE_PRODUCT_OVERFLOW",
          "NONCE_IS_MAX",
          "TR_NonceHasMaxValue",
          "TR_BLOBCREATE",
          "TYPE_3_TX_CONTRACT_CREATION");

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

  private static final Map<String, Set<Rule>> BLOCK = new HashMap<>();

  /// Rules that a block with a wrong transaction in it may be found to break before that one is
  /// executed: the makers of fixtures left refused transactions out of the roots.
  private static final Set<Rule> BODY_RULES =
      EnumSet.of(Rule.TRANSACTION, Rule.TRANSACTIONS_ROOT, Rule.BLOB_GAS_USED);

  /// Names of what shows already when a block is decoded.
  private static final Set<String> MALFORMED =
      Set.of(
          "RLP_STRUCTURES_ENCODING",
          "RLP_INVALID_VALUE",
          "INCORRECT_BLOCK_FORMAT",
          "INPUT_UNMARSHAL_ERROR",
          "INPUT_UNMARSHAL_ADDRESS_ERROR",
          "InvalidGasLimit",
          "GASLIMIT_TOO_BIG",
          "TYPE_3_TX_CONTRACT_CREATION");

  private static final Pattern OMMER_RULE = Pattern.compile(": ([A-Z_]+): ");

  static {
    name(Rule.PARENT_UNKNOWN, "UnknownParent", "UnknownParent2");
    name(Rule.PARENT_UNKNOWN, "UNKNOWN_PARENT", "UNKNOWN_PARENT_ZERO");
    name(Rule.PARENT_INVALID, "UnknownParent", "UNKNOWN_PARENT");
    name(Rule.NUMBER, "InvalidNumber", "INVALID_BLOCK_NUMBER");
    name(Rule.GENESIS, "InvalidNumber", "INVALID_BLOCK_NUMBER"); // a second block 0
    name(Rule.TIMESTAMP, "InvalidTimestamp", "InvalidTimestampOlderParent");
    name(Rule.TIMESTAMP, "INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT");
    name(Rule.GAS_LIMIT, "InvalidGasLimit", "InvalidGasLimit2", "INVALID_GASLIMIT");
    name(Rule.GAS_LIMIT, "TooMuchGasUsed"); // with a gas limit of zero
    name(Rule.GAS_USED_ABOVE_LIMIT, "TooMuchGasUsed", "BlockGasLimitReached", "GAS_USED_OVERFLOW");
    name(Rule.TRANSACTION, "BlockGasLimitReached");
    name(Rule.EXTRA_DATA, "ExtraDataTooBig", "ExtraDataIncorrectDAO");
    name(Rule.EXTRA_DATA, "EXTRA_DATA_TOO_BIG", "EXTRA_DATA_INVALID_DAO");
    name(Rule.DIFFICULTY, "InvalidDifficulty", "INVALID_DIFFICULTY", "3675PoSBlockRejected");
    name(Rule.TOTAL_DIFFICULTY, "InvalidDifficulty", "INVALID_DIFFICULTY");
    name(Rule.TOTAL_DIFFICULTY, "3675PoSBlockRejected", "IMPORT_IMPOSSIBLE_PARIS_WRONG_POS");
    name(Rule.TOTAL_DIFFICULTY, "3675PoWBlockRejected", "IMPORT_IMPOSSIBLE_PARIS_WRONG_POW");
    name(Rule.TOTAL_DIFFICULTY, "3675PreParis1559BlockRejected", "PostParisDifficultyIsNot0");
    name(Rule.TOTAL_DIFFICULTY, "IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS");
    name(Rule.BASE_FEE, "1559BlockImportImpossible_BaseFeeWrong", "INVALID_BASEFEE_PER_GAS");
    name(Rule.OMMERS_HASH, "InvalidUnclesHash", "3675PreParis1559BlockRejected");
    name(Rule.OMMERS_HASH, "PostParisUncleHashIsNotEmpty", "IMPORT_IMPOSSIBLE_UNCLES_OVER_PARIS");
    name(Rule.FIELD_MISSING, "LegacyBlockImportImpossible", "IMPORT_IMPOSSIBLE_LEGACY");
    name(Rule.FIELD_MISSING, "LegacyBlockImportImpossible2");
    name(Rule.FIELD_MISSING, "IMPORT_IMPOSSIBLE_LEGACY_WRONG_PARENT");
    name(Rule.FIELD_MISSING, "ParisBlockImportImpossible", "IMPORT_IMPOSSIBLE_PARIS_OVER_SHANGHAI");
    name(Rule.FIELD_MISSING, "INCORRECT_BLOCK_FORMAT");
    name(Rule.FIELD_UNEXPECTED, "ShanghaiBlockImportImpossible", "IMPORT_IMPOSSIBLE_SHANGHAI");
    name(Rule.FIELD_UNEXPECTED, "1559BlockImportImpossible_HeaderIsLegacy");
    name(Rule.FIELD_UNEXPECTED, "IMPORT_IMPOSSIBLE_LONDON_WRONG_PARENT", "INCORRECT_BLOCK_FORMAT");
    name(Rule.EXCESS_BLOB_GAS, "INCORRECT_EXCESS_BLOB_GAS");
    name(Rule.BLOB_GAS_USED, "INCORRECT_BLOB_GAS_USED", "BLOB_GAS_USED_ABOVE_LIMIT");
    name(Rule.SEAL, "InvalidBlockNonce");
    name(Rule.BLOCK_SIZE, "RLP_BLOCK_LIMIT_EXCEEDED");
    name(Rule.TRANSACTIONS_ROOT, "InvalidTransactionsRoot", "INVALID_TRANSACTIONS_ROOT");
    name(Rule.WITHDRAWALS_ROOT, "InvalidWithdrawals", "INVALID_WITHDRAWALS_ROOT");
    name(Rule.WITHDRAWALS_ROOT, "RLP_ExpectedAsList", "RLP_WITHDRAWALS_NOT_READ");
    name(Rule.OMMER_COUNT, "TooManyUncles");
    name(Rule.OMMER_DUPLICATE, "UncleInChain", "UncleIsBrother");
    name(Rule.OMMER_ANCESTOR, "UncleInChain", "UncleIsAncestor", "InvalidUncleParentHash");
    name(Rule.OMMER_PARENT, "InvalidUncleParentHash", "UncleIsBrother", "UncleTooOld");
    name(Rule.OMMER_PARENT, "UncleParentIsNotAncestor", "UNCLE_PARENT_INCORRECT");
    name(Rule.DEPOSIT_EVENT, "INVALID_DEPOSIT_EVENT_LAYOUT");
    name(Rule.SYSTEM_CONTRACT_EMPTY, "SYSTEM_CONTRACT_EMPTY");
    name(Rule.SYSTEM_CALL, "SYSTEM_CONTRACT_CALL_FAILED");
    name(Rule.GAS_USED, "InvalidGasUsed", "INVALID_GAS_USED");
    name(Rule.RECEIPTS_ROOT, "InvalidReceiptsStateRoot", "INVALID_RECEIPTS_ROOT");
    name(Rule.LOGS_BLOOM, "InvalidLogBloom", "INVALID_LOG_BLOOM");
    name(Rule.REQUESTS_HASH, "INVALID_REQUESTS");
    name(Rule.STATE_ROOT, "InvalidStateRoot", "INVALID_STATE_ROOT");
  }

  private ExceptionNames() {}

  private static void name(Rule rule, String... names) {
    for (String name : names) {
      BLOCK.computeIfAbsent(name, n -> EnumSet.noneOf(Rule.class)).add(rule);
    }
  }

  private static void name(TxError error, String... names) {
    for (String name : names) {
      TRANSACTION.computeIfAbsent(name, n -> EnumSet.noneOf(TxError.class)).add(error);
    }
  }

  /// Whether `error` is what the fixture calls `expected`: one name, or several parted by `|`.
  ///
  /// @param error `null` for a transaction that cannot be encoded
  static boolean matches(String expected, TxError error) {
    return names(expected)
        .anyMatch(name ->
            error == null
                ? UNENCODABLE.contains(name)
                : TRANSACTION.getOrDefault(name, Set.of()).contains(error));
  }

  /// Whether a block that does not decode is what the fixture calls `expected`.
  static boolean matchesMalformed(String expected) {
    return expected.isEmpty() || names(expected).anyMatch(MALFORMED::contains);
  }

  /// Whether a payload that is at odds with what comes beside it is what the fixture calls
  /// `expected`.
  static boolean matchesPayload(String expected, String reason) {
    String name =
        reason.startsWith("blockhash mismatch") ? "INVALID_BLOCK_HASH" : "INVALID_VERSIONED_HASHES";
    return names(expected).anyMatch(name::equals);
  }

  /// Whether a broken rule of a block is what the fixture calls `expected`, which may be a rule of
  /// transactions; a fixture that states no reason is content with any.
  ///
  /// @param refused finds the first transaction of the block that cannot be executed in its place
  static boolean matches(
      String expected, Violation violation, Supplier<Optional<TxError>> refused) {
    if (expected.isEmpty()) {
      return true;
    }
    Rule rule = violation.rule();
    if (rule == Rule.OMMER_HEADER) {
      Matcher inner = OMMER_RULE.matcher(violation.message());
      rule = inner.find() ? Rule.valueOf(inner.group(1)) : rule;
    }
    Rule broken = rule;
    return names(expected).anyMatch(name -> BLOCK.getOrDefault(name, Set.of()).contains(broken))
        || BODY_RULES.contains(broken)
            && names(expected).anyMatch(TRANSACTION::containsKey)
            && refused.get().filter(error -> matches(expected, error)).isPresent();
  }

  private static Stream<String> names(String expected) {
    return Stream.of(expected.split("\\|")).map(name -> name.substring(name.indexOf('.') + 1));
  }
}
