package io.semper.chain.db;

import io.semper.core.bytes.BigEndian;
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

  /// @param prefix of the key, as far as it fits: what most comparisons need
  private record Write(long prefix, byte[] key, byte[] value) {
    static Write of(byte[] key, byte[] value) {
      byte[] start = key.length < Long.BYTES ? Arrays.copyOf(key, Long.BYTES) : key;
      return new Write(BigEndian.getLong(start, 0), key, value);
    }

    int compareKeys(Write other) {
      return prefix == other.prefix
          ? Arrays.compareUnsigned(key, other.key)
          : Long.compareUnsigned(prefix, other.prefix);
    }
  }

  private final List<Write> writes = new ArrayList<>();
  private long bytes;

  public WriteBatch put(byte[] key, byte[] value) {
    writes.add(Write.of(key, value));
    bytes += key.length + value.length;
    return this;
  }

  public WriteBatch delete(byte[] key) {
    writes.add(Write.of(key, null));
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
    // Not an array of writes: what sorts arrays of all kinds is compiled anew for each further
    // kind.
    List<Write> sorted = new ArrayList<>(writes);
    sorted.sort(Write::compareKeys);
    for (int i = 0; i < sorted.size(); i++) {
      Write write = sorted.get(i);
      if (i + 1 == sorted.size() || !Arrays.equals(write.key, sorted.get(i + 1).key)) {
        visitor.write(write.key, write.value);
      }
    }
  }

  public void forEach(Visitor visitor) {
    writes.forEach(write -> visitor.write(write.key, write.value));
  }
}
