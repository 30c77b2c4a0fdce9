package io.semper.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.chain.importer.Ledger;
import io.semper.core.fork.Fork;
import io.semper.core.types.Header;
import io.semper.genesis.Network;
import io.semper.node.config.DataDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A consensus client that changes its mind. Blocks are built by one node and followed by another,
/// whose head, state, and index of transactions must be those of the branch chosen last.
class EngineReorganisationTest {
  private static final Map<Fork, Long> FORKS =
      Map.of(Fork.SHANGHAI, 0L, Fork.CANCUN, 60L, Fork.PRAGUE, 120L, Fork.OSAKA, 180L);

  /// A chain from a block on, and a transaction of each of its blocks.
  private record Branch(List<JsonNode> blocks, List<String> transactions) {
    String hash(int index) {
      return EngineNode.hash(blocks.get(index));
    }

    String head() {
      return hash(blocks.size() - 1);
    }
  }

  /// Builds on a block; the branch's account sends a transaction into each of its blocks.
  private static Branch branch(
      EngineNode builder, String parent, long time, long step, int length, int account) {
    Branch branch = new Branch(new ArrayList<>(), new ArrayList<>());
    for (int i = 0; i < length; i++) {
      builder.choose(parent);
      branch.transactions.add(builder.send(builder.transfer(account, 1 + i, 1)));
      JsonNode built = builder.build(parent, time + step * (i + 1), account);
      assertThat(builder.handIn(built).get("status").textValue()).isEqualTo("VALID");
      branch.blocks.add(built);
      parent = EngineNode.hash(built);
    }
    return branch;
  }

  private static void handIn(EngineNode node, Branch branch) {
    for (JsonNode block : branch.blocks) {
      assertThat(node.handIn(block).get("status").textValue()).isEqualTo("VALID");
    }
  }

  /// Chooses a block and looks at everything that must follow.
  private static void assertFollows(EngineNode node, String head, Branch on, Branch notOn) {
    assertThat(node.choose(head).get("latestValidHash").textValue()).isEqualTo(head);
    assertAt(node, head, on, notOn);
  }

  private static void assertAt(EngineNode node, String head, Branch on, Branch notOn) {
    JsonNode latest = node.eth("eth_getBlockByNumber", "latest", false);
    assertThat(latest.get("hash").textValue()).isEqualTo(head);
    Ledger ledger = node.node.ledger();
    assertThat(ledger.states().recomputeRoot()).isEqualTo(ledger.head().stateRoot());
    long number = ledger.head().number();
    for (int i = 0; i < on.blocks.size(); i++) {
      JsonNode payload = on.blocks.get(i).get("executionPayload");
      long height = Long.decode(payload.get("blockNumber").textValue());
      JsonNode canonical =
          node.eth("eth_getBlockByNumber", payload.get("blockNumber").textValue(), false);
      if (height <= number) {
        assertThat(canonical.get("hash")).isEqualTo(payload.get("blockHash"));
        JsonNode receipt = node.eth("eth_getTransactionReceipt", on.transactions.get(i));
        assertThat(isCanonical(ledger, receipt)).isTrue();
      } else {
        assertThat(canonical.isNull()).isTrue();
      }
    }
    for (String transaction : notOn.transactions) {
      JsonNode receipt = node.eth("eth_getTransactionReceipt", transaction);
      assertThat(receipt.isNull() || isCanonical(ledger, receipt)).isTrue();
    }
  }

