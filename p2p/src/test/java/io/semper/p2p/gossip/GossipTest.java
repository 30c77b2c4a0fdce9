package io.semper.p2p.gossip;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.p2p.Host;
import io.semper.p2p.HostOptions;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.limits.Limits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Gossip over real hosts, Noise and Yamux on loopback.
class GossipTest {
  private static final long DEADLINE_MILLIS = 60_000;
  private static final Topic PLAIN = Topic.unsigned("plain", 1_000_000, TopicScore.DEFAULT);
  private static final Topic SIGNED = Topic.signed("signed", 1_000_000, TopicScore.DEFAULT);

  private final List<Node> nodes = new ArrayList<>();

  private static final class Node {
    private final PrivateKey key;
    private final Host host;
    private final Gossip gossip;
    private final Set<ByteBuffer> received = ConcurrentHashMap.newKeySet();

    private Node(int number) throws IOException {
      byte[] seed = new byte[32];
      ByteBuffer.wrap(seed).putInt(number);
      key = PrivateKey.ed25519(seed);
      host =
          Host.start(
              HostOptions.of(key, "test")
                  .withListen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
                  .withLimits(unlimitedDials()));
      gossip =
          Gossip.start(
              host,
              key,
              GossipParameters.DEFAULT,
              GossipLimits.DEFAULT,
              Set.of(),
              new java.util.Random(number));
    }

    /// All nodes dial from one address here.
    private static Limits unlimitedDials() {
      Limits all = Limits.defaults();
      return new Limits(
          all.handshakeMillis(),
          all.dialMillis(),
          all.negotiateMillis(),
          all.pendingHandshakes(),
          all.connections(),
          1_000,
          1_000,
          all.inboundStreams(),
          all.outboundStreams(),
          all.unansweredOpens(),
          all.opensPerSecond(),
          all.idleFramesPerSecond(),
          all.maxWindowBytes(),
          all.connectionWindowBytes(),
          all.peerBytes(),
          all.totalBytes(),
          all.keepAliveMillis(),
          all.pingMillis(),
          all.writeStallMillis(),
          all.drainMillis(),
          all.identifyMillis());
    }

    private void subscribe(Topic topic) {
      gossip.subscribe(
          topic,
          (from, message) -> Verdict.ACCEPT,
          (from, message) -> received.add(ByteBuffer.wrap(message.data())));
    }

    private void dial(Node other) throws IOException {
      host.connect(other.host.addresses().getFirst().withPeerId(other.host.id()));
    }

    private boolean has(byte[] data) {
      return received.contains(ByteBuffer.wrap(data));
    }
  }

  @AfterEach
  void close() {
    for (Node node : nodes) {
      node.gossip.close();
      node.host.close();
    }
  }

