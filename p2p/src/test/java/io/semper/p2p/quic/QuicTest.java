package io.semper.p2p.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.semper.p2p.Connection;
import io.semper.p2p.Gate;
import io.semper.p2p.Host;
import io.semper.p2p.Stream;
import io.semper.p2p.TestHosts;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.limits.Limits;
import io.semper.p2p.mux.StreamResetException;
import io.semper.p2p.protocol.Delimited;
import io.semper.p2p.wire.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Two hosts that talk over QUIC.
@Timeout(120)
class QuicTest {
  private static final String ECHO = "/test/echo/1";
  private static final Multiaddr ANY = Multiaddr.parse("/ip4/127.0.0.1/udp/0/quic-v1");

  private Host alice;
  private Host bob;

  @BeforeEach
  void start() throws IOException {
    assumeTrue(QuicTransport.isAvailable(), "no QUIC on this platform");
    alice = Host.start(TestHosts.options(1).withListen(ANY));
    bob = Host.start(TestHosts.options(2).withListen(ANY));
    bob.handle(
        ECHO, 1_000, stream -> stream.write(Delimited.encode(Delimited.read(stream, 1 << 22))));
  }

  @AfterEach
  void stop() {
    if (alice != null) {
      alice.close();
      bob.close();
    }
  }

