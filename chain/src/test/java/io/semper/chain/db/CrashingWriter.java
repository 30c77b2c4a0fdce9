package io.semper.chain.db;

import io.semper.core.bytes.BigEndian;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/// A process that writes numbered batches without end and prints each number once it is stored.
final class CrashingWriter {
  static final byte[] LAST = {'l'};

  private static final int SYNC_EVERY = 16;

  private CrashingWriter() {}

  /// @param args folder, engine
  public static void main(String[] args) {
    LevelDbStore store = LevelDbStore.open(Path.of(args[0]), Engine.valueOf(args[1]));
    for (long i = last(store) + 1; ; i++) {
      byte[] number = new byte[8];
      BigEndian.putLong(number, 0, i);
      store.write(new WriteBatch().put(key(i), value(i)).put(LAST, number), i % SYNC_EVERY == 0);
      System.out.println(i);
    }
  }

  static long last(KeyValueStore store) {
    byte[] number = store.get(LAST);
    return number == null ? 0 : BigEndian.getLong(number, 0);
  }

  static byte[] key(long i) {
    byte[] key = new byte[9];
    key[0] = 'k';
    BigEndian.putLong(key, 1, i);
    return key;
  }

  /// From one byte to several log blocks of 32 KiB.
  static byte[] value(long i) {
    byte[] value = new byte[1 + new Random(i).nextInt(i % 4 == 0 ? 150_000 : 3_000)];
    Arrays.fill(value, (byte) i);
    return value;
  }
}
