package io.semper.p2p.gossip;

import io.semper.p2p.identity.PeerId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// Routers in one process on virtual time: links delay and keep order, validation takes a moment,
/// everything else is the real router. The same seed gives the same run.
///
/// Nodes stand on a plane; a link takes 5 to 120 ms by distance.
final class Simulation {
  static final String TOPIC = "simulated";

  private static final byte VALID = 1;
  private static final byte INVALID = 2;

  private record Event(long atMillis, long order, Runnable run) {}

  /// When a message was published and how late each honest node got it, -1 for never.
  private record Published(long atMillis, int[] latencies) {}

  final RandomGenerator random;
  final Topic topic;
  final GossipParameters parameters;
  final List<SimulatedNode> nodes = new ArrayList<>();

  private final PriorityQueue<Event> events =
      new PriorityQueue<>((a, b) ->
          a.atMillis != b.atMillis
              ? Long.compare(a.atMillis, b.atMillis)
              : Long.compare(a.order, b.order));
  private final List<Published> published = new ArrayList<>();
  private final int messageBytes;
  private long now;
  private long order;

  Simulation(long seed, GossipParameters parameters, TopicScore score, int messageBytes) {
    random = RandomGeneratorFactory.of("Xoshiro256PlusPlus").create(seed);
    topic = Topic.unsigned(TOPIC, 1 << 20, score);
    this.parameters = parameters;
    this.messageBytes = messageBytes;
  }

  long now() {
    return now;
  }

  void at(long millis, Runnable run) {
    events.add(new Event(millis, order++, run));
  }

  void runUntil(long millis) {
    while (!events.isEmpty() && events.peek().atMillis <= millis) {
      Event event = events.remove();
      now = event.atMillis;
      event.run.run();
    }
    now = millis;
  }

  /// Adds nodes that subscribe at once; without an attack they are honest.
  void add(int count, Attack attack) {
    for (int i = 0; i < count; i++) {
      byte[] id = new byte[34];
      id[0] = 0x12;
      id[1] = 32;
      ByteBuffer.wrap(id, 2, 12).putInt(nodes.size()).putLong(random.nextLong());
      nodes.add(new SimulatedNode(this, nodes.size(), PeerId.decode(id), attack));
    }
  }

  List<SimulatedNode> honest() {
    return nodes.stream().filter(SimulatedNode::isHonest).toList();
  }

  List<SimulatedNode> attackers() {
    return nodes.stream().filter(node -> !node.isHonest()).toList();
  }

  /// Every node of `dialers` dials `count` of `targets`, chosen at random.
  void connect(List<SimulatedNode> dialers, List<SimulatedNode> targets, int count) {
    for (SimulatedNode dialer : dialers) {
      for (int tries = 0, made = 0; made < count && tries < 20 * count; tries++) {
        SimulatedNode target = targets.get(random.nextInt(targets.size()));
        if (target != dialer && dialer.dial(target)) {
          made++;
        }
      }
    }
  }

  /// Publishes a valid message from an honest node.
  void publish(SimulatedNode from) {
    int[] latencies = new int[honest().size()];
    Arrays.fill(latencies, -1);
    latencies[from.index()] = 0;
    GossipMessage message = message(VALID, published.size());
    published.add(new Published(now, latencies));
    from.publish(message);
  }

  GossipMessage invalidMessage() {
    return message(INVALID, random.nextInt());
  }

  private GossipMessage message(byte kind, int number) {
    byte[] data = new byte[messageBytes];
    ByteBuffer.wrap(data).put(kind).putInt(number).putLong(random.nextLong());
    return GossipMessage.unsigned(TOPIC, data);
  }

  Verdict verdict(GossipMessage message) {
    return message.data()[0] == VALID ? Verdict.ACCEPT : Verdict.REJECT;
  }

  void delivered(SimulatedNode to, GossipMessage message) {
    Published original = published.get(number(message));
    if (original.latencies[to.index()] != -1) {
      throw new IllegalStateException("delivered twice");
    }
    original.latencies[to.index()] = (int) (now - original.atMillis);
  }

  static int number(GossipMessage message) {
    return ByteBuffer.wrap(message.data()).getInt(1);
  }

  /// What came of the messages published so far.
  Outcome outcome() {
    List<Integer> latencies = new ArrayList<>();
    long expected = 0;
    for (Published message : published) {
      expected += message.latencies.length;
      for (int latency : message.latencies) {
        if (latency >= 0) {
          latencies.add(latency);
        }
      }
    }
    latencies.sort(null);
    long duplicates = 0;
    for (SimulatedNode node : honest()) {
      duplicates += node.router().statistics().duplicates();
    }
    return new Outcome(
        published.size(),
        latencies.size() / (double) expected,
        percentile(latencies, 50),
        percentile(latencies, 90),
        percentile(latencies, 99),
        latencies.getLast(),
        duplicates / (double) expected,
        meshShare(true),
        meshShare(false));
  }

  /// Peers of one kind in an honest node's mesh, on average.
  private double meshShare(boolean honestPeers) {
    Set<PeerId> kind = new HashSet<>();
    nodes.stream().filter(node -> node.isHonest() == honestPeers).forEach(n -> kind.add(n.id()));
    long found = 0;
    for (SimulatedNode node : honest()) {
      found += node.router().meshPeers(TOPIC).stream().filter(kind::contains).count();
    }
    return found / (double) honest().size();
  }

  /// The share of messages from number `first` on that reached one node.
  double deliveredTo(SimulatedNode node, int first) {
    List<Published> some = published.subList(first, published.size());
    return some.stream().filter(message -> message.latencies[node.index()] >= 0).count()
        / (double) some.size();
  }

  private static int percentile(List<Integer> sorted, int percent) {
    return sorted.get((int) Math.min(sorted.size() - 1L, (long) sorted.size() * percent / 100));
  }

  /// @param delivery share of (message, honest node) pairs
  /// @param p50 of the latencies, in milliseconds
  /// @param duplicates further copies for each message and node
  /// @param honestInMesh honest peers in an honest node's mesh at the end, on average
  record Outcome(
      int messages,
      double delivery,
      int p50,
      int p90,
      int p99,
      int slowest,
      double duplicates,
      double honestInMesh,
      double attackersInMesh) {
    String line(String what) {
      return "%-28s %5d messages, delivered %8.4f %%, latency ms p50 %d p90 %d p99 %d max %d, "
              .formatted(what, messages, 100 * delivery, p50, p90, p99, slowest)
          + "copies beyond the first %.2f, in a mesh %.1f honest and %.1f attackers"
              .formatted(duplicates, honestInMesh, attackersInMesh);
    }
  }
}
