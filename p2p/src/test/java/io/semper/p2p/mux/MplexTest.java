package io.semper.p2p.mux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.p2p.Connection;
import io.semper.p2p.Host;
import io.semper.p2p.HostOptions;
import io.semper.p2p.TestHosts;
import io.semper.p2p.limits.Account;
import io.semper.p2p.limits.Limits;
import io.semper.p2p.wire.Await;
import io.semper.p2p.wire.MemoryLink;
import io.semper.p2p.wire.Varint;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Sessions that talk to each other, and one whose peer sends what it likes.
@Timeout(120)
class MplexTest {
  private final MemoryLink link = new MemoryLink(1 << 20);
  private final Account account = new Account(16 << 20);
  private final BlockingQueue<MuxedStream> accepted = new LinkedBlockingQueue<>();
  private final List<Mplex> sessions = new ArrayList<>();

  private Mplex session(MemoryLink.End end) {
    Mplex session = new Mplex(end, end, Limits.defaults(), account, accepted::add);
    sessions.add(session);
    Thread.ofVirtual().start(session::run);
    return session;
  }

  @AfterEach
  void stop() {
    sessions.forEach(Mplex::close);
  }

  private MuxedStream accept() throws InterruptedException {
    MuxedStream stream = accepted.poll(60, TimeUnit.SECONDS);
    assertThat(stream).isNotNull();
    return stream;
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private static byte[] readAll(MuxedStream stream, int size) throws IOException {
    byte[] all = new byte[size + 1];
    int done = 0;
    for (int n; (n = stream.read(all, done, all.length - done)) >= 0; done += n) {
      assertThat(done + n).isLessThanOrEqualTo(size);
    }
    return Arrays.copyOf(all, done);
  }

  @Test
  void bytesArriveInOrderBothWaysAndStreamsEnd() throws Exception {
    Mplex left = session(link.left());
    Mplex right = session(link.right());
    byte[] message = random(3_000_000);
    MuxedStream ours = left.open();
    Thread writer =
        Thread.ofVirtual()
            .start(() -> {
              try {
                ours.writeLast(message, 0, message.length);
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    MuxedStream theirs = accept();
    assertThat(readAll(theirs, message.length)).isEqualTo(message);
    writer.join();
    theirs.writeLast(message, 0, 1000);
    assertThat(readAll(ours, 1000)).isEqualTo(Arrays.copyOf(message, 1000));
    Await.until("end of streams", () -> left.streamCount() + right.streamCount() == 0);
    assertThat(account.heldBytes()).isZero();
  }

  /// The frame that opens a stream has not left: the next write opens it.
  @Test
  void aWriteThatIsInterruptedTakesNothingFromTheNext() throws Exception {
    session(link.right());
    MuxedStream ours = session(link.left()).open();
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> ours.write(new byte[2])).isInstanceOf(InterruptedIOException.class);
    assertThat(Thread.interrupted()).isTrue();
    ours.writeLast(random(9), 0, 9);
    assertThat(readAll(accept(), 9)).isEqualTo(random(9));
  }

  @Test
  void resetsAndTimeouts() throws Exception {
    Mplex left = session(link.left());
    session(link.right());
    MuxedStream ours = left.open();
    ours.write(new byte[1]);
    MuxedStream theirs = accept();
    ours.timeoutMillis(20);
    assertThatThrownBy(() -> ours.read(new byte[1], 0, 1))
        .isInstanceOf(SocketTimeoutException.class);
    theirs.reset(0);
    ours.timeoutMillis(0);
    assertThatThrownBy(() -> ours.read(new byte[1], 0, 1)).isInstanceOf(StreamResetException.class);
    Await.until("none held", () -> account.heldBytes() == 0);
  }

  /// A reader that stays behind loses its stream; the connection and its other streams go on.
  @Test
  @Timeout(60)
  void aStreamNobodyReadsIsGivenUp() throws Exception {
    Mplex left = session(link.left());
    session(link.right());
    MuxedStream unread = left.open();
    assertThatThrownBy(
            () -> {
              // For a moment before it is told, what it sends is thrown away.
              while (true) {
                unread.write(new byte[60_000]);
              }
            })
        .isInstanceOf(StreamResetException.class);
    accept();
    MuxedStream other = left.open();
    other.writeLast(new byte[3], 0, 3);
    assertThat(readAll(accept(), 3)).hasSize(3);
    Await.until("none held", () -> account.heldBytes() == 0);
  }

  private static byte[] header(long id, int tag, long length) {
    long header = id << 3 | tag;
    byte[] bytes = new byte[Varint.size(header) + Varint.size(length)];
    Varint.write(length, bytes, Varint.write(header, bytes, 0));
    return bytes;
  }

  private void expectEnd(byte[]... sent) throws Exception {
    MemoryLink.End attacker = link.left();
    Mplex victim = session(link.right());
    for (byte[] bytes : sent) {
      attacker.write(bytes);
    }
    Await.until("end", () -> victim.closedBecause() != null);
    assertThat(account.heldBytes()).isZero();
  }

  @Test
  void aLengthBeyondTheLimitEndsTheSession() throws Exception {
    expectEnd(header(1, Mplex.NEW_STREAM, 0), header(1, 2, (1 << 20) + 1));
  }

  @Test
  void anUnknownTagEndsTheSession() throws Exception {
    expectEnd(header(1, 7, 0));
  }

  @Test
  void aFrameOfAStreamNeverOpenedEndsTheSession() throws Exception {
    expectEnd(header(5, Mplex.MESSAGE, 0));
  }

  @Test
  void aNumberThatIsInUseEndsTheSession() throws Exception {
    expectEnd(header(1, Mplex.NEW_STREAM, 0), header(1, Mplex.NEW_STREAM, 0));
  }

  /// T11, where only the first end of a stream says something.
  @Test
  void endsWithoutEndEndTheSession() throws Exception {
    byte[] end = header(1, Mplex.CLOSE + 1, 0);
    byte[] many = new byte[end.length * 200_000];
    for (int at = 0; at < many.length; at += end.length) {
      System.arraycopy(end, 0, many, at, end.length);
    }
    expectEnd(header(1, Mplex.NEW_STREAM, 0), many);
  }

  @Test
  void aVarintWithoutEndEndsTheSession() throws Exception {
    byte[] endless = new byte[100];
    Arrays.fill(endless, (byte) 0xff);
    expectEnd(endless);
  }

  /// A claimed length costs nothing until its bytes come.
  @Test
  void streamsWithoutEndAreRefusedAndThenTheSessionEnds() throws Exception {
    MemoryLink.End attacker = link.left();
    Mplex victim = session(link.right());
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
    try {
      for (long id = 0; id < 100_000; id++) {
        attacker.write(header(id, Mplex.NEW_STREAM, 0));
      }
    } catch (IOException closed) {
      // As it should.
    }
    Await.until("end", () -> victim.closedBecause() != null);
    assertThat(accepted).hasSizeLessThanOrEqualTo(Limits.defaults().inboundStreams());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void hostsSpeakItOnlyWhereTheyHaveNothingElse(boolean early) throws Exception {
    HostOptions both = TestHosts.options(1).withMuxers(Yamux.ID, Mplex.ID).withEarlyMuxer(early);
    try (Host able = Host.start(both);
        Host same = Host.start(TestHosts.options(2).withMuxers(Yamux.ID, Mplex.ID));
        Host old = Host.start(TestHosts.options(3).withMuxers(Mplex.ID))) {
      assertThat(able.connect(TestHosts.address(same)).muxerName()).isEqualTo(Yamux.ID);
      Connection connection = able.connect(TestHosts.address(old));
      assertThat(connection.muxerName()).isEqualTo(Mplex.ID);
      assertThat(able.ping(old.id())).isPositive();
      Await.until("identify", () -> connection.identity().isPresent());
    }
  }

  @Test
  void aHostThatWantsNoneOfItIsNotReached() throws Exception {
    try (Host usual = Host.start(TestHosts.options(1));
        Host old = Host.start(TestHosts.options(2).withMuxers(Mplex.ID))) {
      assertThatThrownBy(() -> usual.connect(TestHosts.address(old)))
          .isInstanceOf(IOException.class);
    }
  }
}
