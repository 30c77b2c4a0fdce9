package io.semper.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.compiler.DifferentialTest.World;
import io.semper.core.bytes.Hex;
import io.semper.core.crypto.Keccak;
import io.semper.core.fork.Fork;
import io.semper.evm.Halt;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.machine.Regions;
import io.semper.evm.machine.Translator;
import io.semper.evm.state.Code;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What reports lead to, and what is given up for what.
class HotCodeTest {
  private static final ForkRules RULES = ForkRules.of(Fork.OSAKA);

  private static Code code(int number) {
    byte[] bytes = new byte[40];
    Arrays.fill(bytes, (byte) 0x5A); // GAS: some words to have
    bytes[0] = 0x60;
    bytes[1] = (byte) number;
    bytes[2] = 0x61;
    bytes[3] = (byte) (number >>> 16);
    bytes[4] = (byte) (number >>> 8);
    Arrays.fill(bytes, 20, 30, (byte) 0x01);
    return new Code(bytes, Keccak.hash(bytes));
  }

  private static boolean isTranslated(Code code) {
    return isTranslated(code, 0);
  }

  private static boolean isTranslated(Code code, int pc) {
    Regions regions = Regions.of(code, RULES);
    return regions != null && regions.isDecided(pc);
  }

  @Test
  void codeSeenAgainIsTranslated() {
    HotCode hot = new HotCode();
    Code code = code(1);
    for (int i = 1; i < HotCode.SIGHTINGS; i++) {
      report(hot, code, 0);
      assertThat(isTranslated(code)).isFalse();
    }
    report(hot, code, 0);
    assertThat(isTranslated(code)).isTrue();
    assertThat(hot.bytes()).isPositive();
  }

  @Test
  void translationsAreOfOneForksRules() {
    HotCode hot = new HotCode();
    Code code = code(1);
    heat(hot, code);
    assertThat(Regions.of(code, ForkRules.of(Fork.BERLIN))).isNull();
  }

  @Test
  void codeWithoutHashIsNotWatched() {
    HotCode hot = new HotCode();
    heat(hot, new Code(code(1).toBytes(), null));
    assertThat(hot.contracts()).isZero();
  }

  @Test
  void reportsThatFindTheQueueFullAreDropped() {
    HotCode hot = new HotCode();
    for (int i = 0; i < 10 * HotCode.QUEUE; i++) {
      hot.seen(code(i), RULES, 0);
    }
    hot.lookAtAll();
    assertThat(hot.contracts()).isEqualTo(HotCode.QUEUE);
  }

  @Test
  void contractsWatchedAreBounded() {
    HotCode hot = new HotCode();
    for (int i = 0; i < HotCode.MAX_CONTRACTS + 100; i++) {
      hot.seen(code(i), RULES, 0);
      hot.lookAtAll();
    }
    assertThat(hot.contracts()).isEqualTo(HotCode.MAX_CONTRACTS);
    assertThat(Regions.of(code(0), RULES)).isNull();
  }

  @Test
  void theOldestTranslationGoesWhenThereAreTooManyBytes() {
    Code first = code(0);
    HotCode one = new HotCode();
    heat(one, first);
    long each = one.bytes();

    HotCode hot = new HotCode(each * 5 / 2, HotCode.MAX_CODE_BYTES);
    Code[] codes = {code(1), code(2), code(3)};
    for (Code code : codes) {
      heat(hot, code);
    }
    assertThat(isTranslated(codes[0])).isFalse();
    assertThat(isTranslated(codes[1])).isTrue();
    assertThat(isTranslated(codes[2])).isTrue();
    assertThat(hot.bytes()).isLessThanOrEqualTo(each * 5 / 2);
  }

  @Test
  void classesOfOneContractAreBounded() {
    HotCode hot = new HotCode(HotCode.MAX_BYTES, 1);
    Code code = code(1);
    heat(hot, code);
    long first = hot.bytes();
    assertThat(first).isPositive();
    heat(hot, code, 5);
    assertThat(Regions.of(code, RULES).isDecided(5)).isTrue();
    assertThat(hot.bytes()).isEqualTo(first);
  }

