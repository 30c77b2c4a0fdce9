package io.semper.p2p.mux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.p2p.limits.Account;
import io.semper.p2p.limits.Limits;
import io.semper.p2p.wire.Await;
import io.semper.p2p.wire.MemoryLink;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Two sessions that talk to each other.
@Timeout(120)
class YamuxTest {
  private final MemoryLink link = new MemoryLink(100_000);
  private final Account account = new Account(64 << 20);
  private final BlockingQueue<MuxedStream> accepted = new LinkedBlockingQueue<>();
  private Yamux dialer;
  private Yamux listener;

  @BeforeEach
  void start() {
    MemoryLink.End left = link.left();
    MemoryLink.End right = link.right();
    Limits limits = Limits.defaults();
    dialer = new Yamux(left, left, true, limits, account, MuxedStream::close);
    listener = new Yamux(right, right, false, limits, account, accepted::add);
    Thread.ofVirtual().start(dialer::run);
    Thread.ofVirtual().start(listener::run);
  }

  @AfterEach
  void stop() {
    dialer.close();
    listener.close();
  }

  private MuxedStream accept() throws InterruptedException {
    MuxedStream stream = accepted.poll(60, TimeUnit.SECONDS);
    assertThat(stream).isNotNull();
    return stream;
  }

  private static byte[] readAll(MuxedStream stream, int size) throws IOException {
    byte[] all = new byte[size + 1];
    int done = 0;
    for (int n; (n = stream.read(all, done, all.length - done)) >= 0; done += n) {
      assertThat(done + n).isLessThanOrEqualTo(size);
    }
    return Arrays.copyOf(all, done);
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  @Test
  void bytesArriveInOrderBothWaysAndStreamsEnd() throws Exception {
    byte[] message = random(3_000_000);
    MuxedStream ours = dialer.open();
    Thread writer =
        Thread.ofVirtual()
            .start(() -> {
              try {
                ours.write(message);
                ours.closeWrite();
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    MuxedStream theirs = accept();
    assertThat(readAll(theirs, message.length)).isEqualTo(message);
    writer.join();
    theirs.writeLast(message, 0, 1000);
    assertThat(readAll(ours, 1000)).isEqualTo(Arrays.copyOf(message, 1000));
    Await.until("end of streams", () -> dialer.streamCount() + listener.streamCount() == 0);
    assertThat(account.heldBytes()).isZero();
  }

  /// Attack T06: both sides write without reading, far beyond windows and socket buffers.
  @Test
  void twoWritersWithoutReadersDoNotStopTheSession() throws Exception {
    MuxedStream ours = dialer.open();
    ours.write(new byte[1]);
    MuxedStream theirs = accept();
    List<Thread> writers = new ArrayList<>();
    for (MuxedStream stream : List.of(ours, theirs)) {
      writers.add(Thread.ofVirtual().start(() -> writeQuietly(stream, 2_000_000)));
    }
    // Another stream goes on meanwhile.
    MuxedStream other = dialer.open();
    other.writeLast(random(200_000), 0, 200_000);
    assertThat(readAll(accept(), 200_000)).isEqualTo(random(200_000));
    assertThat(account.heldBytes()).isLessThanOrEqualTo(3L * Yamux.INITIAL_WINDOW + 4096);
    // When they read, all arrives.
    List<Thread> readers = new ArrayList<>();
    AtomicLong total = new AtomicLong();
    for (MuxedStream stream : List.of(ours, theirs)) {
      readers.add(Thread.ofVirtual().start(() -> total.addAndGet(count(stream))));
    }
    for (Thread thread : writers) {
      thread.join();
    }
    for (Thread thread : readers) {
      thread.join();
    }
    assertThat(total.get()).isEqualTo(4_000_001);
  }

  private static void writeQuietly(MuxedStream stream, int size) {
    try {
      stream.write(random(size));
      stream.closeWrite();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static long count(MuxedStream stream) {
    try {
      byte[] block = new byte[10_000];
      long total = 0;
      for (int n; (n = stream.read(block, 0, block.length)) >= 0; ) {
        total += n;
      }
      return total;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /// Attack T05: a slow reader holds no more than its window, and no other stream.
  @Test
  void aSlowReaderHoldsUpOnlyItsOwnStream() throws Exception {
    MuxedStream slow = dialer.open();
    Thread writer = Thread.ofVirtual().start(() -> writeQuietly(slow, 1_000_000));
    MuxedStream unread = accept();
    Await.until("a full window", () -> unread.available() == Yamux.INITIAL_WINDOW);
    for (int i = 0; i < 50; i++) {
      MuxedStream fast = dialer.open();
      fast.writeLast(random(100_000), 0, 100_000);
      assertThat(readAll(accept(), 100_000)).hasSize(100_000);
    }
    assertThat(unread.available()).isEqualTo(Yamux.INITIAL_WINDOW);
    assertThat(count(unread)).isEqualTo(1_000_000);
    writer.join();
  }

  @Test
  void aResetEndsBothSidesAndKeepsItsCode() throws Exception {
    MuxedStream ours = dialer.open();
    ours.write(new byte[10]);
    MuxedStream theirs = accept();
    theirs.reset(77);
    assertThatThrownBy(() -> ours.read(new byte[1], 0, 1))
        .isInstanceOfSatisfying(
            StreamResetException.class, e -> assertThat(e.code()).isEqualTo(77));
    assertThatThrownBy(() -> ours.write(new byte[1])).isInstanceOf(StreamResetException.class);
    assertThatThrownBy(() -> theirs.read(new byte[1], 0, 1))
        .isInstanceOf(StreamResetException.class);
    Await.until("no streams", () -> dialer.streamCount() + listener.streamCount() == 0);
  }

  @Test
  void readsAndWritesGiveUpInTime() throws Exception {
    MuxedStream ours = dialer.open();
    ours.timeoutMillis(20);
    assertThatThrownBy(() -> ours.read(new byte[1], 0, 1))
        .isInstanceOf(SocketTimeoutException.class);
    assertThatThrownBy(() -> ours.write(new byte[Yamux.INITIAL_WINDOW + 1]))
        .isInstanceOf(SocketTimeoutException.class);
  }

  /// The frame that opens a stream has not left: the next one opens it.
  @Test
  void aWriteThatIsInterruptedTakesNothingFromTheNext() throws Exception {
    MuxedStream ours = dialer.open();
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> ours.write(new byte[2])).isInstanceOf(InterruptedIOException.class);
    assertThat(Thread.interrupted()).isTrue();
    ours.writeLast(random(Yamux.INITIAL_WINDOW), 0, Yamux.INITIAL_WINDOW);
    assertThat(readAll(accept(), Yamux.INITIAL_WINDOW)).isEqualTo(random(Yamux.INITIAL_WINDOW));
  }

  @Test
  void closingEndsAWriteThatWaits() throws Exception {
    MuxedStream ours = dialer.open();
    AtomicReference<IOException> thrown = new AtomicReference<>();
    Thread writer =
        Thread.ofVirtual()
            .start(() -> {
              try {
                ours.write(new byte[Yamux.INITIAL_WINDOW + 1]);
              } catch (IOException e) {
                thrown.set(e);
              }
            });
    Await.until("wait", () -> writer.getState() == Thread.State.WAITING);
    ours.closeWrite();
    Await.until("end", () -> thrown.get() != null);
    assertThat(thrown.get()).hasMessageContaining("closed");
  }

  @Test
  void theEndOfTheConnectionEndsItsStreams() throws Exception {
    MuxedStream ours = dialer.open();
    ours.write(new byte[1]);
    MuxedStream theirs = accept();
    Thread closer = Thread.ofVirtual().start(listener::close);
    assertThatThrownBy(() -> readAll(ours, 1)).isInstanceOf(StreamResetException.class);
    closer.join();
    assertThatThrownBy(() -> theirs.write(new byte[1])).isInstanceOf(IOException.class);
    Await.until("closed", () -> dialer.closedBecause() != null);
    assertThatThrownBy(dialer::open).isInstanceOf(IOException.class);
    assertThat(account.heldBytes()).isZero();
  }

  /// Data for a stream that its reader has closed stops the writer.
  @Test
  void aClosedReaderStopsTheWriter() throws Exception {
    MuxedStream ours = dialer.open();
    ours.write(new byte[1]);
    accept().close();
    assertThatThrownBy(
            () -> {
              while (true) {
                ours.write(new byte[10_000]);
              }
            })
        .isInstanceOf(StreamResetException.class);
    Await.until("no streams", () -> dialer.streamCount() + listener.streamCount() == 0);
    assertThat(account.heldBytes()).isZero();
  }

  @Test
  void tooManyStreamsOfOurOwnAreRefusedHere() throws Exception {
    List<MuxedStream> open = new ArrayList<>();
    int allowed = Limits.defaults().outboundStreams();
    for (int i = 0; i < allowed; i++) {
      MuxedStream stream = dialer.open();
      open.add(stream);
      if (i < Limits.defaults().inboundStreams()) {
        stream.write(new byte[1]);
        accept().write(new byte[1]);
      } else {
        break;
      }
    }
    // The listener allows fewer than the dialer would open, and resets the next.
    MuxedStream beyond = open.getLast();
    beyond.write(new byte[1]);
    assertThatThrownBy(() -> beyond.read(new byte[1], 0, 1))
        .isInstanceOf(StreamResetException.class);
    open.forEach(MuxedStream::close);
  }
}
