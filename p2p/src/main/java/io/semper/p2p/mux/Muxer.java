package io.semper.p2p.mux;

import java.io.IOException;

/// A multiplexed connection.
public interface Muxer {
  /// Opens a stream; may wait while too many are not acknowledged yet.
  ///
  /// @throws IOException if the connection is gone or going, or has too many streams
  MuxedStream open() throws IOException;

  /// Reads until the connection ends; the caller's thread is the connection's reader.
  void run();

  /// What has to happen from time to time: keep-alive, stalls, what was left behind.
  ///
  /// @param nanoTime `System.nanoTime()`; every second, or later where this side is held up
  void tick(long nanoTime);

  /// Says goodbye and ends the connection with all its streams.
  void close();

  /// Ends the connection because the other side broke a rule.
  void fail(String reason);

  /// Why the connection ended; null while it has not.
  String closedBecause();

  int streamCount();

  /// Smoothed time of a ping, or 0 before the first.
  long roundTripNanos();
}
