package io.semper.p2p.gossip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.p2p.Host;
import io.semper.p2p.HostOptions;
import io.semper.p2p.Stream;
import io.semper.p2p.StreamHandler;
import io.semper.p2p.TestHosts;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.limits.Limits;
import io.semper.p2p.protocol.Delimited;
import io.semper.p2p.wire.Await;
import io.semper.p2p.wire.Varint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
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
      this(number, 250);
    }

    private Node(int number, long reopenMillis) throws IOException {
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
              new java.util.Random(number),
              reopenMillis);
    }

    /// All nodes dial from one address here.
    private static Limits unlimitedDials() {
      Limits all = TestHosts.PATIENT;
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

  private static byte[] data(int number, int bytes) {
    byte[] data = new byte[bytes];
    ByteBuffer.wrap(data).putInt(number);
    return data;
  }

  private void awaitSubscribers(Topic topic, Node node, int count) {
    Await.until(
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
        Await.until(bytes + " bytes", () -> to.has(data));
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
        Await.until("message " + number, () -> own || node.has(data));
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
    Await.until("validation", () -> !asked.isEmpty());
    nodes.get(0).gossip.publish("signed", data(1_000, 100));
    Await.until("the other topic", () -> waiting.has(data(1_000, 100)));
    assertThat(waiting.has(data(0, 100))).isFalse();
    release.countDown();
    Await.until("verdicts", () -> waiting.received.size() == 101);
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
    Await.until("penalty", () -> relay.gossip.score(nodes.get(0).host.id()) < 0);
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
      Await.until("round " + round, () -> nodes.get(1).has(data));
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
      Await.until("messages", () -> node.received.size() == 70);
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

  /// A host that speaks the protocol only as far as a test makes it.
  private Host hostile(StreamHandler served) throws IOException {
    Host host = Host.start(HostOptions.of(PrivateKey.ed25519(data(1_000, 32)), "hostile"));
    GossipVersion.protocolIds().forEach(id -> host.handle(id, 4, served));
    return host;
  }

  private static void drain(Stream stream) throws IOException {
    byte[] any = new byte[4_096];
    while (stream.read(any, 0, any.length) >= 0) {
      // Reads what comes and does nothing.
    }
  }

  private static Stream speak(Host host, Node to) throws IOException {
    host.connect(to.host.addresses().getFirst().withPeerId(to.host.id()));
    Stream stream = host.open(to.host.id(), GossipVersion.V1_2.protocolId());
    stream.awaitProtocol();
    return stream;
  }

  private static byte[] hello() {
    return Delimited.encode(
        Rpc.subscriptions(List.of(new Rpc.Subscription(true, "plain"))).encode());
  }

  private static void assertEnds(Stream stream) {
    stream.timeoutMillis((int) DEADLINE_MILLIS);
    assertThatThrownBy(() -> drain(stream)).isInstanceOf(IOException.class);
  }

  @Test
  void whatDoesNotDecodeEndsTheStreamAndIsHeldAgainstThePeer() throws Exception {
    Node node = start(1).getFirst();
    node.subscribe(PLAIN);
    try (Host peer = hostile(GossipTest::drain)) {
      for (int i = 0; i < 8; i++) {
        Stream stream = speak(peer, node);
        stream.write(hello());
        stream.write(new byte[] {3, 0x0a, 0x7f, 0x00});
        assertEnds(stream);
      }
      Await.until("penalty", () -> node.gossip.score(peer.id()) < 0);
    }
  }

  @Test
  void anRpcBeyondTheLimitEndsTheStreamAtItsLength() throws Exception {
    Node node = start(1).getFirst();
    node.subscribe(PLAIN);
    try (Host peer = hostile(GossipTest::drain)) {
      for (long length : new long[] {(1 << 20) + 1, Integer.MAX_VALUE, Long.MAX_VALUE}) {
        Stream stream = speak(peer, node);
        stream.write(Varint.encode(length));
        assertEnds(stream);
      }
    }
  }

  /// T52: a second stream.
  @Test
  void theNewerOfTwoStreamsCounts() throws Exception {
    Node node = start(1).getFirst();
    node.subscribe(PLAIN);
    try (Host peer = hostile(GossipTest::drain)) {
      Stream first = speak(peer, node);
      first.write(hello());
      awaitSubscribers(PLAIN, node, 1);
      Stream second = speak(peer, node);
      assertEnds(first);
      awaitSubscribers(PLAIN, node, 0);
      second.write(hello());
      awaitSubscribers(PLAIN, node, 1);
    }
  }

  /// T52: nothing else may ever have the two speak again while they stay connected.
  @Test
  void aStreamThatBreaksIsOpenedAgainForAsLongAsThePeerIsThere() throws Exception {
    Node node = new Node(0, 1);
    nodes.add(node);
    node.subscribe(PLAIN);
    AtomicInteger opened = new AtomicInteger();
    StreamHandler breaking =
        stream -> {
          if (opened.incrementAndGet() <= 10) {
            throw new IOException("broken");
          }
          drain(stream);
        };
    try (Host peer = hostile(breaking)) {
      peer.connect(node.host.addresses().getFirst().withPeerId(node.host.id()));
      Await.until("one more", () -> opened.get() > 10);
    }
  }

  @Test
  void aPeerThatReadsNothingHoldsUpNobodyAndIsOwedABoundedNumberOfBytes() throws Exception {
    start(2).forEach(node -> node.subscribe(PLAIN));
    Node node = nodes.get(0);
    node.dial(nodes.get(1));
    awaitSubscribers(PLAIN, node, 1);
    CountDownLatch end = new CountDownLatch(1);
    try (Host peer = hostile(stream -> sleepUntil(end, stream))) {
      speak(peer, node).write(hello());
      awaitSubscribers(PLAIN, node, 2);
      for (int i = 0; i < 100; i++) {
        byte[] data = data(i, 500_000);
        node.gossip.publish("plain", data);
        Await.until("message past the one that sleeps", () -> nodes.get(1).has(data));
      }
      assertThat(node.gossip.dropped()).isPositive();
      assertThat(node.gossip.subscribers("plain")).hasSize(2);
    } finally {
      end.countDown();
    }
  }

  private static void sleepUntil(CountDownLatch end, Stream stream) throws IOException {
    stream.flush();
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Sixteen nodes, 1 KiB, 20 messages a second from one after the other; the first of each is not
  /// counted. The figures are for reading; only that everything arrives is asserted.
  @Test
  void aMeshOfSixteen() throws Exception {
    int counted = Integer.getInteger("semper.gossip.mesh.messages", 60);
    int messages = 16 + counted;
    long[] sent = new long[messages];
    AtomicInteger arrived = new AtomicInteger();
    ConcurrentLinkedQueue<Long> latencies = new ConcurrentLinkedQueue<>();
    for (Node node : start(16)) {
      node.gossip.subscribe(
          PLAIN,
          (from, message) -> Verdict.ACCEPT,
          (from, message) -> {
            int number = ByteBuffer.wrap(message.data()).getInt();
            if (number >= 16) {
              latencies.add(System.nanoTime() - sent[number]);
            }
            arrived.incrementAndGet();
          });
    }
    for (int i = 0; i < 16; i++) {
      for (int step : new int[] {1, 3, 6, 7}) {
        nodes.get(i).dial(nodes.get((i + step) % 16));
      }
    }
    for (Node node : nodes) {
      awaitSubscribers(PLAIN, node, 8);
    }
    for (Node node : nodes) {
      Await.until("mesh", () -> node.gossip.meshPeers("plain").size() >= 6);
    }
    for (int i = 0; i < messages; i++) {
      byte[] data = data(i, 1_024);
      sent[i] = System.nanoTime();
      nodes.get(i % 16).gossip.publish("plain", data);
      Thread.sleep(50);
    }
    Await.until("deliveries", () -> arrived.get() == 15 * messages);
    long[] sorted = latencies.stream().mapToLong(Long::longValue).sorted().toArray();
    System.out.printf(
        "16 nodes, 1 KiB: %d of %d delivered, ms p50 %.1f p95 %.1f p99 %.1f max %.1f%n",
        sorted.length,
        15 * counted,
        sorted[sorted.length / 2] / 1e6,
        sorted[sorted.length * 95 / 100] / 1e6,
        sorted[sorted.length * 99 / 100] / 1e6,
        sorted[sorted.length - 1] / 1e6);
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
      queue.message(forward(message, i, false, 0));
    }
    assertThat(queue.bytes()).isBetween(70_000L, 75_000L);
    for (int i = 0; i < 1_000; i++) {
      queue.message(forward(message, i, true, 0));
    }
    assertThat(queue.bytes()).isBetween(85_000L, 90_000L);
    int controls = 0;
    while (queue.control(Rpc.mesh(List.of("plain"), List.of()))) {
      controls++;
      assertThat(queue.bytes()).isLessThanOrEqualTo(100_000);
    }
    assertThat(controls).isGreaterThan(700);
    assertThat(queue.take(1).getFirst().control()).isNotNull();
    queue.close();
    assertThat(queue.take(1)).isNull();
  }

  private static Action.Forward forward(
      GossipMessage message, int number, boolean own, int gatherMillis) {
    byte[] id = {(byte) number, (byte) (number >> 8), (byte) (own ? 1 : 0)};
    PeerId to = PrivateKey.ed25519(new byte[32]).peerId();
    return new Action.Forward(to, message, new MessageId(id), own, gatherMillis);
  }

  /// The first leaves at once, those that come soon after it together, and what the peer sends
  /// meanwhile not at all. What cannot wait takes along what can.
  @Test
  @Timeout(30)
  void messagesThatCanWaitLeaveTogether() throws Exception {
    SendQueue queue = new SendQueue(1_000_000);
    GossipMessage message = GossipMessage.unsigned("plain", new byte[100]);
    int hour = 3_600_000;
    queue.message(forward(message, 0, false, hour));
    assertThat(queue.take(16_384)).hasSize(1);
    for (int i = 1; i < 10; i++) {
      queue.message(forward(message, i, i % 2 == 0, hour));
    }
    queue.remove(forward(message, 4, true, hour).id());
    queue.control(Rpc.mesh(List.of("plain"), List.of()));
    List<SendQueue.Entry> taken = queue.take(16_384);
    assertThat(taken).hasSize(9);
    assertThat(taken.getFirst().control()).isNotNull();
    assertThat(queue.bytes()).isZero();
    // Of time they need no more than what was said.
    SendQueue other = new SendQueue(1_000_000);
    for (int i = 0; i < 2; i++) {
      other.message(forward(message, i, false, 1));
      assertThat(other.take(1)).hasSize(1);
    }
  }
}
