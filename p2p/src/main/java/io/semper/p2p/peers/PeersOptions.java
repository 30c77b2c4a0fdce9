package io.semper.p2p.peers;

import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Whom to be connected with.
///
/// @param target connections to dial for
/// @param max connections at most; a fifth of them is kept for peers we dial
/// @param bootnodes dialled when too few others are known; may be `/dnsaddr` names
/// @param fixed kept connected always, whatever the counts; never banned
/// @param allowed the only peers to deal with; all if empty
/// @param book where addresses are kept between runs; nowhere if empty
public record PeersOptions(
    int target,
    int max,
    List<Multiaddr> bootnodes,
    List<Multiaddr> fixed,
    Set<PeerId> allowed,
    Optional<Path> book) {
  public PeersOptions {
    bootnodes = List.copyOf(bootnodes);
    fixed = List.copyOf(fixed);
    allowed = Set.copyOf(allowed);
    if (target < 0 || target > max) {
      throw new IllegalArgumentException("target of " + target + " peers above " + max);
    }
  }

  public static PeersOptions of(int target, int max) {
    return new PeersOptions(target, max, List.of(), List.of(), Set.of(), Optional.empty());
  }

  public PeersOptions withBootnodes(List<Multiaddr> nodes) {
    return new PeersOptions(target, max, nodes, fixed, allowed, book);
  }

  public PeersOptions withFixed(List<Multiaddr> peers) {
    return new PeersOptions(target, max, bootnodes, peers, allowed, book);
  }

  public PeersOptions withAllowed(Set<PeerId> peers) {
    return new PeersOptions(target, max, bootnodes, fixed, peers, book);
  }

  public PeersOptions withBook(Path file) {
    return new PeersOptions(target, max, bootnodes, fixed, allowed, Optional.of(file));
  }

  /// Bootnodes that are not among the allowed peers, and are not dialled therefore.
  List<Multiaddr> silencedBootnodes() {
    return bootnodes.stream()
        .filter(node -> !allowed.isEmpty())
        .filter(node -> node.peerId().isPresent() && !allowed.contains(node.peerId().get()))
        .toList();
  }

  /// Inbound connections at most.
  int maxInbound() {
    return max - max / 5;
  }
}
