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
  synchronized boolean add(Connection connection, long nanoTime) throws IOException {
    if (closed) {
      throw new IOException("the host is closed");
    }
    if (count >= limits.connections()) {
      throw new IOException("too many connections");
    }
    count++;
    connection.began(nanoTime);
    List<Connection> all = byPeer.computeIfAbsent(connection.peer(), p -> new ArrayList<>());
    if (all.isEmpty()) {
      all.add(connection);
      return true;
    }
    addSurvivorLast(all, connection, nanoTime);
    return false;
  }

  /// Both sides choose the same survivor: of two that were dialled from both ends at about the same
  /// time, the one the smaller id dialled; else the newer. A peer dials when it has no connection:
  /// the one that stands here may have ended there without a word, as when its machine was reset.
  private void addSurvivorLast(List<Connection> all, Connection added, long nanoTime) {
    Connection present = all.getLast();
    boolean smaller = own.compareTo(added.peer()) < 0;
    boolean crossed = nanoTime - present.beganNanos() < limits.handshakeMillis() * 1_000_000L;
    boolean keepsPresent =
        crossed && present.isOutbound() != added.isOutbound() && present.isOutbound() == smaller;
    all.add(keepsPresent ? all.size() - 1 : all.size(), added);
    (keepsPresent ? added : present).replaced(nanoTime);
  }

  /// @return whether it was the last with its peer
  synchronized boolean remove(Connection connection) {
    count--;
    List<Connection> all = byPeer.get(connection.peer());
    all.remove(connection);
    if (all.isEmpty()) {
      byPeer.remove(connection.peer());
      return true;
    }
    all.getLast().used();
    return false;
  }

  /// Takes in no more.
  synchronized void close() {
    closed = true;
  }
}
