package io.semper.lightclient;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.semper.core.fixtures.Fixtures;
import io.semper.lightclient.upstream.UpstreamLimits;
import io.semper.lightclient.upstream.UpstreamPool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/// What a mainnet node once answered, and a node that answers so.
final class RecordedAnswers {
  private static final ObjectMapper JSON = new ObjectMapper();

  private RecordedAnswers() {}

  /// The JSON files of an archive whose names match, by their names without folder and suffix.
  static Map<String, JsonNode> read(String archive, String names) {
    Map<String, JsonNode> files = new TreeMap<>();
    Fixtures.readArchive(
        archive,
        name -> name.matches(names),
        (name, content) -> {
          try {
            files.put(name.replaceAll(".*/|\\.json", ""), JSON.readTree(content));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    return files;
  }

  /// One node.
  static UpstreamPool node(Function<JsonNode, ObjectNode> answer) {
    return new UpstreamPool(
        List.of(URI.create("http://mainnet.invalid")),
        (url, body, allowance, timeout) -> {
          JsonNode request = JSON.readTree(body);
          if (!request.isArray()) {
            return JSON.writeValueAsBytes(answer.apply(request));
          }
          ArrayNode all = JSON.createArrayNode();
          request.forEach(each -> all.add(answer.apply(each)));
          return JSON.writeValueAsBytes(all);
        },
        UpstreamLimits.DEFAULT,
        new AtomicInteger()::incrementAndGet,
        lie -> {});
  }
}