  private List<Node> start(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      nodes.add(new Node(nodes.size()));
    }
    return nodes;
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + DEADLINE_MILLIS * 1_000_000;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - deadline).as(what).isNegative();
      Thread.sleep(5);
    }
  }

  private static byte[] data(int number, int bytes) {
    byte[] data = new byte[bytes];
    ByteBuffer.wrap(data).putInt(number);
    return data;
  }

  private void awaitSubscribers(Topic topic, Node node, int count) throws InterruptedException {
    await(
        "subscribers of " + topic.name(),
        () -> node.gossip.subscribers(topic.name()).size() == count);
  }

  @ParameterizedTest
  @EnumSource(SignaturePolicy.class)
  void messagesOfEverySizeArriveBothWays(SignaturePolicy policy) throws Exception {
    Topic topic = policy == SignaturePolicy.STRICT_SIGN ? SIGNED : PLAIN;
    start(2).forEach(node -> node.subscribe(topic));
    nodes.get(0).dial(nodes.get(1));
    awaitSubscribers(topic, nodes.get(0), 1);
    awaitSubscribers(topic, nodes.get(1), 1);
    int number = 0;
    for (int bytes : new int[] {7, 100, 1_023, 1_024, 20_000, 300_000, 900_000}) {
      for (int from = 0; from < 2; from++) {
        byte[] data = data(number++, bytes);
        assertThat(nodes.get(from).gossip.publish(topic.name(), data).outcome())
            .isEqualTo(Publication.Outcome.SENT);
        Node to = nodes.get(1 - from);
        await(bytes + " bytes", () -> to.has(data));
      }
    }
  }

  @Test
  void aLineOfNodesPassesMessagesOn() throws Exception {
    start(6).forEach(node -> node.subscribe(PLAIN));
    for (int i = 1; i < nodes.size(); i++) {
      nodes.get(i - 1).dial(nodes.get(i));
    }
    for (int i = 0; i < nodes.size(); i++) {
      awaitSubscribers(PLAIN, nodes.get(i), i == 0 || i == nodes.size() - 1 ? 1 : 2);
    }
    for (int i = 0; i < 50; i++) {
      byte[] data = data(i, 200);
      nodes.get(i % nodes.size()).gossip.publish("plain", data);
    }
    for (Node node : nodes) {
      for (int i = 0; i < 50; i++) {
        byte[] data = data(i, 200);
        int number = i;
        boolean own = nodes.get(i % nodes.size()) == node;
        await("message " + number, () -> own || node.has(data));
      }
    }
  }

  @Test
  void aValidatorThatWaitsHoldsUpNothingElse() throws Exception {
    start(2);
    CountDownLatch release = new CountDownLatch(1);
    Set<PeerId> asked = ConcurrentHashMap.newKeySet();
    Node waiting = nodes.get(1);
    waiting.gossip.subscribe(
        PLAIN,
        (from, message) -> {
          asked.add(from);
          try {
            return release.await(DEADLINE_MILLIS, TimeUnit.MILLISECONDS)
                ? Verdict.ACCEPT
                : Verdict.IGNORE;
          } catch (InterruptedException e) {
            return Verdict.IGNORE;
          }
        },
        (from, message) -> waiting.received.add(ByteBuffer.wrap(message.data())));
    waiting.subscribe(SIGNED);
    nodes.get(0).subscribe(PLAIN);
    nodes.get(0).subscribe(SIGNED);
    nodes.get(0).dial(waiting);
    awaitSubscribers(PLAIN, nodes.get(0), 1);
    awaitSubscribers(SIGNED, nodes.get(0), 1);
    for (int i = 0; i < 100; i++) {
      nodes.get(0).gossip.publish("plain", data(i, 100));
    }
    await("validation", () -> !asked.isEmpty());
    nodes.get(0).gossip.publish("signed", data(1_000, 100));
    await("the other topic", () -> waiting.has(data(1_000, 100)));
    assertThat(waiting.has(data(0, 100))).isFalse();
    release.countDown();
    await("verdicts", () -> waiting.received.size() == 101);
  }

  @Test
  void rejectedMessagesCostTheSenderAndGoNoFurther() throws Exception {
    start(3);
    Node relay = nodes.get(1);
    relay.gossip.subscribe(PLAIN, (from, message) -> Verdict.REJECT, (from, message) -> {});
    nodes.get(0).subscribe(PLAIN);
    nodes.get(2).subscribe(PLAIN);
    nodes.get(0).dial(relay);
    relay.dial(nodes.get(2));
    awaitSubscribers(PLAIN, relay, 2);
    awaitSubscribers(PLAIN, nodes.get(0), 1);
    nodes.get(0).gossip.publish("plain", data(1, 100));
    await("penalty", () -> relay.gossip.score(nodes.get(0).host.id()) < 0);
    assertThat(nodes.get(2).received).isEmpty();
  }

  @Test
  void aPeerThatComesBackIsServedAgain() throws Exception {
    start(2).forEach(node -> node.subscribe(PLAIN));
    for (int round = 0; round < 5; round++) {
      nodes.get(round % 2).dial(nodes.get(1 - round % 2));
      awaitSubscribers(PLAIN, nodes.get(0), 1);
      awaitSubscribers(PLAIN, nodes.get(1), 1);
      byte[] data = data(round, 50);
      nodes.get(0).gossip.publish("plain", data);
      await("round " + round, () -> nodes.get(1).has(data));
      nodes.get(0).host.disconnect(nodes.get(1).host.id());
      awaitSubscribers(PLAIN, nodes.get(0), 0);
      awaitSubscribers(PLAIN, nodes.get(1), 0);
    }
  }

  @Test
  void bothMayDialAtOnce() throws Exception {
    start(8).forEach(node -> node.subscribe(PLAIN));
    List<Thread> dials = new ArrayList<>();
    for (Node from : nodes) {
      for (Node to : nodes) {
        if (from != to) {
          dials.add(
              Thread.ofVirtual()
                  .start(() -> {
                    try {
                      from.dial(to);
                    } catch (IOException e) {
                      throw new java.io.UncheckedIOException(e);
                    }
                  }));
        }
      }
    }
    for (Thread dial : dials) {
      dial.join();
    }
    for (Node node : nodes) {
      awaitSubscribers(PLAIN, node, 7);
    }
    for (int i = 0; i < 80; i++) {
      nodes.get(i % 8).gossip.publish("plain", data(i, 2_000));
    }
    for (Node node : nodes) {
      await("messages", () -> node.received.size() == 70);
    }
  }

  @Test
  void leavingATopicIsToldToThePeers() throws Exception {
    start(2).forEach(node -> node.subscribe(PLAIN));
    nodes.get(0).dial(nodes.get(1));
    awaitSubscribers(PLAIN, nodes.get(0), 1);
    nodes.get(1).gossip.unsubscribe("plain");
    awaitSubscribers(PLAIN, nodes.get(0), 0);
    assertThat(nodes.get(0).gossip.publish("plain", data(1, 10)).outcome())
        .isEqualTo(Publication.Outcome.NO_PEERS);
  }

  @Test
  void aPeerThatDoesNotReadLosesAnnouncementsThenMessagesThenTheLink() throws Exception {
    SendQueue queue = new SendQueue(100_000);
    GossipMessage message = GossipMessage.unsigned("plain", new byte[1_000]);
    Rpc announcement = Rpc.ihave(List.of(new Rpc.IHave("plain", List.of(message.id(PLAIN)))));
    for (int i = 0; i < 1_000; i++) {
      assertThat(queue.control(announcement)).isTrue();
    }
    assertThat(queue.bytes()).isLessThanOrEqualTo(25_000);
    for (int i = 0; i < 1_000; i++) {
      queue.message(message, false);
    }
    assertThat(queue.bytes()).isBetween(70_000L, 75_000L);
    for (int i = 0; i < 1_000; i++) {
      queue.message(message, true);
    }
    assertThat(queue.bytes()).isBetween(85_000L, 90_000L);
    int controls = 0;
    while (queue.control(Rpc.mesh(List.of("plain"), List.of()))) {
      controls++;
      assertThat(queue.bytes()).isLessThanOrEqualTo(100_000);
    }
    assertThat(controls).isGreaterThan(700);
    assertThat(queue.take().control()).isNotNull();
    queue.close();
    assertThat(queue.take()).isNull();
  }
}
