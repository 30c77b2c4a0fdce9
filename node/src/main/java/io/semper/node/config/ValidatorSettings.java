package io.semper.node.config;

import java.nio.file.Path;

/// What makes a node a validator of a QBFT network.
///
/// @param key 32 bytes, a secp256k1 private key
/// @param voteLog what the key has signed
/// @param gasLimit to move towards in blocks built here
public record ValidatorSettings(byte[] key, Path voteLog, long gasLimit) {}
