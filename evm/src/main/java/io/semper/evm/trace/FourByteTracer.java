package io.semper.evm.trace;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.Fork;
import io.semper.evm.precompile.Precompiles;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/// Counts the function selectors contracts are called with, each with the size of the arguments
/// after it.
public final class FourByteTracer implements Tracer {
  private static final int SELECTOR_BYTES = 4;
  private static final int ENTRY_BYTES = 120;

  private final Map<String, Double> counts = new TreeMap<>();
  private final Fork fork;
  private final TraceBudget budget;

  public FourByteTracer(Fork fork, TraceBudget budget) {
    this.fork = fork;
    this.budget = budget;
  }

  /// Counts by `selector-size`, plain numbers.
  public Map<String, Double> counts() {
    return counts;
  }

  @Override
  public void enter(
      int depth, String kind, Address from, Address to, UInt256 value, byte[] input, long gas) {
    if (input.length < SELECTOR_BYTES
        || !kind.contains("CALL")
        || Precompiles.at(fork, to) != null) {
      return;
    }
    String selector = Hex.encode(Arrays.copyOf(input, SELECTOR_BYTES));
    String key = selector + "-" + (input.length - SELECTOR_BYTES);
    if (counts.merge(key, 1.0, Double::sum) == 1.0) {
      budget.keep(ENTRY_BYTES);
    }
  }
}
