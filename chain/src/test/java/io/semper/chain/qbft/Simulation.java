package io.semper.chain.qbft;

import io.semper.chain.qbft.QbftMessage.Prepare;
import io.semper.chain.qbft.QbftMessage.Proposal;
import io.semper.chain.qbft.QbftMessage.RoundChange;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.QbftExtraData;
import io.semper.genesis.Genesis;
import io.semper.genesis.Network;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// A whole network in one thread: validators, their disks and clocks, and what lies between them,
/// all drawn from one seed. The same seed gives the same run.
///
/// After a time of chaos everything heals but for what counts as faulty: from then on blocks must
/// be made again. Throughout, no two validators may finalise different blocks of one height, and no
/// honest one may sign what contradicts what it signed before, in whatever life.
final class Simulation {
  static final long START_MILLIS = 1_700_000_000_000L;

  /// How often the longest round may pass until the network is alive again.
  static final int RECOVERY_TIMEOUTS = 4;

  final Schedule schedule;
  final Planted policy;
  final SplittableRandom random;
  final Network network;
  final HeaderView headers = new HeaderView();
  final Validators validators;
  final List<Node> nodes = new ArrayList<>();
  final Adversary adversary;
  private final MessageCodec codec = new MessageCodec(StubKey.RECOVERY);
  private final PriorityQueue<Due> queue = new PriorityQueue<>();
  private final Map<Long, Hash32> finalised = new TreeMap<>();
  private final Map<String, Hash32> signed = new HashMap<>();
  private final Map<String, Integer> left = new HashMap<>();
  private int[] sides;
  private boolean chaos = true;
  private long sequence;
  private long blocksMade;
  private String violation;
  private int mostHeld;
  long now;
  long traceHash;

