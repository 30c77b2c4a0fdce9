package io.semper.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.semper.core.bytes.Hash32;
import io.semper.core.fork.Fork;
import io.semper.genesis.Network;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What a consensus client hands in and asks for, and what it is told.
class EngineApiTest {
  private static final int INVALID_PARAMS = -32602;
  private static final int UNKNOWN_PAYLOAD = -38001;
  private static final int INVALID_FORKCHOICE_STATE = -38002;
  private static final int INVALID_ATTRIBUTES = -38003;
  private static final int TOO_LARGE_REQUEST = -38004;
  private static final int UNSUPPORTED_FORK = -38005;

  private final List<EngineNode> nodes = new ArrayList<>();

  private EngineNode start() {
    return start(EngineNode.osaka());
  }

  private EngineNode start(Network network) {
    EngineNode node = new EngineNode(network);
    nodes.add(node);
    return node;
  }

  @AfterEach
  void stop() {
    nodes.forEach(EngineNode::close);
  }

  private static void assertStatus(JsonNode status, String name, String latestValid) {
    assertThat(status.get("status").textValue()).as(status.toString()).isEqualTo(name);
    if (latestValid == null) {
      assertThat(status.get("latestValidHash").isNull()).as(status.toString()).isTrue();
    } else {
      assertThat(status.get("latestValidHash").textValue()).isEqualTo(latestValid);
    }
  }

  private static String genesis(EngineNode node) {
    return node.network.genesisHash().toString();
  }

  /// A chain of blocks built by a node of its own.
  private List<JsonNode> chain(EngineNode builder, int length, int tag) {
    List<JsonNode> blocks = new ArrayList<>();
    String parent = genesis(builder);
    for (int i = 1; i <= length; i++) {
      JsonNode built = builder.build(parent, 12L * i, tag);
      assertStatus(builder.handIn(built), "VALID", EngineNode.hash(built));
      blocks.add(built);
      parent = EngineNode.hash(built);
    }
    return blocks;
  }

  @Test
  void aPayloadIsBuiltHandedInAndFollowed() {
    EngineNode node = start();
    String transaction = node.send(node.transfer(0, 5, 1));
    JsonNode built = node.build(genesis(node), 12, 0);
    String hash = EngineNode.hash(built);
    assertThat(built.get("executionPayload").get("transactions")).hasSize(1);
    assertThat(built.get("blockValue").textValue()).isEqualTo("0x1319718a5000"); // 21000 gwei
    assertThat(built.get("shouldOverrideBuilder").booleanValue()).isFalse();
    assertThat(built.get("executionRequests")).isEmpty();

    assertStatus(node.handIn(built), "VALID", hash);
    assertThat(node.eth("eth_blockNumber").textValue()).isEqualTo("0x0");
    assertThat(node.eth("eth_getTransactionReceipt", transaction).isNull()).isTrue();

    JsonNode reply =
        node.engine("engine_forkchoiceUpdatedV3", EngineNode.state(hash, hash, genesis(node)));
    assertStatus(reply.get("payloadStatus"), "VALID", hash);
    assertThat(reply.get("payloadId").isNull()).isTrue();
    assertThat(node.eth("eth_getBlockByNumber", "safe", false).get("hash").textValue())
        .isEqualTo(hash);
    assertThat(node.eth("eth_getBlockByNumber", "finalized", false).get("hash").textValue())
        .isEqualTo(genesis(node));
    assertThat(node.eth("eth_getTransactionReceipt", transaction).get("blockHash").textValue())
        .isEqualTo(hash);
    // A withdrawal of one gwei, and the tip for the fee recipient.
    assertThat(
            node.eth("eth_getBalance", "0x00000000000000000000000000000000000000aa", "latest")
                .textValue())
        .isEqualTo("0x3b9aca00");
    assertThat(node.eth("eth_getBalance", EngineNode.FEE_RECIPIENT, "latest").textValue())
        .isEqualTo("0x1319718a5000");
    assertStatus(node.handIn(built), "VALID", hash);
  }

