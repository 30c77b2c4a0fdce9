package io.semper.chain.db;

import java.util.function.BiConsumer;

/// Ordered byte keys (compared as unsigned bytes) with values that are never empty by need: an
/// empty value is a value, `null` means absent.
///
/// Safe for use by several threads. Once a read has shown one write of a batch, every later read
/// shows the whole batch. All failures are [StorageException]s.
public interface KeyValueStore extends AutoCloseable {
  /// The value, or `null` where there is none.
  byte[] get(byte[] key);

  /// Applies a batch whole or not at all, whatever happens to the process meanwhile.
  ///
  /// @param sync returns only when the batch and all before it would survive a power failure;
  ///   otherwise they survive the end of the process, but not necessarily that of the machine;
  ///   [WriteBehind] promises less
  void write(WriteBatch batch, boolean sync);

  /// A cursor that stands nowhere yet. It shows the store as it was now, or as it became since.
  Cursor cursor();

  /// Visits key and value of every entry from `first` on whose key begins with the same byte.
  default void forEach(byte[] first, BiConsumer<byte[], byte[]> visitor) {
    try (Cursor cursor = cursor()) {
      boolean more = cursor.seek(first);
      for (; more && cursor.key()[0] == first[0]; more = cursor.next()) {
        visitor.accept(cursor.key(), cursor.value());
      }
    }
  }

  /// Bytes the store takes on disk or, where it has none, in memory, roughly.
  long approximateBytes();

  /// Bytes taken by the keys from `from` (inclusive) to `to` (exclusive), roughly.
  long approximateBytes(byte[] from, byte[] to);

  /// The engine and its own account of itself, for people.
  String statistics();

  /// Makes everything durable and lets go of the files. Closing twice is harmless.
  @Override
  void close();

  /// Walks keys in ascending order. To be used by one thread and closed.
  interface Cursor extends AutoCloseable {
    /// Goes to the first key at or after `key`; false where there is none.
    boolean seek(byte[] key);

    /// Goes to the next key; false at the end.
    boolean next();

    byte[] key();

    byte[] value();

    @Override
    void close();
  }
}
