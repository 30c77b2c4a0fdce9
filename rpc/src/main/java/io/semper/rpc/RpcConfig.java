package io.semper.rpc;

import java.util.Set;

/// Where to listen and whom to answer.
///
/// @param host address to bind
/// @param port TCP port, 0 for any free one
/// @param corsOrigins web origins whose pages may call (`https://app.example`), or `*` for all
/// @param allowedHosts names by which callers may address this server in the `Host` header, or `*`
///   for all; addresses and `localhost` are always allowed. Guards against DNS rebinding.
/// @param requireContentType refuse a POST without `application/json`
/// @param banner what `GET /` calls this server
public record RpcConfig(
    String host,
    int port,
    Set<String> corsOrigins,
    Set<String> allowedHosts,
    boolean requireContentType,
    String banner,
    RpcLimits limits) {

  /// Open to programs on this machine, closed to web pages.
  public static RpcConfig local(int port) {
    return new RpcConfig("127.0.0.1", port, Set.of(), Set.of(), true, "Semper", RpcLimits.DEFAULT);
  }
}
