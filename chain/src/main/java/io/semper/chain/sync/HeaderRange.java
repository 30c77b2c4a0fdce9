package io.semper.chain.sync;

/// Asks for headers of the canonical chain, upwards.
///
/// @param first number of the first
/// @param count at most
record HeaderRange(long first, int count) {}
