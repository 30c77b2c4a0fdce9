/// What a development chain lets its user do beyond sending transactions: the `evm_*`, `anvil_*`
/// and `hardhat_*` methods that test tools call, one class a subject.
///
/// Everything is done by a [io.semper.rpc.dev.Development], which the node implements. No other
/// kind of chain has one. May not import `chain`.
package io.semper.rpc.dev;
