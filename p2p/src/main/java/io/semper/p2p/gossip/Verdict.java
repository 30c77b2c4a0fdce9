package io.semper.p2p.gossip;

/// What the application says of a message.
public enum Verdict {
  /// Valid: deliver and forward it.
  ACCEPT,

  /// Neither forward it nor hold it against anyone: too old, already superseded, or no time to
  /// look.
  IGNORE,

  /// Invalid: whoever sent it knew or should have known.
  REJECT
}
