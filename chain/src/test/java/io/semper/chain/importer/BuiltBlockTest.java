package io.semper.chain.importer;

import static io.semper.chain.producer.DevChain.GWEI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.chain.block.Alteration;
import io.semper.chain.block.Alteration.Edit;
import io.semper.chain.block.SealRule;
import io.semper.chain.db.MemoryStore;
import io.semper.chain.pool.PoolLimits;
import io.semper.chain.producer.BlockBuilder.Built;
import io.semper.chain.producer.DevChain;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Header;
import io.semper.evm.state.StateDiff;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/// A block imported by who built it. That it was not executed is told by receipts that no execution
/// would give.
class BuiltBlockTest {
  private static final Address ACCOUNT = Address.of(0xACC);

  private final DevChain dev = new DevChain(PoolLimits.DEFAULT.forDevelopment(), null);
  private final Ledger ledger = dev.ledger;

  private Built build() {
    dev.submit(DevChain.transfer(0, ledger.head().number(), UInt256.ONE, GWEI));
    Header head = ledger.head();
    return dev.builder.build(head, dev.choices.attributes(head), dev.pool.executable());
  }

  @Test
  void whatIsStoredIsWhatExecutingItGives() {
    Ledger other = Ledger.open(new MemoryStore(), dev.network, SealRule.NONE);
    for (int i = 0; i < 3; i++) {
      Built built = build();
      assertImported(ledger.importBuilt(built.block(), built.receipts(), built.diff()));
      assertImported(other.importBlock(built.block(), true));
      Header head = ledger.head();
      assertThat(head).isEqualTo(built.block().header()).isEqualTo(other.head());
      assertThat(ledger.finalized()).contains(head);
      assertThat(ledger.safe()).contains(head);
      assertThat(ledger.receipts(head.hash()))
          .contains(built.receipts())
          .isEqualTo(other.receipts(head.hash()));
    }
    assertThat(ledger.states().recomputeRoot()).isEqualTo(ledger.head().stateRoot());
    assertThat(ledger.written()).isEqualTo(other.written());
  }

  @Test
  void itIsNotExecutedAgain() {
    Built built = build();
    assertImported(ledger.importBuilt(built.block(), List.of(), built.diff()));
    assertThat(ledger.receipts(ledger.head().hash())).contains(List.of());
  }

  @Test
  void whereSomethingElseWasBuiltSinceItIs() {
    Built built = build();
    StateDiff sameButOlder = new StateDiff(built.diff().accounts());
    assertImported(ledger.importBuilt(built.block(), List.of(), sameButOlder));
    assertThat(ledger.receipts(ledger.head().hash())).contains(built.receipts());
    assertThat(ledger.finalized()).contains(built.block().header());
  }

  @Test
  void onAnAlteredStateItIs() {
    Alteration edits = Alteration.NONE.and(ACCOUNT, Edit.ofBalance(DevChain.ETHER));
    ledger.alter(edits);
    Built built = build();
    assertImported(ledger.importBuilt(built.block(), List.of(), built.diff()));
    Header head = ledger.head();
    assertThat(ledger.receipts(head.hash())).contains(built.receipts());
    assertThat(ledger.alteration(head).encode()).isEqualTo(edits.encode());
    assertThat(ledger.stateAfter(head).account(ACCOUNT).balance()).isEqualTo(DevChain.ETHER);
    assertThat(ledger.states().recomputeRoot()).isEqualTo(head.stateRoot());
  }

  @Test
  void oneThatWasLeftAndIsBuiltAgainIsTheHeadAgain() {
    Header genesis = ledger.head();
    Built built = build();
    ledger.importBuilt(built.block(), built.receipts(), built.diff());
    ledger.setForkchoice(genesis.hash(), genesis.hash(), genesis.hash());
    assertThat(ledger.importBuilt(built.block(), built.receipts(), built.diff()))
        .isInstanceOf(ImportResult.AlreadyKnown.class);
    assertThat(ledger.head()).isEqualTo(built.block().header());
    assertThat(ledger.finalized()).contains(built.block().header());
  }

  @Test
  void itIsImportedOnItsMakersThreadWhereNothingIsBeforeIt() throws InterruptedException {
    List<String> threads = new ArrayList<>();
    ledger.onHead(change -> threads.add(Thread.currentThread().getName()));
    try (BlockImporter importer = new BlockImporter(ledger)) {
      // Beginning, the importing thread looks for old history, and has its turn.
      for (int i = 0; i < 100 && !threads.contains(Thread.currentThread().getName()); i++) {
        assertImported(handIn(importer, build()));
      }
    }
    assertThat(threads).contains(Thread.currentThread().getName());
  }

  @Test
  void itWaitsForWhatIsBeforeIt() throws Exception {
    List<String> done = new CopyOnWriteArrayList<>();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    Built built = build();
    ledger.onHead(change -> done.add(Thread.currentThread().getName()));
    try (BlockImporter importer = new BlockImporter(ledger)) {
      FutureTask<String> first =
          new FutureTask<>(() ->
              importer.call(() -> {
                begun.countDown();
                awaitQuietly(mayEnd);
                done.add("first");
                return "";
              }));
      Thread.ofPlatform().start(first);
      begun.await();
      FutureTask<ImportResult> second = new FutureTask<>(() -> handIn(importer, built));
      Thread maker = Thread.ofPlatform().start(second);
      while (maker.getState() != Thread.State.WAITING) {
        Thread.sleep(1);
      }
      mayEnd.countDown();
      assertImported(second.get());
      first.get();
    }
    assertThat(done).containsExactly("first", "import");
  }

  @Test
  void aFailureOnItsMakersThreadStopsTheImporter() throws InterruptedException {
    BlockImporter importer = new BlockImporter(ledger);
    AtomicReference<Thread> failed = new AtomicReference<>();
    ledger.onHead(change -> {
      if (Thread.currentThread().getName().equals("import")) return;
      failed.set(Thread.currentThread());
      throw new IllegalStateException("disk on fire");
    });
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 100; i++) {
                handIn(importer, build());
              }
            })
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("import has stopped: disk on fire");
    assertThat(failed).hasValue(Thread.currentThread());
    Header head = ledger.head();
    assertThatThrownBy(() -> importer.call(() -> head)).hasMessageContaining("disk on fire");
    importer.close();
    assertThat(importer.problem()).contains("import has stopped: disk on fire");
    assertThat(ledger.head()).isEqualTo(head);
  }

  private static ImportResult handIn(BlockImporter importer, Built built)
      throws InterruptedException {
    return importer.importBuilt(built.block(), built.receipts(), built.diff());
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void assertImported(ImportResult result) {
    assertThat(result).isInstanceOf(ImportResult.Imported.class);
  }
}
