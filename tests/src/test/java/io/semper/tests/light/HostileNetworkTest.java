package io.semper.tests.light;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.PooledTransaction;
import io.semper.core.types.QbftSeals;
import io.semper.core.view.ChainView.SlotProof;
import io.semper.core.view.PoolView;
import io.semper.core.view.StateView;
import io.semper.core.view.UnavailableException;
import io.semper.lightclient.Alert;
import io.semper.lightclient.LightClient;
import io.semper.lightclient.Verified.Trust;
import io.semper.lightclient.upstream.HttpTransport;
import io.semper.lightclient.upstream.Transport;
import io.semper.lightclient.upstream.UpstreamLimits;
import io.semper.lightclient.upstream.UpstreamPool.State;
import java.io.IOException;
import java.math.BigInteger;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Liars of several kinds, and validators who have sold their keys.
class HostileNetworkTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final UpstreamLimits LIMITS = new UpstreamLimits(32 << 20, 1_000, 20_000, 100, 16);

  @TempDir Path folder;
  private final List<Alert> alerts = new CopyOnWriteArrayList<>();
  private SealedNetwork network;
  private LivelyChain chain;
  private URI full;

  @BeforeEach
  void start() throws Exception {
    network = new SealedNetwork(4);
    chain = new LivelyChain(network, 20, 3);
    full = network.serve();
  }

  @AfterEach
  void stop() {
    network.close();
  }

  /// What becomes of a request at one of the nodes.
  private interface Node {
    byte[] answer(byte[] request, Transport honest) throws IOException;
  }

  /// Nodes by name, all of whom have an honest one at hand.
  private Transport nodes(Map<String, Node> nodes) {
    HttpTransport http = new HttpTransport();
    return (url, body, max, millis) -> {
      Node node = nodes.get(url.getHost());
      return node.answer(body, (u, request, m, t) -> http.post(full, request, max, millis));
    };
  }

  private LightClient client(Transport transport, String... hosts) {
    return client(null, null, transport, hosts);
  }

  private LightClient client(Path store, Hash32 checkpoint, Transport transport, String... hosts) {
    LightClient.Builder builder =
        LightClient.builder(network.network())
            .store(store)
            .checkpoint(checkpoint)
            .transport(transport)
            .limits(LIMITS)
            .pollMillis(20)
            .onAlert(alerts::add);
    for (String host : hosts) {
      builder.upstream(URI.create("http://" + host));
    }
    return builder.build();
  }

  private static byte[] honest(byte[] request, Transport honest) throws IOException {
    return honest.post(null, request, null, 0);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static boolean asksForHead(byte[] request) {
    return text(request).contains("\"latest\"");
  }

  // ---- Five liars

  private static byte[] flip(byte[] reply, Random random) {
    byte[] changed = reply.clone();
    for (int tries = 0; tries < 1000; tries++) {
      int at = random.nextInt(changed.length);
      if (changed[at] >= '2' && changed[at] <= '8') {
        changed[at]++;
        return changed;
      }
    }
    return changed;
  }

  private static byte[] nothing(byte[] request) throws IOException {
    JsonNode asked = JSON.readTree(request);
    if (!asked.isArray()) {
      return bytes("{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":null}");
    }
    List<String> items = new ArrayList<>();
    for (int i = 0; i < asked.size(); i++) {
      items.add("{\"jsonrpc\":\"2.0\",\"id\":" + i + ",\"result\":null}");
    }
    return bytes("[" + String.join(",", items) + "]");
  }

  private static byte[] stall(long millis) throws IOException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new SocketTimeoutException("no answer");
  }

  /// The header of block 3, and of every account the state after it.
  private byte[] aged(byte[] request, Transport honest) throws IOException {
    String head = network.ledger().head().hash().toString();
    String old = network.ledger().header(3).orElseThrow().hash().toString();
    return honest(bytes(text(request).replace("\"latest\"", "\"0x3\"").replace(head, old)), honest);
  }

  @Test
  void oneHonestNodeAmongFiveLiarsIsEnough() {
    Random random = new Random(5);
    Map<String, Node> nodes = new HashMap<>();
    nodes.put("flips", (request, honest) -> flip(honest(request, honest), random));
    nodes.put("denies", (request, honest) -> nothing(request));
    nodes.put("stalls", (request, honest) -> stall(LIMITS.requestMillis()));
    nodes.put("ages", this::aged);
    nodes.put("garbles", (request, honest) -> "]".repeat(100_000).getBytes(StandardCharsets.UTF_8));
    nodes.put("honest", HostileNetworkTest::honest);
    Queries queries = new Queries(network, chain, 7);
    try (LightRpc rpc =
        new LightRpc(
            client(nodes(nodes), "flips", "denies", "stalls", "ages", "garbles", "honest"))) {
      for (int kind = 0; kind < queries.kinds(); kind++) {
        Queries.Query query = queries.next(kind);
        JsonNode expected = JsonRpc.reply(full, query.method(), query.params());
        String said = rpc.ask(query);
        String right = expected.path("result").toString();
        boolean none = right.equals("\"0x\"") && query.method().contains("RawTransaction");
        if (none || right.equals("null")) {
          // Nobody can prove it while somebody is silent, and then it is said that nobody can.
          assertThat(said.equals(right) || said.contains("not known there"))
              .as("%s: %s", query, said)
              .isTrue();
        } else if (expected.has("result")) {
          assertThat(said).as("%s", query).isEqualTo(expected.get("result").toString());
        } else {
          assertThat(said).as("%s", query).startsWith(LightRpc.ERROR);
        }
      }
    }
  }

  /// A receipt kept back by saying that the transaction is in a block yet to come, or in another.
  @Test
  void aReceiptCannotBeKeptBackWhileOneNodeIsHonest() {
    Hash32 transaction = chain.included().getFirst();
    for (String field : List.of("blockNumber", "blockHash", "transactionIndex")) {
      Map<String, Node> nodes =
          Map.of(
              "hides",
              (request, honest) -> {
                byte[] reply = honest(request, honest);
                return text(request).contains("eth_getTransactionByHash")
                    ? bytes(text(reply).replaceFirst("(\"" + field + "\":\"0x)", "$11"))
                    : reply;
              },
              "honest",
              HostileNetworkTest::honest);
      try (LightClient client = client(nodes(nodes), "hides", "honest")) {
        assertThat(client.receipt(transaction)).as(field).isPresent();
      }
    }
  }

  // ---- Sold keys

  /// A block of the head's number and one more, that nobody honest has made.
  private Block forged(int seals) {
    Block head = network.ledger().block(network.ledger().head().hash()).orElseThrow();
    Header header =
        head.header().toBuilder()
            .number(head.header().number() + 1)
            .parentHash(head.header().hash())
            .timestamp(head.header().timestamp() + 1)
            .stateRoot(Hash32.of(6, 6, 6, 6))
            .build();
    return network.sealed(
        new Block(header, head.transactions(), head.ommers(), head.withdrawals()), seals);
  }

  private byte[] withHeader(byte[] reply, Header header) throws IOException {
    ObjectNode whole = (ObjectNode) JSON.readTree(reply);
    ObjectNode block = (ObjectNode) whole.get("result");
    block.put("number", "0x" + Long.toHexString(header.number()));
    block.put("hash", header.hash().toString());
    block.put("parentHash", header.parentHash().toString());
    block.put("timestamp", "0x" + Long.toHexString(header.timestamp()));
    block.put("stateRoot", header.stateRoot().toString());
    block.put("extraData", Hex.encode(header.extraData()));
    return JSON.writeValueAsBytes(whole);
  }

  private Node forger(Header header) {
    return (request, honest) ->
        asksForHead(request)
            ? withHeader(honest(request, honest), header)
            : honest(request, honest);
  }

  @Test
  void headersWithTooFewSealsAreRefusedAndWhoNamesThemIsBanned() {
    int quorum = QbftSeals.quorum(4);
    for (int seals = 0; seals < quorum; seals++) {
      Header forged = forged(seals).header();
      Map<String, Node> nodes =
          Map.of("forger", forger(forged), "honest", HostileNetworkTest::honest);
      try (LightClient client = client(nodes(nodes), "forger", "honest")) {
        ValidatorContractTest.awaitHead(client, network);
        assertThat(client.head().block().hash()).isEqualTo(network.ledger().head().hash());
        assertThat(client.upstreams().status().getFirst().state()).isEqualTo(State.BANNED);
        assertThat(Header.decode(client.upstreams().evidence().getFirst().reply()))
            .isEqualTo(forged);
        assertThat(alerts).last().isInstanceOf(Alert.Lied.class);
      }
    }
  }

  /// Three of four validators seal two blocks of one number: beyond what any rule can survive, and
  /// noticed.
  @Test
  void twoSealedBlocksOfOneNumberEndAllBelieving() throws IOException {
    Header head = network.ledger().head();
    Block ours = network.ledger().block(head.hash()).orElseThrow();
    Header other =
        network
            .sealed(
                new Block(
                    head.toBuilder().stateRoot(Hash32.of(6, 6, 6, 6)).build(),
                    ours.transactions(),
                    ours.ommers(),
                    ours.withdrawals()),
                3)
            .header();
    Map<String, Node> nodes =
        Map.of("traitor", forger(other), "honest", HostileNetworkTest::honest);
    Path store = folder.resolve("store");
    try (LightClient client = client(store, null, nodes(nodes), "traitor", "honest")) {
      awaitAlert(Alert.Diverged.class);
      nothingIsAnswered(client);
    }
    // Both headers are kept, and nothing is believed after a restart, whoever is asked.
    String evidence = Files.readString(folder.resolve("store.evidence"));
    assertThat(evidence).contains("\"diverged\"");
    assertThat(evidence).contains(Hex.encode(head.encode())).contains(Hex.encode(other.encode()));
    Transport honest = nodes(nodes);
    try (LightClient client = client(store, null, honest, "honest")) {
      nothingIsAnswered(client);
    }
    Hash32 before = network.ledger().header(3).orElseThrow().hash();
    try (LightClient client = client(store, before, honest, "honest")) {
      nothingIsAnswered(client);
    }
    // A block above, which the user vouches for, is where it goes on.
    network.seal(2);
    Hash32 after = network.ledger().head().hash();
    try (LightClient client = client(store, after, honest, "honest")) {
      assertThat(client.head().block().hash()).isEqualTo(after);
    }
  }

  private void awaitAlert(Class<? extends Alert> kind) {
    long end = System.nanoTime() + 10_000_000_000L;
    while (alerts.stream().noneMatch(kind::isInstance)) {
      assertThat(System.nanoTime()).as("alerted in time").isLessThan(end);
      Thread.onSpinWait();
    }
  }

  private void nothingIsAnswered(LightClient client) {
    Address account = network.accounts().getFirst();
    Hash32 known = network.ledger().header(1).orElseThrow().hash();
    Hash32 transaction = chain.included().getFirst();
    Header genesis = network.network().genesis();
    List<ThrowingCallable> questions =
        List.of(
            client::head,
            () -> client.balance(account),
            () -> client.account(account, 0),
            () -> client.block(0),
            () -> client.receipts(0),
            () -> client.transaction(transaction),
            () -> client.chain().header(0),
            () -> client.chain().header(known),
            () -> client.chain().header(genesis.hash()),
            () -> client.chain().headerToSearch(0),
            () -> client.chain().isCanonical(genesis),
            () -> client.chain().finalized(),
            () -> client.chain().block(known),
            () -> client.chain().receipts(known),
            () -> client.chain().locate(transaction),
            () -> client.chain().totalDifficulty(known),
            () -> client.chain().stateAfter(genesis),
            () -> client.chain().prove(genesis, account, List.of()),
            () -> client.pool().nextNonce(account),
            () -> client.pool().pendingBlock());
    for (ThrowingCallable question : questions) {
      assertThatThrownBy(question)
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("two blocks");
    }
    assertThat(client.frozen()).isPresent();
  }

  // ---- Sending

  private static boolean sends(byte[] request) {
    return text(request).contains("eth_sendRawTransaction");
  }

  private static byte[] refusal(String message) {
    return bytes(
        "{\"jsonrpc\":\"2.0\",\"id\":0,\"error\":{\"code\":-32000,\"message\":\""
            + message
            + "\"}}");
  }

  private PooledTransaction payment() {
    Address from = network.accounts().get(3);
    return new PooledTransaction(
        network.transaction(from, Address.of(0x77), UInt256.of(5), new byte[0], 21_000), null);
  }

  /// One node refuses at once, another accepts when nobody waits for more any longer: it was sent.
  /// While it is in no block, that is proven by the sender's nonce, whoever is out of reach.
  @Test
  void aTransactionThatOneNodeHasTakenIsNotRefused() {
    AtomicBoolean gone = new AtomicBoolean();
    Map<String, Node> nodes =
        Map.of(
            "refuses",
            (request, honest) ->
                sends(request) ? refusal("transaction underpriced") : honest(request, honest),
            "takes",
            (request, honest) -> {
              if (gone.get() && text(request).contains("eth_getTransactionByHash")) {
                throw new SocketTimeoutException("no answer");
              }
              if (sends(request)) {
                LockSupport.parkNanos(600_000_000L);
              }
              return honest(request, honest);
            });
    try (LightClient client = client(nodes(nodes), "refuses", "takes")) {
      PooledTransaction sent = payment();
      assertThat(client.send(sent)).isInstanceOf(PoolView.Submission.Accepted.class);
      gone.set(true);
      assertThat(client.receipt(sent.transaction().hash())).isEmpty();
      // Of others' transactions nobody knows what the node out of reach would say.
      assertThatThrownBy(() -> client.receipt(Hash32.of(9, 9, 9, 9)))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("takes: no answer");
    }
  }

  /// One node refuses, another is silent and may have taken it; all refuse.
  @Test
  void aTransactionIsRefusedOnlyWhereAllSaySo() {
    Node refuses =
        (request, honest) ->
            sends(request) ? refusal("transaction underpriced") : honest(request, honest);
    Map<String, Node> nodes =
        Map.of(
            "refuses",
            refuses,
            "silent",
            (request, honest) -> {
              if (sends(request)) {
                throw new SocketTimeoutException("no answer");
              }
              return honest(request, honest);
            },
            "too",
            refuses);
    try (LightClient client = client(nodes(nodes), "refuses", "silent")) {
      assertThatThrownBy(() -> client.send(payment()))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("nothing heard of http://silent")
          .hasMessageContaining("underpriced");
    }
    try (LightClient client = client(nodes(nodes), "refuses", "too")) {
      assertThat(client.send(payment()))
          .isEqualTo(new PoolView.Submission.Rejected("transaction underpriced"));
    }
  }

  /// Besu answers in the order of keys, each once; what was asked comes back as it was asked.
  @Test
  void proofsAreTakenByTheirKeys() {
    Node sorts =
        (request, honest) -> {
          JsonNode reply = JSON.readTree(honest(request, honest));
          for (JsonNode each : reply.isArray() ? reply : List.of(reply)) {
            JsonNode slots = each.path("result").path("storageProof");
            if (slots.isArray()) {
              Map<BigInteger, JsonNode> byKey = new TreeMap<>(Comparator.reverseOrder());
              slots.forEach(slot ->
                  byKey.put(new BigInteger(slot.get("key").textValue().substring(2), 16), slot));
              ((ObjectNode) each.get("result")).putArray("storageProof").addAll(byKey.values());
            }
          }
          return JSON.writeValueAsBytes(reply);
        };
    try (LightClient client = client(nodes(Map.of("sorts", sorts)), "sorts")) {
      StateView state = network.ledger().stateAfter(network.ledger().head());
      List<UInt256> asked = new ArrayList<>();
      for (int slot : new int[] {5, 1, 3, 1, 4}) {
        asked.add(UInt256.of(slot));
      }
      var proof = client.proof(chain.register(), asked).value();
      assertThat(proof.slots()).extracting(SlotProof::key).isEqualTo(asked);
      for (SlotProof slot : proof.slots()) {
        assertThat(slot.value()).isEqualTo(state.storage(chain.register(), slot.key()));
      }
    }
  }

  @Test
  void witnessesAreCountedAndLaggardsForgiven() {
    Map<String, Node> nodes =
        Map.of(
            "one",
            HostileNetworkTest::honest,
            "two",
            HostileNetworkTest::honest,
            "late",
            this::aged);
    try (LightClient client = client(nodes(nodes), "one", "two", "late")) {
      assertThat(client.witnesses()).isGreaterThanOrEqualTo(1);
      Address account = network.accounts().getFirst();
      UInt256 balance =
          network.ledger().stateAfter(network.ledger().head()).account(account).balance();
      assertThat(client.balance(account).value()).isEqualTo(balance);
      assertThat(client.balance(account).trust()).isIn(Trust.PROVEN, Trust.CROSS_CHECKED);
      assertThat(alerts).allMatch(each -> each.toString().contains("late"));
    }
  }
}
