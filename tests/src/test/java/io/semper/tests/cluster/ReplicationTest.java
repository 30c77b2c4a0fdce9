package io.semper.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.tests.process.SemperProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A chain made by one node and held by all, while they are killed, restarted and wiped.
///
/// `semper.cluster.transactions` says how many are sealed (60), `semper.seed` which nodes fall
/// when.
class ReplicationTest {
  private static final int FOLLOWERS = 4;
  private static final Duration CATCH_UP = Duration.ofSeconds(120);
  private static final String FROM = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";

  private final List<SemperProcess> followers = new ArrayList<>();
  private SemperProcess producer;

  @TempDir Path folder;

  @BeforeEach
  void start() throws Exception {
    producer = SemperProcess.start(producerCommand());
    for (int i = 0; i < FOLLOWERS; i++) {
      followers.add(SemperProcess.start(followerCommand(i)));
    }
  }

  @AfterEach
  void stop() {
    followers.forEach(SemperProcess::close);
    if (producer != null) {
      producer.close();
    }
  }

  private List<String> producerCommand() {
    return List.of(
        "dev", "--port", "0", "--p2p-port", "0", "--data-dir", folder.resolve("dev").toString());
  }

  private List<String> followerCommand(int i) {
    return List.of(
        "node",
        "--port",
        "0",
        "--p2p-port",
        "0",
        "--network",
        folder.resolve("dev/network.json").toString(),
        "--data-dir",
        folder.resolve("node-" + i).toString());
  }

  @Test
  void everyNodeEndsWithTheSameChainWhateverHappenedToIt() throws Exception {
    int transactions = Integer.getInteger("semper.cluster.transactions", 60);
    Random random = new Random(Long.getLong("semper.seed", 1));
    for (int i = 0; i < transactions; i++) {
      send(producer);
      if (random.nextInt(15) == 0) {
        int victim = random.nextInt(FOLLOWERS);
        followers.get(victim).kill();
        if (random.nextBoolean()) {
          wipe(folder.resolve("node-" + victim));
        }
        followers.set(victim, SemperProcess.start(followerCommand(victim)));
      }
    }
    // Two transactions in quick succession may share a block.
    long head = producer.blockNumber();
    assertThat(head).isBetween(1L, (long) transactions);
    JsonNode expected = producer.call("eth_getBlockByNumber", "[\"latest\", true]");
    for (SemperProcess follower : followers) {
      follower.awaitBlock(head, CATCH_UP);
      assertThat(follower.call("eth_getBlockByNumber", "[\"latest\", true]")).isEqualTo(expected);
      assertThat(follower.call("eth_getBalance", "[\"" + FROM + "\", \"latest\"]"))
          .isEqualTo(producer.call("eth_getBalance", "[\"" + FROM + "\", \"latest\"]"));
    }
  }

  @Test
  void aTransactionGivenToAnyNodeIsSealed() throws Exception {
    String raw = signed();
    String hash = followers.getFirst().call("eth_sendRawTransaction", "[\"" + raw + "\"]").asText();
    producer.awaitBlock(1, CATCH_UP);
    for (SemperProcess follower : followers) {
      follower.awaitBlock(1, CATCH_UP);
      JsonNode receipt = follower.call("eth_getTransactionReceipt", "[\"" + hash + "\"]");
      assertThat(receipt.get("status").asText()).isEqualTo("0x1");
    }
  }

  /// The producer is killed and comes back; what it had sealed is still there, and all go on.
  @Test
  void theProducerComesBack() throws Exception {
    send(producer);
    for (SemperProcess follower : followers) {
      follower.awaitBlock(1, CATCH_UP);
    }
    producer.kill();
    assertThat(followers.getFirst().blockNumber()).isEqualTo(1);
    producer = SemperProcess.start(producerCommand());
    assertThat(producer.blockNumber()).isEqualTo(1);
    // Its port is another now; who restarts reads where it is.
    followers.getFirst().stop();
    followers.set(0, SemperProcess.start(followerCommand(0)));
    send(producer);
    followers.getFirst().awaitBlock(2, CATCH_UP);
  }

  /// The followers know only the producer to begin with. They meet through it, go on without it,
  /// and take in a newcomer that knows one of them.
  @Test
  void followersMeetAndGoOnWithoutTheProducer() throws Exception {
    for (SemperProcess follower : followers) {
      awaitPeers(follower, FOLLOWERS);
    }
    followers.getFirst().stop();
    for (int i = 0; i < 3; i++) {
      send(producer);
    }
    // Each is sealed a moment after it was taken.
    await(
        "sealing",
        () -> producer.call("eth_getTransactionCount", "[\"" + FROM + "\", \"latest\"]"),
        count -> count.asText().equals("0x3"));
    long head = producer.blockNumber();
    JsonNode expected = producer.call("eth_getBlockByNumber", "[\"latest\", true]");
    for (SemperProcess follower : followers.subList(1, FOLLOWERS)) {
      follower.awaitBlock(head, CATCH_UP);
    }
    producer.kill();

    followers.set(0, SemperProcess.start(followerCommand(0)));
    followers.getFirst().awaitBlock(head, CATCH_UP);
    awaitPeers(followers.getFirst(), FOLLOWERS - 1);
    List<String> newcomer = new ArrayList<>(followerCommand(FOLLOWERS));
    newcomer.set(
        newcomer.indexOf("--network") + 1, folder.resolve("node-1/network.json").toString());
    followers.add(SemperProcess.start(newcomer));
    followers.getLast().awaitBlock(head, CATCH_UP);
    awaitPeers(followers.getLast(), FOLLOWERS);
    for (SemperProcess follower : followers) {
      assertThat(follower.call("eth_getBlockByNumber", "[\"latest\", true]")).isEqualTo(expected);
    }
  }

  private static void awaitPeers(SemperProcess node, int count) throws Exception {
    await(
        "peers",
        () -> node.call("net_peerCount", "[]"),
        peers -> Integer.decode(peers.asText()) >= count);
  }

  private interface Question {
    JsonNode ask() throws Exception;
  }

  private static void await(String what, Question question, Predicate<JsonNode> enough)
      throws Exception {
    long end = System.nanoTime() + CATCH_UP.toNanos();
    for (JsonNode answer = question.ask(); !enough.test(answer); answer = question.ask()) {
      assertThat(System.nanoTime()).as("%s: %s", what, answer).isLessThan(end);
      LockSupport.parkNanos(100_000_000);
    }
  }

  private static void send(SemperProcess node) throws IOException, InterruptedException {
    node.call("eth_sendTransaction", transfer());
  }

  private static String transfer() {
    return "[{\"from\":\""
        + FROM
        + "\",\"to\":\""
        + FROM
        + "\",\"value\":\"0x1\",\"gas\":\"0x5208\"}]";
  }

  /// Signed by the producer, which holds the keys of the development accounts.
  private String signed() throws IOException, InterruptedException {
    String fees =
        ",\"nonce\":\"0x0\",\"maxFeePerGas\":\"0x77359400\",\"maxPriorityFeePerGas\":\"0x1\"}]";
    return producer.call("eth_signTransaction", transfer().replace("}]", fees)).get("raw").asText();
  }

  static void wipe(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      all.sorted(Comparator.reverseOrder()).forEach(ReplicationTest::delete);
    }
  }

  private static void delete(Path path) {
    try {
      Files.delete(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
