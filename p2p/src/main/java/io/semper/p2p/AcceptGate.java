package io.semper.p2p;

import io.semper.p2p.limits.Limits;
import io.semper.p2p.limits.Origin;
import io.semper.p2p.limits.RateLimiter;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/// Bounds what strangers can do by connecting: handshakes under way, connections and their rate for
/// each [Origin]. The loopback address is bounded in handshakes only.
final class AcceptGate {
  /// Addresses remembered for their rate; beyond that the oldest idle ones are forgotten.
  static final int MAX_ADDRESSES = 4096;

  private final Limits limits;
  private final Map<InetAddress, Integer> connections = new HashMap<>();
  private final Map<InetAddress, RateLimiter> rates = new HashMap<>();
  private int handshakes;

  AcceptGate(Limits limits) {
    this.limits = limits;
  }

  /// Counts a connection and its handshake, or neither if one bound is reached.
  synchronized boolean tryEnter(InetAddress from, long nanoTime) {
    InetAddress address = Origin.of(from);
    if (handshakes >= limits.pendingHandshakes()) {
      return false;
    }
    if (!address.isLoopbackAddress()) {
      if (connections.getOrDefault(address, 0) >= limits.connectionsPerIp()
          || !withinRate(address, nanoTime)) {
        return false;
      }
      connections.merge(address, 1, Integer::sum);
    }
    handshakes++;
    return true;
  }

  private boolean withinRate(InetAddress address, long nanoTime) {
    RateLimiter rate = rates.get(address);
    if (rate == null) {
      if (rates.size() >= MAX_ADDRESSES) {
        forgetIdle(nanoTime);
        if (rates.size() >= MAX_ADDRESSES) {
          return false;
        }
      }
      int perSecond = limits.acceptsPerIpPerSecond();
      rate = new RateLimiter(perSecond, 2 * perSecond, nanoTime);
      rates.put(address, rate);
    }
    return rate.tryTake(nanoTime);
  }

  private void forgetIdle(long nanoTime) {
    Iterator<RateLimiter> all = rates.values().iterator();
    while (all.hasNext()) {
      if (all.next().isFull(nanoTime)) {
        all.remove();
      }
    }
  }

  synchronized void handshakeEnded() {
    handshakes--;
  }

  synchronized void leave(InetAddress from) {
    InetAddress address = Origin.of(from);
    if (!address.isLoopbackAddress()) {
      connections.computeIfPresent(address, (a, count) -> count == 1 ? null : count - 1);
    }
  }

  synchronized int handshakes() {
    return handshakes;
  }
}
