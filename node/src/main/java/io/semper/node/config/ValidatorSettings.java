package io.semper.node.config;

import java.nio.file.Path;

/// What makes a node a validator of a QBFT network.
///
/// @param key 32 bytes, a secp256k1 private key
/// @param voteLog what the key has signed
/// @param gasLimit to move towards in blocks built here
/// @param standby whether to sign nothing until told, since another process signs with the key
/// @param takeOverMillis of silence of that process, after which to take over; 0 for never
public record ValidatorSettings(
    byte[] key, Path voteLog, long gasLimit, boolean standby, long takeOverMillis) {}
