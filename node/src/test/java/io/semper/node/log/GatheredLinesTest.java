package io.semper.node.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// When lines of the log leave.
@Timeout(60)
final class GatheredLinesTest {
  /// Counts what is written, and lets one wait for it.
  private static final class Terminal extends OutputStream {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int writes;

    @Override
    public void write(int b) {
      throw new AssertionError("byte by byte");
    }

    @Override
    public synchronized void write(byte[] source, int offset, int length) {
      if (length > 0) {
        bytes.write(source, offset, length);
        writes++;
        notifyAll();
      }
    }

    synchronized String shown() {
      return bytes.toString(UTF_8);
    }

    synchronized int writes() {
      return writes;
    }

    synchronized void await(int length) throws InterruptedException {
      while (bytes.size() < length) {
        wait();
      }
    }
  }

  private final Terminal terminal = new Terminal();
  private final GatheredLines lines = new GatheredLines(terminal);

  private void print(String line) throws IOException {
    lines.write(line.getBytes(UTF_8));
  }

  @Test
  void theFirstLineLeavesAtOnce() throws IOException {
    print("one\n");
    assertThat(terminal.shown()).isEqualTo("one\n");
  }

  @Test
  void manyLeaveTogetherAndNoneIsLost() throws Exception {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 10_000; i++) {
      print(i + "\n");
      all.append(i).append('\n');
    }
    terminal.await(all.length());
    assertThat(terminal.shown()).isEqualTo(all.toString());
    assertThat(terminal.writes()).isLessThan(5_000);
  }

  @Test
  void moreThanIsGatheredDoesNotWait() throws IOException {
    print("before\n");
    print("short\n");
    String huge = "x".repeat(GatheredLines.MAX_BYTES + 1);
    print(huge);
    assertThat(terminal.shown()).isEqualTo("before\nshort\n" + huge);
  }

  @Test
  void whatMayNotWaitTakesTheOthersWithIt() throws IOException {
    print("one\n");
    print("two\n");
    lines.flush();
    assertThat(terminal.shown()).isEqualTo("one\ntwo\n");
  }

  @Test
  void nothingWaitsOnceTheProcessEnds() throws IOException {
    print("one\n");
    print("two\n");
    lines.end();
    assertThat(terminal.shown()).isEqualTo("one\ntwo\n");
    print("three\n");
    assertThat(terminal.shown()).isEqualTo("one\ntwo\nthree\n");
  }
}
