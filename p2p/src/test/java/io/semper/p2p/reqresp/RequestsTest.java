package io.semper.p2p.reqresp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.Host;
import io.semper.p2p.Stream;
import io.semper.p2p.TestHosts;
import io.semper.p2p.mux.StreamResetException;
import io.semper.p2p.wire.Allocations;
import io.semper.p2p.wire.Await;
import io.semper.p2p.wire.Replay;
import io.semper.p2p.wire.Varint;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Questions and answers between two hosts, and against a peer that does as it likes.
@Timeout(120)
class RequestsTest {
  /// Asks for a number of blocks of bytes; the question is the number in text.
  private static final class Blocks implements Protocol<Integer, byte[]> {
    @Override
    public String id() {
      return "/test/blocks/1";
    }

    @Override
    public int maxRequestBytes() {
      return 10;
    }

    @Override
    public int maxChunkBytes() {
      return 300_000;
    }

    @Override
    public int maxChunks(Integer count) {
      return count;
    }

    @Override
    public byte[] encodeRequest(Integer count) {
      return count.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Integer decodeRequest(byte[] bytes) {
      try {
        return Integer.parseInt(new String(bytes, StandardCharsets.UTF_8));
      } catch (NumberFormatException e) {
        throw new MalformedInputException("not a number", 0);
      }
    }

    @Override
    public byte[] encodeChunk(byte[] chunk) {
      return chunk;
    }

    @Override
    public byte[] decodeChunk(byte[] bytes) {
      if (bytes.length == 13) {
        throw new MalformedInputException("thirteen", 0);
      }
      return bytes;
    }
  }

  private static final RequestLimits HASTY =
      new RequestLimits(2, 30_000, 300, 300, 60_000, 64 << 20);

  private static final RequestLimits PATIENT =
      new RequestLimits(2, 30_000, 30_000, 30_000, 60_000, 64 << 20);

  private final AtomicInteger produced = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();
  private Host alice;
  private Host bob;
  private Requests asking;

  @BeforeEach
  void start() throws IOException {
    alice = TestHosts.start(1);
    bob = TestHosts.start(2);
    asking = new Requests(alice, PATIENT);
    alice.connect(TestHosts.address(bob));
  }

  @AfterEach
  void stop() {
    alice.close();
    bob.close();
  }

  private void serve(int size) {
    serve(size, PATIENT);
  }

  private void serve(int size, RequestLimits limits) {
    new Requests(bob, limits)
        .serve(
            new Blocks(),
            (peer, count, answer) -> {
              try {
                for (int i = 0; i < count; i++) {
                  produced.incrementAndGet();
                  answer.send(block(i, size));
                }
              } finally {
                ended.incrementAndGet();
              }
            });
  }

  private static byte[] block(int seed, int size) {
    byte[] block = new byte[size];
    new Random(seed).nextBytes(block);
    return block;
  }

  private Answer<byte[]> ask(int count) throws IOException {
    return asking.ask(bob.id(), new Blocks(), count);
  }

  @Test
  void chunksArriveInOrder() throws Exception {
    serve(200_000);
    for (int round = 0; round < 5; round++) {
      try (Answer<byte[]> answer = ask(10)) {
        for (int i = 0; i < 10; i++) {
          assertThat(answer.next()).isEqualTo(block(i, 200_000));
        }
        assertThat(answer.next()).isNull();
        assertThat(answer.next()).isNull();
      }
    }
    try (Answer<byte[]> none = ask(0)) {
      assertThat(none.next()).isNull();
    }
  }

  /// T85 and back-pressure: what produces the chunks stands still while nobody reads, and ends when
  /// the one who asked goes.
  @Test
  void cancellingEndsTheProducer() throws Exception {
    serve(100_000);
    Answer<byte[]> answer = ask(100_000);
    assertThat(answer.next()).hasSize(100_000);
    Await.until("a full window", () -> produced.get() >= 3);
    answer.close();
    Await.until("end of the producer", () -> ended.get() == 1);
    assertThat(produced.get()).isLessThan(1_000);
    // The quota is free again.
    try (Answer<byte[]> next = ask(1)) {
      assertThat(next.next()).hasSize(100_000);
    }
  }

