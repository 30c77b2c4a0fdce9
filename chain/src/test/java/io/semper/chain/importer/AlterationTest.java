package io.semper.chain.importer;

import static io.semper.chain.producer.DevChain.GWEI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.chain.block.Alteration;
import io.semper.chain.block.Alteration.Edit;
import io.semper.chain.block.SealRule;
import io.semper.chain.db.MemoryStore;
import io.semper.chain.pool.PoolLimits;
import io.semper.chain.producer.DevChain;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.fork.Fork;
import io.semper.core.types.Header;
import io.semper.core.types.Transaction;
import io.semper.core.view.PoolView.Submission;
import io.semper.core.view.StateView;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.tx.TransactionRules;
import io.semper.genesis.PublicNetwork;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What the user of a development chain changes between blocks, and sends as somebody else.
class AlterationTest {
  private static final Address ACCOUNT = Address.of(0xACC);
  private static final byte[] CODE = {0x60, 0x01, 0x60, 0x00, 0x55};
  private static final Alteration EDITS =
      Alteration.NONE
          .and(ACCOUNT, Edit.ofBalance(DevChain.ETHER))
          .and(ACCOUNT, Edit.ofNonce(7))
          .and(ACCOUNT, Edit.ofCode(CODE))
          .and(ACCOUNT, Edit.ofSlot(UInt256.ONE, UInt256.of(5)))
          .and(ACCOUNT, Edit.ofSlot(UInt256.of(2), UInt256.of(6)))
          .and(DevChain.address(3), Edit.ofNonce(9));

  private final DevChain dev = new DevChain(PoolLimits.DEFAULT.forDevelopment(), null);
  private final Ledger ledger = dev.ledger;

  private static void assertEdited(StateView state) {
    assertThat(state.account(ACCOUNT).balance()).isEqualTo(DevChain.ETHER);
    assertThat(state.account(ACCOUNT).nonce()).isEqualTo(7);
    assertThat(state.account(ACCOUNT).codeHash()).isEqualTo(Keccak.hash(CODE));
    assertThat(state.code(Keccak.hash(CODE))).isEqualTo(CODE);
    assertThat(state.storage(ACCOUNT, UInt256.ONE)).isEqualTo(UInt256.of(5));
    assertThat(state.storage(ACCOUNT, UInt256.of(2))).isEqualTo(UInt256.of(6));
    assertThat(state.account(DevChain.address(3)).nonce()).isEqualTo(9);
    assertThat(state.account(DevChain.address(3)).balance()).isEqualTo(DevChain.ETHER);
  }

  @Test
  void itsEncodingIsReadBack() {
    Alteration read = Alteration.decode(EDITS.encode());
    assertThat(read.encode()).isEqualTo(EDITS.encode());
    assertThat(read.accounts().get(ACCOUNT).code()).isEqualTo(CODE);
    assertThat(read.accounts().get(DevChain.address(3))).isEqualTo(Edit.ofNonce(9));
    assertThat(Alteration.decode(Alteration.NONE.encode()).isEmpty()).isTrue();
    Edit nothingness = new Edit(UInt256.ZERO, 0L, new byte[0], Map.of());
    Edit back =
        Alteration.decode(Alteration.NONE.and(ACCOUNT, nothingness).encode())
            .accounts()
            .get(ACCOUNT);
    assertThat(back.balance()).isEqualTo(UInt256.ZERO);
    assertThat(back.nonce()).isZero();
    assertThat(back.code()).isEmpty();
  }

  @Test
  void itShowsAtOnceAndTheNextBlockTakesItIn() {
    Header before = ledger.head();
    ledger.alter(EDITS);
    assertEdited(ledger.stateAfter(before));
    assertThat(ledger.sealedStateAfter(before).account(ACCOUNT)).isNull();
    dev.submit(DevChain.transfer(0, 0, UInt256.ONE, GWEI));
    dev.mine();
    assertThat(ledger.alteration().isEmpty()).isTrue();
    assertThat(ledger.alteration(ledger.head()).encode()).isEqualTo(EDITS.encode());
    assertEdited(ledger.stateAfter(ledger.head()));
    assertThat(ledger.stateAfter(before).account(ACCOUNT)).isNull();
    assertThat(ledger.states().recomputeRoot()).isEqualTo(ledger.head().stateRoot());
    assertThat(ledger.written().get(ACCOUNT)).containsExactly(UInt256.ONE, UInt256.of(2));
  }

