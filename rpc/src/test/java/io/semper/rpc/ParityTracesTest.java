package io.semper.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hex;
import io.semper.core.types.Block;
import io.semper.core.types.ContractAddress;
import io.semper.core.types.Transaction;
import io.semper.rpc.ledger.DevAccount;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// `trace_*` over a chain of known content.
final class ParityTracesTest {
  private static final DevAccount ALICE = TestNode.ALICE;
  private static final Address LOGGER = ContractAddress.of(ALICE.address(), 0);
  private static final Address REVERTER = ContractAddress.of(ALICE.address(), 1);
  private static final Address CALLER = ContractAddress.of(ALICE.address(), 2);

  private TestNode node;
  private Transaction callsBoth;

  /// Block 1: three contracts. Block 2: a call of one that calls the two others, and a transfer.
  @BeforeEach
  void start() {
    node = new TestNode();
    String call = "6000600060006000600073%s5af150";
    String caller =
        call.formatted(LOGGER.toString().substring(2))
            + call.formatted(REVERTER.toString().substring(2))
            + "00";
    node.chain.add(
        ALICE.deploy(0, DevAccount.LOGGER),
        ALICE.deploy(1, DevAccount.REVERTER),
        ALICE.deploy(2, Hex.decode(caller)));
    callsBoth = ALICE.call(3, CALLER, new byte[0]);
    node.chain.add(callsBoth, ALICE.transfer(4, TestNode.BOB, 7));
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private static String quoted(Object value) {
    return "\"" + value + "\"";
  }

  @Test
  void aTransactionIsTheListOfItsCalls() {
    JsonNode traces = node.result("trace_transaction", "[" + quoted(callsBoth.hash()) + "]");
    assertThat(traces.size()).isEqualTo(3);
    JsonNode top = traces.get(0);
    assertThat(top.at("/action/from").textValue()).isEqualTo(ALICE.address().toString());
    assertThat(top.at("/action/callType").textValue()).isEqualTo("call");
    // What the transaction itself costs is not the call's.
    assertThat(top.at("/action/gas").textValue()).isEqualTo("0x" + Long.toHexString(479_000));
    assertThat(top.path("subtraces").intValue()).isEqualTo(2);
    assertThat(top.path("traceAddress").isEmpty()).isTrue();
    assertThat(top.path("blockNumber").intValue()).isEqualTo(2);
    assertThat(top.path("transactionPosition").intValue()).isZero();
    JsonNode reverted = traces.get(2);
    assertThat(reverted.path("traceAddress").toString()).isEqualTo("[1]");
    assertThat(reverted.path("error").textValue()).isEqualTo("Reverted");
    assertThat(node.result("trace_transaction", "[\"0x" + "ab".repeat(32) + "\"]").isNull())
        .isTrue();
  }

  @Test
  void aWriteWhereNoneMayBeIsInParitysWords() {
    // Four times PUSH0, PUSH20 LOGGER, GAS, STATICCALL.
    String call = "0x5f5f5f5f73" + LOGGER.toString().substring(2) + "5afa00";
    String asked = "{\"to\":\"0x00000000000000000000000000000000000000ff\"}";
    String code =
        "{\"0x00000000000000000000000000000000000000ff\":{\"code\":\"%s\"}}".formatted(call);
    JsonNode geth =
        node.result(
            "debug_traceCall",
            ("[%s,\"latest\",{\"tracer\":\"flatCallTracer\",\"stateOverrides\":%s,"
                    + "\"tracerConfig\":{\"convertParityErrors\":true}}]")
                .formatted(asked, code));
    assertThat(geth.at("/1/error").textValue()).isEqualTo("Out of gas");
    String made = "{\"gas\":\"0x100000\",\"data\":\"%s\"}".formatted(call);
    JsonNode parity = node.result("trace_call", "[" + made + ",[\"trace\"]]");
    assertThat(parity.at("/trace/1/error").textValue()).isEqualTo("Mutable Call In Static Context");
  }

  @Test
  void oneCallIsFoundByItsPlace() {
    String hash = quoted(callsBoth.hash());
    JsonNode all = node.result("trace_transaction", "[" + hash + "]");
    assertThat(node.result("trace_get", "[" + hash + ",[\"0x1\"]]")).isEqualTo(all.get(2));
    assertThat(node.result("trace_get", "[" + hash + ",[]]")).isEqualTo(all.get(0));
    assertThat(node.result("trace_get", "[" + hash + ",[\"0x5\"]]").isNull()).isTrue();
  }

  @Test
  void aBlockIsTheListOfAllCalls() {
    JsonNode traces = node.result("trace_block", "[\"0x2\"]");
    assertThat(traces.size()).isEqualTo(4);
    assertThat(traces.get(3).at("/action/value").textValue()).isEqualTo("0x7");
    assertThat(node.result("trace_block", "[\"0x0\"]").isEmpty()).isTrue();
    assertThat(node.result("trace_block", "[\"0x99\"]").isNull()).isTrue();
    JsonNode created = node.result("trace_block", "[\"0x1\"]").get(0);
    assertThat(created.path("type").textValue()).isEqualTo("create");
    assertThat(created.at("/result/address").textValue()).isEqualTo(LOGGER.toString());
  }

  @Test
  void filtersChooseByAddressAndWindow() {
    String all = "{\"fromBlock\":\"0x0\",\"toBlock\":\"latest\"";
    assertThat(node.result("trace_filter", "[" + all + "}]").size()).isEqualTo(7);
    JsonNode toLogger =
        node.result("trace_filter", "[" + all + ",\"toAddress\":[" + quoted(LOGGER) + "]}]");
    assertThat(toLogger.size()).isEqualTo(2); // Its creation and the call.
    JsonNode fromCaller =
        node.result("trace_filter", "[" + all + ",\"fromAddress\":[" + quoted(CALLER) + "]}]");
    assertThat(fromCaller.size()).isEqualTo(2);
    JsonNode window = node.result("trace_filter", "[" + all + ",\"after\":1,\"count\":3}]");
    assertThat(window.size()).isEqualTo(3);
    assertThat(window.get(0).at("/result/address").textValue()).isEqualTo(REVERTER.toString());
    String reversed = "[{\"fromBlock\":\"0x2\",\"toBlock\":\"0x1\"}]";
    assertThat(node.error("trace_filter", reversed).path("code").intValue())
        .isEqualTo(RpcException.INVALID_PARAMS);
  }

  @Test
  void replaysTellOfCallsStateAndInstructions() {
    String types = "[\"trace\",\"stateDiff\",\"vmTrace\"]";
    JsonNode replay =
        node.result("trace_replayTransaction", "[" + quoted(callsBoth.hash()) + "," + types + "]");
    assertThat(replay.path("trace").size()).isEqualTo(3);
    assertThat(replay.path("trace").get(0).has("blockHash")).isFalse();
    JsonNode slot =
        replay.at("/stateDiff/" + LOGGER + "/storage").properties().iterator().next().getValue();
    assertThat(slot.at("/*/to").textValue()).endsWith("2a");
    JsonNode sender = replay.at("/stateDiff/" + ALICE.address());
    assertThat(sender.at("/nonce/*/from").textValue()).isEqualTo("0x3");
    assertThat(sender.at("/nonce/*/to").textValue()).isEqualTo("0x4");
    assertThat(sender.path("code").textValue()).isEqualTo("=");

    JsonNode ops = replay.at("/vmTrace/ops");
    JsonNode call = ops.get(7);
    assertThat(call.path("op").textValue()).isEqualTo("CALL");
    assertThat(call.at("/ex/push").toString()).isEqualTo("[\"0x1\"]");
    JsonNode store = call.at("/sub/ops").get(6);
    assertThat(store.path("op").textValue()).isEqualTo("SSTORE");
    assertThat(store.at("/ex/store/key").textValue()).isEqualTo("0x1");
    assertThat(store.at("/ex/store/val").textValue()).isEqualTo("0x2a");
    assertThat(ops.get(6).at("/ex/used").longValue())
        .isEqualTo(ops.get(5).at("/ex/used").longValue() - ops.get(6).path("cost").longValue());

    JsonNode block = node.result("trace_replayBlockTransactions", "[\"0x2\"," + types + "]");
    assertThat(block.get(0)).isEqualTo(replay);
    assertThat(block.get(1).at("/vmTrace/ops").isEmpty()).isTrue();
    assertThat(
            node.error("trace_replayTransaction", "[" + quoted(callsBoth.hash()) + ",[\"x\"]]")
                .path("code")
                .intValue())
        .isEqualTo(RpcException.INVALID_PARAMS);
  }

  @Test
  void newAccountsAreToldAsAdded() {
    Address fresh = DevAccount.numbered(77).address();
    Block block = node.chain.add(ALICE.transfer(5, fresh, 9));
    String hash = quoted(block.transactions().getFirst().hash());
    JsonNode diff =
        node.result("trace_replayTransaction", "[" + hash + ",[\"stateDiff\"]]").path("stateDiff");
    assertThat(diff.at("/" + fresh + "/balance").toString()).isEqualTo("{\"+\":\"0x9\"}");
    assertThat(diff.at("/" + fresh + "/code").toString()).isEqualTo("{\"+\":\"0x\"}");
  }

  @Test
  void callsAreTracedWithoutBlocksAndOnEachOther() {
    String call = "{\"from\":" + quoted(ALICE.address()) + ",\"to\":" + quoted(LOGGER) + "}";
    JsonNode one = node.result("trace_call", "[" + call + ",[\"trace\",\"stateDiff\"],\"0x1\"]");
    assertThat(one.path("trace").size()).isEqualTo(1);
    assertThat(one.has("transactionHash")).isFalse();
    JsonNode both =
        node.result(
            "trace_callMany",
            "[[[" + call + ",[\"stateDiff\"]],[" + call + ",[\"stateDiff\"]]],\"0x1\"]");
    assertThat(both.get(0).path("stateDiff").has(LOGGER.toString())).isTrue();
    assertThat(both.get(1).path("stateDiff").has(LOGGER.toString()))
        .as("the slot has its value already")
        .isFalse();
    String raw = Hex.encode(ALICE.call(5, LOGGER, new byte[0]).encode());
    JsonNode signed = node.result("trace_rawTransaction", "[" + quoted(raw) + ",[\"trace\"]]");
    assertThat(signed.at("/trace/0/action/to").textValue()).isEqualTo(LOGGER.toString());
  }
}
