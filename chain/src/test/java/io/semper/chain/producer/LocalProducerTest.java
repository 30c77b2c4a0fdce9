package io.semper.chain.producer;

import static io.semper.chain.producer.DevChain.GWEI;
import static io.semper.chain.producer.DevChain.transfer;
import static org.assertj.core.api.Assertions.assertThat;

import io.semper.chain.pool.PoolLimits;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.PooledTransaction;
import io.semper.core.types.Transaction;
import io.semper.core.view.PoolView.PendingBlock;
import io.semper.core.view.PoolView.Submission;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Sealing on demand and the pending block.
class LocalProducerTest {
  private final DevChain chain = new DevChain(PoolLimits.DEFAULT, null);

  private LocalProducer producer(LocalProducer.Sink sink) {
    return new LocalProducer(
        chain.ledger, chain.pool, chain.builder, chain.choices, sink, chain.clock);
  }

  private Mempool mempool() {
    return new Mempool(chain.pool, chain.builder, chain.ledger, chain.choices::attributes);
  }

  private static void awaitItWaits(Thread thread) throws InterruptedException {
    while (thread.isAlive() && thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.sleep(1);
    }
  }

  @Test
  void sealsAsSoonAsATransactionIsExecutable() throws InterruptedException {
    Transaction third = transfer(1, 0, UInt256.ONE, GWEI);
    CountDownLatch included = new CountDownLatch(1);
    chain.ledger.onHead(change -> {
      if (chain.ledger.locate(third.hash()).isPresent()) {
        included.countDown();
      }
    });
    Transaction first = transfer(0, 0, UInt256.ONE, GWEI);
    Transaction second = transfer(0, 1, UInt256.ONE, GWEI);
    LocalProducer producer = producer(chain::importBlock);
    try {
      chain.submit(second);
      chain.submit(first);
      chain.submit(third);
      assertThat(included.await(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      producer.close();
    }
    assertThat(chain.ledger.locate(first.hash())).isPresent();
    assertThat(chain.ledger.locate(second.hash())).isPresent();
    assertThat(chain.ledger.stateAfter(chain.ledger.head()).account(DevChain.SINK).balance())
        .isEqualTo(UInt256.of(3));
  }

  @Test
  void whoSettlesFindsTheBlock() {
    LocalProducer producer = producer(chain::importBlock);
    Mempool pool = mempool().settledBy(producer);
    try {
      for (int nonce = 0; nonce < 50; nonce++) {
        Transaction transfer = transfer(0, nonce, UInt256.ONE, GWEI);
        assertThat(pool.submit(new PooledTransaction(transfer, null)))
            .isInstanceOf(Submission.Accepted.class);
        pool.settle();
        assertThat(pool.isSettled()).isTrue();
        assertThat(chain.ledger.locate(transfer.hash())).isPresent();
      }
      // One behind a gap has no block to wait for.
      Transaction later = transfer(0, 51, UInt256.ONE, GWEI);
      assertThat(pool.submit(new PooledTransaction(later, null)))
          .isInstanceOf(Submission.Accepted.class);
      pool.settle();
      assertThat(pool.isSettled()).isTrue();
      assertThat(chain.ledger.locate(later.hash())).isEmpty();
    } finally {
      producer.close();
    }
  }

  @Test
  void aSendersTransactionsGetABlockEach() {
    LocalProducer producer = producer(chain::importBlock);
    Mempool pool = mempool().settledBy(producer);
    try {
      for (int nonce = 0; nonce < 50; nonce++) {
        pool.submit(new PooledTransaction(transfer(0, nonce, UInt256.ONE, GWEI), null));
      }
      pool.settle();
      assertThat(chain.ledger.head().number()).isEqualTo(50);
    } finally {
      producer.close();
    }
  }

  /// A submitter waits neither for the block nor, while sealing fails, does anybody.
  @Test
  void onlyWhoSettlesWaits() throws Exception {
    CountDownLatch building = new CountDownLatch(1);
    CountDownLatch mayFail = new CountDownLatch(1);
    LocalProducer producer =
        producer(built -> {
          building.countDown();
          mayFail.await();
          throw new IllegalStateException("no space left");
        });
    Mempool pool = mempool().settledBy(producer);
    try {
      for (int account = 0; account < 3; account++) {
        pool.submit(new PooledTransaction(transfer(account, 0, UInt256.ONE, GWEI), null));
      }
      building.await();
      assertThat(pool.isSettled()).isFalse();
      FutureTask<Void> settling = new FutureTask<>(pool::settle, null);
      Thread waiting = Thread.ofPlatform().start(settling);
      awaitItWaits(waiting);
      assertThat(settling.isDone()).isFalse();
      mayFail.countDown();
      settling.get(60, TimeUnit.SECONDS);
      while (producer.problem().isEmpty()) {
        Thread.sleep(1);
      }
      assertThat(pool.isSettled()).isTrue();
    } finally {
      producer.close();
    }
  }

  @Test
  void whoWaitsDoesNotWaitForThoseWhoComeMeanwhile() throws Exception {
    List<String> order = new CopyOnWriteArrayList<>();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch mayGoOn = new CountDownLatch(1);
    LocalProducer producer =
        producer(built -> {
          chain.importBlock(built);
          order.add("block " + built.block().header().number());
          // While there is always more to seal.
          int next = order.size();
          if (next < 10) chain.submit(transfer(0, next, UInt256.ONE, GWEI));
        });
    try {
      FutureTask<String> busy =
          new FutureTask<>(() ->
              producer.call(() -> {
                begun.countDown();
                mayGoOn.await();
                return "";
              }));
      Thread.ofPlatform().start(busy);
      begun.await();
      chain.submit(transfer(0, 0, UInt256.ONE, GWEI));
      FutureTask<Boolean> caller = new FutureTask<>(() -> producer.call(() -> order.add("answer")));
      Thread waiting = Thread.ofPlatform().start(caller);
      awaitItWaits(waiting);
      mayGoOn.countDown();
      assertThat(caller.get(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      producer.close();
    }
    assertThat(order.subList(0, 2)).containsExactly("block 1", "answer");
  }

  @Test
  void thePendingBlockFollowsPoolAndHead() {
    Mempool mempool = mempool();
    assertThat(mempool.pendingBlock().block().transactions()).isEmpty();
    Transaction transfer = transfer(0, 0, UInt256.of(5), GWEI);
    chain.submit(transfer);
    PendingBlock pending = mempool.pendingBlock();
    assertThat(pending.block().transactions()).containsExactly(transfer);
    assertThat(pending.state().account(DevChain.SINK).balance()).isEqualTo(UInt256.of(5));
    assertThat(mempool.pendingBlock()).isSameAs(pending);
    BlockBuilder.Built mined = chain.mine();
    assertThat(mined.block().header().hash()).isEqualTo(pending.block().header().hash());
    assertThat(mempool.pendingBlock().block().header().number()).isEqualTo(2);
  }

  @Test
  void aFailureIsToldAndSealingTriedAgain() throws InterruptedException {
    List<String> problems = new CopyOnWriteArrayList<>();
    AtomicReference<LocalProducer> producer = new AtomicReference<>();
    CountDownLatch assigned = new CountDownLatch(1);
    CountDownLatch sealed = new CountDownLatch(1);
    AtomicInteger attempts = new AtomicInteger();
    LocalProducer.Sink failsAtFirst =
        built -> {
          assigned.await();
          producer.get().problem().ifPresent(problems::add);
          if (attempts.incrementAndGet() == 1) {
            throw new IllegalStateException("no space left");
          }
          chain.importBlock(built);
          sealed.countDown();
        };
    producer.set(producer(failsAtFirst));
    assigned.countDown();
    Transaction transfer = transfer(0, 0, UInt256.ONE, GWEI);
    try {
      chain.submit(transfer);
      assertThat(sealed.await(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      producer.get().close();
    }
    assertThat(problems)
        .singleElement()
        .asString()
        .startsWith("cannot seal blocks")
        .contains("no space left");
    assertThat(producer.get().problem()).isEmpty();
    assertThat(chain.ledger.locate(transfer.hash())).isPresent();
  }

  @ParameterizedTest
  @CsvSource({
    "10000, 10003, 12000", // on time
    "10000, 11900, 12000", // late by less than the interval
    "10000, 3610000, 3612000", // the machine slept for an hour
    "3610000, 10000, 12000", // the clock was set back by one
  })
  void blocksAreAnIntervalApartAndMissedOnesNotMadeUpFor(long due, long now, long following) {
    assertThat(LocalProducer.following(due, now, 2_000)).isEqualTo(following);
  }
}
