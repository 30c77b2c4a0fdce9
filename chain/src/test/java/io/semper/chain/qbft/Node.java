package io.semper.chain.qbft;

import io.semper.core.bytes.Address;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.QbftExtraData;
import io.semper.genesis.Network;
import java.util.ArrayList;
import java.util.List;

/// A process of a validator in a simulation: what it has in memory, what on disk, and a clock of
/// its own.
///
/// The disk loses what the real one can. A power failure takes votes that were appended and not
/// synced ([VoteLog]), and blocks that were fetched in bulk and not flushed yet: of both, those
/// behind some point. The end of the process takes neither. Blocks that were agreed on are synced
/// with their import, and none is a head to [Consensus] before it is flushed ([QbftEngine]).
final class Node {
  /// One in so many times that old votes are let go of, their file is written anew.
  private static final int COMPACTIONS = 16;

  final int index;

  /// Whose key it has: another's, where it stands by.
  final int validator;

  final Address address;
  final StubKey key;
  private final Simulation world;
  private final Network network;
  private final long clockOffset;

  // On disk.
  private final List<Block> chain = new ArrayList<>();
  private long numberBelow;
  private int blocksSynced;
  private final List<VoteRecord> log = new ArrayList<>();
  private int votesSynced;

  // In memory.
  private Consensus consensus;
  private HeaderView headers;
  private Validators validators;
  private QbftSeal seal;
  private Header announced;
  private List<Address> members = List.of();
  private int life;
  private long booted;
  private long wakeAt;
  private boolean working;
  private boolean wiped;

  Node(Simulation world, int index, int validator, long clockOffset) {
    this.world = world;
    this.index = index;
    this.validator = validator;
    this.clockOffset = clockOffset;
    address = world.timeline.all().get(validator);
    key = new StubKey(address);
    network = world.policy.network(world.network, index);
  }

  boolean isByzantine() {
    return index < world.schedule.byzantine();
  }

  /// Whether it stays away once everything has healed.
  boolean isDead() {
    int dead = index - world.schedule.byzantine();
    return dead >= 0 && dead < world.schedule.dead();
  }

  boolean isWiped() {
    return wiped;
  }

  boolean isUp() {
    return consensus != null;
  }

  private boolean standsBy() {
    return index != validator;
  }

  Header head() {
    return chain.isEmpty() ? world.network.genesis() : chain.getLast().header();
  }

  long height() {
    return head().number();
  }

  /// None where the first of them has gone.
  List<Block> blocksFrom(long height) {
    long from = Math.max(1, height) - 1 - numberBelow;
    return from < 0 || from >= chain.size()
        ? List.of()
        : List.copyOf(chain.subList((int) from, chain.size()));
  }

  /// The validators of the block after one, as this process sees it.
  List<Address> after(Header header) {
    return world.policy.after(validators, headers, header);
  }

  boolean inContract(Header parent) {
    return network.qbft().at(parent.number() + 1, parent.timestamp()).validatorContract() != null;
  }

  // ---- Lives

  void boot() {
    life++;
    booted = world.now;
    wakeAt = Long.MAX_VALUE;
    if (world.policy.syncsOnOpening()) {
      votesSynced = log.size();
    }
    blocksSynced = chain.size();
    headers = new HeaderView(world.timeline);
    if (numberBelow == 0) {
      headers.add(network.genesis());
    }
    chain.forEach(block -> headers.add(block.header()));
    validators = new Validators(network, headers);
    seal = new QbftSeal(network, validators, StubKey.RECOVERY, world.policy);
    consensus = new Consensus(network, key, StubKey.RECOVERY, readLog(), world.policy);
    announced = null;
    if (standsBy()) {
      handle(new Event.StandBy(world.schedule.takeOverMillis()));
    }
    handle(new Event.Work(working));
    announce();
  }

  /// As [VoteLog] reads it.
  private List<VoteRecord> readLog() {
    long last =
        log.stream()
            .filter(record -> record instanceof VoteRecord.Signed)
            .mapToLong(VoteRecord::height)
            .max()
            .orElse(0);
    return log.stream().filter(record -> record.height() >= last).toList();
  }

  private void announce() {
    Header head = head();
    if (!head.equals(announced)) {
      blocksSynced = chain.size();
      announced = head;
      members = after(head);
      handle(new Event.NewHead(head, members));
    }
  }

  /// @param power whether the machine goes with the process
  void crash(boolean power) {
    if (consensus == null) {
      return;
    }
    consensus = null;
    life++;
    if (power) {
      votesSynced = cut(log, votesSynced);
      blocksSynced = cut(chain, blocksSynced);
    }
    world.lost(this);
  }

  /// Of what came behind what is synced, some survives.
  private int cut(List<?> written, int synced) {
    int survive = synced + world.random.nextInt(written.size() - synced + 1);
    written.subList(survive, written.size()).clear();
    return survive;
  }

  /// Its connections with another have ended.
  void gone(Node other) {
    if (consensus != null) {
      handle(new Event.Gone(other.address));
    }
  }

  void revive() {
    if (consensus == null) {
      boot();
    }
  }

  /// Loses chain and vote log too.
  void wipe() {
    crash(true);
    chain.clear();
    numberBelow = 0;
    log.clear();
    // As a new log begins, which is made whole or not at all.
    log.add(new VoteRecord.Role(false, VoteRecord.Role.UNKNOWN));
    votesSynced = 1;
    wiped = true;
  }

  /// Is given another's chain in the place of its own, without what is older than the last epoch
  /// and its parent. Its votes it keeps.
  void copyChain(Node from) {
    crash(false);
    long epoch = from.height() - from.height() % Simulation.EPOCH;
    chain.clear();
    numberBelow = Math.max(0, epoch - 2);
    chain.addAll(from.blocksFrom(numberBelow + 1));
  }

