/// Networks: their genesis block and state, their fork schedule, and the files that describe them.
///
/// Reads the genesis dialects of go-ethereum, Besu and Quorum, and carries the public networks as
/// resources. A [Network] is immutable. Does no I/O beyond its own resources; imports `core` and
/// Jackson, and neither the virtual machine nor the ledger.
package io.semper.genesis;
