package io.semper.node.spec;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// `evm t8n` writes what go-ethereum's does, to the byte: the expected files are its output for
/// transactions of every kind, four of which it refuses, in a block of Osaka with requests.
class TransitionCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  private record Run(int exitCode, String out, String err) {}

  @BeforeEach
  void copyInputs() throws IOException {
    for (String name : new String[] {"alloc", "env", "txs"}) {
      Files.writeString(folder.resolve(name + ".json"), resource("t8n-" + name + ".json"));
    }
  }

  private Run run(String input, String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("t8n"));
    if (Stream.of(more).noneMatch("--state.fork"::equals)) {
      arguments.addAll(List.of("--state.fork", "Osaka"));
    }
    arguments.addAll(List.of("--output.basedir", folder.resolve("out").toString()));
    for (String name : new String[] {"alloc", "env", "txs"}) {
      String option = "--input." + name;
      if (Stream.of(more).noneMatch(option::equals)) {
        arguments.addAll(List.of(option, folder.resolve(name + ".json").toString()));
      }
    }
    arguments.addAll(List.of(more));
    InputStream in = System.in;
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    try {
      System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
      System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
      int exitCode = new CommandLine(new EvmCommand()).execute(arguments.toArray(String[]::new));
      return new Run(
          exitCode,
          outBytes.toString(StandardCharsets.UTF_8),
          errBytes.toString(StandardCharsets.UTF_8));
    } finally {
      System.setIn(in);
      System.setOut(out);
      System.setErr(err);
    }
  }

  private String output(String name) throws IOException {
    return Files.readString(folder.resolve("out").resolve(name));
  }

  @Test
  void writesTheFilesOfGoEthereum() throws IOException {
    Run run = run("", "--output.body", "body.txt", "--opcode.count", "opcodes.json", "--trace");
    assertThat(run).isEqualTo(new Run(0, "", ""));
    assertThat(output("result.json")).isEqualTo(resource("t8n-result.json"));
    assertThat(output("alloc.json")).isEqualTo(resource("t8n-post.json"));
    assertThat(output("body.txt")).isEqualTo(resource("t8n-body.txt"));
    assertThat(output("opcodes.json")).isEqualTo(resource("t8n-opcodes.json"));
    try (Stream<Path> files = Files.list(folder.resolve("out"))) {
      List<Path> traces = files.filter(f -> f.toString().endsWith(".jsonl")).sorted().toList();
      // One for each transaction, also for those refused.
      assertThat(traces).hasSize(9);
      assertThat(Files.readString(traces.getFirst())).isEqualTo(resource("t8n-trace.jsonl"));
    }
  }

  @Test
  void readsAndWritesStandardStreams() throws IOException {
    ObjectNode input = JSON.createObjectNode();
    for (String name : new String[] {"alloc", "env", "txs"}) {
      input.set(name, JSON.readTree(resource("t8n-" + name + ".json")));
    }
    Run run =
        run(
            input.toString(),
            "--input.alloc",
            "stdin",
            "--input.env",
            "stdin",
            "--input.txs",
            "stdin",
            "--output.alloc",
            "stdout",
            "--output.result",
            "stdout",
            "--output.body",
            "stdout");
    assertThat(run.exitCode()).isZero();
    JsonNode out = JSON.readTree(run.out());
    assertThat(out.get("result")).isEqualTo(JSON.readTree(resource("t8n-result.json")));
    assertThat(out.get("alloc")).isEqualTo(JSON.readTree(resource("t8n-post.json")));
    assertThat(out.get("body")).isEqualTo(JSON.readTree(resource("t8n-body.txt")));
  }

  @Test
  void takesTheBodyBackAsInput() throws IOException {
    Files.writeString(folder.resolve("txs.rlp"), resource("t8n-body.txt"));
    Run run = run("", "--input.txs", folder.resolve("txs.rlp").toString());
    assertThat(run.exitCode()).isZero();
    ObjectNode expected = (ObjectNode) JSON.readTree(resource("t8n-result.json"));
    expected.remove("rejected");
    assertThat(JSON.readTree(output("result.json"))).isEqualTo(expected);
    assertThat(output("alloc.json")).isEqualTo(resource("t8n-post.json"));
  }

  @Test
  void saysWhatIsMissingWithGoEthereumsExitCodes() throws IOException {
    JsonNode env = JSON.readTree(resource("t8n-env.json"));
    assertFailsWithout(env, "currentRandom", 3, "post-merge requires currentRandom");
    assertFailsWithout(env, "withdrawals", 3, "missing 'withdrawals' in env section");
    assertFailsWithout(env, "parentBaseFee", 3, "missing 'parentBaseFee' in env section");
    assertFailsWithout(env, "parentBeaconBlockRoot", 3, "requires parentBeaconBlockRoot");
    assertFailsWithout(env, "currentNumber", 10, "missing required field 'currentNumber'");
    copyInputs();
    Run fork = run("", "--state.fork", "Nowhere");
    assertThat(fork.exitCode()).isEqualTo(3);
    assertThat(fork.err()).contains("unsupported fork \"Nowhere\"");
    Run file = run("", "--input.txs", folder.resolve("none.json").toString());
    assertThat(file.exitCode()).isEqualTo(11);
    assertThat(file.err()).startsWith("ERROR(11): failed reading txs-file");
  }

  private void assertFailsWithout(JsonNode env, String field, int code, String message)
      throws IOException {
    ObjectNode fewer = env.deepCopy();
    fewer.remove(field);
    Files.writeString(folder.resolve("env.json"), fewer.toString());
    Run run = run("");
    assertThat(run.exitCode()).as(field).isEqualTo(code);
    assertThat(run.err()).startsWith("ERROR(" + code + "): ").contains(message);
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = TransitionCommandTest.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void writesWhatANamedTracerSays() throws IOException {
    Run run = run("", "--trace.tracer", "callTracer", "--trace.jsonconfig", "{\"withLog\":true}");
    assertThat(run.exitCode()).as(run.err()).isZero();
    int calls = 0;
    int empty = 0;
    for (Path file : files(".json", "trace-")) {
      String text = Files.readString(file);
      if (text.isEmpty()) {
        empty++; // refused
        continue;
      }
      calls++;
      assertThat(text).endsWith("}\n");
      assertThat(JSON.readTree(text).path("type").textValue()).isIn("CALL", "CREATE");
      assertThat(JSON.readTree(text).has("gasUsed")).isTrue();
    }
    JsonNode result = JSON.readTree(output("result.json"));
    assertThat(calls).isEqualTo(result.path("receipts").size()).isPositive();
    assertThat(empty).isPositive();
    for (String[] wrong : new String[][] {{"nopeTracer", "{}"}, {"callTracer", "{"}}) {
      run = run("", "--trace.tracer", wrong[0], "--trace.jsonconfig", wrong[1]);
      assertThat(run.exitCode()).isEqualTo(3);
      assertThat(run.err()).contains("failed instantiating tracer: ");
    }
  }

  @Test
  void tracesCallsThatBegin() throws IOException {
    Run run = run("", "--trace", "--trace.callframes");
    assertThat(run.exitCode()).as(run.err()).isZero();
    List<Path> files = files(".jsonl", "trace-");
    assertThat(files).isNotEmpty();
    int frames = 0;
    for (Path file : files) {
      List<String> lines = Files.readAllLines(file);
      frames += lines.size();
      if (!lines.isEmpty()) {
        JsonNode first = JSON.readTree(lines.getFirst());
        assertThat(first.path("type").textValue()).isIn("CALL", "CREATE");
        assertThat(first.path("from").textValue()).startsWith("0x").hasSize(42);
      }
    }
    assertThat(frames).isPositive();
  }

  private List<Path> files(String suffix, String prefix) throws IOException {
    try (Stream<Path> all = Files.list(folder.resolve("out"))) {
      return all.filter(
              file -> {
                String name = file.getFileName().toString();
                return name.startsWith(prefix) && name.endsWith(suffix);
              })
          .sorted()
          .toList();
    }
  }
}
