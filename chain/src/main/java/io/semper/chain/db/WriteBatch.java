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

  private record Write(byte[] key, byte[] value) {}

  private final List<Write> writes = new ArrayList<>();
  private long bytes;

  public WriteBatch put(byte[] key, byte[] value) {
    writes.add(new Write(key, value));
    bytes += key.length + value.length;
    return this;
  }

  public WriteBatch delete(byte[] key) {
    writes.add(new Write(key, null));
    bytes += key.length;
    return this;
  }

  /// Adds all that another batch does.
  WriteBatch add(WriteBatch other) {
    writes.addAll(other.writes);
    bytes += other.bytes;
    return this;
  }

  /// Number of writes.
  public int size() {
    return writes.size();
  }

  /// Bytes of all keys and values.
  public long bytes() {
    return bytes;
  }

  /// What the writes come to, in the order of the keys: what lies together is written together,
  /// which an ordered store does in less time, and of several writes to one key only the last.
  public void forEachByKey(Visitor visitor) {
    Write[] sorted = writes.toArray(Write[]::new);
    Arrays.sort(sorted, (a, b) -> Arrays.compareUnsigned(a.key, b.key));
    for (int i = 0; i < sorted.length; i++) {
      Write write = sorted[i];
      if (i + 1 == sorted.length || !Arrays.equals(write.key, sorted[i + 1].key)) {
        visitor.write(write.key, write.value);
      }
    }
  }

  public void forEach(Visitor visitor) {
    writes.forEach(write -> visitor.write(write.key, write.value));
  }
}
