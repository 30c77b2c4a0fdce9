package io.semper.p2p.gossip;

/// What became of a message published here.
///
/// @param recipients peers it was sent to
public record Publication(Outcome outcome, int recipients) {
  public enum Outcome {
    SENT,

    /// Nobody to send it to; it is announced to peers that come within the next heartbeats.
    NO_PEERS,

    /// A message of that identifier was seen before.
    DUPLICATE,

    /// Longer than its topic or an RPC allows.
    TOO_LARGE,

    UNKNOWN_TOPIC
  }
}
