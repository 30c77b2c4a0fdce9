package io.semper.p2p.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.limits.Account;
import io.semper.p2p.limits.Limits;
import io.semper.p2p.mux.MuxedStream;
import io.semper.p2p.security.TlsCertificate;
import io.semper.p2p.wire.Await;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The streams of one connection over QUIC, without hosts around it.
@Timeout(120)
class QuicMuxerTest {
  private static final PrivateKey SERVER = PrivateKey.ed25519(new byte[32]);
  private static final PrivateKey CLIENT = PrivateKey.secp256k1(key(1));

  private final List<AutoCloseable> open = new ArrayList<>();

  private static byte[] key(int last) {
    byte[] key = new byte[32];
    key[31] = (byte) last;
    return key;
  }

  private static Limits limits(
      int negotiateMillis, int inboundStreams, int outboundStreams, int opensPerSecond) {
    Limits some = Limits.defaults();
    return new Limits(
        some.handshakeMillis(),
        30_000,
        negotiateMillis,
        some.pendingHandshakes(),
        some.connections(),
        some.connectionsPerIp(),
        some.acceptsPerIpPerSecond(),
        inboundStreams,
        outboundStreams,
        some.unansweredOpens(),
        opensPerSecond,
        some.idleFramesPerSecond(),
        some.maxWindowBytes(),
        some.connectionWindowBytes(),
        some.peerBytes(),
        some.totalBytes(),
        some.keepAliveMillis(),
        some.pingMillis(),
        some.writeStallMillis(),
        some.drainMillis(),
        some.identifyMillis());
  }

  private static final Limits USUAL = limits(10_000, 256, 512, 2_000);

  private record Ends(QuicMuxer client, QuicMuxer server) {}

  private QuicTransport transport(PrivateKey identity, Limits limits) {
    QuicTransport transport =
        new QuicTransport(TlsCertificate.create(identity), limits, new Account(1 << 30));
    open.add(transport);
    return transport;
  }

  private Ends connect(Limits ofClient, Limits ofServer) throws Exception {
    BlockingQueue<QuicMuxer> accepted = new LinkedBlockingQueue<>();
    InetSocketAddress at =
        transport(SERVER, ofServer)
            .listen(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new QuicTransport.Acceptor() {
                  @Override
                  public boolean begin(InetSocketAddress from) {
                    return true;
                  }

                  @Override
                  public void ended(InetSocketAddress from, QuicMuxer connection) {
                    if (connection != null) {
                      accepted.add(connection);
                    }
                  }
                });
    QuicMuxer client = transport(CLIENT, ofClient).dial(at, SERVER.peerId());
    QuicMuxer server = accepted.poll(60, TimeUnit.SECONDS);
    assertThat(PeerId.of(client.remoteKey())).isEqualTo(SERVER.peerId());
    assertThat(PeerId.of(server.remoteKey())).isEqualTo(CLIENT.peerId());
    return new Ends(client, server);
  }

  private static MuxedStream openWith(QuicMuxer muxer, int first) throws IOException {
    MuxedStream stream = muxer.open();
    stream.write(new byte[] {(byte) first});
    return stream;
  }

  private static int firstByte(MuxedStream stream) throws IOException {
    byte[] one = new byte[1];
    stream.readFully(one, 0, 1);
    return one[0];
  }

  @BeforeEach
  void quicIsThere() {
    assumeTrue(QuicTransport.isAvailable(), "no QUIC on this platform");
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
  }

  @Test
  void streamsThatComeBeforeSomebodyTakesThemWait() throws Exception {
    Ends ends = connect(USUAL, USUAL);
    for (int i = 0; i < 3; i++) {
      openWith(ends.client, i);
    }
    Await.until("three streams", () -> ends.server.streamCount() == 3);
    BlockingQueue<MuxedStream> taken = new LinkedBlockingQueue<>();
    ends.server.acceptWith(taken::add);
    openWith(ends.client, 3);
    for (int i = 0; i < 4; i++) {
      assertThat(firstByte(taken.poll(60, TimeUnit.SECONDS))).isEqualTo(i);
    }
    assertThat(ends.client.streamCount()).isEqualTo(4);
  }

