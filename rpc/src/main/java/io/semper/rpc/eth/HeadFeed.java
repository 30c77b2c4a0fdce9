package io.semper.rpc.eth;

import io.semper.core.types.Header;
import io.semper.core.view.ChainView;
import io.semper.core.view.ChainView.HeadChange;
import io.semper.core.view.UnavailableException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells listeners of new heads on a thread of its own, so that the importing thread never waits.
///
/// There is no queue: the feed remembers the head it told of last and, when woken, walks from there
/// to the present one. A burst of blocks is told in one piece. While nobody listens or waits, a new
/// head costs a count.
final class HeadFeed implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HeadFeed.class);

  /// During synchronisation listeners hear of no more than the newest of these.
  private static final int MAX_STEPS = 1024;

  /// Waits are for so long at most; nothing is missed by a longer one.
  private static final long LOOK_MILLIS = 60_000;

  private final ChainView chain;
  private final ChainView.Subscription source;
  private final List<Consumer<HeadChange>> listeners = new CopyOnWriteArrayList<>();
  private final AtomicLong version = new AtomicLong();
  private final Set<Thread> waiting = ConcurrentHashMap.newKeySet();

  // Guarded by this: the thread that tells, from the first listener on.
  private Thread thread;
  private boolean closed;

  HeadFeed(ChainView chain) {
    this.chain = chain;
    source = chain.onHead(change -> wake());
  }

  /// Tells `listener` of what comes from now on.
  synchronized void listen(Consumer<HeadChange> listener) {
    listeners.add(listener);
    if (thread == null && !closed) {
      long seen = version.get();
      Header start = chain.head();
      thread = Thread.ofVirtual().name("rpc-heads").start(() -> follow(seen, start));
    }
  }

  private void wake() {
    version.incrementAndGet();
    waiting.forEach(LockSupport::unpark);
  }

  /// How many times the head has changed; to be given to [#await].
  long version() {
    return version.get();
  }

  /// Waits until the head has changed since `seen`, or for so long.
  void await(long seen, long millis) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    waiting.add(Thread.currentThread());
    try {
      for (long left = end - System.nanoTime();
          version.get() == seen && left > 0;
          left = end - System.nanoTime()) {
        LockSupport.parkNanos(this, left);
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
      }
    } finally {
      waiting.remove(Thread.currentThread());
    }
  }

  private void follow(long begin, Header start) {
    long seen = begin;
    Header told = start;
    try {
      while (true) {
        while (version.get() == seen) {
          await(seen, LOOK_MILLIS);
        }
        seen = version.get();
        Header head = chain.head();
        told = tell(told, head) ? head : told;
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  /// Whatever fails here, the next head is told again.
  ///
  /// @return whether the next is told from here; not while what lies in between is out of reach
  private boolean tell(Header from, Header to) {
    HeadChange change;
    try {
      change = HeadPath.between(chain, from, to, MAX_STEPS);
    } catch (UnavailableException unreachable) {
      LOG.debug("no way yet from block {} to {}", from.number(), to.number(), unreachable);
      return false;
    } catch (RuntimeException unreadable) {
      LOG.error("no way found from block {} to {}", from.number(), to.number(), unreadable);
      return true;
    }
    if (change.added().isEmpty() && change.removed().isEmpty()) {
      return true;
    }
    for (Consumer<HeadChange> listener : listeners) {
      try {
        listener.accept(change);
      } catch (RuntimeException bug) {
        LOG.error("a listener to new heads failed", bug);
      }
    }
    return true;
  }

  @Override
  public synchronized void close() {
    closed = true;
    source.close();
    if (thread != null) {
      thread.interrupt();
    }
  }
}
