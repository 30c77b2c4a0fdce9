package io.semper.p2p;

import io.semper.p2p.identity.Multiaddr;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.List;

/// What an address to listen at stands for.
final class LocalAddresses {
  /// More a machine has, but a peer record does not hold.
  private static final int MAX_ADDRESSES = 16;

  private LocalAddresses() {}

  /// Each address of the machine for the one that means all, else the address itself. The IPv4 one
  /// means those of IPv4. Those of one link only are left out.
  static List<Multiaddr> of(Multiaddr listening) {
    try {
      InetSocketAddress bound = listening.resolve();
      if (!bound.getAddress().isAnyLocalAddress()) {
        return List.of(listening);
      }
      List<Multiaddr> all = new ArrayList<>();
      for (NetworkInterface device : NetworkInterface.networkInterfaces().toList()) {
        for (InetAddress own : device.inetAddresses().toList()) {
          if ((own instanceof Inet4Address || bound.getAddress() instanceof Inet6Address)
              && !own.isLinkLocalAddress()
              && all.size() < MAX_ADDRESSES) {
            InetSocketAddress at = new InetSocketAddress(own, bound.getPort());
            all.add(listening.isQuic() ? Multiaddr.quic(at) : Multiaddr.tcp(at));
          }
        }
      }
      return List.copyOf(all);
    } catch (IOException unknown) {
      return List.of(listening);
    }
  }
}
