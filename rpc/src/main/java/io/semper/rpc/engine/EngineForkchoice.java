package io.semper.rpc.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.fork.Fork;
import io.semper.core.types.Header;
import io.semper.core.view.ChainView;
import io.semper.rpc.Omittable;
import io.semper.rpc.Rpc;
import io.semper.rpc.engine.PayloadSource.BuiltPayload;
import io.semper.rpc.engine.PayloadTree.Chosen;
import java.util.LinkedHashMap;
import java.util.Map;

/// `engine_forkchoiceUpdated` and `engine_getPayload`: the head, and blocks to be built on it.
///
/// Attributes are looked at only after the head is set, which a fault in them does not undo.
final class EngineForkchoice {
  private final ChainView view;
  private final PayloadTree tree;
  private final PayloadSource payloads;

  EngineForkchoice(ChainView view, PayloadTree tree, PayloadSource payloads) {
    this.view = view;
    this.tree = tree;
    this.payloads = payloads;
  }

  @Rpc("engine_forkchoiceUpdatedV1")
  Map<String, Object> forkchoiceUpdatedV1(
      ForkchoiceState forkchoiceState, @Omittable JsonNode payloadAttributes)
      throws InterruptedException {
    return update(
        forkchoiceState,
        payloadAttributes,
        (attributes, fork) -> {
          requireAbsent(attributes.withdrawals(), "withdrawals");
          requireAbsent(attributes.parentBeaconBlockRoot(), "parentBeaconBlockRoot");
          requireFork(fork.before(Fork.SHANGHAI), "forkchoiceUpdatedV1 is for Paris");
        });
  }

  @Rpc("engine_forkchoiceUpdatedV2")
  Map<String, Object> forkchoiceUpdatedV2(
      ForkchoiceState forkchoiceState, @Omittable JsonNode payloadAttributes)
      throws InterruptedException {
    return update(
        forkchoiceState,
        payloadAttributes,
        (attributes, fork) -> {
          requireAbsent(attributes.parentBeaconBlockRoot(), "parentBeaconBlockRoot");
          requireFork(fork.before(Fork.CANCUN), "forkchoiceUpdatedV2 is for Paris and Shanghai");
          if (fork.atLeast(Fork.SHANGHAI)) {
            requirePresent(attributes.withdrawals(), "withdrawals");
          } else {
            requireAbsent(attributes.withdrawals(), "withdrawals");
          }
        });
  }

  @Rpc("engine_forkchoiceUpdatedV3")
  Map<String, Object> forkchoiceUpdatedV3(
      ForkchoiceState forkchoiceState, @Omittable JsonNode payloadAttributes)
      throws InterruptedException {
    return update(
        forkchoiceState,
        payloadAttributes,
        (attributes, fork) -> {
          requirePresent(attributes.withdrawals(), "withdrawals");
          requirePresent(attributes.parentBeaconBlockRoot(), "parentBeaconBlockRoot");
          requireFork(fork.atLeast(Fork.CANCUN), "forkchoiceUpdatedV3 is for Cancun and later");
        });
  }

  /// What one version of the method asks of attributes.
  private interface AttributeRules {
    void check(PayloadAttributes attributes, Fork fork);
  }

  private Map<String, Object> update(
      ForkchoiceState state, JsonNode attributes, AttributeRules rules)
      throws InterruptedException {
    Chosen chosen = tree.choose(state);
    Map<String, Object> reply = new LinkedHashMap<>();
    reply.put("payloadStatus", chosen.status());
    boolean build = chosen.head() != null && attributes != null && !attributes.isNull();
    reply.put("payloadId", build ? begin(chosen.head(), attributes, rules).toString() : null);
    return reply;
  }

