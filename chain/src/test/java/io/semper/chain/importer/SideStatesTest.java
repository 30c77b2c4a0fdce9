package io.semper.chain.importer;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.chain.block.SealRule;
import io.semper.chain.db.ForwardingStore;
import io.semper.chain.db.KeyValueStore;
import io.semper.chain.db.MemoryStore;
import io.semper.chain.db.Schema;
import io.semper.core.bytes.Address;
import io.semper.core.types.Header;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// States of branches beside the chain, which are executed again when they are asked for.
class SideStatesTest {
  /// Holds up whoever reads one key until told otherwise.
  private static final class SlowStore extends ForwardingStore {
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private volatile byte[] slowKey;

    private SlowStore(KeyValueStore store) {
      super(store);
    }

    @Override
    public byte[] get(byte[] key) {
      if (Arrays.equals(key, slowKey)) {
        reached.countDown();
        try {
          released.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
      return super.get(key);
    }
  }

  @Test
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void neitherReadersNorTheImportWaitForABranchBeingExecutedAgain() throws InterruptedException {
    TestChain chain = new TestChain(TestChain.LONDON_FORKS, 21);
    MemoryStore memory = new MemoryStore();
    Ledger before = Ledger.open(memory, chain.network(), SealRule.NONE);
    TestChain.Made first = chain.next(chain.genesis().block());
    TestChain.Made side = chain.next(chain.genesis().block(), List.of());
    TestChain.Made head = chain.next(first.block());
    for (TestChain.Made each : List.of(first, head, side)) {
      before.importBlock(each.block(), false);
    }
    // Opened anew, a ledger remembers no branch.
    SlowStore store = new SlowStore(memory);
    Ledger ledger = Ledger.open(store, chain.network(), SealRule.NONE);
    Header beside = side.block().header();
    store.slowKey = Schema.body(beside.number(), beside.hash());
    AtomicReference<Object> found = new AtomicReference<>();
    Thread reader =
        Thread.ofPlatform()
            .start(() -> found.set(ledger.stateAfter(beside).account(Address.ZERO).balance()));
    assertThat(store.reached.await(60, TimeUnit.SECONDS)).isTrue();

    assertThat(ledger.stateAfter(ledger.head()).account(TestChain.SCRIBBLER)).isNotNull();
    TestChain.Made next = chain.next(head.block());
    assertThat(ledger.importBlock(next.block(), false))
        .isEqualTo(new ImportResult.Imported(next.block().header(), true));
    TestChain.Made another = chain.next(head.block(), List.of());
    assertThat(ledger.importBlock(another.block(), false))
        .isInstanceOf(ImportResult.Imported.class);

    store.released.countDown();
    reader.join();
    assertThat(found.get()).isEqualTo(side.state().account(Address.ZERO).balance());
  }
}
