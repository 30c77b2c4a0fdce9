package io.semper.lightclient.upstream;

import io.semper.lightclient.upstream.HttpConnection.Address;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Connections that nobody uses, kept for a while for the next request. Safe for use by several
/// threads.
final class IdleConnections {
  private static final int MAX_OF_ADDRESS = 8;
  private static final long KEEP_SECONDS = 10;

  private final ScheduledExecutorService timer;
  private final Map<Address, Deque<Idle>> idle = new HashMap<>();

  private record Idle(HttpConnection connection, Future<?> end) {}

  IdleConnections(ScheduledExecutorService timer) {
    this.timer = timer;
  }

  /// The one used last, `null` where there is none.
  synchronized HttpConnection take(Address address) {
    Deque<Idle> all = idle.get(address);
    if (all == null) {
      return null;
    }
    Idle last = all.removeLast();
    forgetIfEmpty(address, all);
    last.end().cancel(false);
    return last.connection();
  }

  private void forgetIfEmpty(Address address, Deque<Idle> all) {
    if (all.isEmpty()) {
      idle.remove(address);
    }
  }

  synchronized void put(HttpConnection connection) {
    Deque<Idle> all = idle.computeIfAbsent(connection.address(), a -> new ArrayDeque<>());
    if (all.size() == MAX_OF_ADDRESS) {
      connection.close();
      return;
    }
    Future<?> end = timer.schedule(() -> end(connection), KEEP_SECONDS, TimeUnit.SECONDS);
    all.addLast(new Idle(connection, end));
  }

  private synchronized void end(HttpConnection connection) {
    Deque<Idle> all = idle.get(connection.address());
    if (all != null && all.removeIf(each -> each.connection() == connection)) {
      forgetIfEmpty(connection.address(), all);
      connection.close();
    }
  }
}
