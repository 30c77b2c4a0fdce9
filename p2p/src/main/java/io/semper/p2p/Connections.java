package io.semper.p2p;

import io.semper.p2p.identity.PeerId;
import io.semper.p2p.limits.Limits;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The connections that stand, by peer. Of several with one peer the last is the one to use.
final class Connections {
  private final PeerId own;
  private final Limits limits;
  private final Map<PeerId, List<Connection>> byPeer = new HashMap<>();
  private int count;
  private boolean closed;

  Connections(PeerId own, Limits limits) {
    this.own = own;
    this.limits = limits;
  }

  /// One of each peer.
  synchronized List<Connection> used() {
    return byPeer.values().stream().map(List::getLast).toList();
  }

  synchronized List<Connection> all() {
    return byPeer.values().stream().flatMap(List::stream).toList();
  }

  synchronized List<Connection> all(PeerId peer) {
    return List.copyOf(byPeer.getOrDefault(peer, List.of()));
  }

  synchronized Optional<Connection> used(PeerId peer) {
    List<Connection> all = byPeer.get(peer);
    return all == null ? Optional.empty() : Optional.of(all.getLast());
  }

  /// Takes a connection in.
  ///
  /// @return whether it is the first with its peer
  /// @throws IOException if there are too many
  synchronized boolean add(Connection connection) throws IOException {
    if (closed) {
      throw new IOException("the host is closed");
    }
    if (count >= limits.connections()) {
      throw new IOException("too many connections");
    }
    count++;
    List<Connection> all = byPeer.computeIfAbsent(connection.peer(), p -> new ArrayList<>());
    if (all.isEmpty()) {
      all.add(connection);
      return true;
    }
    addSurvivorLast(all, connection);
    return false;
  }

  /// Both sides choose the same survivor: of two that were dialled from both ends, the one the
  /// smaller id dialled; of two from the same end, the newer.
  private void addSurvivorLast(List<Connection> all, Connection added) {
    Connection present = all.getLast();
    boolean smaller = own.compareTo(added.peer()) < 0;
    boolean keepsPresent =
        present.isOutbound() != added.isOutbound() && present.isOutbound() == smaller;
    all.add(keepsPresent ? all.size() - 1 : all.size(), added);
    (keepsPresent ? added : present).replaced(System.nanoTime());
  }

  /// @return whether it was the last with its peer
  synchronized boolean remove(Connection connection) {
    count--;
    List<Connection> all = byPeer.get(connection.peer());
    all.remove(connection);
    if (all.isEmpty()) {
      byPeer.remove(connection.peer());
    }
    return all.isEmpty();
  }

  /// Takes in no more.
  synchronized void close() {
    closed = true;
  }
}
