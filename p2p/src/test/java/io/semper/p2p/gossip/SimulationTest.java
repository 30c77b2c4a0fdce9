package io.semper.p2p.gossip;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The network as a whole, on virtual time: [#ROUTERS] routers, 20 % of them attackers where there
/// is an attack. `-Dsemper.gossip.routers=1000` is the full run, with more degrees and messages.
class SimulationTest {
  private static final int ROUTERS = Integer.getInteger("semper.gossip.routers", 100);
  private static final boolean FULL = ROUTERS >= 1_000;
  private static final int[] DEGREES = FULL ? new int[] {4, 6, 8, 10, 12} : new int[] {8};
  private static final int DIALS = 10;
  private static final long WARM_UP_MILLIS = 15_000;
  private static final long MESSAGE_MILLIS = 250;
  private static final int MESSAGES = FULL ? 240 : 80;
  private static final long DRAIN_MILLIS = 15_000;

  /// For four messages a second: a peer that brings not one in a hundred of them is not in the mesh
  /// to help. More cannot be asked: whoever is further from the publisher brings little.
  private static final TopicScore EXPECTING =
      TopicScore.DEFAULT.withMesh(
          new TopicScore.MeshDeliveries(
              -60, TopicScore.decay(120_000, 1_000), 20, 1, 2_000, 20_000),
          new TopicScore.MeshFailures(-60, TopicScore.decay(600_000, 1_000)));

  private static Simulation peaceful(
      int routers, int dials, int bytes, GossipParameters parameters) {
    Simulation simulation = new Simulation(4, parameters, TopicScore.DEFAULT, bytes);
    simulation.add(routers, null);
    simulation.connect(simulation.nodes, simulation.nodes, dials);
    simulation.runUntil(WARM_UP_MILLIS);
    return simulation;
  }

  /// Publishes from one node after the other, and waits until the last message has spread.
  private static void publishAll(Simulation simulation, int messages, List<SimulatedNode> from) {
    long start = simulation.now();
    for (int i = 0; i < messages; i++) {
      SimulatedNode publisher = from.get(i % from.size());
      simulation.at(start + i * MESSAGE_MILLIS, () -> simulation.publish(publisher));
    }
    simulation.runUntil(start + messages * MESSAGE_MILLIS + DRAIN_MILLIS);
  }

  private static Simulation.Outcome report(String what, Simulation simulation) {
    Simulation.Outcome outcome = simulation.outcome();
    System.out.println(outcome.line(what));
    return outcome;
  }

  @Test
  void everyMessageReachesEveryNode() {
    for (int degree : DEGREES) {
      GossipParameters parameters =
          GossipParameters.DEFAULT
              .withDegree(
                  new GossipParameters.Degree(degree, degree - 1, degree + 4, degree - 2, 2, 6))
              .withFloodPublishMaxBytes(0);
      for (int bytes : new int[] {64, 2_048}) {
        Simulation simulation = peaceful(ROUTERS, DIALS, bytes, parameters);
        publishAll(simulation, MESSAGES, simulation.nodes);
        Simulation.Outcome outcome = report("D=" + degree + ", " + bytes + " bytes", simulation);
        assertThat(outcome.delivery()).isEqualTo(1);
        assertThat(outcome.duplicates()).isLessThan(degree + 2);
      }
    }
  }

  @Test
  void theSameSeedGivesTheSameRun() {
    Simulation first = peaceful(30, 5, 64, GossipParameters.DEFAULT);
    publishAll(first, 20, first.nodes);
    Simulation second = peaceful(30, 5, 64, GossipParameters.DEFAULT);
    publishAll(second, 20, second.nodes);
    assertThat(second.outcome()).isEqualTo(first.outcome());
  }

  @Test
  void aFifthOfTheNodesMayRestartInBetween() {
    Simulation simulation = peaceful(ROUTERS, DIALS, 64, GossipParameters.DEFAULT);
    List<SimulatedNode> down = simulation.nodes.subList(0, ROUTERS / 5);
    List<SimulatedNode> staying = simulation.nodes.subList(ROUTERS / 5, ROUTERS);
    long start = simulation.now();
    simulation.at(start + 5_000, () -> down.forEach(SimulatedNode::goDown));
    publishAll(simulation, MESSAGES, staying);
    for (SimulatedNode node : staying) {
      assertThat(simulation.deliveredTo(node, 0)).isEqualTo(1);
    }
    down.forEach(SimulatedNode::comeUp);
    simulation.connect(down, simulation.nodes, DIALS);
    simulation.runUntil(simulation.now() + 5_000);
    publishAll(simulation, MESSAGES, simulation.nodes);
    for (SimulatedNode node : simulation.nodes) {
      assertThat(simulation.deliveredTo(node, MESSAGES)).isEqualTo(1);
    }
  }

  /// T55: the attacks of the gossipsub papers, by a fifth of the nodes, which were there first.
  @ParameterizedTest
  @EnumSource(Attack.class)
  void honestNodesReachEachOtherUnderAttack(Attack attack) {
    GossipParameters parameters = GossipParameters.DEFAULT.withFloodPublishMaxBytes(0);
    Simulation simulation = new Simulation(4, parameters, EXPECTING, 64);
    int attackers = ROUTERS / 5;
    simulation.add(ROUTERS - attackers, null);
    simulation.add(attackers, attack);
    List<SimulatedNode> honest = simulation.honest();
    SimulatedNode victim = honest.getFirst();
    // Attackers know everyone before honest nodes know each other, and dial three times as often.
    simulation.connect(simulation.attackers(), honest, 3 * DIALS);
    if (attack == Attack.ECLIPSE) {
      simulation.attackers().forEach(attacker -> attacker.dial(victim));
    }
    simulation.runUntil(2_000);
    simulation.connect(honest, simulation.nodes, DIALS);
    simulation.runUntil(WARM_UP_MILLIS);
    long half = simulation.now() + MESSAGES * MESSAGE_MILLIS / 2;
    simulation.at(half, () -> simulation.attackers().forEach(SimulatedNode::flash));
    publishAll(simulation, MESSAGES, honest);
    Simulation.Outcome outcome = report(attack + ", 20 % attackers", simulation);
    assertThat(outcome.delivery()).isGreaterThanOrEqualTo(0.99);
    assertThat(simulation.deliveredTo(victim, 0)).isGreaterThanOrEqualTo(0.99);
  }
}
