package io.semper.chain.sync;

/// Bounds of what syncing holds and serves.
///
/// @param headersPerRequest asked for and served at once
/// @param bodiesPerRequest asked for and served at once
/// @param responseBytes after which a served answer ends
/// @param chunksAhead ranges of bodies fetched or waiting in front of the importer
/// @param bytesAhead encoded bodies waiting in front of the importer, beyond which only the range it
///   waits for is fetched
/// @param peers at most syncing at once
public record SyncLimits(
    int headersPerRequest,
    int bodiesPerRequest,
    int responseBytes,
    int chunksAhead,
    long bytesAhead,
    int peers) {
  public static final SyncLimits DEFAULT =
      new SyncLimits(512, 32, 4 << 20, 64, 64L << 20, 64);
}
