package io.semper.tests.light;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/// What can be changed in a reply: every field and item dropped, emptied, made `null` or another
/// type, doubled, reversed, exchanged with its neighbour, cut, made longer, any digit flipped; and
/// the bytes as a whole.
final class Mutations {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final int FLIPS_PER_VALUE = 3;
  private static final int FLIPS_PER_REPLY = 10;

  private Mutations() {}

  /// Keeps some of what it is offered, each with the same chance, and makes only those.
  private static final class Sample {
    private final List<Mutant> kept = new ArrayList<>();
    private final int size;
    private final Random random;
    private int offered;

    private Sample(int size, Random random) {
      this.size = size;
      this.random = random;
    }

    private void offer(Supplier<Mutant> mutant) {
      offered++;
      if (kept.size() < size) {
        kept.add(mutant.get());
      } else if (random.nextInt(offered) < size) {
        kept.set(random.nextInt(size), mutant.get());
      }
    }
  }

  /// @param what for messages
  record Mutant(String what, byte[] reply) {}

  /// So many of all changes, chosen at random.
  static List<Mutant> some(byte[] reply, int count, Random random) {
    Sample mutants = new Sample(count, random);
    JsonNode root = parse(reply);
    paths(root, "", mutants, root, random);
    for (int i = 0; i < FLIPS_PER_REPLY; i++) {
      byte[] changed = reply.clone();
      int at = random.nextInt(changed.length);
      changed[at] ^= (byte) (1 << random.nextInt(7));
      mutants.offer(() -> new Mutant("byte " + at + " flipped", changed));
    }
    mutants.offer(() -> new Mutant("cut", Arrays.copyOf(reply, reply.length / 2)));
    mutants.offer(() -> new Mutant("empty", new byte[0]));
    mutants.offer(
        () -> new Mutant("nested", "[".repeat(100_000).getBytes(StandardCharsets.US_ASCII)));
    mutants.offer(() ->
        new Mutant(
            "error",
            "{\"jsonrpc\":\"2.0\",\"id\":0,\"error\":{\"code\":-32000,\"message\":\"no\"}}"
                .getBytes(StandardCharsets.US_ASCII)));
    return mutants.kept;
  }

  private static JsonNode parse(byte[] reply) {
    try {
      return JSON.readTree(reply);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void paths(
      JsonNode node, String path, Sample mutants, JsonNode root, Random random) {
    if (node instanceof ObjectNode object) {
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      for (int i = 0; i < names.size(); i++) {
        String name = names.get(i);
        String at = path + "/" + name;
        JsonNode value = object.get(name);
        for (JsonNode other :
            others(value, object.get(names.get((i + 1) % names.size())), random)) {
          object.set(name, other);
          add(at, other, mutants, root);
        }
        object.remove(name);
        add(at, null, mutants, root);
        object.set(name, value);
        paths(value, at, mutants, root, random);
      }
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        String at = path + "/" + i;
        JsonNode value = array.get(i);
        for (JsonNode other : others(value, array.get((i + 1) % array.size()), random)) {
          array.set(i, other);
          add(at, other, mutants, root);
        }
        array.remove(i);
        add(at, null, mutants, root);
        array.insert(i, value);
        paths(value, at, mutants, root, random);
      }
    }
  }

  private static void add(String at, JsonNode now, Sample mutants, JsonNode root) {
    String shown = now == null ? "dropped" : now.toString();
    mutants.offer(() ->
        new Mutant(
            at + " " + shown.substring(0, Math.min(60, shown.length())),
            root.toString().getBytes(StandardCharsets.UTF_8)));
  }

  private static List<JsonNode> others(JsonNode value, JsonNode neighbour, Random random) {
    List<JsonNode> others = new ArrayList<>();
    others.add(NODES.nullNode());
    others.add(NODES.numberNode(7));
    others.add(NODES.textNode("0x"));
    others.add(neighbour.deepCopy());
    if (value instanceof ArrayNode array) {
      others.add(NODES.arrayNode());
      if (!array.isEmpty()) {
        ArrayNode twice = array.deepCopy();
        twice.add(array.get(0).deepCopy());
        others.add(twice);
        ArrayNode reversed = NODES.arrayNode();
        for (int i = array.size() - 1; i >= 0; i--) {
          reversed.add(array.get(i).deepCopy());
        }
        others.add(reversed);
      }
    } else if (value.isTextual()) {
      String text = value.textValue();
      others.add(NODES.textNode(text + "00"));
      others.add(NODES.textNode(text + "0".repeat(20_000)));
      if (text.length() > 4) {
        others.add(NODES.textNode(text.substring(0, text.length() - 2)));
      }
      for (int i = 0; i < FLIPS_PER_VALUE && text.length() > 2; i++) {
        char[] digits = text.toCharArray();
        int at = 2 + random.nextInt(digits.length - 2);
        digits[at] = digits[at] == '1' ? '2' : '1';
        others.add(NODES.textNode(new String(digits)));
      }
    }
    others.removeIf(value::equals);
    return others;
  }
}
