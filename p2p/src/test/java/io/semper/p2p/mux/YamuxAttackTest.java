package io.semper.p2p.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.p2p.limits.Account;
import io.semper.p2p.limits.Limits;
import io.semper.p2p.wire.Await;
import io.semper.p2p.wire.MemoryLink;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A session against a peer that sends what it likes.
@Timeout(60)
class YamuxAttackTest {
  private static final int DATA = Yamux.DATA;
  private static final int UPDATE = Yamux.WINDOW_UPDATE;
  private static final long ENDLESS = 0xffff_ffffL;

  private final MemoryLink link = new MemoryLink(1 << 20);
  private final MemoryLink.End attacker = link.left();
  private final Account account = new Account(16 << 20);
  private final AtomicInteger opened = new AtomicInteger();
  private final List<MuxedStream> streams = new ArrayList<>();
  private Yamux victim;
  private Thread reader;
  private long now = System.nanoTime();

  @BeforeEach
  void start() {
    MemoryLink.End end = link.right();
    victim =
        new Yamux(
            end,
            end,
            false,
            Limits.defaults(),
            account,
            stream -> {
              opened.incrementAndGet();
              synchronized (streams) {
                streams.add(stream);
              }
            });
    reader = Thread.ofVirtual().start(victim::run);
  }

  @AfterEach
  void stop() {
    victim.fail("test over");
  }

  private void send(int type, int flags, long id, long length) throws IOException {
    byte[] header = new byte[12];
    header[1] = (byte) type;
    header[2] = (byte) (flags >>> 8);
    header[3] = (byte) flags;
    for (int i = 0; i < 4; i++) {
      header[4 + i] = (byte) (id >>> 24 - 8 * i);
      header[8 + i] = (byte) (length >>> 24 - 8 * i);
    }
    attacker.write(header);
  }

  /// Reads what the victim sends so that it never waits for us.
  private void readAlong() {
    Thread.ofVirtual()
        .start(() -> {
          byte[] block = new byte[4096];
          try {
            while (attacker.read(block, 0, block.length) >= 0) {
              // Nothing is done with it.
            }
          } catch (IOException e) {
            // The session has ended.
          }
        });
  }

  private void expectEnd(String reason) throws InterruptedException {
    Await.until("end: " + reason, () -> victim.closedBecause() != null);
    reader.join();
    assertThat(victim.closedBecause()).contains(reason);
    assertThat(victim.streamCount()).isZero();
    assertThat(account.heldBytes()).isZero();
  }

  /// T01: window updates whose sum overflows (CVE-2026-31814).
  @Test
  void windowsDoNotOverflow() throws Exception {
    readAlong();
    send(UPDATE, Yamux.SYN, 1, ENDLESS - Yamux.INITIAL_WINDOW);
    Await.until("stream", () -> opened.get() == 1);
    assertThat(victim.closedBecause()).isNull();
    send(UPDATE, 0, 1, ENDLESS);
    expectEnd("window beyond all bounds");
  }

  /// T02: more than a window in the first frame (CVE-2026-32314).
  @Test
  void theFirstFrameKeepsToTheWindow() throws Exception {
    readAlong();
    send(DATA, Yamux.SYN, 1, Yamux.INITIAL_WINDOW + 1);
    expectEnd("more data than the window allows");
  }

  /// T03: a length of 4 GiB allocates nothing.
  @Test
  void lengthsAllocateNothing() throws Exception {
    readAlong();
    send(UPDATE, Yamux.SYN, 1, 0);
    send(DATA, 0, 1, ENDLESS);
    expectEnd("more data than the window allows");
  }

  @Test
  void aWholeWindowIsHeldAndNoMore() throws Exception {
    readAlong();
    send(DATA, Yamux.SYN, 1, Yamux.INITIAL_WINDOW);
    attacker.write(new byte[Yamux.INITIAL_WINDOW]);
    Await.until("data", () -> account.heldBytes() >= Yamux.INITIAL_WINDOW);
    assertThat(account.heldBytes()).isEqualTo(Yamux.INITIAL_WINDOW);
    send(DATA, 0, 1, 1);
    expectEnd("more data than the window allows");
  }

