package io.semper.p2p.peers;

import io.semper.p2p.identity.PeerId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/// When to dial peers again that could not be reached or left at once: each time later.
///
/// At most [#MAX_PEERS] are remembered; of more, the one that failed longest ago is forgotten.
final class Redials {
  static final int MAX_PEERS = 4096;

  private static final long FIRST_MILLIS = 5_000;
  private static final int MAX_DOUBLINGS = 20;

  private record Wait(int failures, long untilMillis) {}

  private final RandomGenerator random;
  private final Map<PeerId, Wait> waits = new LinkedHashMap<>();

  Redials(RandomGenerator random) {
    this.random = random;
  }

  synchronized boolean isDue(PeerId peer, long now) {
    Wait wait = waits.get(peer);
    return wait == null || now >= wait.untilMillis;
  }

  /// @param most milliseconds until the next dial, however often it failed
  synchronized void failed(PeerId peer, long most, long now) {
    Wait before = waits.remove(peer);
    int failures = before == null ? 0 : before.failures + 1;
    long pause = Math.min(most, FIRST_MILLIS << Math.min(failures, MAX_DOUBLINGS));
    // Nodes that lost the same peer at the same time do not come back at the same time.
    pause = pause / 2 + random.nextLong(pause / 2 + 1);
    if (waits.size() == MAX_PEERS) {
      waits.remove(waits.keySet().iterator().next());
    }
    waits.put(peer, new Wait(failures, now + pause));
  }

  /// The peer was reached, and stayed.
  synchronized void forget(PeerId peer) {
    waits.remove(peer);
  }

  synchronized int size() {
    return waits.size();
  }
}
