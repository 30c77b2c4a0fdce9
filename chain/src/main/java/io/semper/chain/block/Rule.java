package io.semper.chain.block;

/// The rules a block can break, in the order in which they are checked.
public enum Rule {
  // The header against its parent.
  PARENT_UNKNOWN,
  NUMBER,
  TIMESTAMP,
  GAS_LIMIT,
  GAS_USED_ABOVE_LIMIT,
  EXTRA_DATA,
  DIFFICULTY,
  TOTAL_DIFFICULTY,
  BASE_FEE,
  NONCE,
  OMMERS_HASH,
  FIELD_MISSING,
  FIELD_UNEXPECTED,
  EXCESS_BLOB_GAS,
  BLOB_GAS_USED,
  SEAL,
  // The body against the header.
  BLOCK_SIZE,
  TRANSACTIONS_ROOT,
  WITHDRAWALS_ROOT,
  OMMER_COUNT,
  OMMER_DUPLICATE,
  OMMER_ANCESTOR,
  OMMER_PARENT,
  OMMER_HEADER,
  // Execution.
  TRANSACTION,
  DEPOSIT_EVENT,
  SYSTEM_CONTRACT_EMPTY,
  SYSTEM_CALL,
  GAS_USED,
  RECEIPTS_ROOT,
  LOGS_BLOOM,
  REQUESTS_HASH,
  STATE_ROOT,
  // Beyond the block.
  PARENT_INVALID,
  GENESIS
}
