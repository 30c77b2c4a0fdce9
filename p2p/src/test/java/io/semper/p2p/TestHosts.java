package io.semper.p2p;

import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.limits.Limits;
import java.io.IOException;

/// Hosts on the loopback interface, whose keys are fixed.
public final class TestHosts {
  /// For what a busy machine does late.
  private static final int PATIENCE_MILLIS = 60_000;

  /// The usual limits but for time.
  public static final Limits PATIENT =
      limits(
          PATIENCE_MILLIS, PATIENCE_MILLIS, PATIENCE_MILLIS, Limits.defaults().pendingHandshakes());

  private TestHosts() {}

  public static HostOptions options(int seed) {
    byte[] bytes = new byte[32];
    bytes[0] = (byte) seed;
    bytes[1] = (byte) (seed >>> 8);
    return HostOptions.of(PrivateKey.ed25519(bytes), "semper/test")
        .withListen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
        .withLimits(PATIENT);
  }

  public static Host start(int seed) throws IOException {
    return Host.start(options(seed));
  }

  /// [#PATIENT] but for those of connections that are being made.
  public static Limits limits(
      int handshakeMillis, int dialMillis, int negotiateMillis, int pendingHandshakes) {
    Limits usual = Limits.defaults();
    return new Limits(
        handshakeMillis,
        dialMillis,
        negotiateMillis,
        pendingHandshakes,
        usual.connections(),
        usual.connectionsPerIp(),
        usual.acceptsPerIpPerSecond(),
        usual.inboundStreams(),
        usual.outboundStreams(),
        usual.unansweredOpens(),
        usual.opensPerSecond(),
        usual.idleFramesPerSecond(),
        usual.maxWindowBytes(),
        usual.connectionWindowBytes(),
        usual.peerBytes(),
        usual.totalBytes(),
        usual.keepAliveMillis(),
        usual.pingMillis(),
        usual.writeStallMillis(),
        usual.drainMillis(),
        PATIENCE_MILLIS);
  }

  public static Multiaddr address(Host host) {
    return host.addresses().getFirst().withPeerId(host.id());
  }
}
