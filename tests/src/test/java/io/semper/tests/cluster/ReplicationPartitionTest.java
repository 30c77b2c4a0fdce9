package io.semper.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.node.local.LocalNetwork;
import io.semper.tests.process.SemperProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A chain held by nodes in networks of their own, while they are killed, wiped and parted.
///
/// Needs the right to make network namespaces, and `-Dsemper.partitions=2000`, the number of
/// blocks; without them it is skipped. `semper.seed` says what happens to whom when.
class ReplicationPartitionTest {
  private static final int BLOCKS = Integer.getInteger("semper.partitions", 0);
  private static final int FOLLOWERS = 4;
  private static final Duration CATCH_UP = Duration.ofSeconds(300);
  private static final String FROM = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";

  private final List<SemperProcess> followers = new ArrayList<>();
  private final Set<Integer> apart = new TreeSet<>();
  private final Random random = new Random(Long.getLong("semper.seed", 1));
  private Namespaces networks;

  @TempDir Path folder;

  @Test
  void everyNodeEndsWithTheSameChain() throws Exception {
    assumeTrue(BLOCKS > 0, "-Dsemper.partitions=2000 asks for it");
    Optional<String> why = Namespaces.unavailable();
    assumeTrue(why.isEmpty(), () -> "no network namespaces here: " + why.orElse(""));
    int kills = 0;
    int wipes = 0;
    int partitions = 0;
    networks = Namespaces.create(FOLLOWERS + 1);
    SemperProcess producer = null;
    try {
      producer = start(FOLLOWERS, List.of("dev", "--data-dir", directory("dev")));
      for (int i = 0; i < FOLLOWERS; i++) {
        followers.add(start(i));
      }
      while (producer.blockNumber() < BLOCKS) {
        producer.call("eth_sendTransaction", transfer());
        switch (random.nextInt(60)) {
          case 0, 1 -> {
            int victim = random.nextInt(FOLLOWERS);
            heal(victim);
            followers.get(victim).kill();
            if (random.nextBoolean()) {
              ReplicationTest.wipe(Path.of(directory("node-" + victim)));
              wipes++;
            }
            followers.set(victim, start(victim));
            kills++;
          }
          case 2 -> {
            int victim = random.nextInt(FOLLOWERS);
            if (apart.add(victim)) {
              networks.side(victim, 1);
              partitions++;
            }
          }
          case 3, 4 -> heal(random.nextInt(FOLLOWERS));
          default -> {}
        }
      }
      for (int i = 0; i < FOLLOWERS; i++) {
        heal(i);
      }
      long began = System.nanoTime();
      long head = producer.blockNumber();
      JsonNode expected = producer.call("eth_getBlockByNumber", "[\"latest\", true]");
      for (SemperProcess follower : followers) {
        follower.awaitBlock(head, CATCH_UP);
        assertThat(follower.call("eth_getBlockByNumber", "[\"latest\", true]")).isEqualTo(expected);
      }
      System.out.printf(
          "%d blocks, %d kills, %d of them with the disk, %d partitions;"
              + " all equal %.1f s after the last%n",
          head, kills, wipes, partitions, (System.nanoTime() - began) / 1e9);
    } finally {
      followers.forEach(SemperProcess::close);
      if (producer != null) {
        producer.close();
      }
      networks.close();
    }
  }

  private void heal(int i) throws Exception {
    if (apart.remove(i)) {
      networks.side(i, 0);
    }
  }

  private SemperProcess start(int i) throws Exception {
    String network = directory("dev") + "/network.json";
    return start(i, List.of("node", "--network", network, "--data-dir", directory("node-" + i)));
  }

  private SemperProcess start(int i, List<String> command) throws Exception {
    List<String> all = new ArrayList<>(command);
    LocalNetwork.Place place = networks.place(i);
    all.addAll(List.of("--host", place.rpcHost(), "--port", "0", "--rpc-allowed-hosts", "*"));
    all.addAll(List.of("--p2p-host", networks.host(i), "--p2p-port", "0"));
    return SemperProcess.startAt(place, all);
  }

  private String directory(String name) {
    return folder.resolve(name).toString();
  }

  private static String transfer() {
    return "[{\"from\":\""
        + FROM
        + "\",\"to\":\""
        + FROM
        + "\",\"value\":\"0x1\",\"gas\":\"0x5208\"}]";
  }
}
