package io.semper.evm.tx;

import io.semper.core.bytes.Address;
import io.semper.core.types.Log;
import io.semper.evm.Halt;
import java.util.List;

/// What became of a message: refused with nothing changed, or executed with whatever outcome.
public sealed interface TxResult {

  /// Not includable in a block. The state is untouched.
  ///
  /// @param reason go-ethereum's wording with the offending numbers
  record Invalid(TxError error, String reason) implements TxResult {}

  /// Includable; fees are paid.
  ///
  /// @param halt how execution ended
  /// @param gasUsed gas charged, refunds deducted
  /// @param gasRefunded what refunds saved
  /// @param maxGasUsed gas charged before refunds: with less the message would have failed
  /// @param output return data, revert data, or the deployed code
  /// @param created address of the contract created, else `null`
  record Executed(
      Halt halt,
      long gasUsed,
      long gasRefunded,
      long maxGasUsed,
      byte[] output,
      List<Log> logs,
      Address created)
      implements TxResult {
    public boolean success() {
      return halt == Halt.NONE;
    }
  }
}
