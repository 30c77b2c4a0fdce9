package io.semper.chain.block;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.fixtures.Fixtures;
import io.semper.core.fork.Fork;
import io.semper.core.types.Header;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DifficultyTest {
  private static final Map<String, Fork> FORKS =
      Map.of(
          "Frontier", Fork.FRONTIER,
          "Homestead", Fork.HOMESTEAD,
          "Byzantium", Fork.BYZANTIUM,
          "Constantinople", Fork.CONSTANTINOPLE,
          "Berlin", Fork.BERLIN,
          "ArrowGlacier", Fork.ARROW_GLACIER,
          "GrayGlacier", Fork.GRAY_GLACIER);

  @Test
  void official_vectors() {
    int[] cases = {0};
    Fixtures.readJson(
        "ethereum-tests-state.tar.xz",
        name -> name.startsWith("DifficultyTests/"),
        (name, file) -> {
          for (JsonNode test : file) {
            test.properties().stream()
                .filter(group -> !group.getKey().startsWith("_"))
                .forEach(group ->
                    group
                        .getValue()
                        .properties()
                        .forEach(one -> {
                          check(one.getKey(), FORKS.get(group.getKey()), one.getValue());
                          cases[0]++;
                        }));
          }
        });
    System.out.println("difficulty: " + cases[0] + " official cases");
    assertThat(cases[0]).isEqualTo(18_598);
  }

  private static void check(String name, Fork fork, JsonNode test) {
    boolean ommers = !number(test, "parentUncles").isZero();
    Header parent =
        Header.builder()
            .number(number(test, "currentBlockNumber").limb0() - 1)
            .timestamp(number(test, "parentTimestamp").limb0())
            .difficulty(number(test, "parentDifficulty"))
            .ommersHash(ommers ? Hash32.ZERO : Header.NO_OMMERS)
            .build();
    UInt256 next = Difficulty.next(parent, number(test, "currentTimestamp").limb0(), fork);
    assertThat(next).as(name).isEqualTo(number(test, "currentDifficulty"));
  }

  private static UInt256 number(JsonNode test, String field) {
    return UInt256.ofHex(test.get(field).textValue());
  }

  @Test
  void proof_of_stake_has_none() {
    Header parent = Header.builder().number(20_000_000).difficulty(UInt256.of(131_072)).build();
    for (Fork fork : Fork.values()) {
      assertThat(Difficulty.next(parent, 9, fork).isZero()).isEqualTo(fork.atLeast(Fork.PARIS));
    }
  }

  @Test
  void the_bomb_never_exceeds_256_bits() {
    Header parent = Header.builder().number(Long.MAX_VALUE - 1).difficulty(UInt256.MAX).build();
    assertThat(Difficulty.next(parent, 1, Fork.FRONTIER)).isEqualTo(UInt256.MAX);
  }
}
