package io.semper.compiler;

import io.semper.evm.machine.Translator;

/// What of the contracts that this process executes is translated.
public enum Compilation {
  /// Nothing: all code is interpreted.
  OFF,
  /// What runs often.
  HOT,
  /// Everything, before it first runs.
  ALWAYS;

  /// Puts this in force for executions that begin from now on.
  public void start() {
    switch (this) {
      case OFF -> Translator.install(null);
      case HOT -> {
        HotCode translator = new HotCode();
        translator.start();
        Translator.install(translator);
      }
      case ALWAYS -> Translator.install(new EveryCode());
    }
  }
}
