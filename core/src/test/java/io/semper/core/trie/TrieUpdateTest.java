package io.semper.core.trie;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.RlpWriter;
import io.semper.core.view.Account;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Updating a stored trie against building the same entries from nothing.
class TrieUpdateTest {
  private static final int ROUNDS = 400;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void updatesLeaveExactlyTheNodesOfATrieBuiltAnew(long seed) {
    Random random = new Random(seed);
    // Keys of one to five bytes over a small alphabet: prefixes of each other, long shared paths,
    // values short enough to be embedded.
    compare(
        random,
        () -> {
          byte[] key = new byte[1 + random.nextInt(5)];
          for (int i = 0; i < key.length; i++) key[i] = (byte) (random.nextInt(3) * 0x0F);
          return key;
        });
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13})
  void longKeysDifferingInTheirLastDigitsEmbedTheirNodes(long seed) {
    Random random = new Random(seed);
    compare(
        random,
        () -> {
          byte[] key = new byte[32];
          key[0] = (byte) (random.nextInt(2) << 4);
          key[14] = (byte) random.nextInt(3);
          key[31] = (byte) random.nextInt(40);
          return key;
        });
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22})
  void randomKeys(long seed) {
    Random random = new Random(seed);
    List<byte[]> pool = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      byte[] key = new byte[32];
      random.nextBytes(key);
      pool.add(key);
    }
    compare(random, () -> pool.get(random.nextInt(pool.size())));
  }

  private interface Keys {
    byte[] next();
  }

  private static void compare(Random random, Keys keys) {
    NodeMap trie = new NodeMap();
    SortedMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
    for (int round = 0; round < ROUNDS; round++) {
      SortedMap<byte[], byte[]> changes = new TreeMap<>(Arrays::compareUnsigned);
      int size = 1 + random.nextInt(random.nextInt(20) == 0 ? 100 : 6);
      boolean shrinking = round / 50 % 2 == 1;
      for (int i = 0; i < size; i++) {
        boolean remove = random.nextInt(10) < (shrinking ? 7 : 3);
        byte[] value = new byte[1 + random.nextInt(random.nextBoolean() ? 2 : 60)];
        random.nextBytes(value);
        byte[] key =
            remove && !model.isEmpty() && random.nextInt(4) != 0 ? any(model, random) : keys.next();
        changes.put(key, remove ? null : value);
      }
      changes.forEach((k, v) -> {
        if (v == null) {
          model.remove(k);
        } else {
          model.put(k, v);
        }
      });
      Hash32 updated = trie.apply(changes);

      NodeMap anew = new NodeMap();
      TrieBuilder builder = new TrieBuilder(anew.nodes::put);
      model.forEach(builder::add);
      assertThat(updated).isEqualTo(builder.root());
      assertThat(trie.nodes.keySet()).isEqualTo(anew.nodes.keySet());
      trie.nodes.forEach((path, rlp) -> assertThat(rlp).isEqualTo(anew.nodes.get(path)));
    }
    SortedMap<byte[], byte[]> all = new TreeMap<>(Arrays::compareUnsigned);
    model.keySet().forEach(k -> all.put(k, null));
    if (!all.isEmpty()) assertThat(trie.apply(all)).isEqualTo(Account.EMPTY_ROOT);
    assertThat(trie.nodes).isEmpty();
  }

  private static byte[] any(SortedMap<byte[], byte[]> model, Random random) {
    return model.keySet().stream().skip(random.nextInt(model.size())).findFirst().orElseThrow();
  }

  @Test
  void changesWithoutEffectTouchNothing() {
    NodeMap trie = new NodeMap();
    SortedMap<Hash32, byte[]> entries = entries(50);
    Hash32 root = trie.store(Trie.update(trie, entries));
    assertThat(root).isEqualTo(Trie.root(entries));
    SortedMap<Hash32, byte[]> same = new TreeMap<>(entries);
    same.put(Hash32.of(9, 9, 9, 9), null);
    TrieUpdate update = Trie.update(trie, same);
    assertThat(update.root()).isEqualTo(root);
    assertThat(update.nodes()).isEmpty();
    assertThat(Trie.update(trie, new TreeMap<>()).root()).isEqualTo(root);
    assertThat(Trie.update(NodeSource.EMPTY, new TreeMap<>()).root()).isEqualTo(Account.EMPTY_ROOT);
  }

  @Test
  void onlyNodesOnTheTouchedPathAreRead() {
    NodeMap trie = new NodeMap();
    trie.store(Trie.update(trie, entries(5000)));
    int[] reads = new int[1];
    NodeSource counting =
        path -> {
          reads[0]++;
          return trie.node(path);
        };
    SortedMap<Hash32, byte[]> one = new TreeMap<>();
    one.put(entries(1).firstKey(), new byte[] {7});
    Trie.update(counting, one);
    assertThat(reads[0]).isLessThanOrEqualTo(6);
  }

  @Test
  void missingNodeIsNamed() {
    NodeMap trie = new NodeMap();
    SortedMap<Hash32, byte[]> entries = entries(100);
    trie.store(Trie.update(trie, entries));
    trie.nodes.keySet().removeIf(path -> path.length() == 1);
    assertThatThrownBy(() -> Trie.update(trie, entries(3)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("missing at path 0x01");
  }

  @Test
  void walkVisitsEveryNodeAndEntryInOrder() {
    NodeMap trie = new NodeMap();
    SortedMap<Hash32, byte[]> entries = entries(500);
    trie.store(Trie.update(trie, entries));
    NodeMap seen = new NodeMap();
    List<Hash32> keys = new ArrayList<>();
    Trie.walk(
        trie,
        seen.nodes::put,
        (key, value) -> {
          keys.add(key);
          assertThat(value).isEqualTo(entries.get(key));
        });
    assertThat(keys).containsExactlyElementsOf(entries.keySet());
    assertThat(seen.nodes.keySet()).isEqualTo(trie.nodes.keySet());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 127, 128, 129, 200, 256, 257, 1000})
  void orderedRootIsTheRootOverEncodedIndexes(int size) {
    List<byte[]> items = new ArrayList<>();
    SortedMap<byte[], byte[]> entries = new TreeMap<>(Arrays::compareUnsigned);
    for (int i = 0; i < size; i++) {
      byte[] item = new RlpWriter().number(i * 1_000_003L + 1).toBytes();
      items.add(item);
      entries.put(new RlpWriter().number(i).toBytes(), item);
    }
    Hash32 expected = size == 0 ? Account.EMPTY_ROOT : new NodeMap().apply(entries);
    assertThat(Trie.orderedRoot(items)).isEqualTo(expected);
  }

  @Test
  void builderWantsAscendingKeysAndValues() {
    Hash32 one = Hash32.of(0, 0, 0, 1);
    TrieBuilder builder = new TrieBuilder().add(one, new byte[] {1});
    assertThatThrownBy(() -> builder.add(one, new byte[] {1}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.add(Hash32.of(0, 0, 0, 2), new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void pathsReadBackFromTheirBytes() {
    byte[] digits = {1, 2, 3, 4, 5};
    for (int length = 0; length <= 5; length++) {
      NodePath path = NodePath.of(digits, length);
      byte[] embedded = new byte[20];
      System.arraycopy(path.toBytes(), 0, embedded, 3, path.toBytes().length);
      assertThat(NodePath.read(embedded, 3)).isEqualTo(path);
      assertThat(path.length()).isEqualTo(length);
    }
    assertThat(NodePath.of(digits, 5)).hasToString("0x05123450");
  }

  static SortedMap<Hash32, byte[]> entries(int count) {
    SortedMap<Hash32, byte[]> entries = new TreeMap<>();
    Random random = new Random(77);
    for (int i = 0; i < count; i++) {
      byte[] value = new byte[1 + random.nextInt(80)];
      random.nextBytes(value);
      entries.put(
          Hash32.of(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong()),
          value);
    }
    return entries;
  }
}
