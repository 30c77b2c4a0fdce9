/// The Engine API: how a consensus layer drives the chain.
///
/// [EngineMethods] holds the methods; [PayloadTree] decides what a payload is. The chain, payloads
/// in the making and blobs are behind interfaces that the node implements ([ConsensusChain],
/// [PayloadSource], [BlobSource]). [JwtGuard] keeps everybody else off the port.
///
/// Specification: ethereum/execution-apis, `src/engine`.
package io.semper.rpc.engine;