  @Test
  void aPayloadImprovesUntilItIsFetched() throws InterruptedException {
    EngineNode node = start();
    String id = node.begin(genesis(node), 12 + System.currentTimeMillis() / 1000, 0);
    assertThat(node.begin(genesis(node), 12 + System.currentTimeMillis() / 1000, 1))
        .isNotEqualTo(id);
    long time = 12 + System.currentTimeMillis() / 1000;
    String improved = node.begin(genesis(node), time, 2);
    assertThat(node.begin(genesis(node), time, 2)).isEqualTo(improved);
    for (int account = 0; account < 5; account++) {
      node.send(node.transfer(account, 1, 1 + account));
    }
    // Fetching ends it, so it is fetched once and checked that all of them came in time: each new
    // one is a reason to build anew, and building takes milliseconds.
    JsonNode built = fetchWhenComplete(node, improved, time, 5);
    assertThat(built.get("executionPayload").get("transactions")).hasSize(5);
    // The best paid goes first.
    assertThat(built.get("blockValue").textValue()).isEqualTo(gwei(21_000L * (1 + 2 + 3 + 4 + 5)));

    node.send(node.transfer(6, 1, 9));
    assertThat(node.fetch(improved, time)).isEqualTo(built);
  }

  private static String gwei(long amount) {
    return "0x" + Long.toHexString(amount * 1_000_000_000L);
  }

