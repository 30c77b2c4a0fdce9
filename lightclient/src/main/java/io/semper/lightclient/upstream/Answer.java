package io.semper.lightclient.upstream;

/// A value read from a node's reply.
///
/// @param upstream the node's address
public record Answer<T>(T value, String upstream) {}
