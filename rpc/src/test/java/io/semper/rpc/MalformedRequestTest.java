package io.semper.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What strangers may send, and the error each gets. The server answers all the others meanwhile.
final class MalformedRequestTest {
  private static final String JSON = "application/json";
  private static final String TWO_BYTES = "Content-Length: 2";

  private static TestNode node;

  @BeforeAll
  static void start() {
    node = new TestNode();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static Arguments row(String name, String body, int code, String message) {
    return Arguments.of(name, body, code, message);
  }

  private static String call(String method, String params) {
    return "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":" + params + "}";
  }

  static Stream<Arguments> table() {
    String deep = "[".repeat(100_000) + "]".repeat(100_000);
    String deepParams = "{\"a\":".repeat(100) + "1" + "}".repeat(100);
    String nested = "[".repeat(70) + "]".repeat(70);
    String zeros = "0".repeat(64);
    return Stream.of(
        row("empty body", "", -32700, "parse error: empty request"),
        row("spaces", "   ", -32700, "parse error: empty request"),
        row("not JSON", "hello", -32700, "parse error"),
        row("cut off", "{\"jsonrpc\":\"2.0\",\"id\":1", -32700, "parse error"),
        row("binary", "\u0000\u0001\u0002", -32700, "parse error"),
        row("text after it", call("eth_chainId", "[]") + "x", -32700, "parse error"),
        row("two requests", call("eth_chainId", "[]") + call("eth_chainId", "[]"), -32700, "parse"),
        row("deep arrays", deep, -32700, "parse error"),
        row("deep parameters", call("eth_call", "[" + deepParams + "]"), -32700, "parse error"),
        row("deep ignored field", "{\"jsonrpc\":\"2.0\",\"x\":" + nested + "}", -32700, "parse"),
        row("duplicate key", "{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2}", -32700, "parse error"),
        row("huge number", "{\"id\":" + "9".repeat(10_000) + "}", -32700, "parse error"),
        row("huge name", "{\"" + "a".repeat(100_000) + "\":1}", -32700, "parse error"),
        row("comment", "/* */" + call("eth_chainId", "[]"), -32700, "parse error"),
        row("a string", "\"eth_chainId\"", -32600, "invalid request"),
        row("a number", "17", -32600, "invalid request"),
        row("null", "null", -32600, "invalid request"),
        row("empty object", "{}", -32600, "invalid request"),
        row("empty batch", "[]", -32600, "empty batch"),
        row("no version", "{\"id\":1,\"method\":\"eth_chainId\"}", -32600, "invalid request"),
        row("version 1", "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"a\"}", -32600, "invalid"),
        row("method a number", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":1}", -32600, "invalid"),
        row("no method", "{\"jsonrpc\":\"2.0\",\"id\":1}", -32600, "invalid request"),
        row("id an object", "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"a\"}", -32600, "invalid"),
        row("params a string", call("eth_getCode", "\"0x\""), -32600, "invalid request"),
        row("params an object", call("eth_getCode", "{\"a\":1}"), -32602, "non-array args"),
        row(
            "no such method",
            call("eth_nope", "[]"),
            -32601,
            "the method eth_nope does not exist/is not available"),
        row(
            "no such namespace",
            call("x", "[]"),
            -32601,
            "the method x does not exist/is not available"),
        row(
            "subscribe over HTTP",
            call("eth_subscribe", "[\"newHeads\"]"),
            -32601,
            "notifications not supported"),
        row(
            "missing argument",
            call("eth_getBalance", "[]"),
            -32602,
            "missing value for required argument 0"),
        row(
            "null argument",
            call("eth_getBalance", "[null]"),
            -32602,
            "missing value for required argument 0"),
        row(
            "too many arguments",
            call("eth_chainId", "[1]"),
            -32602,
            "too many arguments, want at most 0"),
        row("address a number", call("eth_getBalance", "[1]"), -32602, "invalid argument 0: "),
        row(
            "address too short",
            call("eth_getBalance", "[\"0x01\"]"),
            -32602,
            "invalid argument 0: hex string has length 2, want 40"),
        row(
            "address not hex",
            call("eth_getBalance", "[\"0x" + "g".repeat(40) + "\"]"),
            -32602,
            "invalid argument 0: invalid hex string"),
        row(
            "odd digits",
            call("web3_sha3", "[\"0x123\"]"),
            -32602,
            "invalid argument 0: hex string of odd length"),
        row(
            "no 0x",
            call("web3_sha3", "[\"12\"]"),
            -32602,
            "invalid argument 0: hex string without 0x prefix"),
        row(
            "number in decimal",
            call("eth_getBlockByNumber", "[\"12\",false]"),
            -32602,
            "invalid argument 0: hex string without 0x prefix"),
        row(
            "leading zero",
            call("eth_getBlockByNumber", "[\"0x01\",false]"),
            -32602,
            "invalid argument 0: hex number with leading zero digits"),
        row(
            "number of no digits",
            call("eth_getBlockByNumber", "[\"0x\",false]"),
            -32602,
            "invalid argument 0: hex string \"0x\""),
        row(
            "number negative",
            call("eth_getBlockByNumber", "[\"0x-1\",false]"),
            -32602,
            "invalid argument 0: invalid hex string"),
        row(
            "number above int64",
            call("eth_getBlockByNumber", "[\"0xffffffffffffffff\",false]"),
            -32602,
            "invalid argument 0: block number larger than int64"),
        row(
            "number of 17 digits",
            call("eth_getBlockByNumber", "[\"0x11111111111111111\",false]"),
            -32602,
            "invalid argument 0: hex number > 64 bits"),
        row(
            "boolean a string",
            call("eth_getBlockByNumber", "[\"0x0\",\"true\"]"),
            -32602,
            "invalid argument 1: "),
        row(
            "unknown tag",
            call("eth_getBlockByNumber", "[\"newest\",false]"),
            -32602,
            "invalid argument 0: "),
        row(
            "empty block object",
            call("eth_getCode", "[\"0x" + zeros.substring(24) + "\",{}]"),
            -32602,
            "invalid argument 1: "),
        row(
            "hash and number",
            call(
                "eth_getCode",
                "[\"0x"
                    + zeros.substring(24)
                    + "\",{\"blockHash\":\"0x"
                    + zeros
                    + "\",\"blockNumber\":\"0x0\"}]"),
            -32602,
            "invalid argument 1: cannot specify both BlockHash and BlockNumber"),
        row(
            "value above 256 bits",
            call("eth_call", "[{\"value\":\"0x1" + zeros + "\"}]"),
            -32602,
            "invalid argument 0: hex number > 256 bits"),
        row(
            "two kinds of fees",
            call("eth_call", "[{\"gasPrice\":\"0x1\",\"maxFeePerGas\":\"0x1\"}]"),
            -32000,
            "both gasPrice and (maxFeePerGas or maxPriorityFeePerGas)" + " specified"),
        row(
            "state and stateDiff",
            call(
                "eth_call",
                "[{},\"latest\",{\"0x"
                    + zeros.substring(24)
                    + "\":{\"state\":{},\"stateDiff\":{}}}]"),
            -32000,
            "account 0x0000000000000000000000000000000000000000 has both 'state' and 'stateDiff'"),
        row(
            "five topics",
            call("eth_getLogs", "[{\"topics\":[null,null,null,null,null]}]"),
            -32602,
            "exceed max topics"),
        row(
            "topic a number",
            call("eth_getLogs", "[{\"topics\":[1]}]"),
            -32602,
            "invalid argument 0: "),
        row(
            "hash and range",
            call("eth_getLogs", "[{\"blockHash\":\"0x" + zeros + "\",\"fromBlock\":\"0x0\"}]"),
            -32602,
            "invalid argument 0: cannot specify both BlockHash and FromBlock/ToBlock"),
        row(
            "range reversed",
            call("eth_getLogs", "[{\"fromBlock\":\"0x1\",\"toBlock\":\"0x0\"}]"),
            -32602,
            "invalid block range params"),
        row(
            "range beyond head",
            call("eth_getLogs", "[{\"fromBlock\":\"0x0\",\"toBlock\":\"0xffff\"}]"),
            -32602,
            "block range extends beyond current head block"),
        row(
            "fees of the future",
            call("eth_feeHistory", "[\"0x1\",\"0xffff\",[]]"),
            -32000,
            "request beyond head block: requested 65535, head 0"),
        row(
            "percentile above 100",
            call("eth_feeHistory", "[\"0x1\",\"latest\",[101]]"),
            -32000,
            "invalid reward percentile"),
        row(
            "percentiles falling",
            call("eth_feeHistory", "[\"0x1\",\"latest\",[50,40]]"),
            -32000,
            "invalid reward percentile"),
        row(
            "transaction no bytes",
            call("eth_sendRawTransaction", "[\"0x\"]"),
            -32000,
            "empty transaction"),
        row("transaction cut off", call("eth_sendRawTransaction", "[\"0x02f870\"]"), -32000, ""),
        row(
            "filter unknown",
            call("eth_getFilterChanges", "[\"0x1\"]"),
            -32000,
            "filter not found"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("table")
  void getsThisError(String name, String body, int code, String message) {
    HttpResponse<String> response = node.post(body);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
    JsonNode error = TestNode.json(response.body()).path("error");
    assertThat(error.path("code").intValue()).as(response.body()).isEqualTo(code);
    assertThat(error.path("message").textValue()).startsWith(message);
  }

  @Test
  void tenThousandInABatchAreRefusedAsOne() {
    String one = call("eth_chainId", "[]");
    JsonNode reply = TestNode.json(node.post("[" + (one + ",").repeat(9_999) + one + "]").body());
    assertThat(reply.path("error").path("code").intValue()).isEqualTo(-32005);
    assertThat(reply.path("error").path("message").textValue()).isEqualTo("batch too large");
    assertThat(reply.path("error").path("data").path("limit").intValue()).isEqualTo(1000);
  }

  @Test
  void fiftyMegabytesAre413BeforeTheyAreSent() throws Exception {
    assertThat(repliesTo(head("POST /", "localhost", JSON, "Content-Length: 52428800")))
        .startsWith("HTTP/1.1 413")
        .contains("request too large", "--rpc-max-body-bytes");
  }

  @Test
  void sixMegabytesOfUnknownLengthAre413() {
    byte[] big = new byte[6 << 20];
    HttpRequest request =
        node.request()
            .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(big)))
            .build();
    assertThat(statusOrCut(request)).isIn(413, -1);
    assertThat(node.result("eth_chainId", "[]").textValue()).isEqualTo("0x539");
  }

  /// -1 where the server closed the connection while the client was still sending.
  private static int statusOrCut(HttpRequest request) {
    try {
      return node.send(request).statusCode();
    } catch (UncheckedIOException cut) {
      return -1;
    }
  }

  @Test
  void otherContentTypesAre415() {
    HttpRequest request =
        HttpRequest.newBuilder(node.uri())
            .header("Content-Type", "text/plain")
            .POST(HttpRequest.BodyPublishers.ofString(call("eth_chainId", "[]")))
            .build();
    HttpResponse<String> response = node.send(request);
    assertThat(response.statusCode()).isEqualTo(415);
    assertThat(TestNode.json(response.body()).path("error").path("message").textValue())
        .isEqualTo("invalid content type, only application/json is supported");
  }

  @Test
  void otherMethodsAndPathsAnswerInJson() {
    HttpRequest put = node.request().PUT(HttpRequest.BodyPublishers.ofString("{}")).build();
    assertThat(node.send(put).statusCode()).isEqualTo(405);
    TestNode.json(node.send(put).body());
    HttpRequest elsewhere = HttpRequest.newBuilder(node.uri().resolve("/nothing")).build();
    assertThat(node.send(elsewhere).statusCode()).isEqualTo(404);
    TestNode.json(node.send(elsewhere).body());
  }

  @ParameterizedTest
  @MethodSource("refused")
  void anAnswerToHalfARequestSaysThatTheConnectionEnds(String head, int status) throws Exception {
    assertThat(repliesTo(head))
        .startsWith("HTTP/1.1 " + status)
        .containsIgnoringCase("connection: close");
  }

  @ParameterizedTest
  @MethodSource("refused")
  void aConnectionOutlivesARefusal(String head, int status) throws Exception {
    String call = call("eth_chainId", "[]");
    String last = "Connection: close\r\nContent-Length: " + call.length();
    String next = head("POST /", "localhost", JSON, last) + call;
    assertThat(repliesTo(head + "{}" + next)).startsWith("HTTP/1.1 " + status).contains("0x539");
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of(head("POST /", "localhost", "text/plain", TWO_BYTES), 415),
        Arguments.of(head("POST /", "evil.example", JSON, TWO_BYTES), 403),
        Arguments.of(head("POST /nothing", "localhost", JSON, TWO_BYTES), 404),
        Arguments.of(head("PUT /", "localhost", JSON, TWO_BYTES), 405),
        Arguments.of(head("GET /", "localhost", JSON, TWO_BYTES), 200));
  }