  /// Waits for a payload to hold so many transactions, looking at the node's pending block, which
  /// is made of the same pool.
  private static JsonNode fetchWhenComplete(EngineNode node, String id, long time, int count)
      throws InterruptedException {
    long deadline = System.nanoTime() + 20_000_000_000L;
    String wanted = "0x" + count;
    String method = "eth_getBlockTransactionCountByNumber";
    while (!node.eth(method, "pending").asText().equals(wanted) && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    return node.fetch(id, time);
  }

  @Test
  void whatIsWrongWithAPayloadIsSaid() {
    EngineNode node = start();
    String genesis = genesis(node);
    JsonNode built = chain(start(), 1, 0).getFirst();

    ObjectNode wrongHash = built.deepCopy();
    ((ObjectNode) wrongHash.get("executionPayload")).put("blockHash", genesis.replace('a', 'b'));
    assertStatus(node.handIn(wrongHash), "INVALID", null);

    ObjectNode noTransaction = built.deepCopy();
    ((ObjectNode) noTransaction.get("executionPayload")).putArray("transactions").add("0x");
    List<Object> parameters = new ArrayList<>(node.parameters(built));
    parameters.set(0, noTransaction.get("executionPayload"));
    assertStatus(node.engine("engine_newPayloadV4", parameters.toArray()), "INVALID", null);

    parameters = new ArrayList<>(node.parameters(built));
    parameters.set(1, List.of(EngineNode.ZERO));
    assertStatus(node.engine("engine_newPayloadV4", parameters.toArray()), "INVALID", null);

    for (Map<String, String> fields :
        List.of(
            Map.of("stateRoot", EngineNode.ZERO),
            Map.of("receiptsRoot", EngineNode.ZERO),
            Map.of("gasUsed", "0x1"),
            Map.of("gasLimit", "0x1"),
            Map.of("timestamp", "0x0"),
            Map.of("baseFeePerGas", "0x8"),
            Map.of("blockNumber", "0x2"),
            Map.of("extraData", "0x" + "00".repeat(33)),
            Map.of("excessBlobGas", "0x20000"))) {
      JsonNode altered = node.altered(built, fields);
      JsonNode status = node.handIn(altered);
      assertStatus(status, "INVALID", genesis);
      assertThat(status.get("validationError").textValue()).isNotEmpty();
      // Remembered, also where it is to become the head.
      assertStatus(node.handIn(altered), "INVALID", genesis);
      assertStatus(node.choose(EngineNode.hash(altered)), "INVALID", genesis);
    }
    assertStatus(node.handIn(built), "VALID", EngineNode.hash(built));
  }

  @Test
  void versionOneTellsAWrongHashApart() {
    EngineNode node = start(EngineNode.network(Map.of()));
    String id = node.begin(genesis(node), 12, 0);
    JsonNode payload = node.engine("engine_getPayloadV1", id);
    assertThat(payload.has("withdrawals")).isFalse();
    ObjectNode wrong = payload.deepCopy();
    wrong.put("gasUsed", "0x5");
    assertStatus(node.engine("engine_newPayloadV1", wrong), "INVALID_BLOCK_HASH", null);
    assertStatus(node.engine("engine_newPayloadV2", wrong), "INVALID", null);
    String hash = payload.get("blockHash").textValue();
    assertStatus(node.engine("engine_newPayloadV1", payload), "VALID", hash);
    assertThat(node.engine("engine_getPayloadV2", id).get("executionPayload")).isEqualTo(payload);
    ObjectNode withdrawals = payload.deepCopy();
    withdrawals.putArray("withdrawals");
    assertThat(node.engineError("engine_newPayloadV1", withdrawals)).isEqualTo(INVALID_PARAMS);
    assertThat(node.engineError("engine_newPayloadV2", withdrawals)).isEqualTo(INVALID_PARAMS);
    assertThat(node.engineError("engine_getPayloadV3", id)).isEqualTo(UNSUPPORTED_FORK);
  }

  @Test
  void malformedPayloadsAreRefusedBeforeTheyAreJudged() {
    EngineNode node = start();
    JsonNode built = node.build(genesis(node), 12, 0);
    List<Object> right = node.parameters(built);
    assertThat(node.engineError("engine_newPayloadV4", right.subList(0, 3).toArray()))
        .isEqualTo(INVALID_PARAMS);
    assertThat(node.engineError("engine_newPayloadV3", right.subList(0, 3).toArray()))
        .isEqualTo(UNSUPPORTED_FORK);
    assertThat(node.engineError("engine_newPayloadV2", right.getFirst()))
        .isEqualTo(UNSUPPORTED_FORK);
    for (String field : new String[] {"withdrawals", "blobGasUsed", "stateRoot", "transactions"}) {
      ObjectNode payload = built.get("executionPayload").deepCopy();
      payload.putNull(field);
      List<Object> parameters = new ArrayList<>(right);
      parameters.set(0, payload);
      assertThat(node.engineError("engine_newPayloadV4", parameters.toArray()))
          .as(field)
          .isEqualTo(INVALID_PARAMS);
    }
    for (List<String> requests :
        List.of(
            List.of("0x"),
            List.of("0x00"),
            List.of("0x0101", "0x0002"),
            List.of("0x0001", "0x0002"))) {
      List<Object> parameters = new ArrayList<>(right);
      parameters.set(3, requests);
      assertThat(node.engineError("engine_newPayloadV4", parameters.toArray()))
          .as(requests.toString())
          .isEqualTo(INVALID_PARAMS);
    }
    List<Object> parameters = new ArrayList<>(right);
    parameters.set(3, List.of("0x0001"));
    assertStatus(node.engine("engine_newPayloadV4", parameters.toArray()), "INVALID", null);
  }

  @Test
  void payloadsWaitForTheirAncestors() {
    EngineNode node = start();
    List<JsonNode> chain = chain(start(), 5, 0);
    for (int i : new int[] {4, 2, 1, 3}) {
      assertStatus(node.handIn(chain.get(i)), "SYNCING", null);
      assertStatus(node.choose(EngineNode.hash(chain.get(i))), "SYNCING", null);
    }
    assertThat(node.eth("eth_blockNumber").textValue()).isEqualTo("0x0");
    assertStatus(node.handIn(chain.get(0)), "VALID", EngineNode.hash(chain.get(0)));
    // The rest is known already.
    String last = EngineNode.hash(chain.get(4));
    assertStatus(node.choose(last), "VALID", last);
    assertThat(node.eth("eth_blockNumber").textValue()).isEqualTo("0x5");
  }

  @Test
  void whatFollowsAnInvalidPayloadIsInvalid() {
    EngineNode node = start();
    List<JsonNode> chain = chain(start(), 5, 0);
    String first = EngineNode.hash(chain.get(0));
    JsonNode bad = node.altered(chain.get(1), Map.of("stateRoot", EngineNode.ZERO));
    List<JsonNode> after = new ArrayList<>();
    String parent = EngineNode.hash(bad);
    for (JsonNode block : chain.subList(2, 5)) {
      JsonNode moved = node.altered(block, Map.of("parentHash", parent));
      after.add(moved);
      parent = EngineNode.hash(moved);
    }
    // Handed in before it shows: they wait, and fall together.
    assertStatus(node.handIn(after.get(1)), "SYNCING", null);
    assertStatus(node.handIn(after.get(0)), "SYNCING", null);
    assertStatus(node.handIn(chain.get(0)), "VALID", first);
    assertStatus(node.handIn(bad), "INVALID", first);
    assertStatus(node.handIn(after.get(2)), "INVALID", first);
    assertStatus(node.choose(EngineNode.hash(after.get(1))), "INVALID", first);
    assertStatus(node.handIn(after.get(0)), "INVALID", first);
    assertThat(node.eth("eth_blockNumber").textValue()).isEqualTo("0x0");
    assertThat(node.eth("eth_getBlockByHash", EngineNode.hash(bad), false).isNull()).isTrue();
    // The right one is not affected.
    for (JsonNode block : chain) {
      assertStatus(node.handIn(block), "VALID", EngineNode.hash(block));
    }
  }

  @Test
  void oldPayloadsWaitingGiveWay() {
    EngineNode node = start();
    JsonNode block = chain(start(), 1, 0).getFirst();
    JsonNode child = node.altered(block, Map.of("parentHash", EngineNode.hash(block)));
    // This one waits for a block that is valid; 300 others that wait push it out.
    assertStatus(node.handIn(child), "SYNCING", null);
    IntStream.range(0, 300)
        .forEach(i -> {
          String parent = String.format("0x%064x", 1000 + i);
          JsonNode orphan = node.altered(block, Map.of("parentHash", parent));
          assertStatus(node.handIn(orphan), "SYNCING", null);
        });
    assertStatus(node.handIn(block), "VALID", EngineNode.hash(block));
    assertStatus(node.choose(EngineNode.hash(child)), "SYNCING", null);
    assertThat(node.handIn(child).get("status").textValue()).isEqualTo("INVALID");
  }

  @Test
  void anInconsistentForkchoiceIsRefused() {
    EngineNode node = start();
    List<JsonNode> chain = chain(node, 3, 0);
    String[] hashes = chain.stream().map(EngineNode::hash).toArray(String[]::new);
    JsonNode other = node.build(genesis(node), 12, 1);
    assertStatus(node.handIn(other), "VALID", EngineNode.hash(other));
    String method = "engine_forkchoiceUpdatedV3";
    node.engine(method, EngineNode.state(hashes[1], hashes[0], hashes[0]));

    for (Map<String, String> state :
        List.of(
            EngineNode.state(hashes[2], EngineNode.hash(other), hashes[0]),
            EngineNode.state(hashes[2], hashes[1], EngineNode.hash(other)),
            EngineNode.state(hashes[1], hashes[2], hashes[0]),
            EngineNode.state(hashes[2], hashes[1], "0x" + "12".repeat(32)))) {
      assertThat(node.engineError(method, state, null)).isEqualTo(INVALID_FORKCHOICE_STATE);
    }
    assertThat(node.eth("eth_blockNumber").textValue()).isEqualTo("0x2");

    String unknown = "0x" + "34".repeat(32);
    JsonNode reply = node.engine(method, EngineNode.state(unknown, unknown, unknown), null);
    assertStatus(reply.get("payloadStatus"), "SYNCING", null);

    // Back behind what is final: answered, not done, nothing built.
    node.engine(method, EngineNode.state(hashes[2], hashes[1], hashes[1]));
    reply =
        node.engine(
            method, EngineNode.state(hashes[0], hashes[0], hashes[0]), node.attributes(60, 0));
    assertStatus(reply.get("payloadStatus"), "VALID", hashes[0]);
    assertThat(reply.get("payloadId").isNull()).isTrue();
    assertThat(node.eth("eth_blockNumber").textValue()).isEqualTo("0x3");
    assertThat(node.engineError(method, Map.of("headBlockHash", hashes[0]))).isEqualTo(-32602);
  }

  @Test
  void attributesAreJudgedAfterTheHeadIsSet() {
    EngineNode node =
        start(EngineNode.network(Map.of(Fork.SHANGHAI, 24L, Fork.CANCUN, 48L, Fork.PRAGUE, 72L)));
    String genesis = genesis(node);
    record Case(int version, Map<String, Object> attributes, int code) {}
    Map<String, Object> paris = node.attributes(12, 0);
    Map<String, Object> shanghai = node.attributes(24, 0);
    Map<String, Object> cancun = node.attributes(48, 0);
    Map<String, Object> old = new TreeMap<>(paris);
    old.put("timestamp", "0x0");
    Map<String, Object> malformed = new TreeMap<>(paris);
    malformed.put("prevRandao", "0x12");
    Map<String, Object> missing = new TreeMap<>(paris);
    missing.remove("suggestedFeeRecipient");
    for (Case c :
        List.of(
            new Case(1, old, INVALID_ATTRIBUTES),
            new Case(1, malformed, INVALID_ATTRIBUTES),
            new Case(1, missing, INVALID_ATTRIBUTES),
            new Case(1, shanghai, INVALID_ATTRIBUTES),
            new Case(2, cancun, INVALID_ATTRIBUTES),
            new Case(2, without(cancun, "parentBeaconBlockRoot"), UNSUPPORTED_FORK),
            new Case(2, without(shanghai, "withdrawals"), INVALID_ATTRIBUTES),
            new Case(3, shanghai, INVALID_ATTRIBUTES),
            new Case(3, paris, INVALID_ATTRIBUTES),
            new Case(3, without(cancun, "withdrawals"), INVALID_ATTRIBUTES))) {
      assertThat(
              node.engineError(
                  "engine_forkchoiceUpdatedV" + c.version,
                  EngineNode.state(genesis, genesis, genesis),
                  c.attributes))
          .as(c.toString())
          .isEqualTo(c.code);
    }
    JsonNode block = node.build(genesis, 12, 0);
    node.handIn(block);
    String hash = EngineNode.hash(block);
    assertThat(
            node.engineError(
                "engine_forkchoiceUpdatedV2", EngineNode.state(hash, hash, genesis), old))
        .isEqualTo(INVALID_ATTRIBUTES);
    assertThat(node.eth("eth_blockNumber").textValue()).isEqualTo("0x1");
  }

  private static Map<String, Object> without(Map<String, Object> attributes, String field) {
    Map<String, Object> fewer = new TreeMap<>(attributes);
    fewer.remove(field);
    return fewer;
  }

  @Test
  void payloadsAreFetchedByTheVersionOfTheirFork() {
    EngineNode node =
        start(
            EngineNode.network(
                Map.of(Fork.SHANGHAI, 24L, Fork.CANCUN, 48L, Fork.PRAGUE, 72L, Fork.OSAKA, 96L)));
    long[] times = {12, 24, 48, 72, 96};
    int[][] accepted = {{1, 2}, {2}, {3}, {4}, {5}};
    String parent = genesis(node);
    for (int i = 0; i < times.length; i++) {
      String id = node.begin(parent, times[i], i);
      for (int version = 1; version <= 5; version++) {
        int wanted = version;
        boolean serves = Arrays.stream(accepted[i]).anyMatch(v -> v == wanted);
        JsonNode reply = node.engineReply("engine_getPayloadV" + version, id);
        if (serves) {
          assertThat(reply.has("result")).as(reply.toString()).isTrue();
        } else {
          assertThat(reply.get("error").get("code").intValue()).isEqualTo(UNSUPPORTED_FORK);
        }
      }
      JsonNode built = node.fetch(id, times[i]);
      assertThat(built.has("blobsBundle")).isEqualTo(times[i] >= 48);
      assertThat(built.has("executionRequests")).isEqualTo(times[i] >= 72);
      assertStatus(node.handIn(built), "VALID", EngineNode.hash(built));
      parent = EngineNode.hash(built);
    }
    assertThat(node.engineError("engine_getPayloadV5", "0x0102030405060708"))
        .isEqualTo(UNKNOWN_PAYLOAD);
    assertThat(node.engineError("engine_getPayloadV5", "0x01")).isEqualTo(INVALID_PARAMS);
  }

  @Test
  void bodiesAreGivenBack() {
    EngineNode node = start(EngineNode.network(Map.of(Fork.SHANGHAI, 24L)));
    String transaction = node.send(node.transfer(0, 1, 1));
    List<JsonNode> chain = chain(node, 3, 0);
    node.choose(EngineNode.hash(chain.get(2)));
    assertThat(node.eth("eth_getTransactionReceipt", transaction).isNull()).isFalse();
    List<String> hashes = new ArrayList<>(chain.stream().map(EngineNode::hash).toList());
    hashes.add(1, EngineNode.ZERO);
    JsonNode bodies = node.engine("engine_getPayloadBodiesByHashV1", hashes);
    assertThat(bodies).hasSize(4);
    assertThat(bodies.get(0).get("withdrawals").isNull()).isTrue();
    assertThat(bodies.get(0).get("transactions")).hasSize(1);
    assertThat(bodies.get(1).isNull()).isTrue();
    JsonNode second = chain.get(1).get("executionPayload");
    assertThat(bodies.get(2).get("withdrawals")).isEqualTo(second.get("withdrawals"));
    assertThat(bodies.get(2).get("transactions")).isEqualTo(second.get("transactions"));

    JsonNode range = node.engine("engine_getPayloadBodiesByRangeV1", "0x2", "0x20");
    assertThat(range).hasSize(2);
    assertThat(range.get(0)).isEqualTo(bodies.get(2));
    assertThat(node.engine("engine_getPayloadBodiesByRangeV1", "0x4", "0x20")).isEmpty();
    assertThat(node.engine("engine_getPayloadBodiesByRangeV1", "0xffffffffffffffff", "0x20"))
        .isEmpty();
    assertThat(node.engineError("engine_getPayloadBodiesByRangeV1", "0x0", "0x1"))
        .isEqualTo(INVALID_PARAMS);
    assertThat(node.engineError("engine_getPayloadBodiesByRangeV1", "0x1", "0x0"))
        .isEqualTo(INVALID_PARAMS);
    assertThat(node.engineError("engine_getPayloadBodiesByRangeV1", "0x1", "0x401"))
        .isEqualTo(TOO_LARGE_REQUEST);
    assertThat(
            node.engineError(
                "engine_getPayloadBodiesByHashV1", Collections.nCopies(1025, EngineNode.ZERO)))
        .isEqualTo(TOO_LARGE_REQUEST);
  }

  @Test
  void bothSidesIntroduceThemselves() {
    EngineNode node = start();
    JsonNode ours = node.engine("engine_exchangeCapabilities", List.of("engine_newPayloadV4"));
    List<String> names = new ArrayList<>();
    ((ArrayNode) ours).forEach(name -> names.add(name.textValue()));
    assertThat(names)
        .contains("engine_newPayloadV1", "engine_newPayloadV4", "engine_getPayloadV5")
        .contains("engine_forkchoiceUpdatedV3", "engine_getBlobsV3", "engine_getClientVersionV1")
        .doesNotContain("engine_exchangeCapabilities");
    for (String name : names) {
      assertThat(node.engineReply(name).path("error").path("code").intValue())
          .as(name)
          .isNotEqualTo(-32601);
    }
    JsonNode version =
        node.engine(
            "engine_getClientVersionV1",
            Map.of("code", "PM", "name", "Prysm", "version", "v1", "commit", "0x01020304"));
    assertThat(version).hasSize(1);
    assertThat(version.get(0).get("code").textValue()).isEqualTo("SM");
    assertThat(version.get(0).get("commit").textValue()).matches("0x[0-9a-f]{8}");
    JsonNode transition =
        node.engine(
            "engine_exchangeTransitionConfigurationV1",
            Map.of(
                "terminalTotalDifficulty", "0x0",
                "terminalBlockHash", Hash32.ZERO.toString(),
                "terminalBlockNumber", "0x0"));
    assertThat(transition.get("terminalTotalDifficulty").textValue()).isEqualTo("0x0");
  }
}
