package io.semper.lightclient.beacon;

import io.semper.core.bytes.Hash32;
import java.io.IOException;
import java.util.List;

/// Somebody who hands out light client data; never trusted. Calls block, end within a time the
/// source bounds itself, and throw [io.semper.core.rlp.MalformedInputException] for what cannot be
/// read.
public interface BeaconSource {
  /// Most updates asked for at once. Those of the weak-subjectivity window are fewer.
  int MAX_UPDATES = 16;

  /// For logs and evidence.
  String name();

  /// What a light client begins with at a block, by its root.
  Claim<LightClientBootstrap> bootstrap(Hash32 blockRoot) throws IOException;

  /// The best update of each period; as many as there are.
  ///
  /// @param count at most [#MAX_UPDATES]
  List<Claim<LightClientUpdate>> updates(long startPeriod, int count) throws IOException;

  /// The newest finalised header.
  Claim<LightClientUpdate> finalityUpdate() throws IOException;

  /// The newest header.
  Claim<LightClientUpdate> optimisticUpdate() throws IOException;

  /// Whether it is the one that says things unasked under this name.
  default boolean speaksAs(String peer) {
    return false;
  }

  /// It lied, and there is to be no more dealing with it. Does not block.
  default void shun() {}
}