  @Test
  void ownStreamsAreBounded() throws Exception {
    Ends ends = connect(limits(10_000, 256, 2, 2_000), USUAL);
    ends.server.acceptWith(stream -> {});
    MuxedStream first = openWith(ends.client, 1);
    openWith(ends.client, 2);
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(ends.client::open).hasMessage("too many streams: 2");
    }
    first.reset(0);
    Await.until("room", () -> ends.client.streamCount() == 1);
    openWith(ends.client, 3);
  }

  @Test
  void whatThePeerDoesNotAllowIsWaitedForAndGivenUp() throws Exception {
    Ends ends = connect(limits(200, 256, 512, 2_000), limits(10_000, 1, 512, 2_000));
    BlockingQueue<MuxedStream> taken = new LinkedBlockingQueue<>();
    ends.server.acceptWith(taken::add);
    MuxedStream first = openPatiently(ends.client, 1);
    assertThatThrownBy(ends.client::open).hasMessage("the peer allows no more streams");
    assertThat(ends.client.streamCount()).isEqualTo(1);
    endBoth(first, taken.poll(60, TimeUnit.SECONDS));
    assertThat(openPatiently(ends.client, 2)).isNotNull();
  }

  /// On a busy machine what is allowed may take longer as well.
  private static MuxedStream openPatiently(QuicMuxer muxer, int first) {
    AtomicReference<MuxedStream> stream = new AtomicReference<>();
    Await.until(
        "stream",
        () -> {
          try {
            stream.set(openWith(muxer, first));
            return true;
          } catch (IOException notYet) {
            return false;
          }
        });
    return stream.get();
  }

  private static void endBoth(MuxedStream one, MuxedStream other) throws IOException {
    one.closeWrite();
    assertThat(firstByte(other)).isEqualTo(1);
    assertThat(other.read(new byte[1], 0, 1)).isNegative();
    other.close();
    assertThat(one.read(new byte[1], 0, 1)).isNegative();
    one.close();
  }

  @Test
  void whoIsInterruptedWhileOpeningLeavesNothing() throws Exception {
    Ends ends = connect(limits(60_000, 256, 2, 2_000), limits(10_000, 1, 512, 2_000));
    BlockingQueue<MuxedStream> taken = new LinkedBlockingQueue<>();
    ends.server.acceptWith(taken::add);
    MuxedStream first = openWith(ends.client, 1);
    MuxedStream other = taken.poll(60, TimeUnit.SECONDS);
    for (int i = 0; i < 3; i++) {
      BlockingQueue<IOException> failure = new LinkedBlockingQueue<>();
      Thread opening =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  ends.client.open();
                } catch (IOException e) {
                  failure.add(e);
                }
              });
      opening.interrupt();
      assertThat(failure.poll(60, TimeUnit.SECONDS)).isInstanceOf(InterruptedIOException.class);
    }
    endBoth(first, other);
    MuxedStream second = openWith(ends.client, 2);
    assertThat(firstByte(taken.poll(60, TimeUnit.SECONDS))).isEqualTo(2);
    assertThat(second.id()).isEqualTo(4);
  }

  @Test
  void streamsThePeerOpensTooFastAreReset() throws Exception {
    Ends ends = connect(USUAL, limits(10_000, 256, 512, 1));
    BlockingQueue<MuxedStream> taken = new LinkedBlockingQueue<>();
    ends.server.acceptWith(taken::add);
    int opened = 20;
    for (int i = 0; i < opened; i++) {
      try {
        openWith(ends.client, 1);
      } catch (IOException refused) {
        // It hears of it at once or later.
      }
    }
    int most = opened / 2;
    Await.until(
        "half of them refused",
        () -> ends.server.account().heldBytes() >= most * (long) QuicMuxer.RESET_STREAM_BYTES);
    assertThat(taken).hasSizeLessThanOrEqualTo(most).isNotEmpty();
    assertThat(ends.server.closedBecause()).isNull();
  }

  /// Of a death nobody on this side has asked for, and of what is done with the dead.
  @Test
  void theEndOfTheConnectionEndsItsStreams() throws Exception {
    Ends ends = connect(USUAL, USUAL);
    BlockingQueue<MuxedStream> taken = new LinkedBlockingQueue<>();
    ends.server.acceptWith(taken::add);
    MuxedStream stream = openWith(ends.client, 1);
    MuxedStream other = taken.poll(60, TimeUnit.SECONDS);
    BlockingQueue<String> ended = new LinkedBlockingQueue<>();
    Thread.ofVirtual()
        .start(() -> {
          ends.client.run();
          ended.add("the connection");
        });
    Thread.ofVirtual()
        .start(() -> {
          try {
            stream.read(new byte[1], 0, 1);
          } catch (IOException e) {
            ended.add("a read");
          }
        });
    ends.server.fail("of a test");
    assertThat(List.of(ended.poll(60, TimeUnit.SECONDS), ended.poll(60, TimeUnit.SECONDS)))
        .containsExactlyInAnyOrder("the connection", "a read");
    String reason = ends.client.closedBecause();
    assertThat(reason).isNotNull();
    assertThat(ends.server.closedBecause()).isEqualTo("of a test");
    assertThatThrownBy(ends.client::open).hasMessage("connection is closed: " + reason);
    assertThatThrownBy(() -> other.write(new byte[1])).isInstanceOf(IOException.class);
    for (QuicMuxer one : List.of(ends.client, ends.server)) {
      one.close();
      one.fail("too late");
      one.tick(System.nanoTime() + 3_600_000_000_000L);
      one.run();
      Await.until("the end of the streams", () -> one.streamCount() == 0);
      assertThat(one.account().heldBytes()).isZero();
    }
    assertThat(ends.client.closedBecause()).isEqualTo(reason);
    assertThat(ends.server.closedBecause()).isEqualTo("of a test");
    stream.close();
    stream.reset(0);
    assertThat(stream.available()).isZero();
  }

  @Test
  void whoeverWaitsForAStreamHearsOfTheEnd() throws Exception {
    Ends ends = connect(limits(60_000, 256, 512, 2_000), limits(10_000, 1, 512, 2_000));
    ends.server.acceptWith(stream -> {});
    openWith(ends.client, 1);
    BlockingQueue<IOException> failure = new LinkedBlockingQueue<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            ends.client.open();
          } catch (IOException e) {
            failure.add(e);
          }
        });
    ends.client.close();
    assertThat(failure.poll(50, TimeUnit.SECONDS)).hasMessageContaining("closed");
  }
}