  /// Who cancels may ask again at once, whether or not those who were answering have noticed.
  @Test
  void whoCancelsMayAskAgainAtOnce() throws Exception {
    CountDownLatch notice = new CountDownLatch(1);
    AtomicInteger answering = new AtomicInteger();
    new Requests(bob, PATIENT)
        .serve(
            new Blocks(),
            (peer, count, answer) -> {
              if (answering.incrementAndGet() <= PATIENT.concurrent()) {
                Await.until("the notice", () -> notice.getCount() == 0);
              }
              answer.send(new byte[1]);
            });
    List<Answer<byte[]>> asked = List.of(ask(1), ask(1));
    Await.until("both answering", () -> answering.get() == PATIENT.concurrent());
    asked.forEach(Answer::close);
    try (Answer<byte[]> next = ask(1)) {
      assertThat(next.next()).hasSize(1);
    }
    notice.countDown();
  }

  @Test
  void aReaderThatStopsIsGivenUp() throws Exception {
    serve(100_000, HASTY);
    Answer<byte[]> answer = ask(100_000);
    Await.until("end of the producer", () -> ended.get() == 1);
    assertThat(produced.get()).isLessThan(1_000);
    answer.close();
  }

  @Test
  void refusalsSayWhy() throws Exception {
    new Requests(bob, PATIENT)
        .serve(
            new Blocks(),
            (peer, count, answer) -> {
              answer.send(new byte[1]);
              throw new RefusedException(RefusedException.RESOURCE_UNAVAILABLE, "pruned");
            });
    try (Answer<byte[]> answer = ask(5)) {
      assertThat(answer.next()).hasSize(1);
      assertThatThrownBy(answer::next)
          .isInstanceOfSatisfying(
              RefusedException.class,
              e -> {
                assertThat(e.code()).isEqualTo(RefusedException.RESOURCE_UNAVAILABLE);
                assertThat(e).hasMessage("pruned");
              });
    }
  }

  private void serveRaw(byte[] answer, boolean end) {
    bob.handle(
        "/test/blocks/1",
        8,
        stream -> {
          stream.read(new byte[100], 0, 100);
          stream.write(answer);
          if (!end) {
            stream.timeoutMillis(20_000);
            stream.read(new byte[1], 0, 1);
          }
        });
  }

  private static byte[] chunk(int code, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(code);
    SnappyFrames.write(content, out);
    return out.toByteArray();
  }

  private void expectMalformed(byte[] answer) throws IOException {
    serveRaw(answer, true);
    try (Answer<byte[]> asked = ask(1)) {
      assertThatThrownBy(
              () -> {
                while (asked.next() != null) {
                  // To the end.
                }
              })
          .isInstanceOf(MalformedInputException.class);
    }
  }

  /// T81, T82, T30: more chunks, lengths that lie, chunks cut short, wrong checksums, other frames.
  @Test
  void brokenAnswersAreThePeersFault() throws Exception {
    ByteArrayOutputStream two = new ByteArrayOutputStream();
    two.writeBytes(chunk(0, new byte[3]));
    two.writeBytes(chunk(0, new byte[3]));
    expectMalformed(two.toByteArray());
    expectMalformed(chunk(0, new byte[300_001]));
    expectMalformed(chunk(0, new byte[13]));
    byte[] sound = chunk(0, new byte[1000]);
    expectMalformed(java.util.Arrays.copyOf(sound, sound.length - 1));
    for (int i = 1; i < sound.length; i++) {
      if (i < 3 || i > 12 && i < 24) {
        byte[] changed = sound.clone();
        changed[i] ^= 0x10;
        expectMalformed(changed);
      }
    }
    expectMalformed(new byte[] {0, -1, -1, -1, -1, -1, -1, -1, 127});
    byte[] padding = new byte[200_000];
    System.arraycopy(sound, 0, padding, 0, 13);
    for (int at = 13; at + 4 < padding.length; at += 1004) {
      padding[at] = (byte) 0xfe;
      padding[at + 1] = (byte) 1000;
      padding[at + 2] = (byte) (1000 >>> 8);
    }
    expectMalformed(padding);
  }

