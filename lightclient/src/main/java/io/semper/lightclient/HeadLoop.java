package io.semper.lightclient;

import io.semper.core.types.Header;
import io.semper.core.view.UnavailableException;
import io.semper.lightclient.upstream.UpstreamPool;
import java.io.IOException;
import java.util.Optional;

/// The one thread that moves a client's head on, and now and then saves what was verified.
final class HeadLoop implements AutoCloseable {
  private static final long SAVE_MILLIS = 10_000;
  private static final int MAX_EXTRA_STEPS = 4;
  private static final long CLOSE_MILLIS = 1_000;

  private final HeadFollower follower;
  private final LightChain chain;
  private final LightPool pool;
  private final UpstreamPool upstreams;
  private final StateCache cache;
  private final Optional<LightStore> store;
  private final Findings findings;
  private final long pollMillis;
  private final Thread thread;
  private final Object wake = new Object();
  private volatile boolean closed;
  private volatile int witnesses;
  private volatile long steps;
  private long saved;

  /// @param pollMillis between two looks for a new head
  HeadLoop(
      HeadFollower follower,
      LightChain chain,
      LightPool pool,
      UpstreamPool upstreams,
      StateCache cache,
      Optional<LightStore> store,
      Findings findings,
      long pollMillis) {
    this.follower = follower;
    this.chain = chain;
    this.pool = pool;
    this.upstreams = upstreams;
    this.cache = cache;
    this.store = store;
    this.findings = findings;
    this.pollMillis = pollMillis;
    thread = new Thread(this::follow, "light-head");
    thread.setDaemon(true);
  }

  /// Looks for the newest head once, on the caller's thread, and then from time to time.
  void start() {
    stepOrWait();
    thread.start();
  }

  private void follow() {
    while (!closed) {
      try {
        synchronized (wake) {
          if (!closed) {
            wake.wait(pollMillis);
          }
        }
        if (!closed) {
          stepOrWait();
        }
      } catch (InterruptedException closing) {
        return;
      } catch (RuntimeException bug) {
        findings.tell(new Alert.Failed(bug));
      }
    }
  }

  /// Where nobody answers, all are asked again in a moment; who reads meanwhile sees the head's
  /// age.
  private void stepOrWait() {
    try {
      step();
    } catch (UnavailableException silent) {
      witnesses = 0;
    }
  }

  /// Steps until nothing new comes: a node far ahead of the others is believed at once. Where one
  /// has lied, the rest are asked again.
  private void step() {
    for (int i = 0; i < MAX_EXTRA_STEPS && !closed; i++) {
      HeadFollower.Step step;
      int lies = upstreams.evidence().size();
      try {
        step = follower.step(chain.headers());
      } finally {
        steps++;
      }
      if (step.witnesses() > 0) {
        witnesses = step.witnesses();
      }
      if (step.head().isEmpty()) {
        if (upstreams.evidence().size() > lies) {
          continue; // without the liar, whom the others were not waited for
        }
        break;
      }
      Header head = step.head().get();
      step.finalized()
          .ifPresentOrElse(settled -> chain.advance(head, settled), () -> chain.advance(head));
      pool.onHead(head);
      if (step.finalized().isPresent()) {
        break; // what the committee signed last is the newest there is
      }
    }
    follower.settle();
    long now = upstreams.nowMillis();
    if (now - saved > SAVE_MILLIS) {
      saved = now;
      save();
    }
  }

  void save() {
    store.ifPresent(file -> {
      try {
        file.write(follower.content(chain.headers().head()), cache);
      } catch (IOException full) {
        findings.failed(full);
      }
    });
  }

  /// Looks for a new head now instead of a little later.
  void refresh() {
    synchronized (wake) {
      wake.notifyAll();
    }
  }

  /// How many named the newest head.
  int witnesses() {
    return witnesses;
  }

  /// How often there was a look for a new head.
  long steps() {
    return steps;
  }

  /// Ends the thread.
  ///
  /// Where it does not end in time, what was verified last is not saved.
  @Override
  public void close() {
    synchronized (wake) {
      closed = true;
      wake.notifyAll();
    }
    try {
      thread.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  boolean hasEnded() {
    return !thread.isAlive();
  }
}
