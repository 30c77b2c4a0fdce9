package io.semper.rpc.eth;

import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Keccak;
import io.semper.rpc.Rpc;

/// The node on its network: `net_` and `web3_`.
final class NetMethods {
  private final NodeStatus node;

  NetMethods(NodeStatus node) {
    this.node = node;
  }

  /// In decimal.
  @Rpc(value = "net_version", prompt = true)
  String version() {
    return node.networkId().toString();
  }

  @Rpc("net_listening")
  boolean listening() {
    return node.listening();
  }

  @Rpc("net_peerCount")
  Long peerCount() {
    return (long) node.peerCount();
  }

  @Rpc(value = "web3_clientVersion", prompt = true)
  String clientVersion() {
    return node.clientVersion();
  }

  @Rpc("web3_sha3")
  Hash32 sha3(byte[] data) {
    return Keccak.hash(data);
  }
}
