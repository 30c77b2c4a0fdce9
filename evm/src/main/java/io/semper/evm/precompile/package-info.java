/// Contracts that stand at fixed low addresses and run as Java: one file each, one line each in
/// [Precompiles].
///
/// A precompile is a gas function and a function from bytes to bytes; it sees no state and no
/// frame, and knows its prices under every fork. Imports `core` only.
package io.semper.evm.precompile;
