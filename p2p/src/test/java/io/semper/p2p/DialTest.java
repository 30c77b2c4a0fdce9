package io.semper.p2p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.limits.Limits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A peer that is said to be at several addresses.
@Timeout(120)
class DialTest {
  private static final int DIAL_MILLIS = 30_000;
  private static final PeerId PEER = TestHosts.options(9).identity().peerId();

  /// A host to which an address that does not answer costs long.
  private static Host dialler() throws IOException {
    Limits usual = Limits.defaults();
    Limits limits =
        TestHosts.limits(
            2 * DIAL_MILLIS, DIAL_MILLIS, usual.negotiateMillis(), usual.pendingHandshakes());
    return Host.start(TestHosts.options(1).withLimits(limits));
  }

  private static Multiaddr tcp(int port) {
    return Multiaddr.tcp(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  /// A socket that listens and whose queue is full: the system answers no further dial.
  private static final class BlackHole implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final List<Socket> waiting = new ArrayList<>();

    BlackHole() throws IOException {
      try {
        while (true) {
          Socket socket = new Socket();
          waiting.add(socket);
          socket.connect(server.getLocalSocketAddress(), 200);
        }
      } catch (SocketTimeoutException full) {
        assertThat(waiting).hasSizeGreaterThan(1);
      }
    }

    Multiaddr address() {
      return tcp(server.getLocalPort());
    }

    @Override
    public void close() throws IOException {
      for (Socket socket : waiting) {
        socket.close();
      }
      server.close();
    }
  }

  @Test
  void sevenBlackHolesCostNoDialTimeout() throws Exception {
    List<BlackHole> holes = new ArrayList<>();
    try (Host alice = dialler();
        Host bob = TestHosts.start(2)) {
      List<Multiaddr> addresses = new ArrayList<>();
      for (int i = 0; i < 7; i++) {
        holes.add(new BlackHole());
        addresses.add(holes.getLast().address());
      }
      addresses.add(TestHosts.address(bob));
      long began = System.nanoTime();
      Connection connection = alice.connect(bob.id(), addresses);
      assertThat(System.nanoTime() - began).isLessThan(DIAL_MILLIS * 1_000_000L);
      assertThat(connection.peer()).isEqualTo(bob.id());
      assertThat(connection.remoteAddress()).isEqualTo(bob.addresses().getFirst());
    } finally {
      for (BlackHole hole : holes) {
        hole.close();
      }
    }
  }

  /// Where something takes the connection and says nothing, its socket is closed with the race.
  @Test
  void losersAreClosed() throws Exception {
    CountDownLatch dialled = new CountDownLatch(1);
    Gate later =
        new Gate() {
          @Override
          public boolean mayAccept(InetAddress address) {
            try {
              dialled.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            return true;
          }
        };
    try (Host alice = dialler();
        Host bob = Host.start(TestHosts.options(2).withGate(later));
        ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      BlockingQueue<Integer> read = new LinkedBlockingQueue<>();
      Thread.ofVirtual().start(() -> read.add(acceptAndRead(silent, dialled)));
      alice.connect(bob.id(), List.of(tcp(silent.getLocalPort()), TestHosts.address(bob)));
      assertThat(read.poll(60, TimeUnit.SECONDS)).isPositive();
      assertThat(alice.connections()).hasSize(1);
    }
  }

  private static int acceptAndRead(ServerSocket server, CountDownLatch accepted) {
    try (Socket loser = server.accept()) {
      loser.setSoTimeout(DIAL_MILLIS);
      int first = loser.getInputStream().read();
      accepted.countDown();
      return first < 0 ? 0 : 1 + readToTheEnd(loser);
    } catch (IOException open) {
      return -1;
    }
  }

  private static int readToTheEnd(Socket socket) throws IOException {
    int bytes = 0;
    try {
      while (socket.getInputStream().read() >= 0) {
        bytes++;
      }
    } catch (SocketTimeoutException open) {
      throw open;
    } catch (IOException reset) {
      // An end as well.
    }
    return bytes;
  }

  /// Another peer, nobody, and noise: none of it keeps the peer from being reached.
  @Test
  void addressesThatFailArePassedBy() throws Exception {
    try (Host alice = dialler();
        Host bob = TestHosts.start(2);
        Host carol = TestHosts.start(3);
        ServerSocket noise = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      int unused;
      try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        unused = closed.getLocalPort();
      }
      Thread.ofVirtual().start(() -> speakNoise(noise));
      Connection connection =
          alice.connect(
              bob.id(),
              List.of(
                  tcp(unused),
                  carol.addresses().getFirst(),
                  tcp(noise.getLocalPort()),
                  TestHosts.address(bob)));
      assertThat(connection.peer()).isEqualTo(bob.id());
      assertThatThrownBy(() -> alice.connect(carol.id(), List.of(tcp(unused))))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(carol.id() + " cannot be reached at [" + tcp(unused) + "]: ");
    }
  }

  private static void speakNoise(ServerSocket at) {
    try (Socket socket = at.accept()) {
      socket.getOutputStream().write(new byte[] {3, 'n', 'o', '\n'});
    } catch (IOException ended) {
      // As it should.
    }
  }

  @Test
  void whoIsInterruptedDialsNoMore() throws Exception {
    try (Host alice = dialler();
        Host bob = TestHosts.start(2);
        ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      AtomicInteger failures = new AtomicInteger();
      Thread dialling =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  alice.connect(bob.id(), List.of(tcp(silent.getLocalPort())));
                } catch (IOException interrupted) {
                  failures.incrementAndGet();
                }
              });
      try (Socket dialled = silent.accept()) {
        dialling.interrupt();
        dialling.join();
        assertThat(failures).hasValue(1);
        dialled.setSoTimeout(DIAL_MILLIS);
        assertThat(readToTheEnd(dialled)).isNotNegative();
      }
    }
  }

  @Test
  void addressesAndDialsAtTheSameTimeAreBounded() throws Exception {
    List<Multiaddr> many = new ArrayList<>();
    for (int port = 1; port <= 3 * Dial.MAX_ADDRESSES; port++) {
      many.add(tcp(port));
    }
    AtomicInteger begun = new AtomicInteger();
    AtomicInteger underWay = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch full = new CountDownLatch(Dial.MAX_AT_ONCE);
    CountDownLatch overfull = new CountDownLatch(Dial.MAX_AT_ONCE + 1);
    CountDownLatch release = new CountDownLatch(1);
    Dial dial =
        new Dial(
            PEER,
            many,
            (address, admission) -> {
              begun.incrementAndGet();
              most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
              full.countDown();
              overfull.countDown();
              try {
                release.await();
              } catch (InterruptedException e) {
                throw new IOException(e);
              } finally {
                underWay.decrementAndGet();
              }
              throw new IOException("nobody at " + address);
            },
            connection -> {});
    AtomicInteger failures = new AtomicInteger();
    Thread dialling =
        Thread.ofVirtual()
            .start(() -> {
              try {
                dial.run();
              } catch (IOException nobody) {
                failures.incrementAndGet();
              }
            });
    assertThat(full.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(overfull.await(600, TimeUnit.MILLISECONDS)).isFalse();
    release.countDown();
    dialling.join();
    assertThat(failures).hasValue(1);
    assertThat(begun).hasValue(Dial.MAX_ADDRESSES);
    assertThat(most).hasValue(Dial.MAX_AT_ONCE);
  }

  /// Dialled from both at once, one peer has one connection, and the other hears of no second.
  @Test
  void whoIsSlowerIsNotAdmitted() throws Exception {
    AtomicInteger admitted = new AtomicInteger();
    CountDownLatch both = new CountDownLatch(2);
    AtomicInteger refused = new AtomicInteger();
    CountDownLatch slower = new CountDownLatch(1);
    Dial dial =
        new Dial(
            PEER,
            List.of(tcp(1), tcp(2)),
            (address, admission) -> {
              both.countDown();
              try {
                both.await();
              } catch (InterruptedException faster) {
                // The other has been admitted before this thread got its turn.
              }
              try {
                admission.admit(null);
              } catch (IOException late) {
                refused.incrementAndGet();
                slower.countDown();
                throw late;
              }
              return null;
            },
            connection -> admitted.incrementAndGet());
    assertThat(dial.run()).isNull();
    assertThat(slower.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(admitted).hasValue(1);
    assertThat(refused).hasValue(1);
  }

  @Test
  void whoCannotBeReachedIsNamedWithItsAddressesAndWhy() {
    Dial.Attempt refused =
        (address, admission) -> {
          throw new IOException("refused");
        };
    Dial.Attempt closed =
        (address, admission) -> {
          throw new ClosedChannelException();
        };
    List<Multiaddr> addresses = List.of(tcp(1).withPeerId(PEER), tcp(2));
    assertThatThrownBy(() -> new Dial(PEER, addresses, refused, connection -> {}).run())
        .isInstanceOf(IOException.class)
        .hasMessage("%s cannot be reached at [%s, %s]: refused", PEER, tcp(1), tcp(2));
    assertThatThrownBy(() -> new Dial(PEER, addresses, closed, connection -> {}).run())
        .hasMessageEndingWith(": " + ClosedChannelException.class.getName())
        .hasCauseInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> new Dial(PEER, List.of(), refused, connection -> {}).run())
        .hasMessage("no address of %s can be dialled", PEER);
  }

  @Test
  void quicIsDialledFirstAndEachAddressOnce() {
    Multiaddr one = Multiaddr.parse("/ip4/192.0.2.1/tcp/1");
    Multiaddr two = Multiaddr.parse("/ip4/192.0.2.2/tcp/1");
    Multiaddr quic = Multiaddr.parse("/ip4/192.0.2.1/udp/1/quic-v1");
    Multiaddr named = one.withPeerId(TestHosts.options(1).identity().peerId());
    assertThat(Dial.ranked(List.of(two, one, quic, named))).containsExactly(quic, two, one);
  }
}
