package io.semper.rpc.eth;

import io.semper.core.types.Transaction;
import io.semper.rpc.CallContext;
import io.semper.rpc.Rpc;
import io.semper.rpc.json.UnsignedTransactionJson;
import io.semper.rpc.param.CallRequest;
import java.util.Map;

/// Transactions made ready for their sender to sign.
final class EthFill {
  private final TransactionDefaults defaults;

  EthFill(TransactionDefaults defaults) {
    this.defaults = defaults;
  }

  /// The transaction with all that was left out, encoded with an empty signature and as an object.
  @Rpc("eth_fillTransaction")
  Map<String, Object> fillTransaction(CallRequest transaction, CallContext context) {
    Transaction filled = defaults.fill(transaction, context);
    return Map.of("raw", filled.encode(), "tx", new UnsignedTransactionJson(filled));
  }
}
