package io.semper.p2p.gossip;

/// Whether the messages of a topic name and prove their author.
public enum SignaturePolicy {
  /// Author, sequence number and signature are required, and the signature must be good.
  STRICT_SIGN,

  /// Author, sequence number, signature and key must be absent, not merely empty.
  STRICT_NO_SIGN
}
