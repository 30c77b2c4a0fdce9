/// The Ethereum Virtual Machine: execution as a function of state, environment, message and rules.
///
/// [Interpreter] runs one frame at a time over a stack of words kept in a `long[]`; calls push
/// frames on a list, not on the Java stack. Nothing here knows of databases, blocks as stored, or
/// threads. Imports `core` only.
package io.semper.evm;
