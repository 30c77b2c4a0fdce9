/// Transactions waiting for a block: admission, replacement, order, bounds, and a file that
/// outlives the process.
///
/// [TxPool] is guarded by its own lock; expensive checks (signatures, blob proofs) are done before
/// taking it.
package io.semper.chain.pool;
