package io.semper.evm.trace;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Log;
import io.semper.evm.Halt;
import java.util.List;

/// Shows one execution to several tracers, and ends it when its time is over.
public final class FanOutTracer implements Tracer {
  private final TraceBudget budget;
  private final Tracer[] tracers;

  public FanOutTracer(TraceBudget budget, List<Tracer> tracers) {
    this.budget = budget;
    this.tracers = tracers.toArray(Tracer[]::new);
  }

  @Override
  public void step(Step frame, int pc, int opcode, long gas) {
    budget.step();
    for (Tracer tracer : tracers) {
      tracer.step(frame, pc, opcode, gas);
    }
  }

  @Override
  public void stepEnd(long cost, Halt halt) {
    for (Tracer tracer : tracers) {
      tracer.stepEnd(cost, halt);
    }
  }

  @Override
  public void enter(
      int depth, String kind, Address from, Address to, UInt256 value, byte[] input, long gas) {
    for (Tracer tracer : tracers) {
      tracer.enter(depth, kind, from, to, value, input, gas);
    }
  }

  @Override
  public void exit(int depth, Halt halt, long gasUsed, byte[] output) {
    for (Tracer tracer : tracers) {
      tracer.exit(depth, halt, gasUsed, output);
    }
  }

  @Override
  public void log(Log log, int before) {
    for (Tracer tracer : tracers) {
      tracer.log(log, before);
    }
  }
}