  private static boolean isCanonical(Ledger ledger, JsonNode receipt) {
    long number = Long.decode(receipt.get("blockNumber").textValue());
    Header header = ledger.header(number).orElseThrow();
    return header.hash().toString().equals(receipt.get("blockHash").textValue());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 64})
  void toAnotherBranchAndBack(int depth) {
    Network network = EngineNode.osaka();
    try (EngineNode builder = new EngineNode(network);
        EngineNode node = new EngineNode(network)) {
      Branch common = branch(builder, network.genesisHash().toString(), 0, 12, 2, 0);
      Branch left = branch(builder, common.head(), 24, 12, depth, 1);
      Branch right = branch(builder, common.head(), 24, 13, depth, 2);
      handIn(node, common);
      handIn(node, left);
      assertFollows(node, left.head(), left, right);
      handIn(node, right);
      // Valid, but not chosen.
      assertAt(node, left.head(), left, right);
      for (int i = 0; i < 3; i++) {
        assertFollows(node, right.head(), right, left);
        assertFollows(node, left.head(), left, right);
      }
      assertFollows(node, right.hash(depth / 2), right, left);
      assertFollows(node, common.hash(0), common, right);
      assertFollows(node, left.hash(depth / 2), left, right);
      assertFollows(node, right.head(), right, left);
      // A branch of transactions that were left goes on from what the pool got back.
      JsonNode next = node.build(left.head(), 24 + 12L * depth + 12, 3);
      assertThat(node.handIn(next).get("status").textValue()).isEqualTo("VALID");
    }
  }

  /// One branch enters Cancun, Prague and Osaka at other heights than the other.
  @Test
  void acrossForks() {
    Network network = EngineNode.network(FORKS);
    try (EngineNode builder = new EngineNode(network);
        EngineNode node = new EngineNode(network)) {
      Branch common = branch(builder, network.genesisHash().toString(), 0, 12, 2, 0);
      Branch slow = branch(builder, common.head(), 24, 12, 16, 1);
      Branch fast = branch(builder, common.head(), 24, 40, 5, 2);
      handIn(node, common);
      handIn(node, slow);
      handIn(node, fast);
      assertFollows(node, slow.head(), slow, fast);
      assertFollows(node, fast.head(), fast, slow);
      for (int i = 0; i < slow.blocks.size(); i += 3) {
        assertFollows(node, slow.hash(i), slow, fast);
        assertFollows(node, fast.hash(i % 5), fast, slow);
      }
      assertFollows(node, common.head(), common, slow);
      assertFollows(node, slow.head(), slow, fast);
    }
  }

  @Test
  void invalidBlocksInTheMiddle() {
    Network network = EngineNode.osaka();
    try (EngineNode builder = new EngineNode(network);
        EngineNode node = new EngineNode(network)) {
      Branch left = branch(builder, network.genesisHash().toString(), 0, 12, 7, 1);
      Branch right = branch(builder, network.genesisHash().toString(), 0, 13, 7, 2);
      handIn(node, left);
      assertFollows(node, left.head(), left, right);
      for (int i = 0; i < 3; i++) {
        assertThat(node.handIn(right.blocks.get(i)).get("status").textValue()).isEqualTo("VALID");
      }
      String parent = null;
      for (int i = 3; i < 7; i++) {
        JsonNode bad =
            node.altered(
                right.blocks.get(i),
                parent == null ? Map.of("gasUsed", "0x1") : Map.of("parentHash", parent));
        parent = EngineNode.hash(bad);
        for (JsonNode status : List.of(node.handIn(bad), node.choose(parent))) {
          assertThat(status.get("status").textValue()).isEqualTo("INVALID");
          assertThat(status.get("latestValidHash").textValue()).isEqualTo(right.hash(2));
        }
        assertAt(node, left.head(), left, right);
      }
      assertFollows(node, right.hash(2), right, left);
      assertFollows(node, left.head(), left, right);
      handIn(node, right);
      assertFollows(node, right.head(), right, left);
    }
  }

  /// What was handed in is still there after a restart, also beside the chain.
  @Test
  void afterARestart(@TempDir Path folder) {
    Network network = EngineNode.osaka();
    Optional<DataDirectory> directory = Optional.of(new DataDirectory(folder));
    try (EngineNode builder = new EngineNode(network)) {
      Branch left = branch(builder, network.genesisHash().toString(), 0, 12, 5, 1);
      Branch right = branch(builder, network.genesisHash().toString(), 0, 13, 8, 2);
      try (EngineNode node = new EngineNode(network, directory)) {
        handIn(node, left);
        handIn(node, right);
        assertFollows(node, left.head(), left, right);
      }
      try (EngineNode node = new EngineNode(network, directory)) {
        assertAt(node, left.head(), left, right);
        assertFollows(node, right.head(), right, left);
        assertFollows(node, left.hash(2), left, right);
      }
      try (EngineNode node = new EngineNode(network, directory)) {
        assertAt(node, left.hash(2), left, right);
        assertFollows(node, right.head(), right, left);
      }
    }
  }
}
