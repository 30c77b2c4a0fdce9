package io.semper.p2p;

import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import java.net.InetAddress;

/// Whom the host deals with. Asked at each step, as early as the answer can be known.
public interface Gate {
  /// Lets everyone in.
  Gate OPEN = new Gate() {};

  default boolean mayDial(PeerId peer, Multiaddr address) {
    return true;
  }

  /// Before the handshake of an inbound connection.
  default boolean mayAccept(InetAddress address) {
    return true;
  }

  /// After the handshake, when the peer is known for sure.
  default boolean mayConnect(PeerId peer, boolean outbound) {
    return true;
  }
}
