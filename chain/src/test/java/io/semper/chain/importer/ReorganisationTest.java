package io.semper.chain.importer;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.chain.block.SealRule;
import io.semper.chain.db.MemoryStore;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Transaction;
import io.semper.core.view.ChainView.HeadChange;
import io.semper.core.view.StateView;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Chains that part and overtake each other: after every block, head, state, indexes and events are
/// those that a model without a database arrives at.
class ReorganisationTest {
  private static final List<Address> PROBES =
      List.of(
          TestChain.SCRIBBLER,
          TestChain.FACTORY,
          TestChain.MAYFLY_ADDRESS,
          Address.ZERO,
          Address.of("0x0000000000000000000000000000000000000025"));

  @ParameterizedTest
  @CsvSource({
    "HOMESTEAD, 1",
    "HOMESTEAD, 2",
    "LONDON, 3",
    "LONDON, 4",
    "LONDON, 5",
    "CANCUN, 6",
    "CANCUN, 7"
  })
  void randomTreesEndWhereTheModelDoes(String forks, long seed) {
    TestChain chain = new TestChain(forks(forks), seed);
    Ledger ledger = Ledger.open(new MemoryStore(), chain.network(), SealRule.NONE);
    List<Hash32> followed = new ArrayList<>(List.of(chain.network().genesisHash()));
    ledger.onHead(change -> follow(followed, change));
    Random random = new Random(seed);
    TestChain.Made best = chain.genesis();
    int reorganisations = 0;
    for (int i = 0; i < 120; i++) {
      TestChain.Made made = chain.nextSomewhere();
      boolean extendsHead = made.block().header().parentHash().equals(hash(best));
      ImportResult result = ledger.importBlock(made.block(), false);

      boolean better = isBetter(made, best);
      assertThat(result).isEqualTo(new ImportResult.Imported(made.block().header(), better));
      if (better) {
        best = made;
        reorganisations += extendsHead ? 0 : 1;
      }
      assertThat(ledger.head().hash()).isEqualTo(hash(best));
      assertThat(ledger.states().recomputeRoot()).isEqualTo(best.block().header().stateRoot());
      assertThat(followed.getLast()).isEqualTo(hash(best));
      compareStates(ledger, chain, random);
    }
    assertThat(reorganisations).isGreaterThan(3);
    compareIndexes(ledger, chain, best);
    assertThat(followed).hasSize((int) best.block().header().number() + 1);
  }

  @Test
  void aLongerBranchReplacesAHundredBlocks() {
    TestChain chain = new TestChain(TestChain.LONDON_FORKS, 8);
    Ledger ledger = Ledger.open(new MemoryStore(), chain.network(), SealRule.NONE);
    List<HeadChange> changes = new ArrayList<>();
    TestChain.Made first = chain.genesis();
    for (int i = 0; i < 100; i++) {
      first = chain.next(first.block());
      ledger.importBlock(first.block(), false);
    }
    ledger.onHead(changes::add);
    TestChain.Made second = chain.genesis();
    while (!ledger.head().hash().equals(hash(second))) {
      second = chain.next(second.block());
      ledger.importBlock(second.block(), false);
    }

    assertThat(changes).hasSize(1);
    assertThat(changes.getFirst().removed()).hasSize(100);
    assertThat(changes.getFirst().removed().getFirst()).isEqualTo(first.block().header());
    assertThat(changes.getFirst().added().getLast()).isEqualTo(second.block().header());
    assertThat(ledger.states().recomputeRoot()).isEqualTo(second.block().header().stateRoot());
    compareIndexes(ledger, chain, second);
  }

  @Test
  void forkchoiceGoesAnywhereAndBack() {
    TestChain chain = new TestChain(TestChain.CANCUN_FORKS, 9);
    Ledger ledger = Ledger.open(new MemoryStore(), chain.network(), SealRule.NONE);
    for (int i = 0; i < 60; i++) {
      ledger.importBlock(chain.nextSomewhere().block(), false);
    }
    Random random = new Random(9);
    for (int i = 0; i < 60; i++) {
      Block target = chain.blocks().get(random.nextInt(chain.blocks().size()));

      assertThat(ledger.setForkchoice(target.header().hash(), Hash32.ZERO, Hash32.ZERO))
          .isEqualTo(new Ledger.ForkchoiceResult.Updated(target.header()));
      assertThat(ledger.head()).isEqualTo(target.header());
      assertThat(ledger.states().recomputeRoot()).isEqualTo(target.header().stateRoot());
      compareIndexes(ledger, chain, chain.made(target.header().hash()));
      compareStates(ledger, chain, random);
    }
  }