  /// T04: 100,000 streams, and nobody reads the answers (CVE-2022-23492, -23486, -23487).
  @Test
  void streamsWithoutEnd() throws Exception {
    int limit = Limits.defaults().inboundStreams();
    try {
      for (long id = 1; id < 200_000; id += 2) {
        send(UPDATE, Yamux.SYN, id, 0);
      }
    } catch (IOException ended) {
      // The victim hung up before we were done.
    }
    expectEnd("without end");
    assertThat(opened.get()).isEqualTo(limit);
  }

  /// T13: streams opened and reset at once count against the rate.
  @Test
  void rapidResets() throws Exception {
    readAlong();
    try {
      for (long id = 1; id < 400_000; id += 2) {
        send(UPDATE, Yamux.SYN, id, 0);
        send(UPDATE, Yamux.RST, id, 0);
      }
    } catch (IOException ended) {
      // The victim hung up before we were done.
    }
    expectEnd("without end");
    assertThat(opened.get()).isLessThan(3 * Limits.defaults().opensPerSecond() + 60_000);
  }

  /// T07: numbers of the wrong side, used again, 0, or never opened.
  @Test
  void evenNumbersAreNotTheDialers() throws Exception {
    readAlong();
    send(UPDATE, Yamux.SYN, 2, 0);
    expectEnd("wrong side");
  }

  @Test
  void numbersAreUsedOnce() throws Exception {
    readAlong();
    send(UPDATE, Yamux.SYN, 3, 0);
    send(UPDATE, Yamux.RST, 3, 0);
    send(UPDATE, Yamux.SYN, 3, 0);
    expectEnd("used again");
  }

  /// Threads that open streams at the same time may send them in any order.
  @Test
  void numbersComeInAnyOrderButNotTwice() throws Exception {
    readAlong();
    for (long id : new long[] {7, 1, 5, 3, 2_001, 2_001 - 2 * 256}) {
      send(UPDATE, Yamux.SYN, id, 0);
    }
    send(UPDATE, Yamux.SYN, 5, 0);
    expectEnd("used again");
  }

  @Test
  void numbersSkippedLongAgoAreUsedUp() throws Exception {
    readAlong();
    send(UPDATE, Yamux.SYN, 2_001, 0);
    send(UPDATE, Yamux.SYN, 2_001 - 2 * 257, 0);
    expectEnd("used again");
  }

  @Test
  void streamZeroIsNone() throws Exception {
    readAlong();
    send(DATA, 0, 0, 5);
    expectEnd("stream 0");
  }

  @Test
  void framesOfStreamsThatNeverWere() throws Exception {
    readAlong();
    send(DATA, 0, 9, 5);
    expectEnd("never opened");
  }

  /// It was given up before it could begin.
  @Test
  void aResetOfAStreamThatNeverWasEndsNothing() throws Exception {
    readAlong();
    send(UPDATE, Yamux.RST, 9, 0);
    send(UPDATE, Yamux.SYN, 1, 0);
    Await.until("stream", () -> opened.get() == 1);
    assertThat(victim.closedBecause()).isNull();
  }

  @Test
  void unknownVersionsAndTypes() throws Exception {
    readAlong();
    send(7, 0, 0, 0);
    expectEnd("unknown type");
  }

  /// T07: frames after a reset are dropped, and the session goes on.
  @Test
  void framesAfterAResetAreDropped() throws Exception {
    readAlong();
    send(UPDATE, Yamux.SYN, 1, 0);
    send(UPDATE, Yamux.RST, 1, 5);
    send(DATA, 0, 1, 1000);
    attacker.write(new byte[1000]);
    send(UPDATE, Yamux.FIN, 1, 0);
    send(DATA, Yamux.SYN, 3, 4);
    attacker.write(new byte[4]);
    Await.until("second stream", () -> opened.get() == 2);
    assertThat(victim.closedBecause()).isNull();
    assertThat(victim.streamCount()).isEqualTo(1);
  }

  /// T08: flags that come together.
  @Test
  void flagsCombine() throws Exception {
    readAlong();
    send(DATA, Yamux.SYN | Yamux.FIN, 1, 3);
    attacker.write(new byte[] {1, 2, 3});
    Await.until("stream", () -> opened.get() == 1);
    MuxedStream whole;
    synchronized (streams) {
      whole = streams.getFirst();
    }
    byte[] read = new byte[10];
    whole.readFully(read, 0, 3);
    assertThat(read).startsWith(1, 2, 3, 0);
    assertThat(whole.read(read, 0, 10)).isEqualTo(-1);
    whole.closeWrite();
    send(UPDATE, Yamux.SYN | Yamux.RST, 3, 0);
    Await.until("both gone", () -> opened.get() == 2 && victim.streamCount() == 0);
    assertThat(victim.closedBecause()).isNull();
  }

