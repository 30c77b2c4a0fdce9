package io.semper.node.config;

import io.semper.rpc.MethodPolicy;
import io.semper.rpc.RpcConfig;
import io.semper.rpc.eth.EthSettings;

/// Everything about the JSON-RPC port.
public record RpcSettings(RpcConfig server, MethodPolicy methods, EthSettings eth) {}
