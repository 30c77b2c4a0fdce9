package io.semper.p2p.security;

import io.semper.p2p.identity.PublicKey;
import io.semper.p2p.wire.Duplex;
import java.util.Optional;

/// A flow that only the two peers can read and write.
///
/// One thread reads and one writes; a failure of either is final.
public interface SecureChannel extends Duplex {
  /// The key the other side proved to hold.
  PublicKey remoteKey();

  /// The stream multiplexer agreed on within the handshake, if any was.
  Optional<String> muxer();
}
