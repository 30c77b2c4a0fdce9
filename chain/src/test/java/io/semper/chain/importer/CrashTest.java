package io.semper.chain.importer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.chain.block.SealRule;
import io.semper.chain.db.ForwardingStore;
import io.semper.chain.db.KeyValueStore;
import io.semper.chain.db.MemoryStore;
import io.semper.chain.db.Schema;
import io.semper.chain.db.StorageException;
import io.semper.chain.db.WriteBatch;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A process that ends between any two writes opens again at a consistent head.
class CrashTest {

  /// Lets a number of writes through and fails from then on, as a full disk does.
  private static final class EndingStore extends ForwardingStore {
    private int writesLeft;

    EndingStore(KeyValueStore kept, int writesLeft) {
      super(kept);
      this.writesLeft = writesLeft;
    }

    @Override
    public void write(WriteBatch batch, boolean sync) {
      if (writesLeft-- <= 0) {
        throw new StorageException("no space left");
      }
      super.write(batch, sync);
    }

    @Override
    public void close() {}
  }

  @Test
  void everyPrefixOfWritesIsAConsistentChain() {
    TestChain chain = new TestChain(TestChain.LONDON_FORKS, 31);
    for (int i = 0; i < 25; i++) {
      chain.nextSomewhere();
    }
    List<Header> heads = headsOf(chain);
    for (int writes = 1; ; writes++) {
      MemoryStore disk = new MemoryStore();
      Header acknowledged = importUntilTheEnd(chain, new EndingStore(disk, writes));
      Ledger reopened = Ledger.open(disk, chain.network(), SealRule.NONE);

      assertThat(reopened.states().recomputeRoot()).isEqualTo(reopened.head().stateRoot());
      assertThat(reopened.head())
          .as("the best there is")
          .isEqualTo(heads.get(there(chain, reopened)));
      if (acknowledged == null) continue;
      assertThat(reopened.totalDifficulty(reopened.head().hash()).orElseThrow())
          .isGreaterThanOrEqualTo(chain.made(acknowledged.hash()).totalDifficulty());
      Header last = chain.blocks().getLast().header();
      if (reopened.header(last.hash()).isPresent()) break;
      for (Block block : chain.blocks()) {
        ImportResult result = reopened.importBlock(block, false);
        assertThat(result)
            .isInstanceOfAny(ImportResult.Imported.class, ImportResult.AlreadyKnown.class);
      }
      assertThat(reopened.states().recomputeRoot()).isEqualTo(reopened.head().stateRoot());
    }
  }

  /// The head after so many of the chain's blocks, genesis among them, where nothing fails.
  static List<Header> headsOf(TestChain chain) {
    Ledger undisturbed = Ledger.open(new MemoryStore(), chain.network(), SealRule.NONE);
    List<Header> heads = new ArrayList<>(List.of(undisturbed.head()));
    for (Block block : chain.blocks()) {
      undisturbed.importBlock(block, false);
      heads.add(undisturbed.head());
    }
    return heads;
  }

  /// How many of the chain's blocks a ledger has, with genesis: all up to one of them.
  static int there(TestChain chain, Ledger ledger) {
    int there = 0;
    int last = 0;
    for (int i = 0; i < chain.blocks().size(); i++) {
      if (ledger.header(chain.blocks().get(i).header().hash()).isPresent()) {
        there++;
        last = i + 1;
      }
    }
    assertThat(there).as("no gap before the last").isEqualTo(last);
    return there;
  }

  /// Who finds a block's header finds the rest of it.
  @Test
  void whatIsNotWrittenIsNotThere() {
    TestChain chain = new TestChain(TestChain.LONDON_FORKS, 33);
    Header next = chain.next(chain.genesis().block()).block().header();
    for (int writes = 1; ; writes++) {
      Ledger ledger;
      try {
        ledger =
            Ledger.open(new EndingStore(new MemoryStore(), writes), chain.network(), SealRule.NONE);
      } catch (StorageException notEvenGenesis) {
        continue;
      }
      try {
        ledger.importBlock(chain.blocks().getLast(), false);
        assertThat(ledger.header(next.hash())).contains(next);
        return;
      } catch (StorageException e) {
        assertThat(ledger.header(next.hash())).isEmpty();
      }
    }
  }

  /// The head before the write that failed, `null` where not even genesis was written.
  private static Header importUntilTheEnd(TestChain chain, KeyValueStore store) {
    Ledger ledger = null;
    try {
      ledger = Ledger.open(store, chain.network(), SealRule.NONE);
      for (Block block : chain.blocks()) {
        ledger.importBlock(block, false);
      }
    } catch (StorageException e) {
      assertThat(e).hasMessage("no space left");
    }
    return ledger == null ? null : ledger.head();
  }

  @Test
  void aReorganisationCutShortIsCompletedOnOpening() {
    TestChain chain = new TestChain(TestChain.LONDON_FORKS, 32);
    TestChain.Made a = chain.genesis();
    TestChain.Made b = chain.genesis();
    for (int i = 0; i < 12; i++) {
      a = chain.next(a.block());
    }
    for (int i = 0; i < 14; i++) {
      b = chain.next(b.block());
    }
    Hash32 target = b.block().header().hash();
    int completed = 0;
    for (int writes = 1; completed < 2; writes++) {
      MemoryStore disk = new MemoryStore();
      Ledger first = Ledger.open(disk, chain.network(), SealRule.NONE);
      for (Block block : chain.blocks()) {
        first.importBlock(block, false);
      }
      Hash32 shorter = a.block().header().hash();
      first.setForkchoice(shorter, Hash32.ZERO, Hash32.ZERO);
      // A batch limit of nothing: every step of the reorganisation is written by itself.
      Ledger cut =
          Ledger.open(
              new EndingStore(disk, writes), chain.network(), SealRule.NONE, Long.MAX_VALUE, 0);
      try {
        cut.setForkchoice(target, Hash32.ZERO, Hash32.ZERO);
        completed++;
      } catch (StorageException e) {
        Ledger reopened = Ledger.open(disk, chain.network(), SealRule.NONE);
        assertThat(reopened.head().hash()).isEqualTo(target);
        assertThat(reopened.states().recomputeRoot()).isEqualTo(reopened.head().stateRoot());
        assertThat(reopened.header(a.block().header().number()).orElseThrow().hash())
            .isNotEqualTo(shorter);
      }
    }
  }

  @Test
  void anotherNetworksDataIsRefused() {
    MemoryStore disk = new MemoryStore();
    TestChain one = new TestChain(TestChain.LONDON_FORKS, 33);
    TestChain other = new TestChain(TestChain.LONDON_FORKS, 34);
    Ledger.open(disk, one.network(), SealRule.NONE);

    assertThatThrownBy(() -> Ledger.open(disk, other.network(), SealRule.NONE))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining(one.network().genesisHash().toString())
        .hasMessageContaining(other.network().genesisHash().toString());
  }

  @Test
  void aDatabaseWhoseHeadAndStateDisagreeIsRefused() {
    MemoryStore disk = new MemoryStore();
    TestChain chain = new TestChain(TestChain.LONDON_FORKS, 35);
    Ledger ledger = Ledger.open(disk, chain.network(), SealRule.NONE);
    TestChain.Made next = chain.next(chain.genesis().block());
    ledger.importBlock(next.block(), false);
    byte[] genesis = chain.network().genesisHash().toBytes();
    disk.write(new WriteBatch().put(Schema.HEAD, genesis), true);

    assertThatThrownBy(() -> Ledger.open(disk, chain.network(), SealRule.NONE))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("head is block 0, the state is that of block 1");
  }
}
