/// The JSON shapes of Ethereum's RPC, written straight to the output: no tree is built.
///
/// Field names and presence are go-ethereum's. Imports `core` only.
package io.semper.rpc.json;
