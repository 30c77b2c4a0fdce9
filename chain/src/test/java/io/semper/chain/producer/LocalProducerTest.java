package io.semper.chain.producer;

import static io.semper.chain.producer.DevChain.GWEI;
import static io.semper.chain.producer.DevChain.transfer;
import static org.assertj.core.api.Assertions.assertThat;

import io.semper.chain.pool.PoolLimits;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Transaction;
import io.semper.core.view.PoolView.PendingBlock;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Sealing on demand and the pending block.
class LocalProducerTest {
  private final DevChain chain = new DevChain(PoolLimits.DEFAULT, null);

  @Test
  void sealsAsSoonAsATransactionIsExecutable() throws InterruptedException {
    Transaction third = transfer(1, 0, UInt256.ONE, GWEI);
    CountDownLatch included = new CountDownLatch(1);
    chain.ledger.onHead(
        change -> {
          if (chain.ledger.locate(third.hash()).isPresent()) {
            included.countDown();
          }
        });
    Transaction first = transfer(0, 0, UInt256.ONE, GWEI);
    Transaction second = transfer(0, 1, UInt256.ONE, GWEI);
    LocalProducer producer =
        new LocalProducer(
            chain.ledger,
            chain.pool,
            chain.builder,
            chain.settings,
            chain::importBlock,
            chain.clock);
    try {
      chain.submit(second);
      chain.submit(first);
      chain.submit(third);
      assertThat(included.await(20, TimeUnit.SECONDS)).isTrue();
    } finally {
      producer.close();
    }
    assertThat(chain.ledger.locate(first.hash())).isPresent();
    assertThat(chain.ledger.locate(second.hash())).isPresent();
    assertThat(chain.ledger.stateAfter(chain.ledger.head()).account(DevChain.SINK).balance())
        .isEqualTo(UInt256.of(3));
  }

  @Test
  void thePendingBlockFollowsPoolAndHead() {
    Mempool mempool =
        new Mempool(
            chain.pool,
            chain.builder,
            chain.ledger,
            head -> LocalProducer.attributes(head, chain.settings, chain.clock));
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
}
