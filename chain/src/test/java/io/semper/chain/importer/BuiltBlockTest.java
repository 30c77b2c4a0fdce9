package io.semper.chain.importer;

import static io.semper.chain.producer.DevChain.GWEI;
import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.List;
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

  private static void assertImported(ImportResult result) {
    assertThat(result).isInstanceOf(ImportResult.Imported.class);
  }
}
