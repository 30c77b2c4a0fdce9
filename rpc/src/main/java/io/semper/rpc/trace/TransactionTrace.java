package io.semper.rpc.trace;

import com.fasterxml.jackson.core.JsonGenerator;
import io.semper.evm.trace.Tracer;
import io.semper.evm.tx.TxResult;
import java.io.IOException;

/// One transaction's trace: what watches the execution, and how the outcome is written.
interface TransactionTrace {
  Tracer tracer();

  /// Whether writing begins before the execution.
  default boolean streams() {
    return false;
  }

  /// Writes the value's beginning, before the execution. Called only on those that stream.
  default void begin() throws IOException {}

  /// Writes the value, or what is left of it.
  void end(TxResult.Executed result, JsonGenerator out) throws IOException;
}
