package io.semper.node.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// `evm statetest` prints what go-ethereum's does, to the byte: the expected files are its output
/// for a test with one case that passes and one whose transaction it refuses.
class EvmCommandTest {
  @TempDir private Path folder;
  private Path fixture;

  private record Run(int exitCode, String out, String err) {}

  @BeforeEach
  void copyFixture() throws IOException {
    fixture = folder.resolve("sum.json");
    Files.writeString(fixture, resource("sum.json"));
    Files.writeString(folder.resolve("notes.txt"), "no test");
  }

  @Test
  void printsResultsAndRoots() throws IOException {
    Run run = run("", "statetest", fixture.toString());
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).isEqualTo(resource("sum.out"));
    assertThat(run.err().lines()).allMatch(line -> line.startsWith("{\"stateRoot\": \"0x"));
  }

  @Test
  void takesAllTestsOfAFolder() throws IOException {
    assertThat(run("", "statetest", folder.toString()).out()).isEqualTo(resource("sum.out"));
  }

  @Test
  void takesFileNamesFromStandardInput() throws IOException {
    Run run = run(fixture + "\n" + fixture + "\n\nnot read\n", "statetest");
    assertThat(run.out()).isEqualTo(resource("sum.out") + resource("sum.out"));
  }

  @Test
  void tracesOnStandardError() throws IOException {
    String expected = resource("sum.trace");
    assertThat(run("", "--json", "statetest", fixture.toString()).err()).isEqualTo(expected);
    assertThat(run("", "statetest", "--trace", fixture.toString()).err()).isEqualTo(expected);
  }

  @Test
  void tracesWithTheOptionsThatFuzzersSet() throws IOException {
    Run run =
        run(
            "",
            "statetest",
            "--trace",
            "--trace.format=json",
            "--trace.nomemory=true",
            "--trace.noreturndata=true",
            fixture.toString());
    assertThat(run.err()).isEqualTo(resource("sum.trace"));
  }

  @Test
  void leavesTheStackOutWhereAsked() throws IOException {
    Run run = run("", "statetest", "--trace", "--nostack", fixture.toString());
    assertThat(run.err().lines().findFirst())
        .hasValue(
            "{\"pc\":0,\"op\":96,\"gas\":\"0x13498\",\"gasCost\":\"0x3\",\"memSize\":0,"
                + "\"stack\":null,\"depth\":1,\"refund\":0,\"opName\":\"PUSH1\"}");
  }

  @Test
  void picksByNameForkAndIndex() throws IOException {
    String file = fixture.toString();
    assertThat(run("", "statetest", "--run", "nothing", file).out()).isEqualTo("null\n");
    assertThat(run("", "statetest", "--statetest.fork", "Prague", file).out()).isEqualTo("null\n");
    assertThat(run("", "statetest", "--statetest.index", "1", file).out())
        .contains("intrinsic gas too low: have 21000, want 21032")
        .doesNotContain("\"pass\": true");
  }

  @Test
  void printsForPeople() throws IOException {
    assertThat(run("", "statetest", "--human", fixture.toString()).out())
        .endsWith("--\n1 tests passed, 1 tests failed.\n");
  }

  @Test
  void namesTheFileThatCannotBeRead() throws IOException {
    Run missing = run("", "statetest", folder.resolve("missing.json").toString());
    assertThat(missing.exitCode()).isEqualTo(1);
    assertThat(missing.err()).contains("missing.json");
    Files.writeString(fixture, "{\"a\": {\"env\": {\"currentNumber\": \"seven\"}}}");
    Run broken = run("", "statetest", fixture.toString());
    assertThat(broken.exitCode()).isEqualTo(1);
    assertThat(broken.err()).contains("sum.json").contains("expected a number, found \"seven\"");
  }

  private static Run run(String input, String... arguments) throws IOException {
    InputStream in = System.in;
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    try {
      System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
      System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
      int exitCode = new CommandLine(new EvmCommand()).execute(arguments);
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

  private static String resource(String name) throws IOException {
    try (InputStream in = EvmCommandTest.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
