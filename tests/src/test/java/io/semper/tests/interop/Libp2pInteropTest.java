package io.semper.tests.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.p2p.Connection;
import io.semper.p2p.Host;
import io.semper.p2p.HostOptions;
import io.semper.p2p.Stream;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.protocol.Identify;
import io.semper.p2p.protocol.Perf;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Identify, ping, echo of 4 MiB, chunked answers and bulk transfer with other implementations,
/// both of whom dial.
class Libp2pInteropTest {
  /// Bulk that stands still so long has failed.
  private static final int STALL_MILLIS = 60_000;

  private static final long BULK_BYTES = Integer.getInteger("semper.perf.mb", 200) * 1_000_000L;

  @ParameterizedTest(name = "{0} dialled, {1}, {2} keys, early muxer {3}")
  @CsvSource({
    "go, noise, ed25519, true",
    "go, noise, secp256k1, true",
    "go, noise, ecdsa, false",
    "go, noise, rsa, true",
    "js, noise, ed25519, true",
    "js, noise, secp256k1, false",
    "go, tls, ed25519, true",
    "go, tls, secp256k1, false",
    "js, tls, ed25519, true",
    "go, quic, ed25519, true",
    "go, quic, secp256k1, true",
    "js, quic, ed25519, true",
  })
  void semperDials(String implementation, String security, String keys, boolean early)
      throws Exception {
    try (PeerProcess peer = peer(implementation, security, keys);
        Host host = Host.start(options(security, keys, early))) {
      InteropProtocols.serve(host);
      Connection connection = host.connect(Multiaddr.parse(peer.address()));
      assertThat(connection.peer()).isEqualTo(PeerId.parse(peer.peerId()));
      assertThat(connection.hasEarlyMuxer()).isEqualTo(early);
      exchange(host, connection, peer);
    }
  }

  @ParameterizedTest(name = "{0} dials, {1}, {2} keys, early muxer {3}")
  @CsvSource({
    "go, noise, ed25519, true",
    "go, noise, secp256k1, false",
    "go, noise, ecdsa, true",
    "go, noise, rsa, true",
    "js, noise, ed25519, false",
    "js, noise, secp256k1, true",
    "go, tls, ed25519, false",
    "go, tls, rsa, true",
    "js, tls, secp256k1, true",
    "go, quic, ed25519, true",
    "js, quic, ed25519, true",
  })
  void semperIsDialled(String implementation, String security, String keys, boolean early)
      throws Exception {
    try (PeerProcess peer = peer(implementation, security, keys);
        Host host =
            Host.start(
                options(security, keys, early)
                    .withListen(
                        Multiaddr.parse(
                            security.equals("quic")
                                ? "/ip4/127.0.0.1/udp/0/quic-v1"
                                : "/ip4/127.0.0.1/tcp/0")))) {
      InteropProtocols.serve(host);
      Multiaddr address = host.addresses().getFirst().withPeerId(host.id());
      peer.command("dial", "addr", address.toString());
      PeerId id = PeerId.parse(peer.peerId());
      Waiting.until("connection", () -> host.connection(id).isPresent());
      exchange(host, host.connection(id).orElseThrow(), peer);
    }
  }

  private static PeerProcess peer(String implementation, String security, String keys)
      throws Exception {
    PeerProcess peer =
        PeerProcess.start(
            implementation,
            "--transports",
            security.equals("quic") ? "quic" : "tcp",
            "--security",
            security.equals("quic") ? "noise" : security,
            "--key-type",
            keys,
            "--topics",
            "interop");
    boolean required = "required".equals(System.getenv("SEMPER_INTEROP"));
    assertThat(peer != null || !required).as(implementation + " peer installed").isTrue();
    assumeTrue(peer != null, implementation + " peer not installed");
    return peer;
  }

  private static HostOptions options(String security, String keys, boolean early) {
    byte[] seed = new byte[32];
    Arrays.fill(seed, (byte) 7);
    PrivateKey key =
        keys.equals("secp256k1") ? PrivateKey.secp256k1(seed) : PrivateKey.ed25519(seed);
    return HostOptions.of(key, "semper/test")
        .withSecurities(security.equals("tls") ? "/tls/1.0.0" : "/noise")
        .withEarlyMuxer(early)
        .withPerf(true);
  }

  private static void exchange(Host host, Connection connection, PeerProcess peer)
      throws Exception {
    String us = host.id().toString();

    // Identify, both ways, and what each says about the connection.
    JsonNode seen = peer.event("identify");
    assertThat(seen.path("peer").asText()).isEqualTo(us);
    assertThat(seen.path("protocols").toString())
        .contains(InteropProtocols.ECHO, Identify.ID, Perf.ID);
    Waiting.until("identify", () -> connection.identity().isPresent());
    Identify identity = connection.identity().orElseThrow();
    assertThat(identity.protocols()).contains(InteropProtocols.ECHO, "/meshsub/1.1.0");
    assertThat(identity.observedAddress()).isNotNull();

    assertThat(host.ping(connection.peer())).isPositive();
    peer.command("ping", "peer", us);

    // Identify push, both ways.
    host.handle("/interop/added/1.0.0", 1, Stream::close);
    peer.await(
        line ->
            line.path("ev").asText().equals("identify")
                && line.path("protocols").toString().contains("/interop/added/1.0.0"),
        "identify push");
    if (peer.tryCommand("handle", "proto", "/interop/theirs/1.0.0").path("ok").asBoolean()) {
      Waiting.until(
          "identify push",
          () -> connection.identity().orElseThrow().protocols().contains("/interop/theirs/1.0.0"));
    }

    for (int size : new int[] {0, 1, 5, 65_519, 65_536, 300_000, 4 << 20}) {
      byte[] message = new byte[size];
      new Random(size).nextBytes(message);
      assertThat(InteropProtocols.echo(connection.open(InteropProtocols.ECHO), message))
          .isEqualTo(message);
      assertThat(peer.command("echo", "peer", us, "size", size).path("len").asInt())
          .isEqualTo(size);
    }

    assertThat(InteropProtocols.chunks(connection.open(InteropProtocols.CHUNKS), 100, 10_000))
        .isEqualTo(1_000_000);
    assertThat(peer.command("chunks", "peer", us, "n", 100, "size", 10_000).path("bytes").asInt())
        .isEqualTo(1_000_000);

    Stream up = connection.open(Perf.ID);
    up.timeoutMillis(STALL_MILLIS);
    Perf.Result upload = Perf.run(up, BULK_BYTES, 0);
    Stream down = connection.open(Perf.ID);
    down.timeoutMillis(STALL_MILLIS);
    Perf.Result download = Perf.run(down, 0, BULK_BYTES);
    double theirUp = peer.command("perf", "peer", us, "up", BULK_BYTES).path("MBps").asDouble();
    double theirDown = peer.command("perf", "peer", us, "down", BULK_BYTES).path("MBps").asDouble();
    System.out.printf(
        "%s: we send %.0f MB/s and receive %.0f, they send %.0f and receive %.0f%n",
        connection.security(),
        BULK_BYTES * 1e3 / (upload.uploadNanos() + upload.downloadNanos()),
        BULK_BYTES * 1e3 / (download.uploadNanos() + download.downloadNanos()),
        theirUp,
        theirDown);
  }
}
