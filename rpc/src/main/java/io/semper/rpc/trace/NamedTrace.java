package io.semper.rpc.trace;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.semper.evm.BlockEnv;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.state.Journal;
import io.semper.evm.trace.TraceBudget;
import io.semper.evm.trace.Tracer;
import io.semper.evm.tx.Message;
import io.semper.evm.tx.TxResult;
import java.io.IOException;

/// What one of go-ethereum's named tracers says of a transaction that is executed elsewhere, for
/// tools. It may take any time, and what memory there is.
public final class NamedTrace {
  private final TransactionTrace trace;

  /// @param options made by [#options]
  /// @param firstLog logs of the block before the transaction
  /// @param state as it is before the transaction
  public NamedTrace(
      TraceOptions options,
      long firstLog,
      Message message,
      Journal state,
      BlockEnv env,
      ForkRules rules) {
    TraceBudget budget = new TraceBudget(Long.MAX_VALUE, 0, () -> 0);
    TraceContext context = new TraceContext(null, firstLog, message, state, env, rules, budget);
    trace = Tracers.of(options, context, null);
  }

  /// @param config of the tracer, `null` for none
  /// @throws io.semper.rpc.RpcException where there is no such tracer, or not with this `config`
  public static TraceOptions options(String tracer, JsonNode config) {
    TraceOptions options =
        new TraceOptions(TraceOptions.DEFAULT.structLogs(), tracer, config, null, null, null, null);
    Tracers.check(options);
    return options;
  }

  /// To be shown the execution.
  public Tracer tracer() {
    return trace.tracer();
  }

  public void writeTo(JsonGenerator out, TxResult.Executed result) throws IOException {
    trace.end(result, out);
  }
}