  private PayloadId begin(Header head, JsonNode node, AttributeRules rules) {
    PayloadAttributes attributes;
    try {
      attributes = PayloadAttributes.fromJson(node);
    } catch (IllegalArgumentException malformed) {
      throw EngineError.invalidPayloadAttributes(malformed.getMessage());
    }
    Fork fork = view.forks().at(head.number() + 1, attributes.timestamp(), true);
    rules.check(attributes, fork);
    if (Long.compareUnsigned(attributes.timestamp(), head.timestamp()) <= 0) {
      throw EngineError.invalidPayloadAttributes(
          "timestamp "
              + Long.toUnsignedString(attributes.timestamp())
              + " is not above the head's "
              + Long.toUnsignedString(head.timestamp()));
    }
    return payloads.begin(head, attributes);
  }

  private static void requirePresent(Object field, String name) {
    if (field == null) {
      throw EngineError.invalidPayloadAttributes("missing " + name);
    }
  }

  private static void requireAbsent(Object field, String name) {
    if (field != null) {
      throw EngineError.invalidPayloadAttributes("unexpected " + name);
    }
  }

  private static void requireFork(boolean holds, String reason) {
    if (!holds) {
      throw EngineError.unsupportedFork(reason);
    }
  }

  // ---- Fetching

  @Rpc("engine_getPayloadV1")
  ExecutionPayload getPayloadV1(PayloadId payloadId) throws InterruptedException {
    BuiltPayload built = fetch(payloadId);
    requireFork(fork(built).before(Fork.SHANGHAI), "getPayloadV1 is for Paris");
    return ExecutionPayload.of(built.block());
  }

  @Rpc("engine_getPayloadV2")
  Map<String, Object> getPayloadV2(PayloadId payloadId) throws InterruptedException {
    BuiltPayload built = fetch(payloadId);
    requireFork(fork(built).before(Fork.CANCUN), "getPayloadV2 is for Paris and Shanghai");
    return envelope(built);
  }

  @Rpc("engine_getPayloadV3")
  Map<String, Object> getPayloadV3(PayloadId payloadId) throws InterruptedException {
    BuiltPayload built = fetch(payloadId);
    requireFork(fork(built) == Fork.CANCUN, "getPayloadV3 is for Cancun");
    return withBlobs(built);
  }

  @Rpc("engine_getPayloadV4")
  Map<String, Object> getPayloadV4(PayloadId payloadId) throws InterruptedException {
    BuiltPayload built = fetch(payloadId);
    requireFork(fork(built) == Fork.PRAGUE, "getPayloadV4 is for Prague");
    return withRequests(built);
  }

  /// Like version 4, with proofs for cells instead of blobs.
  @Rpc("engine_getPayloadV5")
  Map<String, Object> getPayloadV5(PayloadId payloadId) throws InterruptedException {
    BuiltPayload built = fetch(payloadId);
    requireFork(fork(built).atLeast(Fork.OSAKA), "getPayloadV5 is for Osaka and later");
    return withRequests(built);
  }

  private BuiltPayload fetch(PayloadId id) throws InterruptedException {
    return payloads.fetch(id).orElseThrow(EngineError::unknownPayload);
  }

  private Fork fork(BuiltPayload built) {
    Header header = built.block().header();
    return view.forks().at(header.number(), header.timestamp(), true);
  }

  private static Map<String, Object> envelope(BuiltPayload built) {
    Map<String, Object> reply = new LinkedHashMap<>();
    reply.put("executionPayload", ExecutionPayload.of(built.block()));
    reply.put("blockValue", built.value());
    return reply;
  }

  private static Map<String, Object> withBlobs(BuiltPayload built) {
    Map<String, Object> reply = envelope(built);
    Map<String, Object> bundle = new LinkedHashMap<>();
    bundle.put(
        "commitments", built.sidecars().stream().flatMap(s -> s.commitments().stream()).toList());
    bundle.put("proofs", built.sidecars().stream().flatMap(s -> s.proofs().stream()).toList());
    bundle.put("blobs", built.sidecars().stream().flatMap(s -> s.blobs().stream()).toList());
    reply.put("blobsBundle", bundle);
    reply.put("shouldOverrideBuilder", false);
    return reply;
  }

  /// What the newest forks answer with.
  static Map<String, Object> withRequests(BuiltPayload built) {
    Map<String, Object> reply = withBlobs(built);
    reply.put("executionRequests", built.requests());
    return reply;
  }
}
