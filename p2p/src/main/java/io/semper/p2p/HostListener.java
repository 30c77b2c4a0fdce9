package io.semper.p2p;

/// Told of peers coming and going. Called on the connection's threads: must not block for long.
public interface HostListener {
  /// A peer of whom there was no connection has one now.
  default void connected(Connection connection) {}

  /// The peer has told about itself: [Connection#identity()] is there, or is another now.
  default void identified(Connection connection) {}

  /// The last connection of the peer has ended.
  default void disconnected(Connection connection) {}
}