  private Connection connect() throws IOException {
    return alice.connect(TestHosts.address(bob));
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  @Test
  void messagesOfAllSizesComeBack() throws Exception {
    Connection connection = connect();
    assertThat(connection.peer()).isEqualTo(bob.id());
    Await.until("identify", () -> connection.identity().isPresent());
    for (int size : new int[] {0, 1, 1_200, 65_536, 1_000_000}) {
      try (Stream stream = connection.open(ECHO)) {
        Thread writer =
            Thread.ofVirtual()
                .start(() -> {
                  try {
                    stream.write(Delimited.encode(random(size)));
                  } catch (IOException e) {
                    stream.reset(0);
                  }
                });
        assertThat(Delimited.read(stream, 1 << 22)).isEqualTo(random(size));
        writer.join();
      }
    }
    Await.until("end of streams", () -> connection.streamCount() == 0);
    assertThat(alice.ping(bob.id())).isPositive();
    alice.disconnect(bob.id());
    Await.until("end", () -> bob.connections().isEmpty() && alice.connections().isEmpty());
  }

  @Test
  void thePeerMustBeTheOneDialled() {
    Multiaddr wrong =
        bob.addresses().getFirst().withPeerId(TestHosts.options(9).identity().peerId());
    assertThatThrownBy(() -> alice.connect(wrong)).isInstanceOf(IOException.class);
    assertThat(alice.connections()).isEmpty();
    Await.until("no handshake left", () -> bob.pendingHandshakes() == 0);
  }

  @Test
  void nobodyThere() throws Exception {
    alice.close();
    alice = Host.start(TestHosts.options(1).withListen(ANY).withLimits(Limits.defaults()));
    Multiaddr none = Multiaddr.parse("/ip4/127.0.0.1/udp/9/quic-v1").withPeerId(bob.id());
    assertThatThrownBy(() -> alice.connect(none)).isInstanceOf(IOException.class);
  }

  /// T72: the requester ends its side, and a long answer follows.
  @Test
  void aLongAnswerAfterTheEndOfTheQuestion() throws Exception {
    int size = 5_000_000;
    bob.handle(
        "/test/long/1",
        1,
        stream -> {
          assertThat(stream.read(new byte[10], 0, 10)).isEqualTo(3);
          assertThat(stream.read(new byte[10], 0, 10)).isEqualTo(-1);
          stream.write(random(size));
        });
    try (Stream stream = connect().open("/test/long/1")) {
      stream.write(new byte[3]);
      stream.closeWrite();
      byte[] answer = new byte[size];
      stream.readFully(answer, 0, size);
      assertThat(answer).isEqualTo(random(size));
      assertThat(stream.read(answer, 0, 1)).isEqualTo(-1);
    }
  }

  @Test
  void resetsAndTimeouts() throws Exception {
    bob.handle(
        "/test/reset/1",
        9,
        stream -> {
          stream.readFully(new byte[1], 0, 1);
          stream.reset(77);
        });
    Connection connection = connect();
    Stream stream = connection.open("/test/reset/1");
    stream.write(new byte[1]);
    assertThatThrownBy(() -> stream.readFully(new byte[1], 0, 1))
        .isInstanceOf(StreamResetException.class);
    Stream silent = connection.open(List.of(ECHO));
    silent.timeoutMillis(50);
    assertThatThrownBy(() -> silent.read(new byte[1], 0, 1))
        .isInstanceOf(SocketTimeoutException.class);
    silent.reset(0);
  }

  /// T05: what nobody reads waits at the sender, but for the first window: the codec holds what has
  /// come frame by frame, each at the price of many bytes.
  @Test
  void aReaderThatStopsHoldsUpTheWriter() throws Exception {
    bob.handle(
        "/test/unread/1",
        1,
        stream -> {
          stream.timeoutMillis(60_000);
          stream.read(new byte[1], 0, 1);
          Await.until("end of the connection", () -> bob.connections().isEmpty());
        });
    Stream stream = connect().open("/test/unread/1");
    stream.timeoutMillis(500);
    AtomicInteger taken = new AtomicInteger();
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 1_000; i++) {
                stream.write(new byte[10_000]);
                taken.addAndGet(10_000);
              }
            })
        .isInstanceOf(SocketTimeoutException.class);
    // Two windows, of the codec and of the reader, and what waits at the writer.
    assertThat(taken.get()).isLessThan(2 << 20);
    alice.disconnect(bob.id());
  }

  /// netty keeps the channels of streams that were reset: the peer pays for them, and when its
  /// account is used up the connection ends.
  @Test
  void resetsAreCharged() throws Exception {
    int streams = 20;
    bob.close();
    bob = Host.start(TestHosts.options(2).withListen(ANY).withLimits(limits(1_000, 40_960, 512)));
    Connection connection = connect();
    Await.until("identify", () -> connection.identity().isPresent());
    int charged = 0;
    try {
      for (; charged < streams; charged++) {
        connection.open("/unknown/1").reset(0);
        Stream stream = connection.open(ECHO);
        stream.flush();
        stream.reset(0);
        int now = charged;
        Await.until(
            "charge",
            () ->
                bob.connections().isEmpty()
                    || bob.heldBytes() >= now * (long) QuicMuxer.RESET_STREAM_BYTES);
      }
    } catch (IOException ended) {
      // Two charges a turn at most: not before half of them.
      assertThat(charged).isGreaterThanOrEqualTo(streams / 2 - 1);
    }
    Await.until("end of the connection", () -> bob.connections().isEmpty());
    Await.until("end of the connection", () -> alice.connections().isEmpty());
    assertThat(alice.heldBytes() + bob.heldBytes()).isZero();
  }

  /// T85: what we have closed and the peer leaves open ends in time, and makes room for others.
  @Test
  void closedStreamsThatThePeerLeavesOpenAreReset() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    bob.handle(
        "/test/open/1",
        1_000,
        stream -> {
          stream.flush();
          try {
            release.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
        });
    alice.close();
    alice = Host.start(TestHosts.options(1).withListen(ANY).withLimits(limits(200, 96 << 20, 8)));
    Connection connection = connect();
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 4; i++) {
        Stream stream = connection.open("/test/open/1");
        stream.write(new byte[1]);
        stream.close();
      }
      Await.until("end of the streams", () -> connection.streamCount() == 0);
    }
    release.countDown();
  }

  private static Limits limits(int drainMillis, long peerBytes, int outboundStreams) {
    Limits some = TestHosts.PATIENT;
    return new Limits(
        some.handshakeMillis(),
        some.dialMillis(),
        some.negotiateMillis(),
        some.pendingHandshakes(),
        some.connections(),
        some.connectionsPerIp(),
        some.acceptsPerIpPerSecond(),
        some.inboundStreams(),
        outboundStreams,
        some.unansweredOpens(),
        some.opensPerSecond(),
        some.idleFramesPerSecond(),
        some.maxWindowBytes(),
        some.connectionWindowBytes(),
        peerBytes,
        some.totalBytes(),
        some.keepAliveMillis(),
        some.pingMillis(),
        some.writeStallMillis(),
        drainMillis,
        some.identifyMillis());
  }

  /// T73: streams beyond those the peer allows at once wait, and what has ended makes room again,
  /// however often all was used up.
  @Test
  void streamsBeyondTheLimitWait() throws Exception {
    // An end that is lost, see QuicStream.writeLast, costs its place for a while.
    alice.close();
    Limits soon = limits(5_000, 96 << 20, 512);
    alice = Host.start(TestHosts.options(1).withListen(ANY).withLimits(soon));
    Connection connection = connect();
    List<Throwable> failures = new ArrayList<>();
    for (int round = 0; round < 4; round++) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        threads.add(
            Thread.ofVirtual()
                .start(() -> {
                  try (Stream stream = connection.open(ECHO)) {
                    stream.write(Delimited.encode(new byte[64]));
                    assertThat(Delimited.read(stream, 64)).hasSize(64);
                  } catch (IOException | AssertionError e) {
                    synchronized (failures) {
                      failures.add(e);
                    }
                  }
                }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      Await.until("end of streams", () -> connection.streamCount() == 0);
    }
    assertThat(failures).isEmpty();
    Await.until("end of streams", () -> connection.streamCount() == 0);
    // Of those whose end was lost the peer has been charged.
    assertThat(alice.heldBytes()).isLessThan(16 * QuicMuxer.RESET_STREAM_BYTES);
  }

  /// A peer that reads no more has said so by then; what was open goes all the same.
  @Test
  void streamsThatThePeerGivesUpLeaveNothing() throws Exception {
    bob.handle("/test/enough/1", 1_000, stream -> stream.readFully(new byte[1], 0, 1));
    Connection connection = connect();
    for (int i = 0; i < 300; i++) {
      try (Stream stream = connection.open("/test/enough/1")) {
        stream.write(new byte[200_000]);
      } catch (IOException refused) {
        // The peer was faster.
      }
    }
    Await.until("end of streams", () -> connection.streamCount() == 0);
    try (Stream stream = connection.open(ECHO)) {
      stream.write(Delimited.encode(new byte[3]));
      assertThat(Delimited.read(stream, 3)).hasSize(3);
    }
    assertThat(bob.heldBytes()).isLessThanOrEqualTo(300 * QuicMuxer.RESET_STREAM_BYTES);
    alice.disconnect(bob.id());
    Await.until("nothing held", () -> alice.heldBytes() + bob.heldBytes() == 0);
  }

  /// T25: what fails when a connection is to be taken in ends it.
  @Test
  void aGateThatFailsLeavesNoConnection() throws Exception {
    bob.close();
    Gate broken =
        new Gate() {
          @Override
          public boolean mayConnect(PeerId peer, boolean outbound) {
            throw new IllegalStateException("of a test");
          }
        };
    bob = Host.start(TestHosts.options(2).withListen(ANY).withGate(broken));
    try {
      connect();
    } catch (IOException ended) {
      // Or it ends a moment later.
    }
    Await.until("end", () -> alice.connections().isEmpty() && bob.pendingHandshakes() == 0);
    assertThat(bob.connections()).isEmpty();
    assertThat(bob.heldBytes()).isZero();
  }

  /// T71: beyond some handshakes at once an address has to be proven, by a token for it alone.
  @Test
  void tokensProveAddresses() throws Exception {
    AddressTokens tokens = new AddressTokens();
    InetSocketAddress here = new InetSocketAddress(InetAddress.getByName("192.0.2.1"), 1);
    InetSocketAddress there = new InetSocketAddress(InetAddress.getByName("192.0.2.2"), 1);
    ByteBuf id = Unpooled.wrappedBuffer(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    ByteBuf token = Unpooled.buffer();
    assertThat(tokens.writeToken(token, id, here)).isFalse();
    for (int i = 0; i < 20; i++) {
      tokens.began();
    }
    assertThat(tokens.writeToken(token, id, here)).isTrue();
    assertThat(token.readableBytes()).isLessThanOrEqualTo(tokens.maxTokenLength());
    int offset = tokens.validateToken(token, here);
    assertThat(token.slice(offset, token.readableBytes() - offset)).isEqualTo(id);
    assertThat(tokens.validateToken(token, there)).isEqualTo(-1);
    assertThat(tokens.validateToken(Unpooled.EMPTY_BUFFER, here)).isEqualTo(-1);
    token.setByte(3, token.getByte(3) ^ 1);
    assertThat(tokens.validateToken(token, here)).isEqualTo(-1);
  }
}
