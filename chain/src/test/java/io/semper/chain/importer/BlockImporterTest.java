package io.semper.chain.importer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.chain.block.Rule;
import io.semper.chain.block.SealRule;
import io.semper.chain.block.Violation;
import io.semper.chain.db.MemoryStore;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// The importing thread and its queue, and what the ledger answers to every kind of block.
class BlockImporterTest {
  private final TestChain chain = new TestChain(TestChain.LONDON_FORKS, 51);
  private final Ledger ledger = Ledger.open(new MemoryStore(), chain.network(), SealRule.NONE);

  @Test
  void answersInOrderOnOneThread() throws InterruptedException {
    List<ImportResult> results = new ArrayList<>();
    List<String> threads = new ArrayList<>();
    try (BlockImporter importer = new BlockImporter(ledger)) {
      TestChain.Made at = chain.genesis();
      for (int i = 0; i < 200; i++) {
        at = chain.next(at.block());
        importer.submit(
            at.block(),
            result -> {
              results.add(result);
              threads.add(Thread.currentThread().getName());
            });
      }
      importer.flush();
    }

    assertThat(results).hasSize(200);
    for (int i = 0; i < 200; i++) {
      assertThat(results.get(i))
          .isEqualTo(new ImportResult.Imported(chain.blocks().get(i + 1).header(), true));
    }
    assertThat(threads).containsOnly("import");
  }

  @Test
  void tellsKnownUnknownAndInvalidApart() throws InterruptedException {
    Block one = chain.next(chain.genesis().block()).block();
    Block two = chain.next(one).block();
    Header wrongRoot = two.header().toBuilder().stateRoot(Hash32.ZERO).build();
    Block bad = new Block(wrongRoot, two.transactions(), two.ommers(), null);
    Header childHeader = two.header().toBuilder().parentHash(wrongRoot.hash()).number(3).build();
    Block child = new Block(childHeader, List.of(), List.of(), null);
    try (BlockImporter importer = new BlockImporter(ledger)) {
      assertThat(importer.importBlock(two))
          .isEqualTo(new ImportResult.UnknownParent(2, two.header().hash(), one.header().hash()));
      assertThat(importer.importBlock(one)).isInstanceOf(ImportResult.Imported.class);
      assertThat(importer.importBlock(one)).isEqualTo(new ImportResult.AlreadyKnown(one.header()));
      assertBroken(importer.importBlock(bad), Rule.STATE_ROOT);
      assertBroken(importer.importBlock(bad), Rule.STATE_ROOT);
      assertBroken(importer.importBlock(child), Rule.PARENT_INVALID);
      assertThat(importer.importBlock(two)).isInstanceOf(ImportResult.Imported.class);
    }
    assertThat(ledger.head()).isEqualTo(two.header());
  }

  @Test
  void aWrongBodyDoesNotCondemnItsHeader() {
    TestChain.Made genesis = chain.genesis();
    Block right =
        chain.next(genesis.block(), List.of(chain.transfer(genesis, TestChain.FACTORY, 1))).block();
    Block wrong = new Block(right.header(), List.of(), right.ommers(), null);

    assertBroken(ledger.importBlock(wrong, false), Rule.TRANSACTIONS_ROOT);
    assertThat(ledger.importBlock(right, false)).isInstanceOf(ImportResult.Imported.class);
    assertBroken(ledger.importBlock(wrong, false), Rule.TRANSACTIONS_ROOT);
  }

  @Test
  void namesTheRuleEachHeaderFieldBreaks() {
    TestChain.Made genesis = chain.genesis();
    Block good =
        chain.next(genesis.block(), List.of(chain.transfer(genesis, TestChain.FACTORY, 1))).block();
    Header header = good.header();

    assertBroken(with(good, header.toBuilder().gasUsed(20_999)), Rule.GAS_USED);
    assertBroken(with(good, header.toBuilder().receiptsRoot(Hash32.ZERO)), Rule.RECEIPTS_ROOT);
    assertBroken(
        with(good, header.toBuilder().transactionsRoot(Hash32.ZERO)), Rule.TRANSACTIONS_ROOT);
    assertBroken(with(good, header.toBuilder().ommersHash(Hash32.ZERO)), Rule.OMMERS_HASH);
    assertBroken(with(good, header.toBuilder().timestamp(1)), Rule.TIMESTAMP);
    assertBroken(with(good, header.toBuilder().number(2)), Rule.NUMBER);
    assertBroken(with(good, header.toBuilder().gasLimit(4)), Rule.GAS_LIMIT);
    assertThat(ledger.head().number()).isZero();
  }

  @Test
  void anotherGenesisBlockIsRefused() {
    Block other = new TestChain(TestChain.LONDON_FORKS, 52).genesis().block();

    assertBroken(ledger.importBlock(other, false), Rule.GENESIS);
    assertThat(ledger.importBlock(chain.genesis().block(), false))
        .isEqualTo(new ImportResult.AlreadyKnown(ledger.head()));
  }

  @Test
  void aFailureStopsTheImporterAndReachesEveryCaller() throws InterruptedException {
    BlockImporter importer = new BlockImporter(ledger);

    assertThatThrownBy(() ->
            importer.call(() -> {
              throw new IllegalStateException("disk on fire");
            }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("disk on fire");
    assertThatThrownBy(() -> importer.importBlock(chain.next(chain.genesis().block()).block()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("import has stopped: disk on fire");
    importer.close();
  }

  @Test
  void closingWorksOffTheQueueAndTakesNothingMore() throws InterruptedException {
    AtomicInteger imported = new AtomicInteger();
    BlockImporter importer = new BlockImporter(ledger);
    TestChain.Made at = chain.genesis();
    for (int i = 0; i < 20; i++) {
      at = chain.next(at.block());
      importer.submit(at.block(), result -> imported.incrementAndGet());
    }
    importer.close();
    importer.close();
    Block next = chain.next(at.block()).block();

    assertThat(imported).hasValue(20);
    assertThatThrownBy(() -> importer.importBlock(next)).hasMessage("import is closed");
  }

  @Test
  void aRefusedSealEndsTheChainBeforeItsBlock() throws InterruptedException {
    SealRule fourthIsWrong =
        (header, parent) ->
            header.number() == 4
                ? Optional.of(new Violation(Rule.SEAL, "no work done"))
                : Optional.empty();
    Ledger sealed = Ledger.open(new MemoryStore(), chain.network(), fourthIsWrong);
    List<ImportResult> results = new ArrayList<>();
    try (BlockImporter importer = new BlockImporter(sealed)) {
      TestChain.Made at = chain.genesis();
      for (int i = 0; i < 6; i++) {
        at = chain.next(at.block(), List.of());
        importer.submit(at.block(), results::add);
      }
      importer.flush();
    }

    assertThat(sealed.head().number()).isEqualTo(3);
    assertBroken(results.get(3), Rule.SEAL);
    assertBroken(results.get(4), Rule.PARENT_INVALID);
  }

  private ImportResult with(Block block, Header.Builder header) {
    return ledger.importBlock(
        new Block(header.build(), block.transactions(), block.ommers(), null), false);
  }

  private static void assertBroken(ImportResult result, Rule rule) {
    assertThat(result).isInstanceOf(ImportResult.Invalid.class);
    assertThat(((ImportResult.Invalid) result).violation().rule()).isEqualTo(rule);
  }
}
