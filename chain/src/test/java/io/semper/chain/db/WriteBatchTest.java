package io.semper.chain.db;

import static io.semper.chain.db.KeyValueStoreContract.key;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class WriteBatchTest {
  @Test
  void byKeyOnlyTheLastWriteToEachKeyCounts() {
    WriteBatch batch =
        new WriteBatch()
            .put(key('b'), key(1))
            .put(key(0xFF), key(2))
            .delete(key('b'))
            .put(key('a'), key(3))
            .delete(key('c'));
    batch.add(new WriteBatch().put(key('a'), key(4)).put(key('c'), key(5)));
    List<byte[]> seen = new ArrayList<>();
    batch.forEachByKey((key, value) -> {
      seen.add(key);
      seen.add(value);
    });
    assertThat(seen)
        .containsExactly(key('a'), key(4), key('b'), null, key('c'), key(5), key(0xFF), key(2));
    assertThat(batch.size()).isEqualTo(7);
    assertThat(batch.bytes()).isEqualTo(7 + 5);
  }

  @Test
  void keysOfAnyLengthComeInOrder() {
    Random random = new Random(1);
    TreeSet<byte[]> keys = new TreeSet<>(Arrays::compareUnsigned);
    WriteBatch batch = new WriteBatch();
    for (int i = 0; i < 1_000; i++) {
      byte[] key = new byte[random.nextInt(12)];
      for (int at = 0; at < key.length; at++) {
        key[at] = (byte) (random.nextInt(3) - 1); // 0, 1 and 255: many share what they begin with
      }
      keys.add(key);
      batch.put(key, key);
    }
    List<byte[]> found = new ArrayList<>();
    batch.forEachByKey((key, value) -> found.add(key));
    assertThat(found).containsExactlyElementsOf(keys);
  }
}
