/// Ethash, Ethereum's proof of work, as far as verifying needs it: the light side, which computes
/// the few dataset items a header depends on from an epoch's cache.
///
/// Safe for use by many threads. Imports `core` and the rules of `chain.block`; does no I/O.
package io.semper.chain.ethash;
