package io.semper.p2p.gossip;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.p2p.Connection;
import io.semper.p2p.Host;
import io.semper.p2p.TestHosts;
import io.semper.p2p.wire.Await;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Sixteen nodes in one process, messages of 1 KiB: all arrive everywhere, and how soon.
///
/// `-Dsemper.mesh=2000` sets the number of messages (40).
@Timeout(600)
class MeshLatencyTest {
  private static final int NODES = 16;
  private static final int DIALS = 5;
  private static final int MESSAGES = Integer.getInteger("semper.mesh", 40);
  private static final int BYTES = 1024;
  private static final long INTERVAL_NANOS = 50_000_000;
  private static final Topic TOPIC = Topic.unsigned("mesh", 1 << 20, TopicScore.DEFAULT);

  private final List<Host> hosts = new ArrayList<>();
  private final List<Gossip> gossips = new ArrayList<>();
  private final ConcurrentLinkedQueue<Long> tookNanos = new ConcurrentLinkedQueue<>();

  @AfterEach
  void stop() {
    gossips.forEach(Gossip::close);
    hosts.forEach(Host::close);
  }

  @Test
  void everyMessageArrivesSoon() throws Exception {
    Random random = new Random(1);
    for (int i = 0; i < NODES; i++) {
      Host host = TestHosts.start(500 + i);
      hosts.add(host);
      Gossip gossip =
          Gossip.start(
              host,
              TestHosts.options(500 + i).identity(),
              GossipParameters.DEFAULT,
              GossipLimits.DEFAULT,
              Set.of(),
              new Random(i));
      gossips.add(gossip);
      gossip.subscribe(
          TOPIC,
          (from, message) -> Verdict.ACCEPT,
          (from, message) ->
              tookNanos.add(System.nanoTime() - ByteBuffer.wrap(message.data()).getLong()));
    }
    for (int i = 0; i < NODES; i++) {
      for (int k = 1; k <= DIALS; k++) {
        Connection ignored = hosts.get(i).connect(TestHosts.address(hosts.get((i + k) % NODES)));
        assertThat(ignored.peer()).isNotEqualTo(hosts.get(i).id());
      }
    }
    for (Gossip gossip : gossips) {
      Await.until("mesh", () -> gossip.meshPeers(TOPIC.name()).size() >= 6);
    }
    send(random, MESSAGES / 4);
    tookNanos.clear();
    send(random, MESSAGES);
    long[] sorted = tookNanos.stream().mapToLong(Long::longValue).sorted().toArray();
    System.out.printf(
        "%d messages to %d nodes: p50 %.1f ms, p99 %.1f ms%n",
        MESSAGES,
        NODES - 1,
        sorted[sorted.length / 2] / 1e6,
        sorted[sorted.length * 99 / 100] / 1e6);
  }

  /// Each from another node.
  private void send(Random random, int count) {
    int expected = tookNanos.size() + count * (NODES - 1);
    for (int i = 0; i < count; i++) {
      byte[] data = new byte[BYTES];
      random.nextBytes(data);
      ByteBuffer.wrap(data).putLong(System.nanoTime());
      Publication sent = gossips.get(i % NODES).publish(TOPIC.name(), data);
      assertThat(sent.outcome()).isEqualTo(Publication.Outcome.SENT);
      LockSupport.parkNanos(INTERVAL_NANOS);
    }
    Await.until("all of them", () -> tookNanos.size() == expected);
  }
}
