package io.semper.evm.precompile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hex;
import io.semper.core.fixtures.Fixtures;
import io.semper.core.fork.Fork;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Outputs, gas and refusals of every precompile against go-ethereum's vectors.
class PrecompileVectorsTest {
  /// Which contract a file is about, under which prices, and how many vectors it holds.
  private record Vectors(int number, Fork fork, int count) {}

  private static final Map<String, Vectors> FILES =
      Map.ofEntries(
          Map.entry("ecRecover", new Vectors(1, Fork.FRONTIER, 5)),
          Map.entry("modexp", new Vectors(5, Fork.BYZANTIUM, 17)),
          Map.entry("modexp_eip2565", new Vectors(5, Fork.BERLIN, 47)),
          Map.entry("modexp_eip7883", new Vectors(5, Fork.OSAKA, 45)),
          Map.entry("bn256Add", new Vectors(6, Fork.ISTANBUL, 16)),
          Map.entry("bn256ScalarMul", new Vectors(7, Fork.ISTANBUL, 19)),
          Map.entry("bn256Pairing", new Vectors(8, Fork.ISTANBUL, 14)),
          Map.entry("blake2F", new Vectors(9, Fork.ISTANBUL, 5)),
          Map.entry("fail-blake2f", new Vectors(9, Fork.ISTANBUL, 4)),
          Map.entry("pointEvaluation", new Vectors(0x0a, Fork.CANCUN, 1)),
          Map.entry("blsG1Add", new Vectors(0x0b, Fork.PRAGUE, 112)),
          Map.entry("blsG1Mul", new Vectors(0x0c, Fork.PRAGUE, 11)),
          Map.entry("blsG1MultiExp", new Vectors(0x0c, Fork.PRAGUE, 154)),
          Map.entry("blsG2Add", new Vectors(0x0d, Fork.PRAGUE, 112)),
          Map.entry("blsG2Mul", new Vectors(0x0e, Fork.PRAGUE, 11)),
          Map.entry("blsG2MultiExp", new Vectors(0x0e, Fork.PRAGUE, 153)),
          Map.entry("blsPairing", new Vectors(0x0f, Fork.PRAGUE, 106)),
          Map.entry("blsMapG1", new Vectors(0x10, Fork.PRAGUE, 105)),
          Map.entry("blsMapG2", new Vectors(0x11, Fork.PRAGUE, 105)),
          Map.entry("fail-blsG1Add", new Vectors(0x0b, Fork.PRAGUE, 6)),
          Map.entry("fail-blsG1Mul", new Vectors(0x0c, Fork.PRAGUE, 7)),
          Map.entry("fail-blsG1MultiExp", new Vectors(0x0c, Fork.PRAGUE, 7)),
          Map.entry("fail-blsG2Add", new Vectors(0x0d, Fork.PRAGUE, 6)),
          Map.entry("fail-blsG2Mul", new Vectors(0x0e, Fork.PRAGUE, 7)),
          Map.entry("fail-blsG2MultiExp", new Vectors(0x0e, Fork.PRAGUE, 7)),
          Map.entry("fail-blsPairing", new Vectors(0x0f, Fork.PRAGUE, 9)),
          Map.entry("fail-blsMapG1", new Vectors(0x10, Fork.PRAGUE, 5)),
          Map.entry("fail-blsMapG2", new Vectors(0x11, Fork.PRAGUE, 5)),
          Map.entry("p256Verify", new Vectors(0x100, Fork.OSAKA, 782)));

  @Test
  void everyVectorGivesItsOutputForItsGas() {
    Map<String, Integer> counts = new TreeMap<>();
    Fixtures.readJson(
        "precompiles.tar.xz",
        name -> FILES.containsKey(kind(name)),
        (name, vectors) -> {
          Vectors about = FILES.get(kind(name));
          Precompile precompile = Precompiles.at(about.fork(), Address.of(about.number()));
          assertThat(precompile).as(name).isNotNull();
          for (JsonNode vector : vectors) {
            check(kind(name) + ": " + vector.get("Name").asText(), precompile, about, vector);
            counts.merge(kind(name), 1, Integer::sum);
          }
        });
    Map<String, Integer> expected = new TreeMap<>();
    FILES.forEach((kind, about) -> expected.put(kind, about.count()));
    assertThat(counts).isEqualTo(expected);
  }

  private static void check(String name, Precompile precompile, Vectors about, JsonNode vector) {
    byte[] input = Hex.decode(vector.get("Input").asText());
    byte[] before = input.clone();
    if (vector.has("ExpectedError")) {
      assertThat(precompile.run(input)).as(name).isNull();
      return;
    }
    assertThat(precompile.gas(input, about.fork()))
        .as("gas of " + name)
        .isEqualTo(vector.get("Gas").asLong());
    assertThat(precompile.run(input))
        .as(name)
        .isEqualTo(Hex.decode(vector.get("Expected").asText()));
    assertThat(input).as("input of " + name).isEqualTo(before);
  }

  /// `core/vm/testdata/precompiles/blsG1Add.json` is about `blsG1Add`.
  private static String kind(String path) {
    return path.substring(path.lastIndexOf('/') + 1, path.length() - ".json".length());
  }
}
