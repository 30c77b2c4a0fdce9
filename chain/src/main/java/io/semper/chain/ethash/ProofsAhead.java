package io.semper.chain.ethash;

import io.semper.core.bytes.Hash32;
import io.semper.core.types.Header;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// Evaluates the seals of headers that wait for import, on other cores.
///
/// Headers need not be asked for again: what is started is bounded, and the oldest makes room.
/// Where the threads lag behind, whoever asks for a proof computes it.
final class ProofsAhead {
  /// Enough for the blocks an importer queues.
  static final int MAX_STARTED = 512;

  private static final long IDLE_SECONDS = 10;

  private final Function<Header, Ethash.Proof> evaluate;
  private final ThreadPoolExecutor threads;

  /// By header hash, oldest first. Guarded by itself.
  private final Map<Hash32, FutureTask<Ethash.Proof>> started = new LinkedHashMap<>();

  ProofsAhead(Function<Header, Ethash.Proof> evaluate) {
    this.evaluate = evaluate;
    int count = Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
    threads =
        new ThreadPoolExecutor(
            count,
            count,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_STARTED),
            Thread.ofPlatform().name("ethash-", 0).daemon().factory(),
            new ThreadPoolExecutor.DiscardPolicy());
    threads.allowCoreThreadTimeOut(true);
  }

  void start(Header header) {
    FutureTask<Ethash.Proof> task = new FutureTask<>(() -> evaluate.apply(header));
    synchronized (started) {
      if (started.putIfAbsent(header.hash(), task) != null) {
        return;
      }
      if (started.size() > MAX_STARTED) {
        Hash32 oldest = started.keySet().iterator().next();
        started.remove(oldest).cancel(false);
      }
    }
    threads.execute(task);
  }

  /// The proof of a header that was started, and forgets it.
  Optional<Ethash.Proof> take(Header header) {
    FutureTask<Ethash.Proof> task;
    synchronized (started) {
      task = started.remove(header.hash());
    }
    if (task == null) {
      return Optional.empty();
    }
    task.run(); // does nothing where a thread has begun with it
    try {
      return Optional.of(task.get());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (ExecutionException e) {
      throw new IllegalStateException("evaluating the seal of " + header.hash(), e.getCause());
    }
  }

  int startedCount() {
    synchronized (started) {
      return started.size();
    }
  }
}
