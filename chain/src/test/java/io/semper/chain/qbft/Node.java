package io.semper.chain.qbft;

import io.semper.core.bytes.Address;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.QbftExtraData;
import java.util.ArrayList;
import java.util.List;

/// A validator in a simulation: what it has in memory, what on disk, and a clock of its own.
final class Node {
  final int index;
  final Address address;
  final StubKey key;
  private final Simulation world;
  private final boolean byzantine;
  private final long clockOffset;

  // On disk.
  private final List<Block> chain = new ArrayList<>();
  private final List<VoteRecord> log = new ArrayList<>();

  // In memory.
  private Consensus consensus;
  private final List<VoteRecord> unsynced = new ArrayList<>();
  private int life;
  private long booted;
  private long wakeAt;
  private boolean working;
  private boolean wiped;

  Node(Simulation world, int index, Address address, boolean byzantine, long clockOffset) {
    this.world = world;
    this.index = index;
    this.address = address;
    this.byzantine = byzantine;
    this.clockOffset = clockOffset;
    key = new StubKey(address);
  }

  boolean isByzantine() {
    return byzantine;
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

  Header head() {
    return chain.isEmpty() ? world.network.genesis() : chain.getLast().header();
  }

  long height() {
    return head().number();
  }

  List<Block> blocksFrom(long height) {
    int from = (int) Math.max(0, height - 1);
    return from >= chain.size() ? List.of() : List.copyOf(chain.subList(from, chain.size()));
  }

  void boot() {
    life++;
    booted = world.now;
    wakeAt = Long.MAX_VALUE;
    consensus = new Consensus(world.network, key, StubKey.RECOVERY, List.copyOf(log), world.policy);
    handle(new Event.Work(working));
    begin();
  }

  private void begin() {
    handle(new Event.NewHead(head(), world.validators.after(head())));
  }

  /// Loses memory and, of what is not yet durable, all or what comes after a point.
  void crash() {
    if (consensus == null) {
      return;
    }
    consensus = null;
    life++;
    int survive = world.random.nextInt(unsynced.size() + 1);
    log.addAll(unsynced.subList(0, survive));
    unsynced.clear();
    world.lost(this);
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
    crash();
    chain.clear();
    log.clear();
    // As a new log begins, which is made whole or not at all.
    log.add(new VoteRecord.Role(false, VoteRecord.Role.UNKNOWN));
    wiped = true;
  }

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
    Address subject = world.nodes.getLast().address;
    boolean member = world.validators.after(parent).contains(subject);
    boolean wanted = parent.number() / 10 % 2 == 1;
    return member == wanted ? null : new QbftExtraData.Vote(subject, wanted);
  }

  void receive(QbftMessage message) {
    if (consensus == null) {
      return;
    }
    if (byzantine) {
      world.adversary.observe(this, message);
    }
    handle(new Event.Received(message));
  }

  private void handle(Event event) {
    long wall = Simulation.START_MILLIS + world.now + clockOffset;
    List<Action> actions = consensus.handle(event, wall, world.now - booted);
    if (!byzantine) {
      world.held(consensus.held());
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
        unsynced.add(persist.record());
        later(10, () -> synced(persist));
      }
      case Action.Forget forget ->
          log.removeIf(record ->
              record instanceof VoteRecord.Signed && record.height() < forget.belowHeight());
      case Action.Broadcast broadcast -> broadcast(broadcast.message());
      case Action.Import decided -> later(20, () -> importAll(List.of(decided.block())));
      case Action.Help help -> world.sendBlocks(this, world.node(help.validator()), help.height());
      case Action.Follow follow -> {
        Node ahead = world.node(follow.validator());
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
      case Action.Report report -> {
        Node of = world.node(report.validator());
        if (!byzantine && !of.isByzantine()) {
          world.violated(
              of.index + " " + report.kind() + " for " + index + ": " + report.message());
        }
      }
    }
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
    Block block = world.build(this, build.parent(), build.round(), build.timestamp(), empty);
    handle(new Event.Built(block.header().number(), build.round(), block, empty));
  }

  private void check(Block block) {
    Header header = block.header();
    handle(new Event.Checked(header.number(), header.hash(), Simulation.isExecutable(block)));
  }

  private void synced(Action.Persist persist) {
    int upTo = unsynced.indexOf(persist.record());
    if (upTo < 0) {
      return;
    }
    List<VoteRecord> durable = unsynced.subList(0, upTo + 1);
    log.addAll(durable);
    durable.clear();
    handle(new Event.Recorded(persist.number()));
  }

  private void broadcast(QbftMessage message) {
    if (byzantine) {
      world.adversary.broadcast(this, message);
    } else {
      world.signed(this, message);
      world.broadcast(this, message);
    }
  }

  /// Imports blocks that others, or this one's own consensus, hold for final.
  void importAll(List<Block> blocks) {
    if (consensus == null) {
      return;
    }
    boolean grown = false;
    for (Block block : blocks) {
      if (block.header().number() == height() + 1) {
        if (!world.adversary.mayImport(head(), block)) {
          break;
        }
        chain.add(block);
        grown = true;
        world.finalised(this, block.header());
      }
    }
    if (grown) {
      if (world.chaos()
          && world.schedule.emptyPeriodSeconds() > 0
          && world.random.nextInt(2) == 0) {
        work(false);
      }
      begin();
    }
  }

  @Override
  public String toString() {
    return index
        + (byzantine ? " byzantine" : "")
        + (isDead() ? " dead" : "")
        + " offset "
        + clockOffset
        + " head "
        + height()
        + " "
        + (consensus == null ? "down" : consensus.status().map(Object::toString).orElse("-"));
  }
}
