/// The interpreter: frames, memory, the opcode table, and the bodies of all instructions.
///
/// Every opcode is one row in the file of its family, with its body below. [OpTable] collects the
/// rows; stack and gas checks, disassembly and tracing all read it. [Interpreter] maps opcode to
/// body in one `switch`, which a test holds against the table.
package io.semper.evm.machine;
