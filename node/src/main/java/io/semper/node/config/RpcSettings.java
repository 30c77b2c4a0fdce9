package io.semper.node.config;

import io.semper.rpc.MethodPolicy;
import io.semper.rpc.RpcConfig;
import io.semper.rpc.eth.EthSettings;
import io.semper.rpc.trace.TraceLimits;

/// Everything about the JSON-RPC port.
public record RpcSettings(
    RpcConfig server, MethodPolicy methods, EthSettings eth, TraceLimits traces) {
  public RpcSettings(RpcConfig server, MethodPolicy methods, EthSettings eth) {
    this(server, methods, eth, TraceLimits.DEFAULT);
  }
}