  @Test
  void importsDoNotLeaveTheFinalizedBlock() {
    TestChain chain = new TestChain(TestChain.LONDON_FORKS, 10);
    Ledger ledger = Ledger.open(new MemoryStore(), chain.network(), SealRule.NONE);
    TestChain.Made a = chain.next(chain.genesis().block());
    TestChain.Made b = chain.next(chain.genesis().block());
    TestChain.Made b2 = chain.next(b.block());
    ledger.importBlock(a.block(), false);
    ledger.setForkchoice(hash(a), hash(a), hash(a));
    ledger.importBlock(b.block(), false);
    ImportResult result = ledger.importBlock(b2.block(), false);

    assertThat(result).isEqualTo(new ImportResult.Imported(b2.block().header(), false));
    assertThat(ledger.head()).isEqualTo(a.block().header());
    assertThat(ledger.safe()).contains(a.block().header());
    assertThat(ledger.finalized()).contains(a.block().header());
    assertThat(ledger.setForkchoice(hash(b2), Hash32.ZERO, hash(a)))
        .isInstanceOf(Ledger.ForkchoiceResult.Refused.class);
    assertThat(ledger.setForkchoice(Hash32.ZERO, Hash32.ZERO, Hash32.ZERO))
        .isEqualTo(new Ledger.ForkchoiceResult.Unknown(Hash32.ZERO));
  }

  @Test
  void aTransactionInBothBranchesIsFoundInTheCanonicalOne() {
    TestChain chain = new TestChain(TestChain.LONDON_FORKS, 11);
    Ledger ledger = Ledger.open(new MemoryStore(), chain.network(), SealRule.NONE);
    TestChain.Made genesis = chain.genesis();
    Transaction shared = chain.transfer(genesis, TestChain.FACTORY, 5);
    TestChain.Made a = chain.next(genesis.block(), List.of(shared));
    TestChain.Made b = chain.next(genesis.block(), List.of());
    TestChain.Made b2 = chain.next(b.block(), List.of(shared));
    ledger.importBlock(a.block(), false);
    assertThat(ledger.locate(shared.hash()).orElseThrow().blockHash()).isEqualTo(hash(a));
    ledger.importBlock(b.block(), false);
    ledger.importBlock(b2.block(), false);

    assertThat(ledger.locate(shared.hash()).orElseThrow().blockHash()).isEqualTo(hash(b2));
    assertThat(ledger.receipts(hash(b2)).orElseThrow()).hasSize(1);
    assertThat(ledger.receipts(hash(a)).orElseThrow()).hasSize(1);
  }

  private static String forks(String name) {
    return switch (name) {
      case "HOMESTEAD" -> TestChain.HOMESTEAD_FORKS;
      case "LONDON" -> TestChain.LONDON_FORKS;
      default -> TestChain.CANCUN_FORKS;
    };
  }

  private static boolean isBetter(TestChain.Made made, TestChain.Made best) {
    int order = made.totalDifficulty().compareTo(best.totalDifficulty());
    return order > 0
        || order == 0 && made.block().header().number() > best.block().header().number();
  }

  private static void follow(List<Hash32> chain, HeadChange change) {
    for (Header removed : change.removed()) {
      assertThat(chain.removeLast()).isEqualTo(removed.hash());
    }
    for (Header added : change.added()) {
      assertThat(chain.getLast()).isEqualTo(added.parentHash());
      chain.add(added.hash());
    }
  }

  /// Any block's state can be read, on the chain, below its head and beside it.
  private static void compareStates(Ledger ledger, TestChain chain, Random random) {
    for (int i = 0; i < 3; i++) {
      Block block = chain.blocks().get(random.nextInt(chain.blocks().size()));
      StateView state = ledger.stateAfter(block.header());
      ReferenceState expected = chain.made(block.header().hash()).state();
      for (Address address : PROBES) {
        if (expected.account(address) == null) {
          assertThat(state.account(address)).isNull();
        } else {
          assertThat(state.account(address).balance())
              .isEqualTo(expected.account(address).balance());
          assertThat(state.account(address).nonce()).isEqualTo(expected.account(address).nonce());
        }
        for (long slot = 0; slot < 8; slot++) {
          UInt256 key = UInt256.of(slot);
          assertThat(state.storage(address, key)).isEqualTo(expected.storage(address, key));
        }
      }
    }
  }

  private static void compareIndexes(Ledger ledger, TestChain chain, TestChain.Made head) {
    List<Block> canonical = new ArrayList<>();
    for (Block at = head.block(); ; at = chain.made(at.header().parentHash()).block()) {
      canonical.addFirst(at);
      if (at.header().number() == 0) break;
    }
    for (Block block : canonical) {
      Header header = block.header();
      assertThat(ledger.header(header.number())).contains(header);
      assertThat(ledger.block(header.hash()).orElseThrow().encode()).isEqualTo(block.encode());
      assertThat(ledger.totalDifficulty(header.hash()))
          .contains(chain.made(header.hash()).totalDifficulty());
      for (int i = 0; i < block.transactions().size(); i++) {
        var location = ledger.locate(block.transactions().get(i).hash()).orElseThrow();
        assertThat(location.blockHash()).isEqualTo(header.hash());
        assertThat(location.index()).isEqualTo(i);
      }
    }
    assertThat(ledger.header(head.block().header().number() + 1)).isEmpty();
    for (Block block : chain.blocks()) {
      boolean isCanonical = canonical.contains(block);
      assertThat(ledger.isCanonical(block.header())).isEqualTo(isCanonical);
      for (Transaction transaction : block.transactions()) {
        if (!isCanonical) {
          ledger
              .locate(transaction.hash())
              .ifPresent(at -> assertThat(at.blockHash()).isNotEqualTo(block.header().hash()));
        }
      }
    }
  }

  private static Hash32 hash(TestChain.Made made) {
    return made.block().header().hash();
  }
}
