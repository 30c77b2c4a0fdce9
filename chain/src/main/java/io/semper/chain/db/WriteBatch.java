package io.semper.chain.db;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Writes to be applied together, in order. Keys and values must not be modified afterwards.
public final class WriteBatch {
  /// Receives the writes in order; `value` is `null` for a removal.
  @FunctionalInterface
  public interface Visitor {
    void write(byte[] key, byte[] value);
  }

  private final List<byte[]> keys = new ArrayList<>();
  private final List<byte[]> values = new ArrayList<>();
  private long bytes;

  public WriteBatch put(byte[] key, byte[] value) {
    keys.add(key);
    values.add(value);
    bytes += key.length + value.length;
    return this;
  }

  public WriteBatch delete(byte[] key) {
    keys.add(key);
    values.add(null);
    bytes += key.length;
    return this;
  }

  /// Number of writes.
  public int size() {
    return keys.size();
  }

  /// Bytes of all keys and values.
  public long bytes() {
    return bytes;
  }

  /// The writes in the order of their keys, and those of one key in theirs: what lies together is
  /// written together, which an ordered store does in less time.
  public void forEachByKey(Visitor visitor) {
    Integer[] order = new Integer[keys.size()];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Arrays.compareUnsigned(keys.get(a), keys.get(b)));
    for (int i : order) {
      visitor.write(keys.get(i), values.get(i));
    }
  }

  public void forEach(Visitor visitor) {
    for (int i = 0; i < keys.size(); i++) {
      visitor.write(keys.get(i), values.get(i));
    }
  }
}
