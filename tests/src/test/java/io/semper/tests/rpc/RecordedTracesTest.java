package io.semper.tests.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.semper.chain.block.SealRule;
import io.semper.chain.db.MemoryStore;
import io.semper.chain.importer.BlockImporter;
import io.semper.chain.importer.Ledger;
import io.semper.chain.pool.TxPool;
import io.semper.chain.producer.BlockBuilder;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.fixtures.Fixtures;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Withdrawal;
import io.semper.core.view.Account;
import io.semper.core.view.StateView;
import io.semper.evm.state.StateDiff;
import io.semper.evm.state.StateDiff.AccountDiff;
import io.semper.genesis.Genesis;
import io.semper.genesis.Network;
import io.semper.node.LedgerReplay;
import io.semper.rpc.CallContext;
import io.semper.rpc.Dispatcher;
import io.semper.rpc.MethodPolicy;
import io.semper.rpc.RpcLimits;
import io.semper.rpc.compat.RpcCompat;
import io.semper.rpc.eth.EthMethods;
import io.semper.rpc.eth.EthSettings;
import io.semper.rpc.eth.NodeStatus;
import io.semper.rpc.json.Json;
import io.semper.rpc.trace.Replay;
import io.semper.rpc.trace.TraceLimits;
import io.semper.rpc.trace.TraceMethods;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Traces of a chain that crosses every fork, against what was recorded from go-ethereum, against
/// receipts, and against the states the chain itself commits to.
final class RecordedTracesTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final JsonFactory JSON = new JsonFactory();
  private static final Path FOLDER = Fixtures.path("rpc-compat");

  /// Requests of consensus contracts: blocks with some change more than their transactions do.
  private static final Hash32 NO_REQUESTS =
      Hash32.of("0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

  private static Ledger ledger;
  private static BlockImporter importer;
  private static EthMethods eth;
  private static Dispatcher dispatcher;
  private static Replay replay;

  @BeforeAll
  static void open() throws IOException, InterruptedException {
    Network network = Genesis.read(Files.readAllBytes(FOLDER.resolve("genesis.json")));
    ledger = Ledger.open(new MemoryStore(), network, SealRule.NONE);
    importer = new BlockImporter(ledger);
    RpcCompatTest.importChain(FOLDER.resolve("chain.rlp"), importer);
    BlockBuilder builder = RpcCompatTest.builder(network, ledger);
    TxPool transactions = RpcCompatTest.transactions(network, ledger, builder);
    eth =
        new EthMethods(
            ledger,
            RpcCompatTest.pool(ledger, builder, transactions),
            NodeStatus.alone("Semper/test", network.chainId()),
            EthSettings.DEFAULT,
            RpcLimits.DEFAULT,
            Optional.empty(),
            Optional.empty());
    replay = new LedgerReplay(ledger);
    List<Object> handlers = new ArrayList<>(eth.handlers());
    handlers.addAll(new TraceMethods(ledger, eth, replay, TraceLimits.DEFAULT).handlers());
    dispatcher = new Dispatcher(handlers, MethodPolicy.ALL);
  }

  @AfterAll
  static void close() {
    eth.close();
    importer.close();
  }

  private static JsonNode call(String method, String params) {
    try {
      long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
      CallContext context = new CallContext(deadline, Optional.empty());
      Object result = dispatcher.call(method, MAPPER.readTree(params), context);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (JsonGenerator out = JSON.createGenerator(bytes)) {
        Json.write(out, result);
      }
      return MAPPER.readTree(bytes.toByteArray());
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static JsonNode trace(Block block, String tracer, String config) {
    return call(
        "debug_traceBlockByHash",
        "[\""
            + block.header().hash()
            + "\",{\"tracer\":\""
            + tracer
            + "\",\"tracerConfig\":"
            + config
            + "}]");
  }

  private static List<Block> blocks() {
    List<Block> blocks = new ArrayList<>();
    for (long number = 1; number <= ledger.head().number(); number++) {
      blocks.add(ledger.block(ledger.header(number).orElseThrow().hash()).orElseThrow());
    }
    return blocks;
  }

  /// The recordings ask for the shape only; the values are equal all the same.
  @Test
  void recordedTracesAreEqualToTheLastValue() throws IOException {
    int compared = 0;
    for (String file : RpcCompat.files(FOLDER)) {
      if (!file.startsWith("debug_trace")) {
        continue;
      }
      JsonNode request = null;
      for (String line : Files.readAllLines(FOLDER.resolve(file))) {
        if (line.startsWith(">>")) {
          request = MAPPER.readTree(line.substring(2));
        } else if (line.startsWith("<<")) {
          JsonNode reply = MAPPER.readTree(line.substring(2));
          if (reply.has("result")) {
            JsonNode ours =
                call(request.get("method").textValue(), request.get("params").toString());
            assertThat(ours).as(file).isEqualTo(reply.get("result"));
            compared++;
          }
        }
      }
    }
    assertThat(compared).isGreaterThanOrEqualTo(9);
  }

  @Test
  void aBlockGivenAsBytesIsTracedAsTheKnownOne() {
    Block block = blocks().get(1);
    String bytes = "[\"" + Hex.encode(block.encode()) + "\"]";
    JsonNode known = call("debug_traceBlockByNumber", "[\"0x2\"]");
    assertThat(call("debug_traceBlock", bytes)).isEqualTo(known);
    assertThat(known.size()).isEqualTo(block.transactions().size());
  }

  @Test
  void callsHaveTheGasAndTheLogsOfTheReceipts() {
    int logs = 0;
    for (Block block : blocks()) {
      JsonNode receipts = call("eth_getBlockReceipts", "[\"" + block.header().hash() + "\"]");
      JsonNode traces = trace(block, "callTracer", "{\"withLog\":true}");
      for (int i = 0; i < receipts.size(); i++) {
        JsonNode receipt = receipts.get(i);
        JsonNode call = traces.get(i).get("result");
        assertThat(call.get("gasUsed")).isEqualTo(receipt.get("gasUsed"));
        if (receipt.has("status")) {
          assertThat(call.has("error")).isEqualTo(receipt.get("status").textValue().equals("0x0"));
        }
        Map<String, JsonNode> byIndex = new HashMap<>();
        collectLogs(call, byIndex);
        assertThat(byIndex).hasSize(receipt.get("logs").size());
        for (JsonNode log : receipt.get("logs")) {
          JsonNode traced = byIndex.get(log.get("logIndex").textValue());
          assertThat(traced.get("address")).isEqualTo(log.get("address"));
          assertThat(traced.get("topics")).isEqualTo(log.get("topics"));
          assertThat(traced.get("data")).isEqualTo(log.get("data"));
          logs++;
        }
      }
    }
    assertThat(logs).isPositive();
  }

  private static void collectLogs(JsonNode call, Map<String, JsonNode> byIndex) {
    call.path("logs").forEach(log -> byIndex.put(log.get("index").textValue(), log));
    call.path("calls").forEach(each -> collectLogs(each, byIndex));
  }

  /// Nothing but the differences the tracer tells of, what comes before the transactions, and what
  /// the block pays, leads from each state root to the next. Before EIP-161 that cannot be:
  /// accounts could come into being empty, which the tracer's form has no words for.
  @Test
  void replayingPrestateDifferencesReproducesEveryState() {
    int reproduced = 0;
    for (Block block : blocks()) {
      Header header = block.header();
      if (header.requestsHash() != null && !header.requestsHash().equals(NO_REQUESTS)) {
        continue;
      }
      Header parent = ledger.header(header.parentHash()).orElseThrow();
      Replay.Execution start = replay.begin(block);
      if (!start.rules().stateClearing()) {
        continue;
      }
      Model model = new Model(ledger.stateAfter(parent), start.state().diff());
      for (JsonNode each : trace(block, "prestateTracer", "{\"diffMode\":true}")) {
        model.apply(each.get("result"));
      }
      for (Replay.Reward reward : replay.rewards(block)) {
        model.pay(reward.author(), reward.value());
      }
      if (block.withdrawals() != null) {
        for (Withdrawal each : block.withdrawals()) {
          UInt256 wei = UInt256.of(1_000_000_000L).timesExact(each.amountGwei());
          model.pay(each.address(), wei);
        }
      }
      Hash32 root = ledger.states().compute(ledger.stateAfter(parent), model.diff()).root();
      assertThat(root).as("state after block " + header.number()).isEqualTo(header.stateRoot());
      reproduced++;
    }
    assertThat(reproduced).isGreaterThan(40);
  }

  /// A state known by its differences to an earlier one.
  private static final class Model {
    private final StateView base;
    private final Map<Address, Changed> accounts = new HashMap<>();

    private static final class Changed {
      boolean exists;
      long nonce;
      UInt256 balance;
      Hash32 codeHash;
      byte[] code;
      final Map<UInt256, UInt256> storage = new HashMap<>();
    }

    Model(StateView base, StateDiff start) {
      this.base = base;
      start
          .accounts()
          .forEach((address, diff) -> {
            Changed changed = changed(address);
            changed.exists = true;
            changed.nonce = diff.nonce();
            changed.balance = diff.balance();
            changed.codeHash = diff.codeHash();
            changed.code = diff.newCode();
            changed.storage.putAll(diff.storage());
          });
    }

    private Changed changed(Address address) {
      return accounts.computeIfAbsent(
          address,
          a -> {
            Account account = base.account(a);
            Account start = account == null ? Account.EMPTY : account;
            Changed changed = new Changed();
            changed.exists = account != null;
            changed.nonce = start.nonce();
            changed.balance = start.balance();
            changed.codeHash = start.codeHash();
            return changed;
          });
    }

    void pay(Address address, UInt256 wei) {
      Changed changed = changed(address);
      changed.balance = changed.balance.plus(wei);
      changed.exists = true;
    }

    void apply(JsonNode difference) {
      JsonNode post = difference.get("post");
      for (Map.Entry<String, JsonNode> before : difference.get("pre").properties()) {
        Address address = Address.of(before.getKey());
        if (!post.has(before.getKey())) {
          accounts.put(address, gone());
        }
        // Slots that were something and are not told of any more are zero now.
        JsonNode after = post.path(before.getKey()).path("storage");
        for (Map.Entry<String, JsonNode> slot : before.getValue().path("storage").properties()) {
          if (!after.has(slot.getKey())) {
            changed(address).storage.put(word(slot.getKey()), UInt256.ZERO);
          }
        }
      }
      for (Map.Entry<String, JsonNode> entry : post.properties()) {
        apply(changed(Address.of(entry.getKey())), entry.getValue());
      }
    }

    private static Changed gone() {
      Changed changed = new Changed();
      changed.balance = UInt256.ZERO;
      changed.codeHash = Keccak.EMPTY;
      return changed;
    }

    private static void apply(Changed changed, JsonNode post) {
      if (post.has("codeHash") && Hash32.of(post.get("codeHash").textValue()).isZero()) {
        changed.exists = false;
        return;
      }
      changed.exists = true;
      if (post.has("balance")) {
        changed.balance = word(post.get("balance").textValue());
      }
      if (post.has("nonce")) {
        changed.nonce = post.get("nonce").longValue();
      }
      if (post.has("code")) {
        changed.code = Hex.decode(post.get("code").textValue());
        changed.codeHash = Keccak.hash(changed.code);
      }
      post.path("storage")
          .properties()
          .forEach(
              slot -> changed.storage.put(word(slot.getKey()), word(slot.getValue().textValue())));
    }

    private static UInt256 word(String hex) {
      return UInt256.ofHex(hex.substring(2));
    }

    StateDiff diff() {
      Map<Address, AccountDiff> diffs = new HashMap<>();
      accounts.forEach((address, c) -> {
        boolean before = base.account(address) != null;
        if (c.exists) {
          diffs.put(
              address,
              new AccountDiff(
                  false, c.nonce, c.balance, c.codeHash, c.code, false, Map.copyOf(c.storage)));
        } else if (before) {
          diffs.put(
              address, new AccountDiff(true, 0, UInt256.ZERO, Keccak.EMPTY, null, true, Map.of()));
        }
      });
      return new StateDiff(diffs);
    }
  }
}