  /// T60: what is counted for ever new peers.
  @Test
  void nothingIsKeptOfPeersThatAreGone() throws Exception {
    serve(10);
    try (Answer<byte[]> answer = ask(1)) {
      assertThat(answer.next()).hasSize(10);
    }
    assertThat(asking.peerCount()).isEqualTo(1);
    alice.disconnect(bob.id());
    Await.until("end", () -> asking.peerCount() == 0);
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> ask(1)).isInstanceOf(IOException.class);
    }
    assertThat(asking.peerCount()).isZero();
  }

  /// T30: neither a message's length nor a frame's takes memory before its bytes are there.
  @Test
  void lengthsAllocateNothing() throws Exception {
    byte[] length = Varint.encode(64 << 20);
    byte[] start = {(byte) 0xff, 6, 0, 0, 's', 'N', 'a', 'P', 'p', 'Y'};
    for (int kind : new int[] {0, 1, 0xfe}) {
      ByteArrayOutputStream claim = new ByteArrayOutputStream();
      claim.writeBytes(length);
      claim.writeBytes(start);
      claim.writeBytes(new byte[] {(byte) kind, -1, -1, -1});
      TimedInput in = new TimedInput(new Replay(claim.toByteArray()));
      in.deadline(System.nanoTime() + 60_000_000_000L);
      long allocated =
          Allocations.of(() ->
              assertThatThrownBy(() -> SnappyFrames.read(in, 64 << 20))
                  .isInstanceOfAny(MalformedInputException.class, EOFException.class));
      assertThat(allocated).isLessThan(512 << 10);
    }
  }

  /// T80: an answer that trickles or never comes.
  @Test
  void slowAnswersAreGivenUp() throws Exception {
    bob.handle(
        "/test/blocks/1",
        8,
        stream -> {
          byte[] answer = chunk(0, new byte[100_000]);
          for (byte b : answer) {
            stream.write(new byte[] {b});
            java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
          }
        });
    Requests hasty = new Requests(alice, HASTY);
    try (Answer<byte[]> answer = hasty.ask(bob.id(), new Blocks(), 1)) {
      assertThatThrownBy(answer::next).isInstanceOf(SocketTimeoutException.class);
    }
  }

  /// T80: an answer every chunk of which comes in time, and which is long all the same.
  @Test
  void answersOfLittleAreGivenUp() throws Exception {
    bob.handle(
        "/test/blocks/1",
        8,
        stream -> {
          for (int i = 0; i < 200; i++) {
            stream.write(chunk(0, new byte[10]));
            java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
          }
        });
    Requests hasty = new Requests(alice, HASTY);
    AtomicInteger came = new AtomicInteger();
    try (Answer<byte[]> answer = hasty.ask(bob.id(), new Blocks(), 1_000)) {
      assertThatThrownBy(
              () -> {
                while (answer.next() != null) {
                  came.incrementAndGet();
                }
              })
          .isInstanceOf(SocketTimeoutException.class);
    }
    assertThat(came.get()).isLessThan(100);
  }

  @Test
  void whoWaitsForAnAnswerCanBeReleased() throws Exception {
    serveRaw(chunk(0, new byte[3]), false);
    Answer<byte[]> answer = ask(2);
    assertThat(answer.next()).hasSize(3);
    Thread.ofVirtual().start(answer::abort);
    assertThatThrownBy(answer::next).isInstanceOf(StreamResetException.class);
    answer.close();
  }

  /// T80 and T83: a question that trickles, and one with bytes after it.
  @Test
  void slowAndLongQuestionsAreNotServed() throws Exception {
    serve(10, new RequestLimits(2, 300, 30_000, 30_000, 60_000, 64 << 20));
    ByteArrayOutputStream question = new ByteArrayOutputStream();
    SnappyFrames.write("3".getBytes(StandardCharsets.UTF_8), question);
    Stream slow = alice.open(bob.id(), "/test/blocks/1");
    slow.write(new byte[] {question.toByteArray()[0]});
    assertThatThrownBy(() -> slow.readFully(new byte[1], 0, 1)).isInstanceOf(IOException.class);

    serve(10);
    question.write(9);
    Stream longer = alice.open(bob.id(), "/test/blocks/1");
    longer.write(question.toByteArray());
    byte[] code = new byte[1];
    longer.readFully(code, 0, 1);
    assertThat(code[0]).isEqualTo((byte) RefusedException.INVALID_REQUEST);
    assertThat(produced.get()).isZero();
  }
}
