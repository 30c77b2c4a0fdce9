package io.semper.core.trie;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.crypto.Keccak;
import io.semper.core.fixtures.Fixtures;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// The official TrieTests, through the builder and through updates of stored nodes.
class TrieVectorsTest {
  private static final int ORDERS = 20;

  private final Random random = new Random(1);
  private int cases;

  record Step(byte[] key, byte[] value) {}

  @Test
  void everyRootThroughBuilderAndUpdates() {
    Fixtures.readJson(
        "ethereum-tests-state.tar.xz",
        name -> name.contains("TrieTests/") && !name.contains("nextprev"),
        (file, content) -> {
          boolean secure = file.toLowerCase(Locale.ROOT).contains("secure");
          for (var test : content.properties()) {
            cases++;
            check(
                file + " " + test.getKey(),
                steps(test.getValue().get("in"), secure),
                Hash32.of(test.getValue().get("root").asText()),
                file.contains("anyorder"));
          }
        });
    assertThat(cases).isEqualTo(25);
  }

  private void check(String name, List<Step> steps, Hash32 root, boolean anyOrder) {
    SortedMap<byte[], byte[]> entries = new TreeMap<>(Arrays::compareUnsigned);
    for (Step step : steps) {
      if (step.value == null) {
        entries.remove(step.key);
      } else {
        entries.put(step.key, step.value);
      }
    }
    TrieBuilder builder = new TrieBuilder();
    entries.forEach(builder::add);
    assertThat(builder.root()).as(name).isEqualTo(root);

    NodeMap oneByOne = new NodeMap();
    Hash32 last = null;
    for (Step step : steps) last = oneByOne.apply(changes(List.of(step)));
    assertThat(last).as(name).isEqualTo(root);

    for (int order = 0; order < ORDERS; order++) {
      List<Step> shuffled = new ArrayList<>();
      if (anyOrder) {
        shuffled.addAll(steps);
      } else {
        entries.forEach((k, v) -> shuffled.add(new Step(k, v)));
      }
      Collections.shuffle(shuffled, random);
      NodeMap trie = new NodeMap();
      for (int at = 0; at < shuffled.size(); ) {
        int end = Math.min(shuffled.size(), at + 1 + random.nextInt(4));
        last = trie.apply(changes(shuffled.subList(at, end)));
        // Adding and removing other keys in between leaves no trace.
        Step other = new Step(Keccak.hashBytes(new byte[] {(byte) at}), new byte[] {1});
        trie.apply(changes(List.of(other)));
        Hash32 back = trie.apply(changes(List.of(new Step(other.key, null))));
        assertThat(back).as(name).isEqualTo(last);
        at = end;
      }
      assertThat(last).as(name).isEqualTo(root);
    }
  }

  private static SortedMap<byte[], byte[]> changes(List<Step> steps) {
    SortedMap<byte[], byte[]> changes = new TreeMap<>(Arrays::compareUnsigned);
    for (Step step : steps) changes.put(step.key, step.value);
    return changes;
  }

  private static List<Step> steps(JsonNode in, boolean secure) {
    List<Step> steps = new ArrayList<>();
    if (in.isArray()) {
      for (JsonNode pair : in) steps.add(step(pair.get(0).asText(), pair.get(1), secure));
    } else {
      for (var e : in.properties()) steps.add(step(e.getKey(), e.getValue(), secure));
    }
    return steps;
  }

  private static Step step(String key, JsonNode value, boolean secure) {
    byte[] k = text(key);
    return new Step(secure ? Keccak.hashBytes(k) : k, value.isNull() ? null : text(value.asText()));
  }

  private static byte[] text(String s) {
    return s.startsWith("0x") ? Hex.decode(s) : s.getBytes(StandardCharsets.UTF_8);
  }
}
