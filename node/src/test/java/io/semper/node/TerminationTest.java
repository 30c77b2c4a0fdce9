package io.semper.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// What a process that is told to end does, seen from outside.
class TerminationTest {
  private static final long PATIENCE_SECONDS = 60;

  /// A command that ends with 7 when it is interrupted, or does not care.
  static final class Command {
    private Command() {}

    public static void main(String[] args) {
      Termination termination = Termination.ofThisThread(args[0].equals("deaf") ? 1 : 60);
      System.out.println("runs");
      boolean interrupted = false;
      while (args[0].equals("deaf") || !interrupted) {
        interrupted |= doesNotReturn();
      }
      termination.finished(7);
    }

    private static boolean doesNotReturn() {
      try {
        Thread.sleep(Long.MAX_VALUE);
        return false;
      } catch (InterruptedException e) {
        return true;
      }
    }
  }

  private static String run(String how, int expectedExit) throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    String classPath = System.getProperty("java.class.path");
    List<String> command = List.of(java.toString(), "-cp", classPath, Command.class.getName(), how);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (BufferedReader out = new BufferedReader(process.inputReader(StandardCharsets.UTF_8))) {
      assertThat(out.readLine()).isEqualTo("runs");
      process.toHandle().destroy(); // leaves the output open
      String rest = String.join("\n", out.readAllLines());
      assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(rest).isEqualTo(expectedExit);
      return rest;
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void theExitCodeIsTheCommands() throws Exception {
    assertThat(run("polite", 7)).isEmpty();
  }

  @Test
  void whoDoesNotStopIsEndedAndSaysWhatItWaitedFor() throws Exception {
    assertThat(run("deaf", 1)).contains("not stopped within 1 s").contains("doesNotReturn");
  }
}
