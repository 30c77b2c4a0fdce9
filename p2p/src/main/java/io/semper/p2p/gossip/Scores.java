package io.semper.p2p.gossip;

import io.semper.p2p.gossip.TopicScore.MeshDeliveries;
import io.semper.p2p.identity.PeerId;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/// The scores of peers: P1 to P7 of gossipsub 1.1.
///
/// Scores that are not positive outlive the connection, or leaving would be a way to be forgiven;
/// what a message's verdict changes after its sender left changes what is remembered, if anything
/// is.
final class Scores {
  private static final class TopicCounters {
    private final TopicScore parameters;
    private boolean inMesh;
    private long graftedMillis;
    private double meshTimeMillis;
    private boolean meshDeliveriesActive;
    private double firstDeliveries;
    private double meshDeliveries;
    private double meshFailures;
    private double invalid;

    private TopicCounters(TopicScore parameters) {
      this.parameters = parameters;
    }

    private double meshDeficit() {
      double missing = parameters.mesh().threshold() - meshDeliveries;
      return inMesh && meshDeliveriesActive && missing > 0 ? missing * missing : 0;
    }

    private void leaveMesh() {
      meshFailures += meshDeficit();
      inMesh = false;
    }

    private double score() {
      double sum = 0;
      if (inMesh) {
        TopicScore.TimeInMesh time = parameters.time();
        sum += time.weight() * Math.min(meshTimeMillis / time.quantumMillis(), time.cap());
      }
      sum += parameters.first().weight() * firstDeliveries;
      sum += parameters.mesh().weight() * meshDeficit();
      sum += parameters.failure().weight() * meshFailures;
      sum += parameters.invalid().weight() * invalid * invalid;
      return parameters.weight() * sum;
    }
  }

  private static final class Counters {
    private final Map<String, TopicCounters> topics = new HashMap<>(2);
    private boolean connected;
    private String address;
    private double application;
    private double behaviour;
    private long forgetMillis;
  }

  private final ScoreParameters parameters;
  private final Map<PeerId, Counters> peers = new HashMap<>();

  // Peers that left, in the order they did.
  private final Map<PeerId, Counters> departed = new LinkedHashMap<>();
  private final Map<String, Integer> perAddress = new HashMap<>();

  Scores(ScoreParameters parameters) {
    this.parameters = parameters;
  }

  /// @param address where the peer is, `null` where that says nothing
  void joined(PeerId peer, String address) {
    Counters counters = departed.remove(peer);
    if (counters == null) {
      counters = new Counters();
    }
    counters.connected = true;
    counters.address = address;
    if (address != null) {
      perAddress.merge(address, 1, Integer::sum);
    }
    peers.put(peer, counters);
  }

  void left(PeerId peer, long now) {
    Counters counters = peers.get(peer);
    if (counters == null) {
      return;
    }
    double score = score(peer);
    peers.remove(peer);
    counters.connected = false;
    if (counters.address != null) {
      perAddress.computeIfPresent(counters.address, (at, count) -> count == 1 ? null : count - 1);
    }
    if (score > 0) {
      return;
    }
    for (TopicCounters topic : counters.topics.values()) {
      topic.firstDeliveries = 0;
      topic.leaveMesh();
    }
    counters.forgetMillis = now + parameters.retainMillis();
    if (departed.size() >= GossipLimits.MAX_RETAINED_SCORES) {
      Iterator<Counters> eldest = departed.values().iterator();
      eldest.next();
      eldest.remove();
    }
    departed.put(peer, counters);
  }

  void grafted(PeerId peer, Topic topic, long now) {
    TopicCounters counters = counters(peer, topic);
    if (counters != null) {
      counters.inMesh = true;
      counters.graftedMillis = now;
      counters.meshTimeMillis = 0;
      counters.meshDeliveriesActive = false;
    }
  }

  void pruned(PeerId peer, Topic topic) {
    TopicCounters counters = counters(peer, topic);
    if (counters != null) {
      counters.leaveMesh();
    }
  }

