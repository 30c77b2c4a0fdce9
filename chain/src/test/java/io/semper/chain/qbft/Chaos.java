package io.semper.chain.qbft;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// What befalls a simulated network until everything heals.
final class Chaos {
  private static final int CRUEL_MILLIS = 1_500;

  /// One vote in so many.
  private static final int CRUELTIES = 24;

  private final Simulation world;
  private final Schedule schedule;
  private final SplittableRandom random;
  private final List<Node> nodes;

  /// Of each process, a bit for each other that it cannot reach.
  private final int[] cut;

  private boolean reigns = true;

  Chaos(Simulation world) {
    this.world = world;
    schedule = world.schedule;
    random = world.random;
    nodes = world.nodes;
    cut = new int[nodes.size()];
  }

  boolean reigns() {
    return reigns;
  }

  boolean isCut(Node from, Node to) {
    return (cut[from.index] >> to.index & 1) != 0;
  }

  void begin() {
    repartition();
    crashSome();
    for (int i = 0; i < schedule.wiped(); i++) {
      wipe(nodes.get(schedule.validators() - 1 - i));
    }
    if (schedule.late()) {
      copy(nodes.get(schedule.validators() - 1));
    }
    takeOver();
    arriveWork();
  }

  void end() {
    reigns = false;
    heal();
  }

  private void heal() {
    Arrays.fill(cut, 0);
  }

  /// The same as [Simulation#after], unless everything has healed by then.
  private void within(int millis, Runnable work) {
    world.after(
        random.nextInt(millis),
        () -> {
          if (reigns) {
            work.run();
          }
        });
  }

  // ---- Links

  private void repartition() {
    if (schedule.partitionMillis() > 0) {
      within(
          2 * schedule.partitionMillis(),
          () -> {
            heal();
            divide(random.nextInt(9));
            repartition();
          });
    }
  }

  private void divide(int kind) {
    switch (kind) {
      case 0 -> {}
      case 1, 2, 3 -> groups(kind + 1, false);
      case 4 -> groups(2, true);
      case 5 -> cut[any().index] |= 1 << any().index; // one way between two
      case 6 -> cut[any().index] = -1; // heard by nobody
      case 7 -> {
        int deaf = 1 << any().index;
        for (int i = 0; i < cut.length; i++) {
          cut[i] |= deaf;
        }
      }
      default -> {
        for (int i = 0; i < cut.length; i++) {
          int half = random.nextInt();
          cut[i] = half & random.nextInt();
        }
      }
    }
  }

  /// @param oneWay whether the first group still reaches the second
  private void groups(int count, boolean oneWay) {
    int[] side = new int[cut.length];
    for (int i = 0; i < side.length; i++) {
      side[i] = random.nextInt(count);
    }
    for (int i = 0; i < side.length; i++) {
      for (int k = 0; k < side.length; k++) {
        if (side[i] != side[k] && !(oneWay && side[i] == 0)) {
          cut[i] |= 1 << k;
        }
      }
    }
  }

  private Node any() {
    return nodes.get(random.nextInt(nodes.size()));
  }

  // ---- Processes and disks

  private void crashSome() {
    if (schedule.crashMillis() > 0) {
      within(
          2 * schedule.crashMillis(),
          () -> {
            int many = random.nextInt(4) == 0 ? 1 + random.nextInt(nodes.size()) : 1;
            for (int i = 0; i < many; i++) {
              Node node = any();
              node.crash(random.nextBoolean());
              world.after(random.nextInt(5_000), node::revive);
            }
            crashSome();
          });
    }
  }

  /// A process has written a vote. Where crashes are frequent, some come just then, and the power
  /// fails soon after.
  void wrote(Node node) {
    boolean frequent = schedule.crashMillis() > 0 && schedule.crashMillis() < CRUEL_MILLIS;
    if (reigns && frequent && random.nextInt(CRUELTIES) == 0) {
      world.after(
          1,
          () -> {
            node.crash(false);
            node.revive();
          });
      within(
          2_000,
          () -> {
            node.crash(true);
            world.after(random.nextInt(500), node::revive);
          });
    }
  }

  private void wipe(Node node) {
    within(
        schedule.chaosMillis(),
        () -> {
          node.wipe();
          world.after(random.nextInt(3_000), node::revive);
        });
  }

  /// A validator loses its chain and is given another's, without what is older than an epoch: now
  /// and then, from when there is more than that.
  private void copy(Node node) {
    within(
        schedule.chaosMillis(),
        () -> {
          Node from = any();
          if (!from.isByzantine() && from != node && from.height() > Simulation.EPOCH) {
            node.copyChain(from);
            world.after(random.nextInt(2_000), node::revive);
          }
          copy(node);
        });
  }

  /// Of two processes with one key one fails, or does not, and the other is told to take over, or
  /// does by itself; again and again.
  private void takeOver() {
    if (schedule.standby() == 0) {
      return;
    }
    boolean byCommand = schedule.standby() == Schedule.BY_COMMAND;
    within(
        byCommand ? 6_000 : 12_000,
        () -> {
          Node first = nodes.get(schedule.validators() - 1);
          Node second = nodes.getLast();
          boolean back = random.nextInt(3) == 0;
          Node fails = back ? second : first;
          if (random.nextInt(3) > 0) {
            fails.crash(random.nextBoolean());
            world.after(random.nextInt(byCommand ? 8_000 : 16_000), fails::revive);
          }
          if (byCommand) {
            world.after(random.nextInt(2_000), back ? first::takeOver : second::takeOver);
          }
          takeOver();
        });
  }

  private void arriveWork() {
    boolean always = schedule.emptyPeriodSeconds() == 0;
    within(
        always ? 1 : 4_000,
        () -> {
          for (Node node : nodes) {
            node.work(always || random.nextInt(3) > 0);
          }
          if (!always) {
            arriveWork();
          }
        });
  }
}