  /// T10: pings without end.
  @Test
  void pingsWithoutEnd() throws Exception {
    readAlong();
    try {
      for (int i = 0; i < 100_000; i++) {
        send(Yamux.PING, Yamux.SYN, 0, i);
      }
    } catch (IOException ended) {
      // The victim hung up before we were done.
    }
    expectEnd("pings without end");
  }

  /// T11: frames without content, whatever they are flagged with.
  @ParameterizedTest
  @ValueSource(ints = {0, Yamux.ACK, Yamux.FIN, 0x10})
  void emptyFramesWithoutEnd(int flags) throws Exception {
    readAlong();
    send(UPDATE, Yamux.SYN, 1, 0);
    try {
      for (int i = 0; i < 200_000; i++) {
        send(i % 2 == 0 ? DATA : UPDATE, flags, 1, 0);
      }
    } catch (IOException ended) {
      // The victim hung up before we were done.
    }
    expectEnd("without content");
  }

  /// T14: a reader of single bytes sends credit back in halves of the window.
  @Test
  void smallReadsMakeNoSmallUpdates() throws Exception {
    send(DATA, Yamux.SYN, 1, 200_000);
    attacker.write(new byte[200_000]);
    Await.until("data", () -> account.heldBytes() > 0 && opened.get() == 1);
    MuxedStream stream;
    synchronized (streams) {
      stream = streams.getFirst();
    }
    byte[] one = new byte[1];
    for (int i = 0; i < 200_000; i++) {
      stream.readFully(one, 0, 1);
    }
    // The first ping, and one update that acknowledges the stream.
    byte[] header = new byte[12];
    attacker.readFully(header, 0, 12);
    assertThat(header[1]).isEqualTo((byte) Yamux.PING);
    attacker.readFully(header, 0, 12);
    assertThat(header[1]).isEqualTo((byte) UPDATE);
    assertThat(header[3]).isEqualTo((byte) Yamux.ACK);
    assertThat(attacker.available()).isZero();
  }

  /// T09: a peer that says it goes away and stays.
  @Test
  void goingAwayIsTakenAtItsWord() throws Exception {
    readAlong();
    send(UPDATE, Yamux.SYN, 1, 0);
    Await.until("stream", () -> opened.get() == 1);
    send(Yamux.GO_AWAY, 0, 0, 0);
    send(UPDATE, Yamux.SYN, 3, 0);
    Await.until("second stream", () -> opened.get() == 2);
    victim.tick(System.nanoTime());
    assertThat(victim.closedBecause()).isNull();
    victim.tick(System.nanoTime() + Limits.defaults().drainMillis() * 1_100_000L);
    expectEnd("went away");
  }

  /// A peer that answers no pings is dead.
  @Test
  void unansweredPingsEndTheSession() throws Exception {
    Await.until("ping", () -> attacker.available() >= 12);
    pass(Limits.defaults().pingMillis() / 1000 + 1);
    expectEnd("ping was not answered");
  }

  private void pass(int seconds) {
    for (int i = 0; i < seconds; i++) {
      now += 1_000_000_000L;
      victim.tick(now);
    }
  }

  /// T57: its answers wait to be read.
  @Test
  void aPauseOfThisSideIsNoSilenceOfThePeer() {
    Await.until("ping", () -> attacker.available() >= 12);
    pass(1);
    now += 60_000_000_000L;
    pass(1);
    assertThat(victim.closedBecause()).isNull();
  }

  /// Its answer may wait behind all that.
  @Test
  void whoSendsSomethingIsNotDead() throws Exception {
    readAlong();
    int seconds = Limits.defaults().pingMillis() / 1000;
    for (int i = 0; i < 2 * seconds; i++) {
      send(UPDATE, Yamux.SYN, 1 + 2L * i, 0);
      int count = i + 1;
      Await.until("stream", () -> opened.get() == count);
      pass(1);
      assertThat(victim.closedBecause()).isNull();
    }
    pass(seconds + 1);
    expectEnd("ping was not answered");
  }
}
