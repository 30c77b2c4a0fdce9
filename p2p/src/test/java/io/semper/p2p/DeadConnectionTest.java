package io.semper.p2p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.mux.Mplex;
import io.semper.p2p.mux.Yamux;
import io.semper.p2p.protocol.Delimited;
import io.semper.p2p.quic.QuicTransport;
import io.semper.p2p.wire.Await;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is done with a connection that has ended does no harm, and ends at once.
@Timeout(120)
class DeadConnectionTest {
  private static final String ECHO = "/test/echo/1";

  private static Host start(int seed, String muxer) throws IOException {
    boolean quic = muxer.equals(Transports.QUIC);
    assumeTrue(!quic || QuicTransport.isAvailable(), "no QUIC on this platform");
    HostOptions options = TestHosts.options(seed);
    Host host =
        Host.start(
            quic
                ? options.withListen(Multiaddr.parse("/ip4/127.0.0.1/udp/0/quic-v1"))
                : options.withMuxers(muxer));
    host.handle(ECHO, 8, stream -> stream.write(Delimited.encode(Delimited.read(stream, 100))));
    return host;
  }

  private static Stream talk(Connection connection) throws IOException {
    Stream stream = connection.open(ECHO);
    stream.write(Delimited.encode(new byte[3]));
    return stream;
  }

  @ParameterizedTest
  @ValueSource(strings = {Yamux.ID, Mplex.ID, Transports.QUIC})
  void thePeerIsGone(String muxer) throws Exception {
    try (Host alice = start(1, muxer)) {
      Connection connection;
      Stream idle;
      BlockingQueue<String> outcome = new LinkedBlockingQueue<>();
      try (Host bob = start(2, muxer)) {
        bob.handle("/test/silent/1", 8, stream -> stream.readFully(new byte[10], 0, 10));
        connection = alice.connect(TestHosts.address(bob));
        assertThat(connection.muxerName()).isEqualTo(muxer);
        idle = talk(connection);
        assertThat(Delimited.read(idle, 100)).hasSize(3);
        Stream waiting = connection.open("/test/silent/1");
        Thread.ofVirtual().start(() -> outcome.add(read(waiting)));
        Await.until("the stream", () -> bob.connections().getFirst().streamCount() > 0);
      }
      Await.until("the end", () -> connection.closedBecause().isPresent());
      assertThat(outcome.poll(60, TimeUnit.SECONDS)).isEqualTo("failed");
      assertHarmless(connection, idle);
      Await.until("nothing left", () -> alice.connections().isEmpty() && alice.heldBytes() == 0);
      try (Host again = start(2, muxer)) {
        assertThat(Delimited.read(talk(alice.connect(TestHosts.address(again))), 100)).hasSize(3);
      }
    }
  }

  private static String read(Stream stream) {
    try {
      return "read " + stream.read(new byte[1], 0, 1);
    } catch (IOException e) {
      return "failed";
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {Yamux.ID, Mplex.ID, Transports.QUIC})
  void weHaveEndedIt(String muxer) throws Exception {
    try (Host alice = start(1, muxer);
        Host bob = start(2, muxer)) {
      Connection connection = alice.connect(TestHosts.address(bob));
      Stream stream = talk(connection);
      connection.close();
      assertHarmless(connection, stream);
      Await.until("the end there", () -> bob.connections().isEmpty());
      Await.until("nothing left", () -> alice.heldBytes() + bob.heldBytes() == 0);
    }
  }

  private static void assertHarmless(Connection connection, Stream stream) {
    String reason = connection.closedBecause().orElseThrow();
    assertThatThrownBy(() -> connection.open(ECHO)).isInstanceOf(IOException.class);
    assertThatThrownBy(connection::ping).isInstanceOf(IOException.class);
    // The connection is told to have ended before each of its streams is.
    assertThatThrownBy(
            () -> {
              while (true) {
                stream.write(new byte[100_000]);
              }
            })
        .isInstanceOf(IOException.class);
    stream.close();
    stream.reset(7);
    stream.close();
    connection.close();
    connection.fail("too late");
    connection.close();
    connection.muxer().tick(System.nanoTime());
    assertThat(connection.closedBecause()).contains(reason);
    Await.until("none held", () -> connection.heldBytes() == 0);
  }
}
