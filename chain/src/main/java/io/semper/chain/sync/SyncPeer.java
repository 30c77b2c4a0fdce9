package io.semper.chain.sync;

import io.semper.core.bytes.Hash32;
import io.semper.core.types.Header;
import java.util.List;

/// Another node, as syncing sees it. Answers are decoded and nothing more: whether they are true is
/// for the caller to check. Calls block; several threads may call.
interface SyncPeer {
  /// Names the peer in logs and to [PeerSet].
  String id();

  /// Headers of its canonical chain from a number upwards: as many as it cares to give, at most
  /// `count`, none where it has none.
  List<Header> headers(long from, int count) throws PeerException, InterruptedException;

  /// Encoded bodies ([io.semper.core.types.Block#encodeBody]) of the given blocks, in their order:
  /// as many as it cares to give.
  List<byte[]> bodies(List<Hash32> hashes) throws PeerException, InterruptedException;

  /// The hash of its block of a number, or `null`: enough to find where two chains part.
  default Hash32 hashAt(long number) throws PeerException, InterruptedException {
    List<Header> headers = headers(number, 1);
    return headers.isEmpty() ? null : headers.getFirst().hash();
  }

  /// Ends requests for headers under way: who waits for one gets a [PeerException]. Does not block.
  void cancelHeaders();

  /// Ends requests for bodies under way: who waits for one gets a [PeerException]. Does not block.
  void cancelBodies();

  /// Ends the connection.
  void disconnect(String reason);
}
