/// The methods of `eth_`, `net_`, `web3_`, `txpool_` and `debug_getRaw*`, one class a subject.
///
/// A method reads the chain through `ChainView`, the pool through `PoolView`, and runs the virtual
/// machine over a `StateView`; that is all it may know, so full nodes and light clients serve the
/// same methods. Every block reference is resolved by [Blocks]. [EthMethods] puts the handlers
/// together.
package io.semper.rpc.eth;