  private record Due(long at, long sequence, Runnable work) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      int order = Long.compare(at, other.at);
      return order != 0 ? order : Long.compare(sequence, other.sequence);
    }
  }

  /// @param violation what went wrong, `null` if nothing
  /// @param recoveryMillis from the end of chaos to the first block all correct validators have
  /// @param height of the highest block
  record Outcome(
      String violation, long recoveryMillis, long height, int mostHeld, long traceHash) {}

  Simulation(Schedule schedule, Planted policy) {
    this.schedule = schedule;
    this.policy = policy;
    random = new SplittableRandom(schedule.seed() ^ 0x5DEECE66DL);
    List<Address> set = new ArrayList<>();
    for (int i = 0; i < schedule.validators(); i++) {
      set.add(Address.of(0x100 + i));
    }
    network = network(set);
    headers.add(network.genesis());
    validators = new Validators(network, headers);
    for (int i = 0; i < schedule.validators(); i++) {
      boolean skewed =
          i >= schedule.byzantine() + schedule.dead()
              && i < schedule.byzantine() + schedule.dead() + schedule.skewed();
      long offset = skewed ? random.nextInt(-10_000, 10_001) : random.nextInt(-200, 201);
      nodes.add(new Node(this, i, set.get(i), i < schedule.byzantine(), offset));
    }
    sides = new int[nodes.size()];
    adversary = new Adversary(this);
  }

  private Network network(List<Address> set) {
    byte[] extra = new QbftExtraData(new byte[32], set, null, 0, List.of()).encode();
    long change = START_MILLIS / 1000 + 4;
    String transitions =
        schedule.transition()
            ? ", \"transitions\": {\"qbft\": [{\"timestamp\": "
                + change
                + ", \"blockperiodseconds\": 2}]}"
            : "";
    String json =
        "{\"config\": {\"chainId\": 5, \"berlinBlock\": 0, \"qbft\": {\"epochlength\": 7, "
            + "\"blockperiodseconds\": 1, \"emptyblockperiodseconds\": "
            + schedule.emptyPeriodSeconds()
            + ", \"requesttimeoutseconds\": 1}"
            + transitions
            + "}, \"alloc\": {}, \"difficulty\": 1, \"timestamp\": "
            + START_MILLIS / 1000
            + ", \"mixHash\": \""
            + QbftExtraData.MIX_HASH
            + "\", \"extraData\": \""
            + Hex.encode(extra)
            + "\"}";
    return Genesis.read(json.getBytes(StandardCharsets.UTF_8));
  }

  static Outcome run(long seed) {
    return run(Schedule.of(seed), Planted.NOTHING);
  }

  static Outcome run(Schedule schedule, Planted policy) {
    return new Simulation(schedule, policy).run();
  }

  private Outcome run() {
    for (Node node : nodes) {
      node.boot();
    }
    repartition();
    crashOne();
    wipeOne();
    arriveWork();
    adversary.stir();
    runUntil(schedule.chaosMillis());
    chaos = false;
    sides = new int[nodes.size()];
    long healed = now;
    long highest = 0;
    for (Node node : nodes) {
      if (node.isDead()) {
        node.crash();
      } else {
        node.revive();
        node.work(true);
      }
      highest = Math.max(highest, node.height());
    }
    long cap = network.qbft().initial().maxTimeoutMillis();
    long bound = RECOVERY_TIMEOUTS * cap;
    long target = highest + 1;
    while (violation == null && !allReached(target) && now < healed + bound && !queue.isEmpty()) {
      step();
    }
    long recovery = now - healed;
    if (violation == null && !allReached(target)) {
      violation = "no progress " + recovery + " ms after healing: " + describe();
    }
    long most = nodes.stream().mapToLong(Node::height).max().orElseThrow();
    return new Outcome(violation, recovery, most, mostHeld, traceHash);
  }

  private boolean allReached(long height) {
    for (Node node : nodes) {
      if (!node.isByzantine() && !node.isDead() && node.height() < height) {
        return false;
      }
    }
    return true;
  }

  private String describe() {
    StringBuilder text = new StringBuilder(schedule.toString());
    for (Node node : nodes) {
      text.append("\n  ").append(node);
    }
    return text.toString();
  }

  private void runUntil(long time) {
    while (violation == null && !queue.isEmpty() && queue.peek().at() <= time) {
      step();
    }
    now = Math.max(now, time);
  }

  private void step() {
    Due due = queue.remove();
    now = due.at();
    due.work().run();
  }

  void after(long millis, Runnable work) {
    queue.add(new Due(now + millis, sequence++, work));
  }

  void violated(String what) {
    if (violation == null) {
      violation = what + " (at " + now + " ms)";
    }
  }

  void trace(long value) {
    traceHash = (traceHash ^ value ^ now) * 0x9E3779B97F4A7C15L;
  }

  // ---- Chaos

  private void repartition() {
    if (schedule.partitionMillis() == 0) {
      return;
    }
    after(
        1 + random.nextInt(2 * schedule.partitionMillis()),
        () -> {
          if (chaos) {
            int kind = random.nextInt(4);
            for (int i = 0; i < sides.length; i++) {
              sides[i] = kind == 0 ? 0 : random.nextInt(kind + 1);
            }
            repartition();
          }
        });
  }

  private void crashOne() {
    if (schedule.crashMillis() == 0) {
      return;
    }
    after(
        1 + random.nextInt(2 * schedule.crashMillis()),
        () -> {
          if (!chaos) {
            return;
          }
          int many = random.nextInt(4) == 0 ? 1 + random.nextInt(nodes.size()) : 1;
          for (int i = 0; i < many; i++) {
            Node node = nodes.get(random.nextInt(nodes.size()));
            node.crash();
            after(random.nextInt(5_000), node::revive);
          }
          crashOne();
        });
  }

  private void wipeOne() {
    if (schedule.wiped() > 0) {
      Node node = nodes.getLast();
      after(
          random.nextInt(schedule.chaosMillis()),
          () -> {
            if (chaos) {
              node.wipe();
              after(random.nextInt(3_000), node::revive);
            }
          });
    }
  }

  private void arriveWork() {
    boolean always = schedule.emptyPeriodSeconds() == 0;
    after(
        always ? 0 : random.nextInt(4_000),
        () -> {
          if (!chaos) {
            return;
          }
          for (Node node : nodes) {
            node.work(always || random.nextInt(3) > 0);
          }
          if (!always) {
            arriveWork();
          }
        });
  }

  // ---- The network

  void broadcast(Node from, QbftMessage message) {
    for (Node to : nodes) {
      if (to != from) {
        send(from, to, message);
      }
    }
  }

  void send(Node from, Node to, QbftMessage message) {
    byte[] bytes = schedule.encoded() ? MessageCodec.encode(message) : null;
    QbftMessage travels = bytes == null ? message : codec.decode(bytes);
    carry(from, to, () -> to.receive(travels));
  }

  /// Blocks that are final, in answer to whoever is behind.
  void sendBlocks(Node from, Node to, long fromHeight) {
    List<Block> blocks = from.blocksFrom(fromHeight);
    if (!blocks.isEmpty()) {
      carry(from, to, () -> to.importAll(blocks));
    }
  }

  void carry(Node from, Node to, Runnable delivery) {
    int copies = chaos && random.nextInt(1000) < schedule.duplication() ? 2 : 1;
    for (int i = 0; i < copies; i++) {
      if (chaos && random.nextInt(1000) < schedule.loss()) {
        continue;
      }
      int delay = 1 + random.nextInt(chaos ? schedule.maxDelayMillis() : 50);
      after(
          delay,
          () -> {
            if (sides[from.index] == sides[to.index]) {
              delivery.run();
            }
          });
    }
  }

  /// A node has crashed: others may notice at once, or later, when it is back already.
  void lost(Node node) {
    for (Node other : nodes) {
      if (other != node && random.nextInt(2) == 0) {
        after(random.nextInt(3_000), () -> other.gone(node));
      }
    }
  }

  Node node(Address address) {
    return nodes.stream().filter(node -> node.address.equals(address)).findFirst().orElse(null);
  }

  // ---- Blocks

  Block build(Node proposer, Header parent, int round, long timestamp, boolean empty) {
    long period = network.qbft().at(parent.number() + 1, parent.timestamp()).blockPeriodSeconds();
    if (period < 1) {
      throw new IllegalStateException();
    }
    QbftExtraData extra =
        new QbftExtraData(
            new byte[32], validators.after(parent), proposer.vote(parent), round, List.of());
    Header header =
        Header.builder()
            .parentHash(parent.hash())
            .number(parent.number() + 1)
            .beneficiary(proposer.address)
            .difficulty(UInt256.ONE)
            .mixHash(QbftExtraData.MIX_HASH)
            .timestamp(timestamp)
            .gasLimit(30_000_000)
            .gasUsed(empty ? 0 : 21_000)
            .stateRoot(Hash32.of(0, 0, proposer.index, ++blocksMade))
            .extraData(extra.encode())
            .build();
    return new Block(header, List.of(), List.of(), null);
  }

  /// What execution would find out: a state root that begins with a one is wrong.
  static boolean isExecutable(Block block) {
    return block.header().stateRoot().nibble(0) == 0;
  }

  // ---- Checks

  /// An honest validator has imported a block.
  void finalised(Node node, Header header) {
    headers.add(header);
    if (node.isByzantine()) {
      return;
    }
    trace(header.number() * 31 + node.index);
    if (header.stateRoot().nibble(31) == Adversary.MADE_UP
        && !node(header.beneficiary()).isByzantine()) {
      violated("a block of height " + header.number() + " that its proposer did not make");
    }
    Hash32 hash = policy.identity(header);
    Hash32 before = finalised.putIfAbsent(header.number(), hash);
    if (before != null && !before.equals(hash)) {
      violated("two blocks of height " + header.number() + ": " + before + " and " + hash);
    }
  }

  /// An honest validator sends a message for others to see. One that has lost its log is faulty.
  void signed(Node node, QbftMessage message) {
    if (node.isWiped()) {
      return;
    }
    String kind = node.index + " " + message.height() + " " + message.code();
    Hash32 digest =
        switch (message) {
          case Proposal p -> p.digest();
          case Prepare p -> p.digest();
          case QbftMessage.Commit c -> c.digest();
          case RoundChange r -> r.preparedDigest() == null ? Hash32.ZERO : r.preparedDigest();
        };
    Hash32 before = signed.putIfAbsent(kind + " " + message.round(), digest);
    if (before != null && !before.equals(digest)) {
      violated("double sign: " + kind + " round " + message.round());
    }
    String height = node.index + " " + message.height();
    if (message instanceof RoundChange) {
      left.merge(height, message.round(), Math::max);
    } else if (before == null && message.round() < left.getOrDefault(height, 0)) {
      violated("signed for round " + message.round() + " which it had left: " + kind);
    }
  }

  void held(int messages) {
    mostHeld = Math.max(mostHeld, messages);
    if (messages > 4 * nodes.size()) {
      violated(messages + " messages held");
    }
  }

  boolean chaos() {
    return chaos;
  }
}
