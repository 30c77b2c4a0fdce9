package io.semper.chain.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every store does.
abstract class KeyValueStoreContract {
  private KeyValueStore store;

  abstract KeyValueStore open();

  @BeforeEach
  void openStore() {
    store = open();
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  static byte[] key(int... bytes) {
    byte[] key = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) key[i] = (byte) bytes[i];
    return key;
  }

  @Test
  void getGivesTheLastValuePut() {
    byte[] key = key('k', 1);
    assertThat(store.get(key)).isNull();
    store.write(new WriteBatch().put(key, key(1)), false);
    assertThat(store.get(key)).isEqualTo(key(1));
    store.write(new WriteBatch().put(key, key(2)), true);
    assertThat(store.get(key)).isEqualTo(key(2));
    store.write(new WriteBatch().delete(key), false);
    assertThat(store.get(key)).isNull();
  }

  @Test
  void emptyValuesAreValues() {
    store.write(new WriteBatch().put(key('k'), key()), false);
    assertThat(store.get(key('k'))).isEmpty();
  }

  @Test
  void laterWritesOfABatchWin() {
    byte[] key = key('k');
    store.write(new WriteBatch().put(key, key(1)).delete(key).put(key, key(2)), false);
    assertThat(store.get(key)).isEqualTo(key(2));
    store.write(new WriteBatch().put(key, key(3)).delete(key), false);
    assertThat(store.get(key)).isNull();
  }

  @Test
  void cursorWalksUnsignedOrder() {
    List<byte[]> keys =
        List.of(key('k'), key('k', 0), key('k', 1), key('k', 0x7F), key('k', 0x80), key('k', 0xFF));
    WriteBatch batch = new WriteBatch();
    for (byte[] key : keys.reversed()) batch.put(key, key);
    store.write(batch, false);
    List<byte[]> seen = new ArrayList<>();
    try (KeyValueStore.Cursor cursor = store.cursor()) {
      for (boolean on = cursor.seek(key('k')); on; on = cursor.next()) {
        assertThat(cursor.value()).isEqualTo(cursor.key());
        seen.add(cursor.key());
      }
      assertThat(seen).containsExactlyElementsOf(keys);
      assertThat(cursor.seek(key('k', 2))).isTrue();
      assertThat(cursor.key()).isEqualTo(key('k', 0x7F));
      assertThat(cursor.seek(key('l'))).isFalse();
      assertThat(cursor.seek(key('k', 0xFF))).isTrue();
      assertThat(cursor.next()).isFalse();
    }
  }

  @Test
  void randomWritesAgainstASortedMap() {
    Random random = new Random(3);
    TreeMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
    for (int round = 0; round < 300; round++) {
      WriteBatch batch = new WriteBatch();
      for (int i = 0; i < 50; i++) {
        byte[] key = key('k', random.nextInt(40), random.nextInt(40));
        if (random.nextInt(3) == 0) {
          batch.delete(key);
          model.remove(key);
        } else {
          byte[] value = new byte[random.nextInt(200)];
          random.nextBytes(value);
          batch.put(key, value);
          model.put(key, value);
        }
      }
      store.write(batch, false);
      byte[] from = key('k', random.nextInt(40), random.nextInt(40));
      var expected = model.tailMap(from).entrySet().iterator();
      try (KeyValueStore.Cursor cursor = store.cursor()) {
        boolean on = cursor.seek(from);
        for (int i = 0; i < 20 && on; i++) {
          if (cursor.key()[0] != 'k') break;
          var entry = expected.next();
          assertThat(cursor.key()).isEqualTo(entry.getKey());
          assertThat(cursor.value()).isEqualTo(entry.getValue());
          on = cursor.next();
        }
        if (!on) assertThat(expected.hasNext()).isFalse();
      }
    }
  }

  @Test
  void readersSeeBatchesWhole() throws InterruptedException {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    byte[] first = key('a');
    byte[] second = key('z');
    store.write(new WriteBatch().put(first, key(0)).put(second, key(0)), false);
    Thread reader =
        Thread.ofPlatform()
            .start(() -> {
              try {
                int last = 0;
                while (last < 100) {
                  int a = store.get(first)[0];
                  int z = store.get(second)[0];
                  assertThat(z).isGreaterThanOrEqualTo(a);
                  assertThat(a).isGreaterThanOrEqualTo(last);
                  last = a;
                  try (KeyValueStore.Cursor cursor = store.cursor()) {
                    assertThat(cursor.seek(second)).isTrue();
                    assertThat(cursor.value()[0]).isGreaterThanOrEqualTo((byte) z);
                  }
                }
              } catch (AssertionError | RuntimeException e) {
                failure.set(e);
              }
            });
    for (int i = 1; i <= 100; i++) {
      store.write(new WriteBatch().put(first, key(i)).put(second, key(i)), false);
    }
    reader.join();
    assertThat(failure.get()).isNull();
  }

  @Test
  void closedStoreSaysSo() {
    store.write(new WriteBatch().put(key('k'), key(1)), false);
    KeyValueStore.Cursor cursor = store.cursor();
    store.close();
    assertThatThrownBy(() -> store.get(key('k')))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(() -> store.write(new WriteBatch(), false))
        .isInstanceOf(StorageException.class);
    assertThatThrownBy(() -> cursor.seek(key('k'))).isInstanceOf(StorageException.class);
    assertThatCode(
            () -> {
              cursor.close();
              store.close();
            })
        .doesNotThrowAnyException();
  }

  @Test
  void tellsItsSize() {
    WriteBatch batch = new WriteBatch();
    for (int i = 0; i < 100; i++) batch.put(key('k', i), new byte[10_000]);
    store.write(batch, true);
    assertThat(store.approximateBytes()).isGreaterThan(900_000);
    assertThat(store.approximateBytes(key('k'), key('l'))).isGreaterThanOrEqualTo(0);
    assertThat(store.statistics()).isNotBlank();
  }
}
