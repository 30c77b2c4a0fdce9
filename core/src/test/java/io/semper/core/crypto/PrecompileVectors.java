package io.semper.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.fixtures.Fixtures;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// The published precompile vectors, read from the fixtures' `precompiles.tar.xz`.
final class PrecompileVectors {
  private PrecompileVectors() {}

  /// One case; `expected` is null when the contract must fail.
  record Vector(String name, byte[] input, byte[] expected) {}

  /// Checks every vector of the named file; returns how many there were.
  static int check(String file, UnaryOperator<byte[]> precompile) {
    List<Vector> vectors = read(file);
    for (Vector vector : vectors) {
      assertThat(precompile.apply(vector.input()))
          .as("%s: %s", file, vector.name())
          .isEqualTo(vector.expected());
    }
    return vectors.size();
  }

  static List<Vector> read(String file) {
    List<Vector> vectors = new ArrayList<>();
    Fixtures.readJson(
        "precompiles.tar.xz",
        name -> name.endsWith("/" + file + ".json"),
        (name, cases) -> {
          for (JsonNode c : cases) {
            JsonNode expected = c.get("Expected");
            vectors.add(
                new Vector(
                    c.get("Name").asText(),
                    Bytes.hex(c.get("Input").asText()),
                    expected == null ? null : Bytes.hex(expected.asText())));
          }
        });
    return vectors;
  }
}
