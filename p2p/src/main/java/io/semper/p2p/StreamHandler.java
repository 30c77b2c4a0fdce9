package io.semper.p2p;

import java.io.IOException;

/// Serves the streams a peer opens for one protocol, on a virtual thread of its own each.
///
/// The stream is closed when the handler returns and reset when it throws.
public interface StreamHandler {
  void handle(Stream stream) throws IOException;
}
