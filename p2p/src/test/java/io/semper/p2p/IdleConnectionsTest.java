package io.semper.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.wire.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// What many connections cost that carry nothing, by the whole memory of the process that has them.
///
/// `-Dsemper.idle=1000` sets their number (30).
@EnabledOnOs(OS.LINUX)
class IdleConnectionsTest {
  private static final int CONNECTIONS = Integer.getInteger("semper.idle", 30);
  private static final long MAX_BYTES = 256L << 20;

  /// The process measured: a host that tells its address and serves until its input ends.
  static final class Listener {
    private Listener() {}

    public static void main(String[] arguments) throws IOException {
      try (Host host = TestHosts.start(1)) {
        System.out.println(TestHosts.address(host));
        for (int c; (c = System.in.read()) >= 0; ) {
          if (c == '\n') {
            System.out.println(host.connections().size());
          }
        }
      }
    }
  }

  @Test
  @Timeout(600)
  void idleConnectionsAreCheap() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx160m",
                "-cp",
                System.getProperty("java.class.path"),
                Listener.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    List<Host> dialers = new ArrayList<>();
    try (var answers = process.inputReader();
        var questions = process.outputWriter()) {
      Multiaddr address = Multiaddr.parse(line(answers));
      long before = residentBytes(process);
      for (int i = 0; i < CONNECTIONS; i++) {
        Host dialer = Host.start(TestHosts.options(1_000 + i).withListen());
        dialers.add(dialer);
        Connection connection = dialer.connect(address);
        Await.until("identify", () -> connection.identity().isPresent());
      }
      questions.write("\n");
      questions.flush();
      assertThat(line(answers)).isEqualTo(String.valueOf(CONNECTIONS));
      long after = residentBytes(process);
      System.out.printf(
          "%d idle connections: %d MB resident, %d MB before them, %d KB each%n",
          CONNECTIONS, after >> 20, before >> 20, (after - before) / CONNECTIONS >> 10);
      assertThat(after).isLessThan(MAX_BYTES);
    } finally {
      dialers.forEach(Host::close);
      process.destroy();
      process.waitFor(20, TimeUnit.SECONDS);
      process.destroyForcibly();
    }
  }

  /// The next line that is not a log's.
  private static String line(java.io.BufferedReader answers) throws IOException {
    for (String line; (line = answers.readLine()) != null; ) {
      if (line.startsWith("/") || line.matches("\\d+")) {
        return line;
      }
    }
    throw new IOException("the process ended");
  }

  private static long residentBytes(Process process) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    throw new IOException("no resident size");
  }
}
