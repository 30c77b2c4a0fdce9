package io.semper.p2p;

import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PrivateKey;
import java.io.IOException;

/// Hosts on the loopback interface, whose keys are fixed.
public final class TestHosts {
  private TestHosts() {}

  public static HostOptions options(int seed) {
    byte[] bytes = new byte[32];
    bytes[0] = (byte) seed;
    bytes[1] = (byte) (seed >>> 8);
    return HostOptions.of(PrivateKey.ed25519(bytes), "semper/test")
        .withListen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"));
  }

  public static Host start(int seed) throws IOException {
    return Host.start(options(seed));
  }

  public static Multiaddr address(Host host) {
    return host.addresses().getFirst().withPeerId(host.id());
  }
}
