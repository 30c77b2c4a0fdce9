package io.semper.evm.machine;

import io.semper.evm.fork.ForkRules;
import io.semper.evm.state.Code;

/// Turns code that runs often into something faster than the interpreter.
///
/// One translator serves the whole process, as the cache of code does. Without one everything is
/// interpreted; with or without, results are the same.
public interface Translator {
  /// Told now and then where an execution is: at the start of a frame, behind a call, at the
  /// destination of a jump, or where a region was left to the interpreter. Called on executing
  /// threads, so it must be quick; it may add [Regions] to the code now or later.
  void seen(Code code, ForkRules rules, int pc);

  /// Such places between two calls of [#seen] by one execution, which counts the ends of regions by
  /// themselves.
  int interval();

  /// Installs the process's translator, `null` for none. Executions that run go on without it.
  static void install(Translator translator) {
    Regions.translator = translator;
  }
}
