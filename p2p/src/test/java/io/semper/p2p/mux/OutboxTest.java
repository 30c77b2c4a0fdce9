package io.semper.p2p.mux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.p2p.wire.Await;
import io.semper.p2p.wire.Duplex;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Who writes to the socket, and for how long.
@Timeout(30)
class OutboxTest {
  private static final byte[] FRAME = new byte[12];

  /// Counts writes by the thread that makes them, and has something done within each.
  private static final class Channel implements Duplex {
    private final Thread caller = Thread.currentThread();
    private final AtomicInteger bytes = new AtomicInteger();
    private final AtomicInteger byCaller = new AtomicInteger();
    private volatile Runnable within = () -> {};

    @Override
    public void write(byte[] from, int offset, int length) {
      assertThat(Thread.currentThread().isInterrupted()).isFalse(); // a socket would be closed
      within.run();
      bytes.addAndGet(length);
      if (Thread.currentThread() == caller) {
        byCaller.incrementAndGet();
      }
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      return -1;
    }

    @Override
    public int available() {
      return 0;
    }
  }

  private final Channel channel = new Channel();
  private final Outbox outbox = new Outbox(channel);

  /// However fast others append.
  @Test
  void nobodyWritesForTheOthersWithoutEnd() throws IOException {
    AtomicInteger left = new AtomicInteger(1_000);
    channel.within =
        () -> {
          if (left.getAndDecrement() > 0) {
            try {
              outbox.sendControl(FRAME);
            } catch (IOException e) {
              throw new IllegalStateException(e);
            }
          }
        };
    outbox.sendControl(FRAME);
    assertThat(channel.byCaller.get()).isLessThanOrEqualTo(2);
    Await.until("all written", () -> channel.bytes.get() == 1_001 * FRAME.length);
  }

  /// Control of one who is interrupted is written by another; data it cannot send.
  @Test
  void whoIsInterruptedDoesNotWriteItself() throws IOException {
    Thread.currentThread().interrupt();
    try {
      outbox.sendControl(FRAME);
      assertThatThrownBy(() -> outbox.sendData(FRAME, new byte[9], 0, 9, false, 0))
          .isInstanceOf(InterruptedIOException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    Await.until("control written", () -> channel.bytes.get() == FRAME.length);
    assertThat(channel.byCaller).hasValue(0);
    outbox.sendData(FRAME, new byte[9], 0, 9, false, 0);
    Await.until("data written", () -> channel.bytes.get() == 2 * FRAME.length + 9);
  }
}
