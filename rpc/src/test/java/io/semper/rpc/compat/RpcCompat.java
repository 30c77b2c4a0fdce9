package io.semper.rpc.compat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Replays `.io` files of ethereum/execution-apis: lines `>> request` and `<< reply`.
///
/// Replies must be equal as JSON; of errors, code and data count and the message does not. A file
/// with the comment `// speconly:` asks for the reply's shape only: a result where a result is
/// expected, the same kinds of values, and every field.
public final class RpcCompat {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /// Fields that the specification lets a node leave out.
  private static final Set<String> OPTIONAL = Set.of("deleteStrategy");

  private final HttpClient http = HttpClient.newHttpClient();
  private final URI server;

  /// @param server where requests are posted
  public RpcCompat(URI server) {
    this.server = server;
  }

  /// @param file path below the folder
  /// @param problem what differs, `null` where nothing does
  public record Outcome(String file, String problem) {
    public boolean passed() {
      return problem == null;
    }
  }

  /// Replays every wanted file below a folder, in the order of their names.
  ///
  /// @param wanted tells by path below the folder
  public List<Outcome> run(Path folder, Predicate<String> wanted) {
    List<Outcome> outcomes = new ArrayList<>();
    for (String file : files(folder)) {
      if (wanted.test(file)) {
        outcomes.add(new Outcome(file, replay(folder.resolve(file))));
      }
    }
    return outcomes;
  }

  /// Every `.io` file below a folder, sorted.
  public static List<String> files(Path folder) {
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths
          .map(path -> folder.relativize(path).toString())
          .filter(name -> name.endsWith(".io"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String replay(Path file) {
    try {
      List<String> lines = Files.readAllLines(file);
      boolean shapeOnly = lines.stream().anyMatch(line -> line.startsWith("// speconly:"));
      String reply = null;
      for (String line : lines) {
        if (line.startsWith(">>")) {
          reply = post(line.substring(2).strip());
        } else if (line.startsWith("<<")) {
          String problem =
              compare(MAPPER.readTree(line.substring(2)), MAPPER.readTree(reply), shapeOnly);
          if (problem != null) {
            return problem;
          }
        }
      }
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String post(String request) throws IOException {
    try {
      return http.send(
              HttpRequest.newBuilder(server)
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(request))
                  .build(),
              BodyHandlers.ofString())
          .body();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private static String compare(JsonNode expected, JsonNode actual, boolean shapeOnly) {
    if (expected.has("error") != actual.has("error")) {
      return "expected " + cut(expected) + ", got " + cut(actual);
    }
    if (expected.has("error")) {
      JsonNode want = expected.get("error");
      JsonNode got = actual.get("error");
      boolean same =
          want.get("code").equals(got.get("code")) && equal(want.get("data"), got.get("data"));
      return same ? null : "expected error " + cut(want) + ", got " + cut(got);
    }
    return shapeOnly
        ? shape("result", expected.get("result"), actual.get("result"))
        : exact("result", expected.get("result"), actual.get("result"));
  }

  private static boolean equal(JsonNode a, JsonNode b) {
    return a == null ? b == null : a.equals(b);
  }

  private static String exact(String at, JsonNode want, JsonNode got) {
    if (want.isObject() && got.isObject()) {
      for (Map.Entry<String, JsonNode> field : want.properties()) {
        String name = at + "." + field.getKey();
        if (!got.has(field.getKey())) return name + " is missing";
        String problem = exact(name, field.getValue(), got.get(field.getKey()));
        if (problem != null) return problem;
      }
      for (Map.Entry<String, JsonNode> field : got.properties()) {
        if (!want.has(field.getKey())) return at + "." + field.getKey() + " is not expected";
      }
      return null;
    }
    if (want.isArray() && got.isArray() && want.size() == got.size()) {
      for (int i = 0; i < want.size(); i++) {
        String problem = exact(at + "[" + i + "]", want.get(i), got.get(i));
        if (problem != null) return problem;
      }
      return null;
    }
    return want.equals(got) ? null : at + ": expected " + cut(want) + ", got " + cut(got);
  }

  private static String shape(String at, JsonNode want, JsonNode got) {
    if (want.getNodeType() != got.getNodeType()) {
      return at + ": expected something like " + cut(want) + ", got " + cut(got);
    }
    if (want.isTextual() && want.textValue().startsWith("0x") != got.textValue().startsWith("0x")) {
      return at + ": expected something like " + cut(want) + ", got " + cut(got);
    }
    if (want.isArray() && !want.isEmpty() && !got.isEmpty()) {
      return shape(at + "[0]", want.get(0), got.get(0));
    }
    if (want.isObject()) {
      for (Map.Entry<String, JsonNode> field : want.properties()) {
        String name = at + "." + field.getKey();
        // Keys that are addresses or nonces depend on what else is in the pool.
        boolean data = field.getKey().startsWith("0x") || field.getKey().matches("[0-9]+");
        if (got.has(field.getKey())) {
          String problem = shape(name, field.getValue(), got.get(field.getKey()));
          if (problem != null) return problem;
        } else if (!data && !OPTIONAL.contains(field.getKey())) {
          return name + " is missing";
        }
      }
    }
    return null;
  }

  private static String cut(JsonNode node) {
    String text = node.toString();
    return text.length() > 300 ? text.substring(0, 300) + "…" : text;
  }
}
