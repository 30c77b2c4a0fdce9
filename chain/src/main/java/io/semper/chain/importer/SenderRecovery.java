package io.semper.chain.importer;

import io.semper.core.types.Block;
import io.semper.core.types.Transaction;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Recovers the senders of blocks that will be executed soon, on other cores.
///
/// A transaction remembers its sender and hash; who asks first computes them. So this only ever
/// saves time: where the queue is full the block's own execution recovers instead.
final class SenderRecovery implements AutoCloseable {
  /// Small enough that several threads share one block, large enough to hide the hand-over.
  private static final int CHUNK = 32;

  private static final int MAX_QUEUED_CHUNKS = 4096;
  private static final long IDLE_SECONDS = 10;

  private final ThreadPoolExecutor threads;

  SenderRecovery() {
    int count = Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
    threads =
        new ThreadPoolExecutor(
            count,
            count,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_QUEUED_CHUNKS),
            Thread.ofPlatform().name("senders-", 0).daemon().factory(),
            new ThreadPoolExecutor.DiscardPolicy());
    threads.allowCoreThreadTimeOut(true);
  }

  /// Starts on a block and returns.
  void ahead(Block block) {
    List<Transaction> transactions = block.transactions();
    for (int from = 0; from < transactions.size(); from += CHUNK) {
      List<Transaction> chunk =
          transactions.subList(from, Math.min(from + CHUNK, transactions.size()));
      threads.execute(() -> {
        for (Transaction transaction : chunk) {
          transaction.hash();
          transaction.sender();
        }
      });
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
