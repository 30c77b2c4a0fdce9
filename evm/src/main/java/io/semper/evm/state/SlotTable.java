package io.semper.evm.state;

import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/// Slots of one account by key: open addressing, so that a look-up from the stack allocates
/// nothing.
final class SlotTable {
  /// Keys are chosen by contracts; a seed of our own keeps them from piling up in one place.
  private static final long SEED = ThreadLocalRandom.current().nextLong() | 1;

  private Slot[] slots = new Slot[8];
  private int size;

  Slot find(long k0, long k1, long k2, long k3) {
    int mask = slots.length - 1;
    for (int i = hash(k0, k1, k2, k3) & mask; ; i = i + 1 & mask) {
      Slot slot = slots[i];
      if (slot == null || slot.k0 == k0 && slot.k1 == k1 && slot.k2 == k2 && slot.k3 == k3) {
        return slot;
      }
    }
  }

  void add(Slot slot) {
    if (++size * 2 > slots.length) {
      Slot[] old = slots;
      slots = new Slot[old.length * 2];
      for (Slot each : old) {
        if (each != null) {
          place(each);
        }
      }
    }
    place(slot);
  }

  /// All slots in no particular order, in an array that may have gaps.
  Slot[] all() {
    return slots;
  }

  void clear() {
    if (size > 0) {
      Arrays.fill(slots, null);
      size = 0;
    }
  }

  private void place(Slot slot) {
    int mask = slots.length - 1;
    int i = hash(slot.k0, slot.k1, slot.k2, slot.k3) & mask;
    while (slots[i] != null) {
      i = i + 1 & mask;
    }
    slots[i] = slot;
  }

  private static int hash(long k0, long k1, long k2, long k3) {
    long h = (k0 ^ SEED) * 0x9E3779B97F4A7C15L;
    h = (Long.rotateLeft(h, 31) ^ k1) * 0xC2B2AE3D27D4EB4FL;
    h = (Long.rotateLeft(h, 31) ^ k2) * SEED;
    h = (Long.rotateLeft(h, 31) ^ k3) * 0x9E3779B97F4A7C15L;
    return (int) (h >>> 32);
  }
}
