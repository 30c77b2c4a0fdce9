package io.semper.tests.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.crypto.Signature;
import io.semper.core.fork.Fork;
import io.semper.core.fork.ForkSchedule;
import io.semper.core.types.ExecutionRequests;
import io.semper.core.types.FeeMarketTransaction;
import io.semper.core.types.Transaction;
import io.semper.genesis.DevNetwork;
import io.semper.genesis.Network;
import io.semper.node.Node;
import io.semper.node.account.DevAccounts;
import io.semper.node.config.DataDirectory;
import io.semper.node.config.EngineSettings;
import io.semper.node.config.NodeConfig;
import io.semper.node.config.RpcSettings;
import io.semper.rpc.MethodPolicy;
import io.semper.rpc.RpcConfig;
import io.semper.rpc.engine.ExecutionPayload;
import io.semper.rpc.eth.EthSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// A node with an Engine API, and a consensus client's calls over HTTP.
final class EngineNode implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();
  static final DevAccounts KEYS = DevAccounts.first(10);
  static final byte[] SECRET = Hex.decode("0x" + "5e".repeat(32));
  static final String ZERO = Hash32.ZERO.toString();
  static final String FEE_RECIPIENT = "0x00000000000000000000000000000000000000fe";

  private static final UInt256 RICH = UInt256.of(1_000_000_000_000_000_000L);
  private static final UInt256 TIP = UInt256.of(1_000_000_000);
  private static final UInt256 MOST = UInt256.of(100_000_000_000L);
  private static final Signature UNSIGNED = new Signature(0, UInt256.ZERO, UInt256.ZERO);

  final Node node;
  final Network network;
  private final HttpClient http = HttpClient.newHttpClient();

  EngineNode(Network network) {
    this(network, Optional.empty());
  }

  EngineNode(Network network, Optional<DataDirectory> directory) {
    this.network = network;
    node =
        Node.start(
            new NodeConfig(
                network,
                directory,
                Long.MAX_VALUE,
                new RpcSettings(RpcConfig.local(0), MethodPolicy.ALL, EthSettings.DEFAULT),
                "Semper/test",
                OptionalInt.empty(),
                Optional.empty(),
                Optional.of(
                    new EngineSettings("127.0.0.1", 0, SECRET, 60_000_000, Path.of("jwt.hex"))),
                Optional.empty(),
                Optional.empty()));
  }

  /// A network of proof of stake from genesis at time 0 that enters forks at these times.
  static Network network(Map<Fork, Long> times) {
    Network dev = DevNetwork.create(KEYS.accounts(), RICH, 0);
    Map<Fork, Long> activations = new EnumMap<>(Fork.class);
    for (Fork fork : Fork.values()) {
      if (fork.byNumber() && fork != Fork.FRONTIER && fork != Fork.DAO || fork == Fork.PARIS) {
        activations.put(fork, 0L);
      }
    }
    activations.putAll(times);
    ForkSchedule forks = new ForkSchedule(activations, Map.of(), UInt256.ZERO);
    return new Network(
        "test",
        dev.chainId(),
        forks,
        true,
        dev.depositContract(),
        null,
        false,
        Network.CONTRACT_SIZE_LIMIT_BYTES,
        null,
        dev.genesis(),
        dev.allocation());
  }

  static Network osaka() {
    return network(Map.of(Fork.SHANGHAI, 0L, Fork.CANCUN, 0L, Fork.PRAGUE, 0L, Fork.OSAKA, 0L));
  }

  // ---- Calls

  static String token(byte[] secret, String header, String claims) {
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    String message =
        base64.encodeToString(header.getBytes(StandardCharsets.UTF_8))
            + "."
            + base64.encodeToString(claims.getBytes(StandardCharsets.UTF_8));
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      byte[] signature = mac.doFinal(message.getBytes(StandardCharsets.UTF_8));
      return message + "." + base64.encodeToString(signature);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static String freshToken() {
    long now = System.currentTimeMillis() / 1000;
    return token(SECRET, "{\"typ\":\"JWT\",\"alg\":\"HS256\"}", "{\"iat\":" + now + "}");
  }

  /// @param authorization `null` for no such header
  HttpResponse<String> post(int port, String body, String authorization) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    try {
      return http.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static String request(String method, Object... parameters) {
    ObjectNode request = JSON.createObjectNode();
    request.put("jsonrpc", "2.0").put("id", 1).put("method", method);
    request.set("params", JSON.valueToTree(parameters));
    return request.toString();
  }

  private JsonNode reply(int port, String authorization, String method, Object... parameters) {
    HttpResponse<String> response = post(port, request(method, parameters), authorization);
    try {
      return JSON.readTree(response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(response.body(), e);
    }
  }

  JsonNode engineReply(String method, Object... parameters) {
    return reply(node.enginePort().orElseThrow(), "Bearer " + freshToken(), method, parameters);
  }

  /// The result, which there must be.
  JsonNode engine(String method, Object... parameters) {
    JsonNode reply = engineReply(method, parameters);
    if (!reply.has("result")) {
      throw new AssertionError(method + " answered " + reply);
    }
    return reply.get("result");
  }

  /// The code of the error, which there must be.
  int engineError(String method, Object... parameters) {
    JsonNode reply = engineReply(method, parameters);
    if (!reply.has("error")) {
      throw new AssertionError(method + " answered " + reply);
    }
    return reply.get("error").get("code").intValue();
  }

  /// The result of a method on the public port.
  JsonNode eth(String method, Object... parameters) {
    JsonNode reply = reply(node.port(), null, method, parameters);
    if (!reply.has("result")) {
      throw new AssertionError(method + " answered " + reply);
    }
    return reply.get("result");
  }

  // ---- What a consensus client does

  private Fork fork(long timestamp) {
    return network.forks().at(1, timestamp, true);
  }

  /// Versions of `newPayload`, `forkchoiceUpdated` and `getPayload` at a time.
  private int version(long timestamp, int shanghai, int cancun, int prague, int osaka) {
    Fork fork = fork(timestamp);
    if (fork.before(Fork.SHANGHAI)) return 1;
    if (fork.before(Fork.CANCUN)) return shanghai;
    if (fork.before(Fork.PRAGUE)) return cancun;
    return fork.before(Fork.OSAKA) ? prague : osaka;
  }

  /// @param tag tells payloads of one time apart
  Map<String, Object> attributes(long timestamp, int tag) {
    Map<String, Object> attributes = new TreeMap<>();
    attributes.put("timestamp", "0x" + Long.toHexString(timestamp));
    attributes.put("prevRandao", "0x" + String.format("%064x", tag));
    attributes.put("suggestedFeeRecipient", FEE_RECIPIENT);
    if (fork(timestamp).atLeast(Fork.SHANGHAI)) {
      attributes.put(
          "withdrawals",
          List.of(
              Map.of(
                  "index",
                  "0x" + Long.toHexString(timestamp),
                  "validatorIndex",
                  "0x7",
                  "address",
                  "0x00000000000000000000000000000000000000aa",
                  "amount",
                  "0x" + Integer.toHexString(tag + 1))));
    }
    if (fork(timestamp).atLeast(Fork.CANCUN)) {
      attributes.put("parentBeaconBlockRoot", beaconRoot(timestamp));
    }
    return attributes;
  }

  static String beaconRoot(long timestamp) {
    return "0x" + String.format("%064x", 0xbeac000000L + timestamp);
  }

  static Map<String, String> state(String head, String safe, String finalized) {
    return Map.of("headBlockHash", head, "safeBlockHash", safe, "finalizedBlockHash", finalized);
  }

  /// Makes a block the head; the status of the answer.
  JsonNode choose(String head) {
    return engine("engine_forkchoiceUpdatedV3", state(head, ZERO, ZERO), null).get("payloadStatus");
  }

  /// Begins a payload on a block, which becomes the head.
  String begin(String parent, long timestamp, int tag) {
    String method = "engine_forkchoiceUpdatedV" + version(timestamp, 2, 3, 3, 3);
    JsonNode reply = engine(method, state(parent, ZERO, ZERO), attributes(timestamp, tag));
    if (reply.get("payloadId").isNull()) {
      throw new AssertionError(method + " answered " + reply);
    }
    return reply.get("payloadId").textValue();
  }

  /// The reply to `getPayload`, of version 2 or later.
  JsonNode fetch(String payloadId, long timestamp) {
    int version = Math.max(2, version(timestamp, 2, 3, 4, 5));
    return engine("engine_getPayloadV" + version, payloadId);
  }

  /// Has a block built on another.
  JsonNode build(String parent, long timestamp, int tag) {
    return fetch(begin(parent, timestamp, tag), timestamp);
  }

  static String hash(JsonNode built) {
    return built.get("executionPayload").get("blockHash").textValue();
  }

  private static long time(JsonNode payload) {
    return Long.decode(payload.get("timestamp").textValue());
  }

  static List<Hash32> blobs(JsonNode payload) {
    List<Hash32> hashes = new ArrayList<>();
    for (JsonNode encoded : payload.get("transactions")) {
      hashes.addAll(Transaction.decode(Hex.decode(encoded.textValue())).blobVersionedHashes());
    }
    return hashes;
  }

  /// Parameters of `newPayload` for what was built.
  List<Object> parameters(JsonNode built) {
    JsonNode payload = built.get("executionPayload");
    Fork fork = fork(time(payload));
    List<Object> parameters = new ArrayList<>(List.of(payload));
    if (fork.atLeast(Fork.CANCUN)) {
      parameters.add(blobs(payload).stream().map(Hash32::toString).toList());
      parameters.add(beaconRoot(time(payload)));
    }
    if (fork.atLeast(Fork.PRAGUE)) {
      parameters.add(built.get("executionRequests"));
    }
    return parameters;
  }

  String newPayload(JsonNode built) {
    return "engine_newPayloadV" + version(time(built.get("executionPayload")), 2, 3, 4, 4);
  }

  /// Hands a block in; the status of the answer.
  JsonNode handIn(JsonNode built) {
    return engine(newPayload(built), parameters(built).toArray());
  }

  /// The same block with other fields and, once more, the right hash.
  JsonNode altered(JsonNode built, Map<String, String> fields) {
    ObjectNode copy = built.deepCopy();
    ObjectNode payload = (ObjectNode) copy.get("executionPayload");
    fields.forEach(payload::put);
    ExecutionPayload read = ExecutionPayload.fromJson(payload);
    List<byte[]> requests = new ArrayList<>();
    copy.path("executionRequests")
        .forEach(request -> requests.add(Hex.decode(request.textValue())));
    Fork fork = fork(read.timestamp());
    Hash32 hash =
        read.toBlock(
                read.transactions().stream().map(Transaction::decode).toList(),
                fork.atLeast(Fork.CANCUN) ? Hash32.of(beaconRoot(read.timestamp())) : null,
                fork.atLeast(Fork.PRAGUE) ? ExecutionRequests.hash(requests) : null)
            .header()
            .hash();
    payload.put("blockHash", hash.toString());
    return copy;
  }

  // ---- Transactions

  long nonce(int account) {
    String address = KEYS.accounts().get(account).toString();
    return Long.decode(eth("eth_getTransactionCount", address, "pending").textValue());
  }

  Transaction transfer(int from, long wei, long tipFactor) {
    Transaction unsigned =
        new FeeMarketTransaction(
            network.chainId(),
            nonce(from),
            TIP.timesExact(tipFactor),
            MOST,
            21_000,
            Address.of("0x00000000000000000000000000000000000000bb"),
            UInt256.of(wei),
            new byte[0],
            List.of(),
            UNSIGNED);
    return sign(from, unsigned);
  }

  static Transaction sign(int from, Transaction unsigned) {
    Signature signature = Secp256k1.sign(unsigned.signingHash(), KEYS.all().get(from).key());
    return unsigned.withSignature(signature);
  }

  String send(Transaction transaction) {
    return engine("eth_sendRawTransaction", Hex.encode(transaction.encode())).textValue();
  }

  @Override
  public void close() {
    node.close();
    http.close();
  }
}
