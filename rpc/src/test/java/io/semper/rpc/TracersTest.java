package io.semper.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hex;
import io.semper.core.crypto.Keccak;
import io.semper.core.types.ContractAddress;
import io.semper.core.types.Transaction;
import io.semper.rpc.ledger.DevAccount;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The tracers and options of `debug_trace*` over a chain of known content.
final class TracersTest {
  private static final DevAccount ALICE = TestNode.ALICE;
  private static final Address LOGGER = ContractAddress.of(ALICE.address(), 0);
  private static final byte[] CALL_DATA = Hex.decode("0x12345678" + "00".repeat(32));

  private TestNode node;
  private Transaction first;
  private Transaction second;

  /// Block 1: a contract. Block 2: two calls of it, which both log.
  @BeforeEach
  void start() {
    node = new TestNode();
    node.chain.add(ALICE.deploy(0, DevAccount.LOGGER));
    first = ALICE.call(1, LOGGER, CALL_DATA);
    second = ALICE.call(2, LOGGER, new byte[0]);
    node.chain.add(first, second);
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private JsonNode trace(Transaction transaction, String options) {
    return node.result(
        "debug_traceTransaction", "[\"" + transaction.hash() + "\"," + options + "]");
  }

  private JsonNode refusal(String options) {
    return node.error("debug_traceTransaction", "[\"" + first.hash() + "\"," + options + "]");
  }

  @Test
  void structLogsShowWhatWasAskedFor() {
    JsonNode all = trace(first, "{\"enableMemory\":true}");
    JsonNode store = all.path("structLogs").get(6);
    assertThat(store.path("op").textValue()).isEqualTo("SSTORE");
    assertThat(store.path("gasCost").intValue()).isEqualTo(22_100);
    assertThat(store.path("stack").toString()).isEqualTo("[\"0x2a\",\"0x1\"]");
    assertThat(store.path("storage").properties()).hasSize(1);
    assertThat(store.path("memory").size()).isEqualTo(1);
    assertThat(all.path("gas").longValue()).isPositive();
    JsonNode bare = trace(first, "{\"disableStack\":true,\"disableStorage\":true}");
    assertThat(bare.path("structLogs").get(6).properties().stream().map(e -> e.getKey()))
        .containsExactly("pc", "op", "gas", "gasCost", "depth");
    JsonNode limited = trace(first, "{\"limit\":100}");
    assertThat(limited.path("structLogs").size()).isEqualTo(2);
    assertThat(limited.path("gas")).isEqualTo(all.path("gas"));
  }

  @Test
  void callsShowLogsWithTheirPlaceInTheBlock() {
    JsonNode call =
        trace(second, "{\"tracer\":\"callTracer\",\"tracerConfig\":{\"withLog\":true}}");
    assertThat(call.at("/logs/0/index").textValue()).isEqualTo("0x1");
    assertThat(call.at("/logs/0/position").textValue()).isEqualTo("0x0");
    assertThat(trace(second, "{\"tracer\":\"callTracer\"}").has("logs")).isFalse();
  }

  @Test
  void selectorsAreCountedWithTheSizeOfTheirArguments() {
    assertThat(trace(first, "{\"tracer\":\"4byteTracer\"}").toString())
        .isEqualTo("{\"0x12345678-32\":1}");
    assertThat(trace(second, "{\"tracer\":\"4byteTracer\"}").isEmpty()).isTrue();
  }

  @Test
  void severalTracersWatchOneExecution() {
    JsonNode mux =
        trace(
            first,
            "{\"tracer\":\"muxTracer\",\"tracerConfig\":{\"4byteTracer\":null,\"callTracer\":{},"
                + "\"prestateTracer\":{\"diffMode\":true}}}");
    assertThat(mux.path("callTracer")).isEqualTo(trace(first, "{\"tracer\":\"callTracer\"}"));
    assertThat(mux.path("4byteTracer").size()).isEqualTo(1);
    assertThat(mux.at("/prestateTracer/post/" + LOGGER + "/storage").size()).isEqualTo(1);
  }

  @Test
  void hashedBytesAreKeptByTheirHash() {
    // KECCAK256 of the first two bytes of memory, which are zero.
    String code = "\"0x60026000206000526000\"";
    String options =
        "{\"tracer\":\"keccak256PreimageTracer\",\"stateOverrides\":{\""
            + LOGGER
            + "\":{\"code\":"
            + code
            + "}}}";
    JsonNode preimages =
        node.result("debug_traceCall", "[{\"to\":\"" + LOGGER + "\"},\"latest\"," + options + "]");
    assertThat(preimages.path(Keccak.hash(new byte[2]).toString()).textValue()).isEqualTo("0x0000");
  }

  @Test
  void callsSeeOverridesAndTheMiddleOfABlock() {
    // Returns the block's number.
    String override = "\"stateOverrides\":{\"" + LOGGER + "\":{\"code\":\"0x4360005260206000f3\"}}";
    String call = "[{\"to\":\"" + LOGGER + "\"},\"0x2\",{%s}]";
    JsonNode number =
        node.result(
            "debug_traceCall",
            call.formatted(override + ",\"blockOverrides\":{\"number\":\"0x1234\"}"));
    assertThat(number.path("returnValue").textValue()).endsWith("1234");
    // Before the first transaction the slot is empty, before the second it is set.
    String storing = "\"tracer\":\"prestateTracer\",\"tracerConfig\":{\"diffMode\":true},";
    JsonNode before =
        node.result("debug_traceCall", call.formatted(storing + "\"txIndex\":\"0x0\""));
    assertThat(before.at("/post/" + LOGGER + "/storage").size()).isEqualTo(1);
    JsonNode after =
        node.result("debug_traceCall", call.formatted(storing + "\"txIndex\":\"0x1\""));
    assertThat(after.path("post").has(LOGGER.toString())).isFalse();
    assertThat(
            node.error("debug_traceCall", call.formatted("\"txIndex\":\"0x9\""))
                .path("message")
                .textValue())
        .contains("out of range");
  }

  @Test
  void whatCannotBeTracedIsRefusedBeforeAnythingRuns() {
    assertThat(refusal("{\"tracer\":\"{step: function() {}}\"}").path("message").textValue())
        .contains("JavaScript tracers are not supported");
    assertThat(refusal("{\"tracer\":\"muxTracer\",\"tracerConfig\":{\"muxTracer\":{}}}").toString())
        .contains("muxTracer inside muxTracer");
    String both = "{\"diffMode\":true,\"includeEmpty\":true}";
    assertThat(refusal("{\"tracer\":\"prestateTracer\",\"tracerConfig\":" + both + "}").toString())
        .contains("cannot use diffMode with includeEmpty");
    assertThat(refusal("{\"tracer\":\"callTracer\",\"tracerConfig\":{\"withLog\":1}}").toString())
        .contains("expected a boolean");
    assertThat(refusal("{\"timeout\":\"soon\"}").path("message").textValue())
        .contains("invalid duration");
    assertThat(node.error("debug_traceBlockByNumber", "[\"0x0\"]").path("message").textValue())
        .isEqualTo("genesis is not traceable");
    assertThat(node.error("debug_traceBlockByNumber", "[\"pending\"]").toString())
        .contains("tracing on top of pending is not supported");
    assertThat(node.error("debug_traceBlock", "[\"0xc0\"]").path("message").textValue())
        .startsWith("could not decode block");
    node.chain.forgetStatesBefore(2);
    assertThat(node.error("debug_traceBlockByNumber", "[\"0x2\"]").path("message").textValue())
        .contains("historical state not available");
  }
}