  /// @param framing the header that says how long the body is
  private static String head(String line, String host, String type, String framing) {
    return line
        + (" HTTP/1.1\r\nHost: " + host)
        + ("\r\nContent-Type: " + type)
        + ("\r\n" + framing + "\r\n\r\n");
  }

  @Test
  void whatIsNotHttpIsToldSoInJson() throws Exception {
    String reply = repliesTo("POST / HELLO/1.1\r\n\r\n");
    assertThat(reply).startsWith("HTTP/1.1 505").contains("application/json");
    String body = reply.substring(reply.indexOf("\r\n\r\n"));
    assertThat(TestNode.json(body).path("error").path("message").textValue())
        .containsIgnoringCase("version");
  }

  @ParameterizedTest
  @CsvSource({"POST,application/json,400", "POST,text/plain,415", "PUT,text/plain,405"})
  void aBodyInBrokenChunksIsRefusedAndEndsTheConnection(String method, String type, int status)
      throws Exception {
    String head = head(method + " /", "localhost", type, "Transfer-Encoding: chunked");
    assertThat(repliesTo(head + "2\r\n{}\r\nnot a length\r\n"))
        .startsWith("HTTP/1.1 " + status)
        .containsIgnoringCase("connection: close");
  }

  /// All that the server says until it closes the connection.
  private static String repliesTo(String sent) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", node.server.port())) {
      socket.setSoTimeout(60_000);
      socket.getOutputStream().write(sent.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void foreignHostNamesAre403NamingTheOption() throws Exception {
    assertThat(repliesTo(head("POST /", "evil.example:8545", JSON, TWO_BYTES)))
        .startsWith("HTTP/1.1 403")
        .contains("--rpc-allowed-hosts evil.example");
  }

  @Test
  void aFloodOfHalfRequestsDoesNotStopTheOthers() throws Exception {
    Socket[] halves = new Socket[50];
    for (int i = 0; i < halves.length; i++) {
      halves[i] = new Socket("127.0.0.1", node.server.port());
      halves[i]
          .getOutputStream()
          .write("POST / HTTP/1.1\r\nHost: lo".getBytes(StandardCharsets.UTF_8));
    }
    assertThat(node.result("eth_chainId", "[]").textValue()).isEqualTo("0x539");
    for (Socket half : halves) {
      half.close();
    }
  }
}
