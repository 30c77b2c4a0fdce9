package io.semper.evm.trace;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Log;
import java.util.List;

/// A call, creation or self-destruction that has ended, with all it caused.
///
/// @param type the instruction's mnemonic
/// @param value `null` for static calls
/// @param gas given to it; for a transaction its gas limit
/// @param output return data, revert data, or the code deployed; empty for other failures
/// @param error `null` where it succeeded
/// @param calls in the order they were made
public record CallFrame(
    String type,
    Address from,
    Address to,
    UInt256 value,
    long gas,
    long gasUsed,
    byte[] input,
    byte[] output,
    String error,
    List<CallFrame> calls,
    List<CallLog> logs) {

  public static final String REVERTED = "execution reverted";

  /// @param index position among the logs of the block
  /// @param position calls made before it in its frame
  public record CallLog(Log log, long index, int position) {}

  public boolean creates() {
    return type.equals("CREATE") || type.equals("CREATE2");
  }

  public boolean destructs() {
    return type.equals("SELFDESTRUCT");
  }

  /// The same with the gas a transaction used in the end.
  public CallFrame withGas(long limit, long used) {
    return new CallFrame(type, from, to, value, limit, used, input, output, error, calls, logs);
  }
}
