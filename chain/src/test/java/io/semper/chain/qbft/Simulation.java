package io.semper.chain.qbft;

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
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/// A whole network in one thread: validators, their disks and clocks, and what lies between them,
/// all drawn from one seed. The same seed gives the same run.
///
/// After a time of [Chaos] everything heals but for what counts as faulty: from then on blocks must
/// be made again. What must not happen meanwhile stands in [Judge].
final class Simulation {
  static final long START_MILLIS = 1_700_000_000_000L;

  /// How often the longest round may pass until the network is alive again. Where more clocks are
  /// wrong than validators may be faulty, each of them may cost a round.
  static final int RECOVERY_TIMEOUTS = 4;

  static final int EPOCH = 7;

  final Schedule schedule;
  final Planted policy;
  final SplittableRandom random;
  final Timeline timeline;
  final Network network;
  final MessageCodec codec = new MessageCodec(StubKey.RECOVERY);

  /// All headers any process has imported, and the sets that follow from them.
  final HeaderView headers;

  final Validators validators;
  final List<Node> nodes = new ArrayList<>();
  final Judge judge = new Judge(this);
  final Chaos chaos;
  final Adversary adversary;
  private final PriorityQueue<Due> queue = new PriorityQueue<>();
  private long sequence;
  private long blocksMade;
  long now;

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
    timeline =
        new Timeline(
            schedule.changes(),
            START_MILLIS / 1000,
            schedule.emptyPeriodSeconds(),
            List.copyOf(set));
    network = network(set);
    headers = new HeaderView(timeline);
    headers.add(network.genesis());
    validators = new Validators(network, headers);
    for (int i = 0; i < schedule.validators(); i++) {
      nodes.add(new Node(this, i, i, clockOffset(i)));
    }
    if (schedule.standby() > 0) {
      int last = nodes.size() - 1;
      nodes.add(new Node(this, last + 1, last, clockOffset(last)));
    }
    chaos = new Chaos(this);
    adversary = new Adversary(this);
  }

  private long clockOffset(int index) {
    int sound = index - schedule.byzantine() - schedule.dead();
    boolean skewed = sound >= 0 && sound < schedule.skewed();
    return skewed ? random.nextInt(-10_000, 10_001) : random.nextInt(-200, 201);
  }

  private Network network(List<Address> set) {
    byte[] extra = new QbftExtraData(new byte[32], set, null, 0, List.of()).encode();
    String json =
        "{\"config\": {\"chainId\": 5, \"berlinBlock\": 0, \"qbft\": {\"epochlength\": "
            + EPOCH
            + ", \"blockperiodseconds\": 1, \"emptyblockperiodseconds\": "
            + schedule.emptyPeriodSeconds()
            + ", \"requesttimeoutseconds\": 1}, \"transitions\": {\"qbft\": ["
            + timeline.json()
            + "]}}, \"alloc\": {}, \"difficulty\": 1, \"timestamp\": "
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
    chaos.begin();
    adversary.stir();
    while (goesOn() && queue.peek().at() <= schedule.chaosMillis()) {
      step();
    }
    now = Math.max(now, schedule.chaosMillis());
    chaos.end();
    long healed = now;
    long target = 1;
    for (Node node : nodes) {
      if (node.isDead()) {
        node.crash(false);
      } else {
        node.revive();
        node.work(true);
      }
      target = Math.max(target, node.height() + 1);
    }
    int wrongClocks = Math.max(0, schedule.skewed() - Quorum.faulty(schedule.validators()));
    long cap = network.qbft().initial().maxTimeoutMillis();
    long bound = (RECOVERY_TIMEOUTS + wrongClocks) * cap;
    while (goesOn() && !allReached(target) && now < healed + bound) {
      step();
    }
    long recovery = now - healed;
    if (!allReached(target)) {
      judge.violated("no progress " + recovery + " ms after healing: " + describe());
    }
    long most = nodes.stream().mapToLong(Node::height).max().orElseThrow();
    return new Outcome(judge.violation(), recovery, most, judge.mostHeld(), judge.trace());
  }

  private boolean goesOn() {
    return judge.violation() == null && !queue.isEmpty();
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

  /// Whatever is thrown would be the end of a process.
  private void step() {
    Due due = queue.remove();
    now = due.at();
    try {
      due.work().run();
    } catch (RuntimeException e) {
      StackTraceElement[] at = e.getStackTrace();
      judge.violated("a process has ended: " + e + (at.length == 0 ? "" : " at " + at[0]));
    }
  }

  void after(long millis, Runnable work) {
    queue.add(new Due(now + millis, sequence++, work));
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
    if (schedule.encoded()) {
      send(from, to, MessageCodec.encode(message));
    } else {
      carry(from, to, () -> to.receive(message));
    }
  }

  void send(Node from, Node to, byte[] message) {
    carry(from, to, () -> to.receive(message));
  }

  /// Blocks that are final, in answer to whoever is behind.
  void sendBlocks(Node from, Node to, long fromHeight) {
    List<Block> blocks = from.blocksFrom(fromHeight);
    if (!blocks.isEmpty()) {
      carry(from, to, () -> to.importAll(blocks, false));
    }
  }

  void carry(Node from, Node to, Runnable delivery) {
    boolean wild = chaos.reigns();
    int copies = wild && random.nextInt(1000) < schedule.duplication() ? 2 : 1;
    for (int i = 0; i < copies; i++) {
      if (wild && random.nextInt(1000) < schedule.loss()) {
        continue;
      }
      int delay = 1 + random.nextInt(wild ? schedule.maxDelayMillis() : 50);
      after(
          delay,
          () -> {
            if (!chaos.isCut(from, to)) {
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

  /// The first process with a key; `null` where there is none.
  Node node(Address address) {
    return nodes.stream().filter(node -> node.address.equals(address)).findFirst().orElse(null);
  }

  /// All processes with a key.
  List<Node> processes(Address address) {
    return nodes.stream().filter(node -> node.address.equals(address)).toList();
  }

  /// Whether a process shares its key with another.
  boolean isPair(Node node) {
    return schedule.standby() > 0 && node.validator == schedule.validators() - 1;
  }

  // ---- Blocks

  Block build(Node proposer, Action.Build build, boolean empty) {
    Header parent = build.parent();
    boolean contract = proposer.inContract(parent);
    List<Address> set = contract ? List.of() : proposer.after(parent);
    QbftExtraData.Vote vote = contract ? null : proposer.vote(parent);
    Header header =
        Header.builder()
            .parentHash(parent.hash())
            .number(parent.number() + 1)
            .beneficiary(proposer.address)
            .difficulty(UInt256.ONE)
            .mixHash(QbftExtraData.MIX_HASH)
            .timestamp(build.timestamp())
            .gasLimit(30_000_000)
            .gasUsed(empty ? 0 : 21_000)
            .stateRoot(Hash32.of(0, 0, proposer.index, ++blocksMade))
            .extraData(
                new QbftExtraData(new byte[32], set, vote, build.round(), List.of()).encode())
            .build();
    return new Block(header, List.of(), List.of(), null);
  }

  /// What execution would find out: a state root that begins with a one is wrong.
  static boolean isExecutable(Block block) {
    return block.header().stateRoot().nibble(0) == 0;
  }
}
