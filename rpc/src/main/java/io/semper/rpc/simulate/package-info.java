/// Blocks that are made up, executed and forgotten: what `eth_simulateV1` answers with.
///
/// [Simulator][io.semper.rpc.simulate.Simulator] turns a request into blocks, one after the other
/// on a [branch][io.semper.rpc.simulate.Branches] that the ledger provides. Nothing is stored.
/// Blocks, calls, gas and time of a request are bounded. Knows no method; those are in `eth`.
package io.semper.rpc.simulate;
