package io.semper.rpc.engine;

import io.semper.core.bytes.Hash32;
import io.semper.core.fork.Fork;
import io.semper.core.types.Header;
import io.semper.core.view.ChainView;
import io.semper.rpc.Rpc;
import io.semper.rpc.engine.BlobSource.BlobAndProofs;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// `engine_getBlobs`: blobs out of the pool, so that they need not come over the network.
final class EngineBlobs {
  /// As many as the specification asks for.
  static final int MAX_BLOBS = 128;

  private final ChainView view;
  private final BlobSource blobs;

  EngineBlobs(ChainView view, BlobSource blobs) {
    this.view = view;
    this.blobs = blobs;
  }

  @Rpc("engine_getBlobsV1")
  List<Map<String, Object>> getBlobsV1(HashList versionedHashes) {
    if (afterOsaka()) {
      throw EngineError.unsupportedFork("getBlobsV1 ends with Osaka");
    }
    return find(versionedHashes, 0);
  }

  /// All of them or `null`.
  @Rpc("engine_getBlobsV2")
  List<Map<String, Object>> getBlobsV2(HashList versionedHashes) {
    List<Map<String, Object>> found = getBlobsV3(versionedHashes);
    return found == null || found.contains(null) ? null : found;
  }

  @Rpc("engine_getBlobsV3")
  List<Map<String, Object>> getBlobsV3(HashList versionedHashes) {
    List<Map<String, Object>> found = find(versionedHashes, 1);
    return afterOsaka() ? found : null;
  }

  private boolean afterOsaka() {
    Header head = view.head();
    return view.forks().at(head.number(), head.timestamp(), true).atLeast(Fork.OSAKA);
  }

  private List<Map<String, Object>> find(HashList wanted, int version) {
    List<Hash32> hashes = wanted.hashes();
    if (hashes.size() > MAX_BLOBS) {
      throw EngineError.tooLargeRequest(hashes.size() + " blobs, at most " + MAX_BLOBS);
    }
    Map<Hash32, BlobAndProofs> known = blobs.blobs(Set.copyOf(hashes));
    List<Map<String, Object>> found = new ArrayList<>();
    for (Hash32 hash : hashes) {
      BlobAndProofs blob = known.get(hash);
      found.add(blob == null || blob.version() != version ? null : json(blob));
    }
    return found;
  }

  private static Map<String, Object> json(BlobAndProofs blob) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("blob", blob.blob());
    if (blob.version() == 0) {
      json.put("proof", blob.proofs().getFirst());
    } else {
      json.put("proofs", blob.proofs());
    }
    return json;
  }
}
