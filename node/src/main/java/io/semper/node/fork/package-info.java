/// A development chain on top of another node's: its blocks and state are read over JSON-RPC when
/// they are asked for, and kept; what is sealed here is laid over them in memory.
///
/// What comes over JSON-RPC is checked where it commits to itself (headers by their hash,
/// transactions and receipts by the header's roots). Balances, code and slots are believed.
package io.semper.node.fork;
