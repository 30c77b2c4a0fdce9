package io.semper.chain.importer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.chain.block.SealRule;
import io.semper.chain.db.MemoryStore;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.trie.StateTrie;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.view.ChainView.AccountProof;
import io.semper.core.view.HistoryUnavailableException;
import java.util.List;
import org.junit.jupiter.api.Test;

/// States of the past: proven, and forgotten where the operator said so.
class HistoryTest {
  private static final long KEPT = 10;

  private final TestChain chain = new TestChain(TestChain.LONDON_FORKS, 61);
  private final MemoryStore store = new MemoryStore();

  @Test
  void anyBlocksStateCanBeProven() {
    Ledger ledger = Ledger.open(store, chain.network(), SealRule.NONE);
    for (int i = 0; i < 40; i++) {
      ledger.importBlock(chain.nextSomewhere().block(), false);
    }
    List<UInt256> slots = List.of(UInt256.of(5), UInt256.of(6));
    for (Block block : chain.blocks()) {
      Header header = block.header();
      AccountProof proof = ledger.prove(header, TestChain.SCRIBBLER, slots);
      ReferenceState expected = chain.made(header.hash()).state();

      assertThat(StateTrie.verifyAccount(header.stateRoot(), TestChain.SCRIBBLER, proof.proof()))
          .contains(proof.account());
      for (int i = 0; i < slots.size(); i++) {
        assertThat(proof.slots().get(i).value())
            .isEqualTo(expected.storage(TestChain.SCRIBBLER, slots.get(i)));
        assertThat(
                StateTrie.verifySlot(
                    proof.account().storageRoot(), slots.get(i), proof.slots().get(i).proof()))
            .isEqualTo(proof.slots().get(i).value());
      }
    }
  }

  @Test
  void statesBelowTheKeptOnesAreGoneAndNothingBranchesThere() {
    Ledger ledger = Ledger.open(store, chain.network(), SealRule.NONE, KEPT);
    TestChain.Made at = chain.genesis();
    for (int i = 0; i < 50; i++) {
      at = chain.next(at.block());
      ledger.importBlock(at.block(), false);
    }
    while (ledger.prune()) {
      assertThat(ledger.oldestState()).isLessThanOrEqualTo(ledger.oldestProof());
    }
    Header forgotten = ledger.header(39).orElseThrow();
    Header oldest = ledger.header(40).orElseThrow();

    assertThat(ledger.oldestState()).isEqualTo(40);
    assertThat(ledger.stateAfter(oldest).account(TestChain.FACTORY)).isNotNull();
    assertThatThrownBy(() -> ledger.stateAfter(forgotten).account(TestChain.FACTORY))
        .isInstanceOf(HistoryUnavailableException.class)
        .hasMessageContaining("oldest kept is of block 40");
    Block late = chain.next(ledger.block(forgotten.hash()).orElseThrow()).block();
    assertThat(ledger.importBlock(late, false)).isInstanceOf(ImportResult.Unavailable.class);
    assertThat(ledger.setForkchoice(forgotten.hash(), Hash32.ZERO, Hash32.ZERO))
        .isInstanceOf(Ledger.ForkchoiceResult.Unreachable.class);
    assertThat(ledger.head()).isEqualTo(at.block().header());
    Block inTime = chain.next(ledger.block(oldest.hash()).orElseThrow()).block();
    assertThat(ledger.importBlock(inTime, false)).isInstanceOf(ImportResult.Imported.class);
    assertThat(ledger.states().recomputeRoot()).isEqualTo(ledger.head().stateRoot());
  }

  @Test
  void anArchiveIsCutBackInTheBackgroundWhileItIsRead() throws InterruptedException {
    Ledger archive = Ledger.open(store, chain.network(), SealRule.NONE);
    for (int i = 0; i < 60; i++) {
      archive.importBlock(chain.nextSomewhere().block(), false);
    }
    Ledger ledger = Ledger.open(store, chain.network(), SealRule.NONE, KEPT);
    long oldest = ledger.head().number() - KEPT;
    assertThat(ledger.oldestState()).isZero();
    assertThat(ledger.stateWindow()).hasValue(KEPT + 1);
    try (BlockImporter importer = new BlockImporter(ledger)) {
      long giveUp = System.nanoTime() + 60_000_000_000L;
      while (ledger.oldestState() < oldest && System.nanoTime() < giveUp) {
        Header header = ledger.header(oldest).orElseThrow();
        assertThat(ledger.prove(header, TestChain.SCRIBBLER, List.of()).proof()).isNotEmpty();
      }
      assertThat(ledger.oldestState()).isEqualTo(oldest);
      assertThat(ledger.oldestProof()).isEqualTo(oldest);
      assertThat(importer.problem()).isEmpty();
    }
    assertThatThrownBy(() ->
            ledger.prove(ledger.header(oldest - 1).orElseThrow(), TestChain.SCRIBBLER, List.of()))
        .isInstanceOf(HistoryUnavailableException.class);
    assertThat(ledger.states().recomputeRoot()).isEqualTo(ledger.head().stateRoot());
  }

  @Test
  void whatWasImportedIsThereAfterReopening() {
    Ledger first = Ledger.open(store, chain.network(), SealRule.NONE);
    for (int i = 0; i < 30; i++) {
      first.importBlock(chain.nextSomewhere().block(), false);
    }
    Header head = first.head();
    first.setForkchoice(head.hash(), head.parentHash(), chain.network().genesisHash());
    Ledger second = Ledger.open(store, chain.network(), SealRule.NONE);

    assertThat(second.head()).isEqualTo(head);
    assertThat(second.safe().orElseThrow().hash()).isEqualTo(head.parentHash());
    assertThat(second.finalized().orElseThrow().number()).isZero();
    for (Block block : chain.blocks()) {
      assertThat(second.block(block.header().hash()).orElseThrow().encode())
          .isEqualTo(block.encode());
      assertThat(second.receipts(block.header().hash()))
          .isEqualTo(first.receipts(block.header().hash()));
      assertThat(second.stateAfter(block.header()).root()).isEqualTo(block.header().stateRoot());
    }
  }
}
