package io.semper.rpc.eth;

import io.semper.core.types.Header;
import io.semper.core.view.ChainView;
import io.semper.core.view.ChainView.HeadChange;
import io.semper.core.view.UnavailableException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells listeners of new heads on a thread of its own, so that the importing thread never waits.
///
/// There is no queue: the feed remembers the head it told of last and, when woken, walks from there
/// to the present one. A burst of blocks is told in one piece.
final class HeadFeed implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HeadFeed.class);

  /// During synchronisation listeners hear of no more than the newest of these.
  private static final int MAX_STEPS = 1024;

  private final ChainView chain;
  private final ChainView.Subscription source;
  private final List<Consumer<HeadChange>> listeners = new CopyOnWriteArrayList<>();
  private final Thread thread;

  // Guarded by this.
  private long version;

  HeadFeed(ChainView chain) {
    this.chain = chain;
    Header start = chain.head();
    source = chain.onHead(change -> wake());
    thread = Thread.ofVirtual().name("rpc-heads").start(() -> follow(start));
  }

  void listen(Consumer<HeadChange> listener) {
    listeners.add(listener);
  }

  private synchronized void wake() {
    version++;
    notifyAll();
  }

  /// How many times the head has changed; to be given to [#await].
  synchronized long version() {
    return version;
  }

  /// Waits until the head has changed since `seen`, or for so long.
  synchronized void await(long seen, long millis) throws InterruptedException {
    if (version == seen && millis > 0) {
      wait(millis);
    }
  }

  private void follow(Header start) {
    Header told = start;
    long seen = -1;
    try {
      while (true) {
        long now = version();
        while (now == seen) {
          await(seen, Long.MAX_VALUE);
          now = version();
        }
        seen = now;
        Header head = chain.head();
        told = tell(told, head) ? head : told;
      }
    } catch (InterruptedException closed) {
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
  public void close() {
    source.close();
    thread.interrupt();
  }
}
