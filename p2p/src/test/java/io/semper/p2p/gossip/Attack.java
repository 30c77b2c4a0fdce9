package io.semper.p2p.gossip;

/// What nodes do that mean ill. All of them subscribe and graft whomever they can.
enum Attack {
  /// Fill meshes and pass nothing on.
  SYBIL,

  /// Pass on everything but every second message, and announce nothing.
  CENSOR,

  /// Send invalid messages, announce what does not exist, ask for everything, graft in backoff.
  SPAM,

  /// All surround one node, and pass nothing on to anyone.
  ECLIPSE,

  /// Behave until all at once they pass nothing on.
  COVERT_FLASH
}
