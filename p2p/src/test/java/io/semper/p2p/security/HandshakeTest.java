package io.semper.p2p.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.transport.TcpSocket;
import io.semper.p2p.wire.Duplex;
import io.semper.p2p.wire.MemoryLink;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HandshakeTest {
  private static final PrivateKey ALICE = PrivateKey.ed25519(new byte[32]);
  private static final PrivateKey BOB = PrivateKey.secp256k1(bytes(32, 9));
  private static final List<String> YAMUX = List.of("/yamux/1.0.0");

  private static byte[] bytes(int count, int value) {
    byte[] all = new byte[count];
    java.util.Arrays.fill(all, (byte) value);
    return all;
  }

  private static SecureChannel initiate(
      String kind, Duplex raw, PeerId expected, List<String> muxers) throws IOException {
    return kind.equals("noise")
        ? Noise.initiate(raw, ALICE, expected, muxers)
        : Tls.initiate(raw, TlsCertificate.create(ALICE), expected, muxers);
  }

  private static SecureChannel respond(String kind, Duplex raw, List<String> muxers)
      throws IOException {
    return kind.equals("noise")
        ? Noise.respond(raw, BOB, muxers)
        : Tls.respond(raw, TlsCertificate.create(BOB), muxers);
  }

  /// Runs the listening side beside the dialling one.
  private static Thread responder(
      String kind, MemoryLink.End end, List<String> muxers, AtomicReference<Object> result) {
    return Thread.ofVirtual()
        .start(() -> {
          try {
            result.set(respond(kind, end, muxers));
          } catch (IOException e) {
            result.set(e);
            end.close();
          }
        });
  }

  /// Reads at most `most` bytes at a time, and changes the one at `changed`.
  private record Altered(Duplex flow, int most, int changed, AtomicInteger seen) implements Duplex {
    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int n = flow.read(into, offset, Math.min(most, length));
      int before = seen.getAndAdd(Math.max(n, 0));
      if (changed >= before && changed < before + n) {
        into[offset + changed - before] ^= 1;
      }
      return n;
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      flow.write(from, offset, length);
    }

    @Override
    public int available() {
      return flow.available();
    }
  }

  /// Also T26: segments of one byte.
  @ParameterizedTest
  @CsvSource({"noise, 100000", "noise, 1", "tls, 100000", "tls, 1"})
  void bothSidesKnowEachOther(String kind, int segment) throws Exception {
    MemoryLink link = new MemoryLink(100_000);
    AtomicReference<Object> result = new AtomicReference<>();
    Thread other = responder(kind, link.right(), YAMUX, result);
    SecureChannel alice =
        initiate(
            kind, new Altered(link.left(), segment, -1, new AtomicInteger()), BOB.peerId(), YAMUX);
    other.join();
    SecureChannel bob = (SecureChannel) result.get();
    assertThat(PeerId.of(alice.remoteKey())).isEqualTo(BOB.peerId());
    assertThat(PeerId.of(bob.remoteKey())).isEqualTo(ALICE.peerId());
    assertThat(alice.muxer()).contains("/yamux/1.0.0");
    assertThat(bob.muxer()).contains("/yamux/1.0.0");

    for (int size : new int[] {1, 100, 16_384, 65_519, 65_520, 300_000}) {
      byte[] message = new byte[size];
      new Random(size).nextBytes(message);
      Thread writer =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  alice.write(message);
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      byte[] read = new byte[size];
      bob.readFully(read, 0, size);
      writer.join();
      assertThat(read).isEqualTo(message);
    }
    link.left().finish();
    assertThat(bob.read(new byte[1], 0, 1)).isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"noise", "tls"})
  void withoutAnEarlyMuxerThereIsNone(String kind) throws Exception {
    MemoryLink link = new MemoryLink(100_000);
    AtomicReference<Object> result = new AtomicReference<>();
    Thread other = responder(kind, link.right(), List.of(), result);
    assertThat(initiate(kind, link.left(), null, YAMUX).muxer()).isEqualTo(Optional.empty());
    other.join();
    assertThat(((SecureChannel) result.get()).muxer()).isEqualTo(Optional.empty());
  }

  /// T23.
  @Test
  void muxersWithNothingInCommonEndTheNoiseHandshake() throws Exception {
    MemoryLink link = new MemoryLink(100_000);
    AtomicReference<Object> result = new AtomicReference<>();
    Thread other = responder("noise", link.right(), List.of("/mplex/6.7.0"), result);
    assertThatThrownBy(() -> initiate("noise", link.left(), null, YAMUX))
        .isInstanceOf(HandshakeException.class);
    other.join();
    assertThat(result.get()).isInstanceOf(HandshakeException.class);
  }

  /// T62: somebody else answers.
  @ParameterizedTest
  @ValueSource(strings = {"noise", "tls"})
  void thePeerMustBeTheOneDialled(String kind) throws Exception {
    MemoryLink link = new MemoryLink(100_000);
    AtomicReference<Object> result = new AtomicReference<>();
    MemoryLink.End left = link.left();
    Thread other = responder(kind, link.right(), YAMUX, result);
    assertThatThrownBy(() -> initiate(kind, left, ALICE.peerId(), YAMUX))
        .isInstanceOf(HandshakeException.class);
    left.close();
    other.join();
  }

  /// T20: what is no handshake ends at once.
  @ParameterizedTest
  @ValueSource(strings = {"noise", "tls"})
  void garbageEndsTheHandshake(String kind) throws Exception {
    Random random = new Random(5);
    for (int i = 0; i < 200; i++) {
      MemoryLink link = new MemoryLink(100_000);
      byte[] garbage = new byte[random.nextInt(2000)];
      random.nextBytes(garbage);
      link.left().write(garbage);
      link.left().finish();
      assertThatThrownBy(() -> respond(kind, link.right(), YAMUX)).isInstanceOf(IOException.class);
    }
  }

  /// T22: a changed byte anywhere in what the other side sends is noticed.
  @Test
  void changedNoiseMessagesAreNoticed() throws Exception {
    for (int position = 0; position < 300; position += 7) {
      MemoryLink link = new MemoryLink(100_000);
      int at = position;
      AtomicReference<Object> result = new AtomicReference<>();
      Thread other = responder("noise", link.right(), YAMUX, result);
      MemoryLink.End left = link.left();
      AtomicInteger seen = new AtomicInteger();
      Duplex changing = new Altered(left, 1000, at, seen);
      Thread closer =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  Noise.initiate(changing, ALICE, BOB.peerId(), YAMUX);
                  result.set("accepted");
                } catch (IOException expected) {
                  left.close();
                }
              });
      // A length that has grown leaves the reader waiting; closing is what time-outs do.
      closer.join(2_000);
      left.close();
      closer.join();
      other.join();
      if (at < seen.get()) {
        assertThat(result.get()).as("byte " + at).isNotEqualTo("accepted");
      }
    }
  }

  /// T22: a static key signed for something else, or by a key that is none.
  @Test
  void theStaticKeyMustBeSignedAsSuch() throws Exception {
    byte[] fixed = bytes(32, 7);
    byte[] key = ALICE.publicKey().encode();
    Noise.Payload good =
        new Noise.Payload(key, signed("noise-libp2p-static-key:", fixed), List.of());
    assertThat(Noise.verify(good, fixed, ALICE.peerId())).isEqualTo(ALICE.publicKey());
    for (String prefix : List.of("", "noise-libp2p-static-key", "libp2p-tls-handshake:")) {
      Noise.Payload wrong = new Noise.Payload(key, signed(prefix, fixed), List.of());
      assertThatThrownBy(() -> Noise.verify(wrong, fixed, null))
          .isInstanceOf(HandshakeException.class)
          .hasMessageContaining("not signed");
    }
    byte[] noPoint = key.clone();
    java.util.Arrays.fill(noPoint, 20, 29, (byte) 0x80);
    Noise.Payload invented = new Noise.Payload(noPoint, good.signature(), List.of());
    assertThatThrownBy(() -> Noise.verify(invented, fixed, null))
        .isInstanceOf(HandshakeException.class);
  }

  private static byte[] signed(String prefix, byte[] key) {
    byte[] start = prefix.getBytes(StandardCharsets.US_ASCII);
    byte[] both = java.util.Arrays.copyOf(start, start.length + key.length);
    System.arraycopy(key, 0, both, start.length, key.length);
    return ALICE.sign(both);
  }

  /// T24: an older version of TLS, and a client that shows no certificate.
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void clientsWithoutCertificateOrOfOldVersionsAreRefused(String version) throws Exception {
    AtomicReference<Object> result = new AtomicReference<>();
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      Thread other =
          Thread.ofVirtual()
              .start(() -> {
                try (TcpSocket socket = TcpSocket.of(server.accept())) {
                  result.set(Tls.respond(socket, TlsCertificate.create(BOB), YAMUX));
                } catch (IOException e) {
                  result.set(e);
                }
              });
      SSLContext context = SSLContext.getInstance(version);
      context.init(null, new TrustManager[] {new PeerCertificates(BOB.peerId())}, null);
      InetSocketAddress address = (InetSocketAddress) server.getLocalAddress();
      try (SSLSocket client =
          (SSLSocket)
              context.getSocketFactory().createSocket(address.getAddress(), address.getPort())) {
        client.setEnabledProtocols(new String[] {version});
        client.startHandshake();
        client.getInputStream().read();
      } catch (IOException refused) {
        // Here or there first.
      }
      other.join();
    }
    assertThat(result.get()).isInstanceOf(HandshakeException.class);
  }

  /// The point of order one, whose shared secret is zero.
  @Test
  void lowOrderPointsAreRefused() throws Exception {
    MemoryLink link = new MemoryLink(100_000);
    byte[] first = new byte[34];
    first[1] = 32;
    link.left().write(first);
    assertThatThrownBy(() -> respond("noise", link.right(), YAMUX))
        .isInstanceOf(HandshakeException.class)
        .hasMessageContaining("key agreement");
  }
}
