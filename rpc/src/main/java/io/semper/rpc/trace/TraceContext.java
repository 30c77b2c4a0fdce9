package io.semper.rpc.trace;

import io.semper.core.bytes.Hash32;
import io.semper.evm.BlockEnv;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.state.Journal;
import io.semper.evm.trace.TraceBudget;
import io.semper.evm.tx.Message;

/// A transaction about to be traced and where it stands.
///
/// @param place where it stands, `null` for a call outside of any block
/// @param firstLog logs of its block before it
/// @param state as it is before the transaction
record TraceContext(
    Place place,
    long firstLog,
    Message message,
    Journal state,
    BlockEnv env,
    ForkRules rules,
    TraceBudget budget) {

  record Place(Hash32 blockHash, long blockNumber, Hash32 transactionHash, int index) {}
}
