package io.semper.p2p.gossip;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/// The peers of one topic: who subscribed, who is in the mesh, whom to publish to where this node
/// did not subscribe itself, who must wait before grafting again.
final class TopicMesh {
  final Topic topic;
  final Set<Peer> subscribers = new LinkedHashSet<>();
  final Set<Peer> mesh = new LinkedHashSet<>();

  /// Those grafted since the last heartbeat, by either side.
  final Set<Peer> fresh = new LinkedHashSet<>();

  final Set<Peer> fanout = new LinkedHashSet<>();
  final Backoffs backoffs = new Backoffs();
  boolean joined;
  long fanoutEndsMillis;

  TopicMesh(Topic topic) {
    this.topic = topic;
  }

  boolean contains(Peer peer) {
    return mesh.contains(peer);
  }

  /// Up to `count` of the peers that satisfy `condition`, chosen at random.
  static List<Peer> choose(
      Collection<Peer> from, int count, Predicate<Peer> condition, RandomGenerator random) {
    if (count <= 0) {
      return List.of();
    }
    List<Peer> chosen = new ArrayList<>();
    for (Peer peer : from) {
      if (condition.test(peer)) {
        chosen.add(peer);
      }
    }
    Collections.shuffle(chosen, random);
    return chosen.size() > count ? chosen.subList(0, count) : chosen;
  }

  /// Whom to prune where the mesh has grown too large: the best by score stay, the others by lot,
  /// and among those that stay are enough that this node dialled itself. Whoever fills the mesh
  /// from outside cannot displace those.
  List<Peer> surplus(GossipParameters.Degree degree, RandomGenerator random) {
    List<Peer> order = new ArrayList<>(mesh);
    Collections.shuffle(order, random);
    order.sort(Comparator.comparingDouble((Peer peer) -> peer.score).reversed());
    Collections.shuffle(order.subList(degree.score(), order.size()), random);
    List<Peer> staying = new ArrayList<>(order.subList(0, degree.target()));
    List<Peer> leaving = new ArrayList<>(order.subList(degree.target(), order.size()));
    int outbound = (int) staying.stream().filter(peer -> peer.outbound).count();
    // Swap from the end, where those stay by lot.
    for (int i = staying.size() - 1; i >= 0 && outbound < degree.outbound(); i--) {
      int replacement = firstOutbound(leaving);
      if (replacement < 0) {
        break;
      }
      if (!staying.get(i).outbound) {
        leaving.set(replacement, staying.set(i, leaving.get(replacement)));
        outbound++;
      }
    }
    return leaving;
  }

  private static int firstOutbound(List<Peer> peers) {
    for (int i = 0; i < peers.size(); i++) {
      if (peers.get(i).outbound) {
        return i;
      }
    }
    return -1;
  }

  /// The score in the middle of the mesh's.
  double medianScore() {
    double[] scores = mesh.stream().mapToDouble(peer -> peer.score).sorted().toArray();
    return scores[scores.length / 2];
  }
}
