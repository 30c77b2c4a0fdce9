/// What transactions did, instruction by instruction or call by call: the methods of
/// `debug_trace*`, `trace_*` and `ots_*`, one class a subject.
///
/// Blocks are executed again through [io.semper.rpc.trace.Replay], which the ledger's side
/// implements. Traces are made while they are written, within the limits of
/// [io.semper.rpc.trace.TraceLimits]. May not import `chain`.
package io.semper.rpc.trace;
