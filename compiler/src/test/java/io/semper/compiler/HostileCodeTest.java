package io.semper.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.compiler.DifferentialTest.Seen;
import io.semper.compiler.DifferentialTest.World;
import io.semper.compiler.RegionCompiler.Translation;
import io.semper.core.crypto.Keccak;
import io.semper.core.fork.Fork;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.machine.Translator;
import io.semper.evm.state.Code;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Code written to make translation slow or large: what is looked at and made stays below the
/// bounds, and it does what it does interpreted.
class HostileCodeTest {
  private static final int SIZE = 24_576;
  private static final ForkRules RULES = ForkRules.of(Fork.OSAKA);

  /// Bytes of a class whose method has the longest body there may be.
  private static final int MAX_CLASS_BYTES = 3 * RegionCompiler.MAX_METHOD_BYTES;

  @AfterEach
  void interpretAgain() {
    Translator.install(null);
  }

  private static byte[] shape(Consumer<ByteArrayOutputStream> writer) {
    ByteArrayOutputStream code = new ByteArrayOutputStream();
    writer.accept(code);
    return Arrays.copyOf(code.toByteArray(), Math.min(code.size(), SIZE));
  }

  /// The same instructions over and over.
  private static byte[] repeated(int... opcodes) {
    return shape(code -> {
      while (code.size() < SIZE) {
        for (int opcode : opcodes) {
          code.write(opcode);
        }
      }
    });
  }

  private static void push2(ByteArrayOutputStream code, int value) {
    code.write(0x61);
    code.write(value >>> 8);
    code.write(value);
  }

  private static Map<String, byte[]> shapes() {
    Map<String, byte[]> shapes = new LinkedHashMap<>();
    shapes.put("nothing but JUMPDEST", repeated(0x5B));
    shapes.put("nothing but PUSH0", repeated(0x5F));
    shapes.put("pushed and popped", repeated(0x5F, 0x50));
    shapes.put(
        "nothing but DUP1 after a word",
        shape(code -> {
          code.write(0x5F);
          code.writeBytes(repeated(0x80));
        }));
    shapes.put(
        "swaps of a deep stack",
        shape(code -> {
          for (int i = 0; i < 79; i++) {
            code.write(0x60);
            code.write(i);
          }
          for (int i = 0; code.size() < SIZE; i++) {
            code.write(0x90 + i % 16);
          }
        }));
    shapes.put(
        "a full stack",
        shape(code -> {
          for (int i = 0; i < 1_024; i++) {
            code.write(0x5A);
          }
          while (code.size() < SIZE) {
            code.write(0x01);
          }
        }));
    shapes.put("multiplications of words from below", repeated(0x81, 0x02, 0x5A, 0x18));
    shapes.put("loads from memory", repeated(0x5A, 0x61, 0x03, 0xFF, 0x16, 0x51, 0x50));
    shapes.put("logs", repeated(0x5F, 0x5F, 0x5F, 0x5F, 0x5F, 0x5F, 0xA4));
    shapes.put(
        "a chain of jumps",
        shape(code -> {
          for (int i = 0; code.size() < SIZE - 8; i++) {
            code.write(0x5B);
            push2(code, 5 * (i + 1));
            code.write(0x56);
          }
          code.write(0x5B);
        }));
    shapes.put(
        "branches everywhere",
        shape(code -> {
          for (int i = 0; code.size() < SIZE - 8; i++) {
            code.write(0x5B);
            code.write(0x5A);
            push2(code, 6 * (i * 7_919 % 4_000));
            code.write(0x57);
          }
        }));
    shapes.put(
        "one place with ever other return addresses",
        shape(code -> {
          // 0: jump over the place, which takes an address up and goes there
          push2(code, 6);
          code.write(0x56);
          code.write(0x5B);
          code.write(0x56);
          while (code.size() < SIZE - 16) {
            code.write(0x5B);
            push2(code, code.size() + 6);
            push2(code, 4);
            code.write(0x56);
          }
        }));
    shapes.put(
        "recursion that only pushes",
        shape(code -> {
          code.write(0x5B);
          push2(code, 0);
          push2(code, 0);
          code.write(0x56);
        }));
    shapes.put(
        "exits with everything changed",
        shape(code -> {
          for (int i = 0; i < 70; i++) {
            code.write(0x5A);
          }
          while (code.size() < SIZE - 40) {
            for (int i = 0; i < 16; i++) {
              code.write(0x90 + i);
            }
            code.write(0x5A);
            push2(code, 0);
            code.write(0x57);
            code.write(0xFE);
          }
        }));
    shapes.put(
        "a PUSH32 that the end cuts off", new byte[] {0x5B, 0x5B, 0x5B, 0x5A, 0x5A, 0x01, 0x7F});
    return shapes;
  }

  @TestFactory
  Stream<DynamicTest> shapesStayWithinBounds() {
    return shapes().entrySet().stream()
        .map(shape -> DynamicTest.dynamicTest(shape.getKey(), () -> check(shape.getValue())));
  }

  private static void check(byte[] bytes) {
    Code code = new Code(bytes, Keccak.hash(bytes));
    for (int pc : new int[] {0, bytes.length / 2, bytes.length - 1}) {
      Graph graph = Graph.from(code, RULES, pc, to -> true, Graph.MAX_COST);
      assertThat(graph.blocks).hasSizeLessThanOrEqualTo(Graph.MAX_BLOCKS);
      assertThat(graph.instructions).isLessThan(Graph.MAX_BLOCKS * Graph.MAX_BLOCK_LENGTH / 4);
      assertThat(graph.depth()).isLessThanOrEqualTo(Graph.MAX_DEPTH);
      assertThat(graph.growth).isLessThanOrEqualTo(Graph.MAX_GROWTH);
      Translation made = RegionCompiler.translate(code, RULES, pc, to -> true, 1);
      assertThat(made.bytes()).isLessThan(MAX_CLASS_BYTES);
    }
    World world = new World(List.of(bytes), new byte[0], Fork.OSAKA);
    for (long gas : new long[] {40, 1_000, 60_000, 1_000_000}) {
      Translator.install(null);
      Seen interpreted = DifferentialTest.run(world, gas);
      Translator.install(new EveryCode());
      assertThat(DifferentialTest.run(world, gas)).isEqualTo(interpreted);
    }
  }
}
