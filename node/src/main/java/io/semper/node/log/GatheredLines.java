package io.semper.node.log;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.TimeUnit;

/// Writes lines less often than they come. One after a silence leaves at once; those that follow
/// soon leave together, a moment later.
///
/// A development chain writes a line for each call: a write of its own for each, from a virtual
/// thread that has to be stood in for meanwhile, was a third of what a quick call costs.
final class GatheredLines extends OutputStream {
  /// Nobody sees the delay, and a thousand lines may share it.
  static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /// More than this does not wait.
  static final int MAX_BYTES = 64 << 10;

  private final OutputStream onward;
  private final byte[] lines = new byte[MAX_BYTES];
  private int size;
  private long left = System.nanoTime() - GATHER_NANOS;
  private boolean ending;

  GatheredLines(OutputStream onward) {
    this.onward = onward;
    Thread.ofPlatform().daemon().name("log").start(this::sendLate);
  }

  @Override
  public synchronized void write(byte[] line, int offset, int length) throws IOException {
    if (length > MAX_BYTES - size) {
      flush();
    }
    if (length > MAX_BYTES) {
      onward.write(line, offset, length);
      onward.flush();
      return;
    }
    System.arraycopy(line, offset, lines, size, length);
    size += length;
    if (ending || System.nanoTime() - left >= GATHER_NANOS) {
      flush();
    } else if (size == length) {
      notifyAll();
    }
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void flush() throws IOException {
    int now = size;
    size = 0;
    onward.write(lines, 0, now);
    onward.flush();
    left = System.nanoTime();
  }

  /// Standard error stays open.
  @Override
  public void close() throws IOException {
    flush();
  }

  private synchronized void sendLate() {
    try {
      while (true) {
        long wait = left + GATHER_NANOS - System.nanoTime();
        if (size == 0) {
          wait();
        } else if (wait > 0) {
          TimeUnit.NANOSECONDS.timedWait(this, wait);
        } else {
          flush();
        }
      }
    } catch (InterruptedException | IOException ended) {
      ending = true;
    }
  }

  /// Writes what there is; from now on nothing waits.
  synchronized void end() {
    ending = true;
    try {
      flush();
    } catch (IOException gone) {
      // There is nobody to tell.
    }
  }
}