  /// The peer was the first to bring a message that turned out valid.
  void firstDelivery(PeerId peer, Topic topic) {
    TopicCounters counters = peers.containsKey(peer) ? counters(peer, topic) : null;
    if (counters != null) {
      TopicScore score = topic.score();
      counters.firstDeliveries = Math.min(score.first().cap(), counters.firstDeliveries + 1);
      meshDelivery(counters);
    }
  }

  /// The peer brought a copy of a valid message while it still counted.
  void laterDelivery(PeerId peer, Topic topic) {
    TopicCounters counters = counters(peer, topic);
    if (counters != null) {
      meshDelivery(counters);
    }
  }

  private static void meshDelivery(TopicCounters counters) {
    if (counters.inMesh) {
      double cap = counters.parameters.mesh().cap();
      counters.meshDeliveries = Math.min(cap, counters.meshDeliveries + 1);
    }
  }

  void invalidMessage(PeerId peer, Topic topic) {
    TopicCounters counters = counters(peer, topic);
    if (counters != null) {
      counters.invalid++;
    }
  }

  void misbehaved(PeerId peer, double times) {
    Counters counters = known(peer);
    if (counters != null) {
      counters.behaviour += times;
    }
  }

  void setApplicationScore(PeerId peer, double score) {
    Counters counters = known(peer);
    if (counters != null) {
      counters.application = score;
    }
  }

  /// Decays every counter once, however long ago the last time was: after a pause of this node,
  /// nobody has lost deliveries that it did not read.
  void decay(long now) {
    departed.values().removeIf(counters -> now - counters.forgetMillis >= 0);
    for (Counters counters : peers.values()) {
      counters.behaviour = decayed(counters.behaviour, parameters.behaviour().decay());
      for (TopicCounters topic : counters.topics.values()) {
        decay(topic, now);
      }
    }
  }

  private void decay(TopicCounters topic, long now) {
    TopicScore score = topic.parameters;
    MeshDeliveries mesh = score.mesh();
    topic.firstDeliveries = decayed(topic.firstDeliveries, score.first().decay());
    topic.meshDeliveries = decayed(topic.meshDeliveries, mesh.decay());
    topic.meshFailures = decayed(topic.meshFailures, score.failure().decay());
    topic.invalid = decayed(topic.invalid, score.invalid().decay());
    if (topic.inMesh) {
      topic.meshTimeMillis = now - topic.graftedMillis;
      topic.meshDeliveriesActive = topic.meshTimeMillis > mesh.activationMillis();
    }
  }

  private double decayed(double counter, double factor) {
    double less = counter * factor;
    return less < parameters.decayToZero() ? 0 : less;
  }

  /// 0 for peers never heard of.
  double score(PeerId peer) {
    Counters counters = known(peer);
    if (counters == null) {
      return 0;
    }
    double topics = 0;
    for (TopicCounters topic : counters.topics.values()) {
      topics += topic.score();
    }
    if (parameters.topicCap() > 0) {
      topics = Math.min(topics, parameters.topicCap());
    }
    return topics
        + parameters.applicationWeight() * counters.application
        + parameters.colocation().weight() * colocation(counters)
        + parameters.behaviour().weight() * behaviour(counters);
  }

  private double colocation(Counters counters) {
    ScoreParameters.Colocation rule = parameters.colocation();
    if (!counters.connected
        || counters.address == null
        || rule.exempt().contains(counters.address)) {
      return 0;
    }
    double surplus = perAddress.getOrDefault(counters.address, 0) - rule.threshold();
    return surplus > 0 ? surplus * surplus : 0;
  }

  private double behaviour(Counters counters) {
    double excess = counters.behaviour - parameters.behaviour().threshold();
    return excess > 0 ? excess * excess : 0;
  }

  private Counters known(PeerId peer) {
    Counters counters = peers.get(peer);
    return counters != null ? counters : departed.get(peer);
  }

  private TopicCounters counters(PeerId peer, Topic topic) {
    Counters counters = known(peer);
    return counters == null
        ? null
        : counters.topics.computeIfAbsent(topic.name(), none -> new TopicCounters(topic.score()));
  }

  int retained() {
    return departed.size();
  }
}
