package io.semper.compiler;

import io.semper.compiler.RegionCompiler.Translation;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.machine.Regions;
import io.semper.evm.machine.Translator;
import io.semper.evm.state.Code;

/// Translates everything where it is first met, before it runs: for tests, since it makes short
/// executions slower.
final class EveryCode implements Translator {
  @Override
  public int interval() {
    return 0;
  }

  @Override
  public void seen(Code code, ForkRules rules, int pc) {
    Regions regions = Regions.begin(code, rules);
    synchronized (regions) {
      if (pc < code.length() && !regions.isDecided(pc)) {
        Translation made = RegionCompiler.translate(code, rules, pc, to -> true, 1);
        regions.add(pc, made.region());
      }
    }
  }
}
