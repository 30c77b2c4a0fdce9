package io.semper.p2p.reqresp;

import io.semper.p2p.identity.PeerId;
import java.io.IOException;

/// Answers the questions of one protocol, on a virtual thread of its own each.
public interface Responder<Q, A> {
  /// Sends the chunks of the answer. What this holds open it must close also when `send` throws:
  /// the peer may be gone at any chunk.
  ///
  /// @throws RefusedException to tell the peer why there is no answer, or no more of it
  void respond(PeerId peer, Q question, Chunks<A> answer) throws IOException;

  /// Where the chunks of an answer go.
  interface Chunks<A> {
    /// Sends a chunk. Waits while the peer does not read or asks too much, which is how whatever
    /// produces the chunks is slowed down.
    ///
    /// @throws IOException if the peer has cancelled, is gone, or reads too slowly
    void send(A chunk) throws IOException;
  }
}
