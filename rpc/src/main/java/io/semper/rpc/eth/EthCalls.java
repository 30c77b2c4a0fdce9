package io.semper.rpc.eth;

import io.semper.rpc.CallContext;
import io.semper.rpc.Omittable;
import io.semper.rpc.Rpc;
import io.semper.rpc.json.AccessListJson;
import io.semper.rpc.param.BlockOverrides;
import io.semper.rpc.param.BlockRef;
import io.semper.rpc.param.CallRequest;
import io.semper.rpc.param.StateOverrides;

/// What a transaction would do.
final class EthCalls {
  private final Calls calls;

  EthCalls(Calls calls) {
    this.calls = calls;
  }

  @Rpc("eth_call")
  byte[] call(
      CallRequest transaction,
      @Omittable BlockRef block,
      @Omittable StateOverrides stateOverrides,
      @Omittable BlockOverrides blockOverrides,
      CallContext context) {
    return calls.call(transaction, block, stateOverrides, blockOverrides, context);
  }

  @Rpc("eth_estimateGas")
  Long estimateGas(
      CallRequest transaction,
      @Omittable BlockRef block,
      @Omittable StateOverrides stateOverrides,
      @Omittable BlockOverrides blockOverrides,
      CallContext context) {
    return calls.estimateGas(transaction, block, stateOverrides, blockOverrides, context);
  }

  @Rpc("eth_createAccessList")
  AccessListJson createAccessList(
      CallRequest transaction,
      @Omittable BlockRef block,
      @Omittable StateOverrides stateOverrides,
      CallContext context) {
    return calls.createAccessList(transaction, block, stateOverrides, context);
  }
}
