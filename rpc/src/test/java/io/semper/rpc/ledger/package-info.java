/// A small chain in memory to ask questions of: real execution, real roots, no storage, no network.
///
/// For tests only. Imports `core`, `evm` and the views.
package io.semper.rpc.ledger;
