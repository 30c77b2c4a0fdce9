package io.semper.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.wire.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// What many connections cost that carry nothing, by the whole memory of the process that has them,
/// and by what is alive in its heap.
///
/// `-Dsemper.idle=1000` sets their number (30).
@EnabledOnOs(OS.LINUX)
class IdleConnectionsTest {
  private static final int CONNECTIONS = Integer.getInteger("semper.idle", 30);
  private static final long MAX_BYTES = 256L << 20;

  /// Of the heap, for each connection: no buffers, and little for the classes they share.
  private static final long MAX_ALIVE_BYTES = 96 << 10;

  /// The process measured: a host that tells its address and serves until its input ends. To `c` it
  /// answers with the number of its connections, to `b` with the bytes alive.
  static final class Listener {
    private Listener() {}

    public static void main(String[] arguments) throws IOException {
      try (Host host = TestHosts.start(1)) {
        System.out.println(TestHosts.address(host));
        for (int c; (c = System.in.read()) >= 0; ) {
          if (c == 'c') {
            System.out.println(host.connections().size());
          } else if (c == 'b') {
            System.gc();
            System.out.println(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
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
                "-Xmx96m",
                "-cp",
                System.getProperty("java.class.path"),
                Listener.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    List<Host> dialers = new ArrayList<>();
    try (var answers = process.inputReader();
        var questions = process.outputWriter()) {
      Multiaddr address = Multiaddr.parse(line(answers));
      long aliveBefore = ask(questions, answers, 'b');
      long before = residentBytes(process);
      for (int i = 0; i < CONNECTIONS; i++) {
        Host dialer = Host.start(TestHosts.options(1_000 + i).withListen());
        dialers.add(dialer);
        Connection connection = dialer.connect(address);
        Await.until("identify", () -> connection.identity().isPresent());
      }
      assertThat(ask(questions, answers, 'c')).isEqualTo(CONNECTIONS);
      long after = residentBytes(process);
      long alive = ask(questions, answers, 'b');
      System.out.printf(
          "%d idle connections: %d MB resident, %d MB before them; %d KB alive each%n",
          CONNECTIONS, after >> 20, before >> 20, (alive - aliveBefore) / CONNECTIONS >> 10);
      assertThat(after).isLessThan(MAX_BYTES);
      assertThat((alive - aliveBefore) / CONNECTIONS).isLessThan(MAX_ALIVE_BYTES);
    } finally {
      dialers.forEach(Host::close);
      process.destroy();
      process.waitFor(20, TimeUnit.SECONDS);
      process.destroyForcibly();
    }
  }

  private static long ask(Writer questions, BufferedReader answers, char what) throws IOException {
    questions.write(what);
    questions.flush();
    return Long.parseLong(line(answers));
  }

  /// The next line that is not a log's.
  private static String line(BufferedReader answers) throws IOException {
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
