package io.semper.evm.trace;

import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/// Keeps what KECCAK256 was asked for, by the hash.
public final class PreimageTracer implements Tracer {
  private static final int KECCAK256 = 0x20;

  /// What may lie beyond the memory in use, as in go-ethereum; more could not be paid for anyway.
  private static final int MAX_PADDING = 1 << 20;

  private static final int ENTRY_BYTES = 150;

  private final SortedMap<Hash32, byte[]> preimages = new TreeMap<>();
  private final TraceBudget budget;

  public PreimageTracer(TraceBudget budget) {
    this.budget = budget;
  }

  public SortedMap<Hash32, byte[]> preimages() {
    return preimages;
  }

  @Override
  public void step(Step frame, int pc, int opcode, long gas) {
    int size = frame.stackSize();
    if (opcode != KECCAK256 || size < 2) {
      return;
    }
    UInt256 offset = frame.stackWord(size - 1);
    UInt256 length = frame.stackWord(size - 2);
    UInt256 end = offset.plusExact(length);
    int memory = frame.memorySize();
    if (end == null || !end.fitsLong() || end.toLongSaturated() - memory > MAX_PADDING) {
      return;
    }
    int from = (int) Math.min(memory, offset.toLongSaturated());
    int count = (int) length.toLongSaturated();
    int there = Math.min(count, memory - from);
    byte[] preimage = Arrays.copyOf(frame.memory(from, there), count);
    if (preimages.put(Keccak.hash(preimage), preimage) == null) {
      budget.keep(ENTRY_BYTES + preimage.length);
    }
  }
}
