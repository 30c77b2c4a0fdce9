/// JSON-RPC 2.0 over HTTP and WebSocket: parsing, dispatch, limits, connections.
///
/// A method is an annotated Java method of a plain object ([Rpc]); [Dispatcher] finds it, decodes
/// its parameters by their types and maps every outcome to a reply, so that a handler only reads
/// the chain and returns a value. [RpcServer] carries the bytes. Nothing here knows a particular
/// method; those are in `eth`. Everything a caller can grow has a limit in [RpcLimits]. May not
/// import `chain`.
package io.semper.rpc;
