package io.semper.p2p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.limits.Limits;
import io.semper.p2p.mux.StreamResetException;
import io.semper.p2p.negotiate.Multistream;
import io.semper.p2p.negotiate.NegotiationException;
import io.semper.p2p.protocol.Delimited;
import io.semper.p2p.protocol.Identify;
import io.semper.p2p.protocol.Ping;
import io.semper.p2p.wire.Await;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class HostTest {
  private static final String ECHO = "/test/echo/1";
  private static final int YAMUX_WINDOW = 256 << 10;
  private static final int SIMULTANEOUS_DIALS = Integer.getInteger("semper.dials", 20);

  private static void echo(Stream stream) throws IOException {
    stream.write(Delimited.encode(Delimited.read(stream, 1 << 20)));
  }

  private static byte[] ask(Stream stream, byte[] message) throws IOException {
    try {
      stream.write(Delimited.encode(message));
      return Delimited.read(stream, 1 << 20);
    } finally {
      stream.close();
    }
  }

  /// Who is interrupted in a request and gives it up ends that alone.
  @Test
  void anInterruptedRequestLeavesTheConnection() throws Exception {
    try (Host alice = TestHosts.start(1);
        Host bob = TestHosts.start(2)) {
      CountDownLatch asked = new CountDownLatch(2);
      CountDownLatch release = new CountDownLatch(1);
      bob.handle(ECHO, 4, HostTest::echo);
      bob.handle(
          "/test/slow/1",
          4,
          stream -> {
            Delimited.read(stream, 10);
            asked.countDown();
            try {
              release.await();
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
          });
      Connection connection = alice.connect(TestHosts.address(bob));
      Await.until("identify", () -> connection.identity().isPresent());
      AtomicInteger flagged = new AtomicInteger();
      Thread asker =
          Thread.ofVirtual()
              .start(() -> {
                Stream[] stream = new Stream[1];
                try {
                  stream[0] = connection.open("/test/slow/1");
                  stream[0].write(Delimited.encode(new byte[1]));
                  asked.countDown();
                  Delimited.read(stream[0], 10);
                } catch (IOException interrupted) {
                  flagged.addAndGet(Thread.currentThread().isInterrupted() ? 1 : 0);
                  stream[0].close();
                  stream[0].reset(0);
                }
              });
      // By both: not within the socket's write any more, see Stream.
      asked.await();
      asker.interrupt();
      asker.join();
      assertThat(flagged).hasValue(1);
      for (int i = 0; i < 10; i++) {
        assertThat(ask(connection.open(ECHO), new byte[] {1, 2})).containsExactly(1, 2);
      }
      assertThat(alice.connection(bob.id())).containsSame(connection);
      release.countDown();
    }
  }

  /// Nor does who gives up a write that the peer takes nothing of, by an interrupt or by a reset
  /// from another thread.
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aWriteGivenUpLeavesTheConnection(boolean interrupted) throws Exception {
    AtomicReference<Stream> unread = new AtomicReference<>();
    CountDownLatch release = new CountDownLatch(1);
    try (Host alice = TestHosts.start(1);
        Host bob = TestHosts.start(2)) {
      bob.handle(ECHO, 4, HostTest::echo);
      bob.handle(
          "/test/unread/1",
          4,
          stream -> {
            unread.set(stream);
            try {
              release.await();
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
          });
      Connection connection = alice.connect(TestHosts.address(bob));
      Stream stream = connection.open("/test/unread/1");
      BlockingQueue<IOException> failure = new LinkedBlockingQueue<>();
      Thread writer =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  while (true) {
                    stream.write(new byte[1 << 16]);
                  }
                } catch (IOException e) {
                  failure.add(e);
                  stream.reset(0);
                }
              });
      // All of the window has left: the writer is not within the socket's write, see Stream.
      int opening = Multistream.opening("/test/unread/1").length;
      Await.until(
          "wait for window",
          () ->
              unread.get() != null
                  && unread.get().available() == YAMUX_WINDOW - opening
                  && writer.getState() == Thread.State.WAITING);
      if (interrupted) {
        writer.interrupt();
      } else {
        stream.reset(0);
      }
      assertThat(failure.poll(60, TimeUnit.SECONDS))
          .isInstanceOf(interrupted ? InterruptedIOException.class : StreamResetException.class);
      assertThat(ask(connection.open(ECHO), new byte[] {1, 2})).containsExactly(1, 2);
      assertThat(alice.connection(bob.id())).containsSame(connection);
      release.countDown();
    }
  }

  @Test
  void peersConnectIdentifyAndTalk() throws Exception {
    try (Host alice = TestHosts.start(1);
        Host bob = TestHosts.start(2)) {
      bob.handle(ECHO, 4, HostTest::echo);
      Connection connection = alice.connect(TestHosts.address(bob));
      assertThat(connection.peer()).isEqualTo(bob.id());
      assertThat(alice.connect(TestHosts.address(bob))).isSameAs(connection);
      assertThat(ask(connection.open(ECHO), new byte[] {1, 2})).containsExactly(1, 2);
      assertThat(ask(connection.open(List.of("/other", ECHO)), new byte[9])).hasSize(9);
      assertThat(alice.ping(bob.id())).isPositive();
      Await.until("identify", () -> connection.identity().isPresent());
      Identify told = connection.identity().orElseThrow();
      assertThat(told.protocols()).contains(ECHO, Identify.ID);
      assertThat(told.addresses()).isEqualTo(bob.addresses());
      assertThat(told.agentVersion()).isEqualTo("semper/test");

      bob.handle("/test/more/1", 1, Stream::close);
      Await.until(
          "push", () -> connection.identity().orElseThrow().protocols().contains("/test/more/1"));

      assertThatThrownBy(() -> ask(connection.open("/unknown"), new byte[1]))
          .isInstanceOf(NegotiationException.class);
      assertThatThrownBy(() -> connection.open(List.of("/unknown", "/unknown/2")))
          .isInstanceOf(IOException.class);
      alice.disconnect(bob.id());
      Await.until("end", () -> bob.connections().isEmpty() && alice.connections().isEmpty());
      assertThat(alice.heldBytes() + bob.heldBytes()).isZero();
    }
  }

  /// js-libp2p loses an end that comes before its handler runs: it follows a ping then, which is
  /// answered after that. To others it follows at once.
  @ParameterizedTest
  @CsvSource({"js-libp2p/3.3.11, 1", "semper/test, 0"})
  void theEndComesOnceTheHandlerRuns(String agent, int pings) throws Exception {
    AtomicInteger answered = new AtomicInteger();
    AtomicInteger answeredBeforeTheEnd = new AtomicInteger(-1);
    HostOptions options =
        HostOptions.of(TestHosts.options(2).identity(), agent)
            .withListen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"));
    try (Host alice = TestHosts.start(1);
        Host bob = Host.start(options)) {
      bob.handle(
          Ping.ID,
          Ping.MAX_STREAMS,
          stream -> {
            answered.incrementAndGet();
            Ping.serve(stream);
          });
      bob.handle(
          "/test/whole/1",
          2,
          stream -> {
            stream.readFully(new byte[2], 0, 2);
            assertThat(stream.read(new byte[1], 0, 1)).isNegative();
            answeredBeforeTheEnd.set(answered.get());
            stream.write(new byte[] {7});
          });
      Connection connection = alice.connect(TestHosts.address(bob));
      Await.until("identify", () -> connection.identity().isPresent());
      for (int i = 1; i <= 2; i++) {
        Stream stream =
            i == 1 ? connection.open("/test/whole/1") : connection.open(List.of("/test/whole/1"));
        stream.writeLast(new byte[2], 0, 2);
        stream.readFully(new byte[1], 0, 1);
        stream.close();
        assertThat(answeredBeforeTheEnd).hasValue(i * pings);
      }
      Await.until("end of the pings", () -> connection.streamCount() == 0);
    }
  }

  /// A protocol serves a peer's streams up to its number, and resets the next (T84).
  @Test
  void streamsOfOneProtocolAreCounted() throws Exception {
    CountDownLatch served = new CountDownLatch(2);
    CountDownLatch release = new CountDownLatch(1);
    try (Host alice = TestHosts.start(1);
        Host bob = TestHosts.start(2)) {
      bob.handle(
          "/test/slow/1",
          2,
          stream -> {
            served.countDown();
            try {
              release.await();
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
            stream.write(new byte[] {7});
          });
      Connection connection = alice.connect(TestHosts.address(bob));
      List<Stream> streams = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        Stream stream = connection.open(List.of("/test/slow/1"));
        streams.add(stream);
      }
      // The peer agrees to a protocol before it counts the stream.
      served.await();
      Stream third = connection.open("/test/slow/1");
      assertThatThrownBy(() -> ask(third, new byte[1])).isInstanceOf(StreamResetException.class);
      release.countDown();
      for (Stream stream : streams) {
        byte[] one = new byte[1];
        stream.readFully(one, 0, 1);
        assertThat(one).containsExactly(7);
        stream.close();
      }
    }
  }

  /// T62: another peer listens at the address.
  @Test
  void thePeerMustBeTheOneDialled() throws Exception {
    try (Host alice = TestHosts.start(1);
        Host bob = TestHosts.start(2);
        Host carol = TestHosts.start(3)) {
      Multiaddr wrong = bob.addresses().getFirst().withPeerId(carol.id());
      assertThatThrownBy(() -> alice.connect(wrong)).isInstanceOf(IOException.class);
      assertThat(alice.connections()).isEmpty();
      Await.until("no handshake left", () -> bob.pendingHandshakes() == 0);
      assertThatThrownBy(() -> alice.connect(TestHosts.address(alice)))
          .isInstanceOf(IOException.class);
    }
  }

  /// T63: both dial at the same time. One connection is used by both, and the other goes.
  /// `-Dsemper.dials=1000` has them do so as often.
  @Test
  void simultaneousDialsLeaveOneConnection() throws Exception {
    try (Host alice = TestHosts.start(1);
        Host bob = TestHosts.start(2)) {
      alice.handle(ECHO, 64, HostTest::echo);
      bob.handle(ECHO, 64, HostTest::echo);
      for (int round = 0; round < SIMULTANEOUS_DIALS; round++) {
        Thread one = dial(alice, bob);
        Thread two = dial(bob, alice);
        one.join();
        two.join();
        Await.until("talk of one", () -> talks(alice, bob));
        Await.until("talk of the other", () -> talks(bob, alice));
        // Both have chosen the same one.
        Await.until(
            "agreement",
            () -> {
              Optional<Connection> hers = alice.connection(bob.id());
              Optional<Connection> his = bob.connection(alice.id());
              return hers.isPresent()
                  && his.isPresent()
                  && hers.get().isOutbound() != his.get().isOutbound();
            });
        alice.disconnect(bob.id());
        bob.disconnect(alice.id());
        Await.until("end", () -> alice.connections().isEmpty() && bob.connections().isEmpty());
      }
      assertThat(alice.heldBytes() + bob.heldBytes()).isZero();
    }
  }

  private static boolean talks(Host from, Host to) {
    try {
      return ask(from.open(to.id(), ECHO), new byte[3]).length == 3;
    } catch (IOException e) {
      return false;
    }
  }

  private static Thread dial(Host from, Host to) {
    return Thread.ofVirtual()
        .start(() -> {
          try {
            from.connect(TestHosts.address(to));
          } catch (IOException e) {
            // The other side's dial came first and this one was dropped.
          }
        });
  }

  /// T25: what fails here ends what it failed in, and is told; nothing else is touched.
  @Test
  void aHandlerThatFailsEndsItsStreamOnly() throws Exception {
    BlockingQueue<Throwable> told = new LinkedBlockingQueue<>();
    Thread.UncaughtExceptionHandler usual = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> told.add(failure));
    try (Host alice = TestHosts.start(1);
        Host bob = TestHosts.start(2)) {
      bob.handle(ECHO, 4, HostTest::echo);
      bob.handle(
          "/test/broken/1",
          4,
          stream -> {
            throw new StackOverflowError("of a test");
          });
      Connection connection = alice.connect(TestHosts.address(bob));
      for (int i = 0; i < 10; i++) {
        Stream stream = connection.open("/test/broken/1");
        assertThatThrownBy(() -> ask(stream, new byte[1])).isInstanceOf(StreamResetException.class);
        assertThat(told.poll(60, TimeUnit.SECONDS)).isInstanceOf(StackOverflowError.class);
      }
      assertThat(ask(connection.open(ECHO), new byte[3])).hasSize(3);
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(usual);
    }
  }

  /// T25, where there is no connection yet.
  @Test
  void aGateThatFailsLeavesNoConnection() throws Exception {
    BlockingQueue<Throwable> told = new LinkedBlockingQueue<>();
    Thread.UncaughtExceptionHandler usual = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> told.add(failure));
    Gate broken =
        new Gate() {
          @Override
          public boolean mayConnect(PeerId peer, boolean outbound) {
            throw new StackOverflowError("of a test");
          }
        };
    try (Host alice = TestHosts.start(1);
        Host bob = Host.start(TestHosts.options(2).withGate(broken))) {
      try {
        alice.connect(TestHosts.address(bob));
      } catch (IOException ended) {
        // Or it ends a moment later.
      }
      assertThat(told.poll(60, TimeUnit.SECONDS)).isInstanceOf(StackOverflowError.class);
      Await.until("end", () -> alice.connections().isEmpty() && bob.pendingHandshakes() == 0);
      assertThat(bob.connections()).isEmpty();
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(usual);
    }
  }

  /// T64: a peer that is back before everybody has heard that it left.
  @Test
  void comingAndGoingAreToldInTheirOrder() throws Exception {
    List<String> told = new CopyOnWriteArrayList<>();
    CountDownLatch back = new CountDownLatch(2);
    HostListener slow =
        new HostListener() {
          @Override
          public void connected(Connection connection) {
            told.add("came");
            back.countDown();
          }

          @Override
          public void disconnected(Connection connection) {
            try {
              // Told in their order, it does not come back meanwhile.
              boolean early = back.await(200, TimeUnit.MILLISECONDS);
              told.add(early ? "left too late" : "left");
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          }
        };
    try (Host alice = TestHosts.start(1);
        Host bob = TestHosts.start(2)) {
      bob.addListener(slow);
      alice.connect(TestHosts.address(bob));
      Await.until("connection", () -> bob.connection(alice.id()).isPresent());
      alice.disconnect(bob.id());
      Await.until(
          "end", () -> bob.connection(alice.id()).isEmpty() && alice.connections().isEmpty());
      alice.connect(TestHosts.address(bob));
      Await.until("all", () -> told.size() == 3);
      assertThat(told).containsExactly("came", "left", "came");
    }
  }

  /// T20: sockets that send garbage or nothing hold a bounded number of places, and not for long.
  @Test
  void idleAndGarbageSocketsAreDropped() throws Exception {
    Limits limits = TestHosts.limits(2_000, 2_000, 2_000, 8);
    try (Host victim = Host.start(TestHosts.options(1).withLimits(limits));
        Host friend = TestHosts.start(2)) {
      InetSocketAddress address = victim.addresses().getFirst().resolve();
      List<Socket> sockets = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        Socket socket = new Socket(address.getAddress(), address.getPort());
        sockets.add(socket);
        if (i % 2 == 0) {
          writeQuietly(socket, new byte[65_000]);
        }
        assertThat(victim.pendingHandshakes()).isLessThanOrEqualTo(8);
      }
      for (Socket socket : sockets) {
        awaitEnd(socket);
      }
      // Its own handshake has no more time than theirs.
      Await.until("a handshake in time", () -> connects(friend, victim));
    }
  }

  private static void awaitEnd(Socket socket) throws IOException {
    try (socket) {
      socket.setSoTimeout(60_000);
      while (socket.getInputStream().read() >= 0) {
        // What the victim says first.
      }
    } catch (SocketException reset) {
      // An end as well.
    }
  }

  private static boolean connects(Host from, Host to) {
    try {
      return from.connect(TestHosts.address(to)).peer().equals(to.id());
    } catch (IOException refused) {
      return false;
    }
  }

  private static void writeQuietly(Socket socket, byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException e) {
      // The victim was faster.
    }
  }

  @Test
  void gatesKeepPeersOut() throws Exception {
    PeerId friend = TestHosts.options(2).identity().peerId();
    Gate gate =
        new Gate() {
          @Override
          public boolean mayConnect(PeerId peer, boolean outbound) {
            return peer.equals(friend);
          }
        };
    AtomicInteger left = new AtomicInteger();
    try (Host host = Host.start(TestHosts.options(1).withGate(gate));
        Host bob = TestHosts.start(2);
        Host carol = TestHosts.start(3)) {
      carol.addListener(
          new HostListener() {
            @Override
            public void disconnected(Connection connection) {
              left.incrementAndGet();
            }
          });
      bob.connect(TestHosts.address(host));
      Await.until("the friend", () -> host.connection(friend).isPresent());
      try {
        carol.connect(TestHosts.address(host));
        Await.until("refusal", () -> left.get() == 1);
      } catch (IOException refused) {
        assertThat(left.get()).isZero();
      }
      assertThat(host.connections()).extracting(Connection::peer).containsExactly(friend);
    }
  }

  /// Where one place is left, two that come at once do not both find it.
  @Test
  void gatesAreAskedOneAtATime() throws Exception {
    CountDownLatch both = new CountDownLatch(2);
    BlockingQueue<Boolean> together = new LinkedBlockingQueue<>();
    Gate gate =
        new Gate() {
          @Override
          public boolean mayConnect(PeerId peer, boolean outbound) {
            both.countDown();
            try {
              together.add(both.await(200, TimeUnit.MILLISECONDS));
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            return true;
          }
        };
    try (Host host = Host.start(TestHosts.options(1).withGate(gate));
        Host bob = TestHosts.start(2);
        Host carol = TestHosts.start(3)) {
      Thread one = dial(bob, host);
      Thread two = dial(carol, host);
      one.join();
      two.join();
      Await.until("both", () -> together.size() == 2);
      assertThat(together).contains(false);
    }
  }

  /// Bounds for each address. The loopback address has none, so they are asked directly.
  @Test
  void addressesAreBoundedInNumberAndRate() throws Exception {
    AcceptGate gate = new AcceptGate(Limits.defaults());
    InetAddress stranger = InetAddress.getByName("192.0.2.1");
    int allowed = 0;
    for (int i = 0; i < 100; i++) {
      if (gate.tryEnter(stranger, 1_000_000_000L * i)) {
        gate.handshakeEnded();
        allowed++;
      }
    }
    assertThat(allowed).isEqualTo(Limits.defaults().connectionsPerIp());
    allowed = 0;
    for (int i = 0; i < 1000; i++) {
      if (gate.tryEnter(InetAddress.getByName("192.0.2.2"), 5)) {
        gate.handshakeEnded();
        gate.leave(InetAddress.getByName("192.0.2.2"));
        allowed++;
      }
    }
    assertThat(allowed).isEqualTo(2 * Limits.defaults().acceptsPerIpPerSecond());
  }

  /// Of IPv6 one host has a network of its own.
  @Test
  void addressesOfANetworkAreBoundedTogether() throws Exception {
    AcceptGate gate = new AcceptGate(Limits.defaults());
    int allowed = 0;
    for (int i = 0; i < 100; i++) {
      InetAddress one = InetAddress.getByName("2001:db8:0:1::" + Integer.toHexString(i));
      if (gate.tryEnter(one, 1_000_000_000L * i)) {
        gate.handshakeEnded();
        allowed++;
      }
    }
    assertThat(allowed).isEqualTo(Limits.defaults().connectionsPerIp());
    gate.leave(InetAddress.getByName("2001:db8:0:1::ffff"));
    assertThat(gate.tryEnter(InetAddress.getByName("2001:db8:0:1::fff"), 1L << 40)).isTrue();
    assertThat(gate.tryEnter(InetAddress.getByName("2001:db8:0:1::ff"), 1L << 40)).isFalse();
    assertThat(gate.tryEnter(InetAddress.getByName("2001:db8:0:2::1"), 1L << 40)).isTrue();
  }

  /// On a link and in a private network many hosts share one.
  @Test
  void hostsOfALocalNetworkCountEachForThemselves() throws Exception {
    for (String network : new String[] {"fe80::", "fd00:1:2:3::"}) {
      AcceptGate gate = new AcceptGate(Limits.defaults());
      for (int i = 0; i < 2 * Limits.defaults().connectionsPerIp(); i++) {
        InetAddress one = InetAddress.getByName(network + Integer.toHexString(i + 1));
        assertThat(gate.tryEnter(one, 1_000_000_000L * i)).as(one.toString()).isTrue();
        gate.handshakeEnded();
      }
    }
  }
}