  @Test
  void itSurvivesARestartSealedOrNot() {
    MemoryStore store = new MemoryStore();
    Ledger first = Ledger.open(store, dev.network, SealRule.NONE);
    first.alter(EDITS);
    Ledger second = Ledger.open(store, dev.network, SealRule.NONE);
    assertEdited(second.stateAfter(second.head()));
    assertThat(second.states().recomputeRoot()).isEqualTo(second.head().stateRoot());
    second.alter(Alteration.NONE);
    Ledger third = Ledger.open(store, dev.network, SealRule.NONE);
    assertThat(third.stateAfter(third.head()).account(ACCOUNT)).isNull();
  }

  @Test
  void goingBackForgetsItAndComingBackExecutesItAgain() {
    Header genesis = ledger.head();
    ledger.alter(EDITS);
    dev.submit(DevChain.transfer(0, 0, UInt256.ONE, GWEI));
    dev.mine();
    Header altered = ledger.head();
    ledger.alter(Alteration.NONE.and(ACCOUNT, Edit.ofBalance(UInt256.ONE)));
    ledger.setForkchoice(genesis.hash(), Hash32.ZERO, Hash32.ZERO);
    assertThat(ledger.alteration().isEmpty()).isTrue();
    assertThat(ledger.stateAfter(genesis).account(ACCOUNT)).isNull();
    assertEdited(ledger.stateAfter(altered));
    ledger.setForkchoice(altered.hash(), Hash32.ZERO, Hash32.ZERO);
    assertEdited(ledger.stateAfter(ledger.head()));
    assertThat(ledger.states().recomputeRoot()).isEqualTo(altered.stateRoot());
  }

  @Test
  void anybodyCanBeImpersonatedAndEachIsAnother() {
    Address contract = Address.of(0xC0DE);
    ledger.alter(
        Alteration.NONE
            .and(contract, new Edit(DevChain.ETHER, null, CODE, Map.of()))
            .and(ACCOUNT, Edit.ofBalance(DevChain.ETHER)));
    dev.pool.refresh();
    Transaction template = DevChain.transfer(0, 0, UInt256.ONE, GWEI);
    Transaction one = template.impersonating(contract);
    Transaction other = template.impersonating(ACCOUNT);
    assertThat(one.hash()).isNotEqualTo(other.hash());
    assertThat(dev.submit(one)).isInstanceOf(Submission.Accepted.class);
    assertThat(dev.submit(other)).isInstanceOf(Submission.Accepted.class);
    assertThat(dev.mine().block().transactions()).containsExactlyInAnyOrder(one, other);
    Transaction read = Transaction.decode(one.encode());
    assertThat(read.impersonated()).isTrue();
    assertThat(read.sender()).isEqualTo(contract);
    assertThat(Transaction.decode(template.impersonating(Address.ZERO).encode()).sender())
        .isEqualTo(Address.ZERO);
    assertThat(ledger.stateAfter(ledger.head()).account(contract).nonce()).isEqualTo(1);
  }

  @Test
  void otherNetworksAllowNeither() {
    Ledger sepolia = Ledger.open(new MemoryStore(), PublicNetwork.SEPOLIA.network(), SealRule.NONE);
    assertThatThrownBy(() -> sepolia.alter(EDITS)).isInstanceOf(IllegalStateException.class);
    Ledger shared = Ledger.open(new MemoryStore(), dev.network.shared(), SealRule.NONE);
    assertThat(shared.head()).isEqualTo(dev.network.genesis());
    assertThatThrownBy(() -> shared.alter(EDITS)).isInstanceOf(IllegalStateException.class);
    Transaction impersonated =
        DevChain.transfer(0, 0, UInt256.ONE, GWEI).impersonating(DevChain.address(0));
    assertThat(
            TransactionRules.verifySignature(
                impersonated, ForkRules.of(Fork.OSAKA), impersonated.chainId()))
        .isPresent();
  }
}
