package io.semper.node.config;

import java.nio.file.Path;

/// The port for a consensus client.
///
/// @param host address to listen on
/// @param port TCP port, 0 for any free one
/// @param secret 32 bytes that both clients know
/// @param gasLimit wanted for blocks built here
/// @param secretFile where the secret stands, to be told to the operator
public record EngineSettings(
    String host, int port, byte[] secret, long gasLimit, Path secretFile) {}
