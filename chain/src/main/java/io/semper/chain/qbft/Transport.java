package io.semper.chain.qbft;

import io.semper.core.bytes.Address;

/// What carries consensus between validators. Implemented over a network or, in tests, memory.
///
/// No method blocks; what cannot be sent is dropped: everything that matters is sent again. What
/// comes in goes to [QbftEngine#receive], blocks to the importer.
public interface Transport {
  /// Sends a message of at most [MessageCodec#MAX_BYTES] bytes to all other validators.
  void broadcast(byte[] message);

  /// Has a validator that is behind get the final blocks from a number on; or anybody, where it is
  /// not known which peer it is.
  void help(Address validator, long fromNumber);

  /// Wants blocks from a number on from a validator that is ahead, or from anybody.
  void requestBlocks(Address validator, long fromNumber);
}
