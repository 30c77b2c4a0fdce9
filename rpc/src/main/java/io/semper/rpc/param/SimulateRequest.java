package io.semper.rpc.param;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.rpc.RpcException;
import java.util.ArrayList;
import java.util.List;

/// What `eth_simulateV1` is asked for.
///
/// @param traceTransfers whether movements of ether show as logs
/// @param validation whether nonces and fees are checked as in real blocks
/// @param returnFullTransactions whether blocks show transactions instead of their hashes
public record SimulateRequest(
    List<BlockCalls> blocks,
    boolean traceTransfers,
    boolean validation,
    boolean returnFullTransactions) {
  /// Blocks of one request, those that fill gaps included.
  public static final int MAX_BLOCKS = 256;

  public static final int MAX_CALLS_PER_BLOCK = 5_000;

  /// Calls of one request.
  public static final int MAX_CALLS = 10_000;

  /// Numbers of blocks that are longer are too far away from any chain.
  private static final int MAX_NUMBER_CHARACTERS = 17;

  /// More than the node simulates (execution-apis).
  private static final int CLIENT_LIMIT_EXCEEDED = -38026;

  /// A block to make up.
  ///
  /// @param state accounts changed before it begins, `null` for none
  public record BlockCalls(BlockOverrides block, StateOverrides state, List<CallRequest> calls) {}

  public static SimulateRequest fromJson(JsonNode node) {
    Decoders.requireObject(node);
    return new SimulateRequest(
        blocks(node.get("blockStateCalls")),
        isSet(node, "traceTransfers"),
        isSet(node, "validation"),
        isSet(node, "returnFullTransactions"));
  }

  private static boolean isSet(JsonNode node, String name) {
    Boolean value = Decoders.field(node, name, Decoders::bool);
    return value != null && value;
  }

  private static List<BlockCalls> blocks(JsonNode list) {
    if (list == null || list.isNull() || list.isEmpty()) {
      throw new IllegalArgumentException("empty input");
    }
    if (list.size() > MAX_BLOCKS) {
      throw tooManyBlocks();
    }
    long calls = 0;
    for (JsonNode block : list) {
      long here = block.path("calls").size();
      if (here > MAX_CALLS_PER_BLOCK) {
        throw limit("too many calls in block: " + here + " > " + MAX_CALLS_PER_BLOCK);
      }
      calls += here;
    }
    if (calls > MAX_CALLS) {
      throw limit("too many calls: " + calls + " > " + MAX_CALLS);
    }
    List<BlockCalls> blocks = new ArrayList<>(list.size());
    for (JsonNode block : Decoders.list(list, MAX_BLOCKS, item -> item)) {
      blocks.add(block(block));
    }
    return blocks;
  }

  private static BlockCalls block(JsonNode node) {
    Decoders.requireObject(node);
    JsonNode number = node.path("blockOverrides").path("number");
    if (number.isTextual() && number.textValue().length() > MAX_NUMBER_CHARACTERS) {
      throw tooManyBlocks();
    }
    BlockOverrides block = Decoders.field(node, "blockOverrides", BlockOverrides::fromJson);
    List<CallRequest> calls =
        Decoders.field(
            node, "calls", n -> Decoders.list(n, MAX_CALLS_PER_BLOCK, CallRequest::fromJson));
    return new BlockCalls(
        block == null ? BlockOverrides.NONE : block,
        Decoders.field(node, "stateOverrides", StateOverrides::fromJson),
        calls == null ? List.of() : calls);
  }

  public static RpcException tooManyBlocks() {
    return limit("too many blocks");
  }

  private static RpcException limit(String message) {
    return new RpcException(CLIENT_LIMIT_EXCEEDED, message);
  }
}
