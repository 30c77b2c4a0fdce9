package io.semper.rpc.engine;

import io.semper.core.types.Block;
import io.semper.core.view.ChainView;
import io.semper.rpc.Rpc;
import io.semper.rpc.RpcException;
import io.semper.rpc.json.WithdrawalJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `engine_getPayloadBodies`: what a consensus layer leaves for the chain to store.
final class EngineBodies {
  /// As in go-ethereum; at least 32 are asked for by the specification.
  static final int MAX_BODIES = 1024;

  private final ChainView view;

  EngineBodies(ChainView view) {
    this.view = view;
  }

  @Rpc("engine_getPayloadBodiesByHashV1")
  List<Map<String, Object>> byHash(HashList blockHashes) {
    if (blockHashes.hashes().size() > MAX_BODIES) {
      throw tooMany(blockHashes.hashes().size());
    }
    List<Map<String, Object>> bodies = new ArrayList<>();
    blockHashes.hashes().forEach(hash -> bodies.add(body(view.block(hash))));
    return bodies;
  }

  @Rpc("engine_getPayloadBodiesByRangeV1")
  List<Map<String, Object>> byRange(long start, long count) {
    if (start == 0 || count == 0) {
      throw RpcException.invalidParams("start and count are at least 1");
    }
    if (Long.compareUnsigned(count, MAX_BODIES) > 0) {
      throw tooMany(count);
    }
    List<Map<String, Object>> bodies = new ArrayList<>();
    long head = view.head().number();
    for (long number = start; number > 0 && number <= head && number - start < count; number++) {
      bodies.add(body(view.header(number).flatMap(header -> view.block(header.hash()))));
    }
    return bodies;
  }

  private static RpcException tooMany(long count) {
    return EngineError.tooLargeRequest(
        Long.toUnsignedString(count) + " bodies, at most " + MAX_BODIES);
  }

  private static Map<String, Object> body(Optional<Block> block) {
    if (block.isEmpty()) {
      return null;
    }
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("transactions", ExecutionPayload.encoded(block.get().transactions()));
    body.put("withdrawals", WithdrawalJson.all(block.get().withdrawals()));
    return body;
  }
}