  void takeOver() {
    if (consensus != null) {
      handle(new Event.TakeOver(world.policy.forcesTakeOver()));
    }
  }

  // ---- Work

  void work(boolean waiting) {
    working = waiting;
    if (consensus != null) {
      handle(new Event.Work(waiting));
    }
  }

  QbftExtraData.Vote vote(Header parent) {
    if (!world.schedule.votes()) {
      return null;
    }
    // One validator is dropped and taken in again in turns.
    Address subject = world.timeline.all().getLast();
    boolean member = after(parent).contains(subject);
    boolean wanted = parent.number() / 10 % 2 == 1;
    return member == wanted ? null : new QbftExtraData.Vote(subject, wanted);
  }

  void receive(byte[] encoded) {
    if (consensus != null) {
      QbftMessage message = world.policy.read(world.codec, encoded, members::contains);
      if (message != null) {
        receive(message);
      }
    }
  }

  void receive(QbftMessage message) {
    if (consensus == null) {
      return;
    }
    if (isByzantine()) {
      world.adversary.observe(this, message);
    }
    handle(new Event.Received(message));
  }

  private void handle(Event event) {
    long wall = Simulation.START_MILLIS + world.now + clockOffset;
    List<Action> actions = consensus.handle(event, wall, world.now - booted);
    if (!isByzantine()) {
      world.judge.held(consensus.held());
    }
    for (Action action : actions) {
      act(action);
    }
  }

  /// Something that takes a while, unless the node crashes meanwhile.
  private void later(int maxMillis, Runnable work) {
    int now = life;
    world.after(
        1 + world.random.nextInt(maxMillis),
        () -> {
          if (life == now) {
            work.run();
          }
        });
  }

  private void act(Action action) {
    switch (action) {
      case Action.WakeAt wake -> wake(booted + wake.monotonicMillis());
      case Action.Build build -> later(20, () -> build(build));
      case Action.Check check -> later(20, () -> check(check.block()));
      case Action.Persist persist -> {
        log.add(persist.record());
        world.chaos.wrote(this);
        later(10, () -> synced(persist.number()));
      }
      case Action.Forget forget -> forget(forget.belowHeight());
      case Action.Broadcast broadcast -> broadcast(broadcast.message());
      case Action.Import decided -> later(20, () -> importAll(List.of(decided.block()), true));
      case Action.Help help ->
          world
              .processes(help.validator())
              .forEach(behind -> world.sendBlocks(this, behind, help.height()));
      case Action.Follow follow -> world.processes(follow.validator()).forEach(this::ask);
      case Action.Report report -> world.judge.reported(this, report);
    }
  }

  private void ask(Node ahead) {
    long from = height() + 1;
    world.carry(
        this,
        ahead,
        () -> {
          if (ahead.isUp()) {
            world.sendBlocks(ahead, this, from);
          }
        });
  }

  private void wake(long at) {
    if (at >= wakeAt && wakeAt > world.now) {
      return;
    }
    wakeAt = at;
    int now = life;
    world.after(
        Math.max(0, at - world.now),
        () -> {
          if (life == now && wakeAt == at) {
            wakeAt = Long.MAX_VALUE;
            handle(new Event.Tick());
          }
        });
  }

  private void build(Action.Build build) {
    boolean empty = !working;
    Block block = world.build(this, build, empty);
    handle(new Event.Built(block.header().number(), build.round(), block, empty));
  }

  private void check(Block block) {
    Header header = block.header();
    handle(new Event.Checked(header.number(), header.hash(), Simulation.isExecutable(block)));
  }

  private void synced(long record) {
    votesSynced = log.size();
    handle(new Event.Recorded(record));
  }

  /// On disk old votes stay until the file is written anew, whole.
  private void forget(long belowHeight) {
    if (world.random.nextInt(COMPACTIONS) == 0) {
      VoteRecord role =
          log.stream()
              .filter(record -> record instanceof VoteRecord.Role)
              .reduce(null, (older, newer) -> newer);
      log.removeIf(record ->
          record instanceof VoteRecord.Role ? record != role : record.height() < belowHeight);
      votesSynced = log.size();
    }
  }

  private void broadcast(QbftMessage message) {
    if (isByzantine()) {
      world.adversary.broadcast(this, message);
    } else {
      world.judge.signed(this, message);
      world.broadcast(this, message);
    }
  }

  /// Imports blocks that others, or this one's own consensus, hold for final.
  ///
  /// @param synced whether a power failure leaves them
  void importAll(List<Block> blocks, boolean synced) {
    if (consensus == null) {
      return;
    }
    boolean grown = false;
    for (Block block : blocks) {
      if (block.header().number() == height() + 1) {
        if (!mayImport(block)) {
          break;
        }
        chain.add(block);
        headers.add(block.header());
        grown = true;
        world.judge.finalised(this, block.header());
      }
    }
    if (!grown) {
      return;
    }
    if (synced) {
      blocksSynced = chain.size();
    }
    if (world.chaos.reigns()
        && world.schedule.emptyPeriodSeconds() > 0
        && world.random.nextInt(2) == 0) {
      work(false);
    }
    later(5, this::announce);
  }

  private boolean mayImport(Block block) {
    Header parent = head();
    return block.header().parentHash().equals(parent.hash())
        && Simulation.isExecutable(block)
        && seal.verify(block.header(), parent).isEmpty();
  }

  @Override
  public String toString() {
    return index
        + (isByzantine() ? " byzantine" : "")
        + (isDead() ? " dead" : "")
        + (standsBy() ? " standby" : "")
        + " offset "
        + clockOffset
        + " head "
        + height()
        + " "
        + (consensus == null ? "down" : consensus.status().map(Object::toString).orElse("-"));
  }
}
