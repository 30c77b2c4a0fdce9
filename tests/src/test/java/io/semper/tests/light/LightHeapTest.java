package io.semper.tests.light;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a light client holds on to after many questions, and takes at most while nodes send all
/// they can. `semper.light.heapQueries` and `semper.light.bombedQueries` ask more.
class LightHeapTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int QUERIES = Integer.getInteger("semper.light.heapQueries", 1_000);
  private static final int BOMBED = Integer.getInteger("semper.light.bombedQueries", 150);
  private static final long MAX_BYTES = 32L << 20;
  private static final int LIARS = 5;
  private static final long MAX_MINUTES = 30;

  /// Fewer would mean that those who send them were hardly asked.
  private static final int MIN_BOMBS = 75;

  /// Less would mean that the client was let go before it was weighed.
  private static final long MIN_BYTES = 100_000;

  @Test
  void aClientThatHasAnsweredManyQuestionsIsSmall() throws Exception {
    try (SealedNetwork network = new SealedNetwork(4)) {
      LivelyChain chain = new LivelyChain(network, LightFigures.BLOCKS, 1);
      URI full = network.serve();
      // What tests before this one left behind may grow or go meanwhile.
      long held =
          LongStream.generate(() -> LightFigures.held(network, chain, full, QUERIES))
              .limit(3)
              .sorted()
              .skip(1)
              .findFirst()
              .orElseThrow();
      System.out.printf("held after %d queries: %.1f MB%n", QUERIES, held / 1e6);
      assertThat(held).isBetween(MIN_BYTES, MAX_BYTES);
    }
  }

  /// A process with no more heap than the client's limits say replies may take, and what it may
  /// hold, answers everything right before one honest node and five that answer with bombs.
  @ParameterizedTest
  @EnumSource
  void bombsOfFiveNodesFitIntoTheHeapThatTheLimitsSay(BombingNode.Most most, @TempDir Path folder)
      throws Exception {
    List<BombingNode> nodes = new ArrayList<>();
    try (SealedNetwork network = new SealedNetwork(4)) {
      LivelyChain chain = new LivelyChain(network, 40, 1);
      URI full = network.serve();
      Path genesis = Files.write(folder.resolve("genesis"), network.genesis());
      List<String> questions = new ArrayList<>();
      List<JsonNode> right = new ArrayList<>();
      ask(new Queries(network, chain, 1), full, questions, right);
      Path file = Files.write(folder.resolve("questions"), questions);
      long heap = LightProcess.LIMITS.heapBytes(LIARS + 1) + MAX_BYTES;
      List<String> command = java(heap);
      command.addAll(List.of(genesis.toString(), file.toString()));
      for (int i = 0; i < LIARS; i++) {
        nodes.add(new BombingNode(full, LightProcess.LIMITS.replyBytes(), most));
      }
      nodes.add(BombingNode.slowAndHonest(full));
      nodes.forEach(each -> command.add(each.url().toString()));
      Path out = folder.resolve("answers");
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(out.toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      try {
        assertThat(process.waitFor(MAX_MINUTES, TimeUnit.MINUTES)).as("ends").isTrue();
        assertThat(process.exitValue()).as("exit code, 3 where the heap was too small").isZero();
      } finally {
        process.destroyForcibly();
      }
      int bombs = nodes.stream().mapToInt(BombingNode::sent).sum();
      System.out.printf(
          "%d questions and %d bombs, most of %s, within %.1f MB of heap%n",
          BOMBED, bombs, most, heap / 1e6);
      List<String> answers = Files.readAllLines(out);
      assertThat(answers).hasSameSizeAs(right);
      for (int i = 0; i < answers.size(); i++) {
        String said = answers.get(i);
        assertThat(said).as(questions.get(i)).doesNotStartWith(LightRpc.ERROR);
        assertThat(JSON.readTree(said)).as(questions.get(i)).isEqualTo(right.get(i));
      }
      assertThat(bombs).isGreaterThan(MIN_BOMBS);
    } finally {
      nodes.forEach(BombingNode::close);
    }
  }

  private static List<String> java(long heap) {
    return new ArrayList<>(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx" + (heap >> 10) + "k",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            LightProcess.class.getName()));
  }

  /// Questions with answers that can be proven.
  private static void ask(Queries queries, URI full, List<String> questions, List<JsonNode> right) {
    for (int i = 0; questions.size() < BOMBED; i++) {
      Queries.Query query = queries.next(i % queries.kinds());
      JsonNode result = JsonRpc.reply(full, query.method(), query.params()).path("result");
      boolean none = result.isNull() || result.asText().equals("0x");
      if (!result.isMissingNode() && !none) {
        questions.add(query.method() + " " + query.params());
        right.add(result);
      }
    }
  }
}
