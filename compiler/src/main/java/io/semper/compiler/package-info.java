/// Translates hot contract code to classes of the Java virtual machine.
///
/// A *region* is what can be reached from one instruction without leaving a frame, up to a bound:
/// blocks of instructions in which stack words are local variables, jumps are gotos, and everything
/// beyond arithmetic and memory is a call out to the interpreter's own bodies. Whatever a region
/// does not cover, it leaves to the interpreter, with the stack written back.
///
/// Invariants: a translated frame ends with the same result, gas, logs and state as an interpreted
/// one; no contract makes translation slow or large, because each bound in [Graph] and [HotCode] is
/// on what is looked at, not on what is useful. May import core and evm, nothing else.
package io.semper.compiler;