  /// What is translated before a loop went round once knows of nothing but its first instructions.
  @ParameterizedTest
  @CsvSource({
    "the start of the loop is too short to be translated, 61 03E8 5B 80 15 6012 57 6001 90 03 5A 50 6003 56 5B 00",
    "the start of the loop is translated, 61 03E8 5B 5A 50 80 15 6012 57 6001 90 03 6003 56 5B 00"
  })
  void aRegionMadeTooEarlyGrows(String name, String program) {
    HotCode hot = new HotCode();
    AtomicInteger jumps = new AtomicInteger();
    run(
        program.replace(" ", ""),
        0,
        (code, pc) -> {
          if (pc == 0) {
            return; // the frame begins
          }
          if (jumps.getAndIncrement() == 0) {
            heat(hot, code, pc);
          }
          report(hot, code, pc);
        });
    assertThat(jumps).hasValueLessThan(10); // of 1,000
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 14, 73})
  void everyJumpOfARegularLoopIsSeen(int jumps) {
    StringBuilder program = new StringBuilder("611FFF5B"); // 8,191 rounds
    for (int i = 1; i < jumps; i++) {
      program.append("61%04X565B".formatted(8 + 5 * (i - 1)));
    }
    program.append("6001900380600357"); // one less, again unless that was the last
    HotCode hot = new HotCode();
    Set<Integer> seen = new HashSet<>();
    run(program.toString(), hot.interval(), (code, pc) -> seen.add(pc));
    seen.remove(0); // the frame begins
    assertThat(seen).hasSize(jumps);
  }

  /// A block too long for one region, whose rest no jump leads to.
  @Test
  void whatLiesBehindARegionIsTranslated() {
    HotCode hot = new HotCode();
    AtomicInteger arrivals = new AtomicInteger();
    int end = 4 + 3 * (Graph.MAX_BLOCK_LENGTH / 2 - 1) + 2; // JUMPDEST, then two for three bytes
    run(
        "6103E85B" + "600150".repeat(350) + "6001900380600357",
        0,
        (code, pc) -> {
          if (pc == end && !isTranslated(code, end)) {
            arrivals.incrementAndGet();
          }
          report(hot, code, pc);
        });
    assertThat(arrivals).hasValue(HotCode.SIGHTINGS); // of 1,000
  }

  /// A block whose last instruction is a PUSH that the code ends within.
  @Test
  void aRegionIsLeftBehindTheEndOfTheCode() {
    HotCode hot = new HotCode();
    List<Integer> seen = new ArrayList<>();
    run(
        "5F50".repeat(Graph.MAX_BLOCK_LENGTH / 2 - 1) + "5F7F",
        0,
        (code, pc) -> {
          seen.add(pc);
          heat(hot, code, pc);
        });
    assertThat(seen).containsExactly(0, Graph.MAX_BLOCK_LENGTH + 32);
  }

  /// A function that was translated without those that call it.
  @Test
  void aRegionReturnsToWhereTheStackSays() {
    HotCode hot = new HotCode();
    Set<Integer> seen = new HashSet<>();
    run(
        "6103E8" + "5B6009601356" + "5B6001900380600357" + "00" + "5B5A505A505A5056",
        0,
        (code, pc) -> {
          seen.add(pc);
          if (pc == 0x13) {
            report(hot, code, pc);
          }
        });
    assertThat(seen).contains(0x13, 0x09).doesNotContain(0x1A); // its JUMP
  }

  private static void run(String program, int interval, BiConsumer<Code, Integer> seen) {
    Translator.install(
        new Translator() {
          @Override
          public int interval() {
            return interval;
          }

          @Override
          public void seen(Code code, ForkRules rules, int pc) {
            seen.accept(code, pc);
          }
        });
    World world = new World(List.of(Hex.decode(program)), new byte[0], Fork.OSAKA);
    try {
      assertThat(DifferentialTest.run(world, 100_000_000).halt()).isEqualTo(Halt.NONE);
    } finally {
      Translator.install(null);
    }
  }

  private static void heat(HotCode hot, Code code) {
    heat(hot, code, 0);
  }

  private static void heat(HotCode hot, Code code, int pc) {
    for (int i = 0; i < HotCode.SIGHTINGS; i++) {
      report(hot, code, pc);
    }
  }

  private static void report(HotCode hot, Code code, int pc) {
    hot.seen(code, RULES, pc);
    hot.lookAtAll();
  }
}
