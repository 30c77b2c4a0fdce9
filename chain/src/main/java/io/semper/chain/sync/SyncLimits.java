package io.semper.chain.sync;

/// Bounds of what syncing holds and serves.
///
/// @param headersPerRequest asked for and served at once
/// @param bodiesPerRequest asked for and served at once; of transactions and receipts too. Of small
///   blocks that many must be worth a round trip: 32 were imported in half of one over 50 ms
/// @param pooledHashes told of the pool at once
/// @param responseBytes after which a served answer ends, and one that goes on is not read
/// @param chunksAhead ranges of bodies fetched or waiting in front of the importer
/// @param bytesAhead encoded bodies waiting in front of the importer, beyond which only the range
///   it waits for is fetched; and headers without bodies, beyond which none are asked for
/// @param peers at most syncing at once
/// @param patienceMillis after which the bodies that the importer waits for are asked of another
///   peer too, and a leading peer's headers were slow to come
public record SyncLimits(
    int headersPerRequest,
    int bodiesPerRequest,
    int pooledHashes,
    int responseBytes,
    int chunksAhead,
    long bytesAhead,
    int peers,
    int patienceMillis) {
  /// Most bytes of a block: Osaka's rule (EIP-7934) for all forks, in any encoding of the
  /// network's.
  static final int MAX_BLOCK_BYTES = 10 << 20;

  /// Most bytes of the receipts of a block: logs of 60 million gas and what surrounds them.
  static final int MAX_RECEIPTS_BYTES = 16 << 20;

  /// Most bytes of a transaction with its blobs.
  static final int MAX_TRANSACTION_BYTES = 2 << 20;

  public static final SyncLimits DEFAULT =
      new SyncLimits(512, 128, 4_096, 4 << 20, 64, 64L << 20, 64, 5_000);

  long patienceNanos() {
    return patienceMillis * 1_000_000L;
  }
}
