package io.semper.p2p.gossip;

import io.semper.p2p.gossip.Rpc.IHave;
import io.semper.p2p.identity.PeerId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One node of a [Simulation]: a router, its links, and for an attacker what it does instead.
final class SimulatedNode {
  private static final int MAX_VALIDATION_MILLIS = 5;
  private static final long ATTACK_MILLIS = 500;

  private static final class Link {
    private final SimulatedNode to;
    private long lastArrivalMillis;

    private Link(SimulatedNode to) {
      this.to = to;
    }
  }

  private final Simulation simulation;
  private final int index;
  private final PeerId id;
  private final Attack attack;
  private final Router router;
  private final Map<PeerId, Link> links = new LinkedHashMap<>();
  private final long skewMillis;
  private final double x;
  private final double y;
  private boolean attacking;
  private boolean up = true;

  SimulatedNode(Simulation simulation, int index, PeerId id, Attack attack) {
    this.simulation = simulation;
    this.index = index;
    this.id = id;
    this.attack = attack;
    x = simulation.random.nextDouble();
    y = simulation.random.nextDouble();
    skewMillis = simulation.random.nextInt(10_000);
    attacking = attack != null && attack != Attack.COVERT_FLASH;
    router =
        new Router(
            id,
            simulation.parameters,
            GossipLimits.DEFAULT,
            Set.of(),
            peer -> null,
            () -> simulation.now() + skewMillis,
            simulation.random,
            this::act);
    router.join(simulation.topic);
    long offset = simulation.random.nextInt(1_000);
    simulation.at(simulation.now() + offset, this::tick);
    if (attack != null) {
      simulation.at(simulation.now() + offset, this::molest);
    }
  }

  int index() {
    return index;
  }

  boolean isHonest() {
    return attack == null;
  }

  Router router() {
    return router;
  }

  PeerId id() {
    return id;
  }

  /// From now on attackers that waited do what they came for.
  void flash() {
    attacking = true;
  }

  /// @return false where the two are connected already
  boolean dial(SimulatedNode other) {
    if (links.containsKey(other.id) || !up || !other.up) {
      return false;
    }
    links.put(other.id, new Link(other));
    other.links.put(id, new Link(this));
    router.joined(other.id, GossipVersion.V1_2, true, null);
    other.router.joined(id, GossipVersion.V1_2, false, null);
    return true;
  }

  void hangUp(SimulatedNode other) {
    if (links.remove(other.id) != null) {
      other.links.remove(id);
      router.left(other.id);
      other.router.left(id);
    }
  }

  /// Loses every connection, as a process that dies does; [#comeUp] is its restart.
  void goDown() {
    for (Link link : List.copyOf(links.values())) {
      hangUp(link.to);
    }
    up = false;
  }

  void comeUp() {
    up = true;
  }

  void publish(GossipMessage message) {
    router.publish(message);
  }

  private void tick() {
    router.tick();
    long wait = router.nextTickMillis() - skewMillis;
    simulation.at(Math.max(simulation.now() + 1, wait), this::tick);
  }

  private void act(Action action) {
    switch (action) {
      case Action.Send send -> {
        Rpc rpc = attacking ? withoutAnnouncements(send.control()) : send.control();
        transmit(send.to(), rpc);
      }
      case Action.Forward forward -> {
        if (!attacking || passesOn(forward.message())) {
          transmit(forward.to(), Rpc.message(forward.message()));
        }
      }
      case Action.Validate validate -> {
        long done = simulation.now() + 1 + simulation.random.nextInt(MAX_VALIDATION_MILLIS);
        Verdict verdict = simulation.verdict(validate.message());
        simulation.at(done, () -> router.validated(validate.id(), verdict));
      }
      case Action.Deliver deliver -> {
        if (isHonest()) {
          simulation.delivered(this, deliver.message());
        }
      }
      case Action.Verify verify ->
          router.signatureChecked(verify.message(), verify.message().isSignatureGood());
      case Action.Connect connect -> {}
      case Action.Obsolete obsolete -> {}
    }
  }

  private boolean passesOn(GossipMessage message) {
    return switch (attack) {
      case SYBIL, ECLIPSE, COVERT_FLASH -> false;
      case CENSOR -> !isCensored(message);
      case SPAM -> true;
    };
  }

  private static boolean isCensored(GossipMessage message) {
    return Simulation.number(message) % 2 == 0;
  }

  /// Attackers announce nothing, or they could be asked for it.
  private Rpc withoutAnnouncements(Rpc rpc) {
    if (rpc.ihave().isEmpty() || attack == Attack.SPAM) {
      return rpc;
    }
    return Rpc.ihave(List.of());
  }

  private void transmit(PeerId to, Rpc rpc) {
    Link link = links.get(to);
    if (link == null) {
      return;
    }
    double distance = Math.hypot(x - link.to.x, y - link.to.y);
    long delay = 5 + (long) (75 * distance) + simulation.random.nextInt(10);
    link.lastArrivalMillis = Math.max(simulation.now() + delay, link.lastArrivalMillis);
    simulation.at(
        link.lastArrivalMillis,
        () -> {
          if (link.to.links.containsKey(id)) {
            link.to.router.received(id, rpc);
          }
        });
  }

  /// What attackers send besides what their routers do.
  private void molest() {
    simulation.at(simulation.now() + ATTACK_MILLIS, this::molest);
    if (!attacking) {
      return;
    }
    for (PeerId peer : List.copyOf(links.keySet())) {
      transmit(peer, Rpc.mesh(List.of(Simulation.TOPIC), List.of()));
      if (attack == Attack.SPAM) {
        transmit(peer, Rpc.message(simulation.invalidMessage()));
        transmit(peer, Rpc.ihave(List.of(new IHave(Simulation.TOPIC, bogusIds()))));
        transmit(peer, Rpc.iwant(bogusIds()));
        transmit(peer, Rpc.idontwant(bogusIds().getFirst()));
      }
    }
  }

  private List<MessageId> bogusIds() {
    List<MessageId> ids = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      byte[] bytes = new byte[20];
      simulation.random.nextBytes(bytes);
      ids.add(new MessageId(bytes));
    }
    return ids;
  }
}
