package io.semper.chain.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.chain.db.MemoryStore;
import io.semper.chain.db.WriteBatch;
import io.semper.chain.state.ChainState;
import io.semper.chain.state.StateStore;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.evm.state.StateDiff;
import io.semper.evm.state.StateDiff.AccountDiff;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AppliedStateTest {
  private static final byte[] STORED = {0x00, 0x5B};
  private static final byte[] NEW = {0x5B, 0x5B};

  private static StateDiff contract(long address, byte[] code) {
    AccountDiff account =
        new AccountDiff(false, 1, UInt256.ONE, Keccak.hash(code), code, false, Map.of());
    return new StateDiff(Map.of(Address.of(address), account));
  }

  @Test
  void codeAndItsJumpDestinationsComeFromWhereTheCodeIs() {
    try (MemoryStore db = new MemoryStore()) {
      StateStore store = new StateStore(db);
      WriteBatch batch = new WriteBatch();
      store.append(batch, 0, store.compute(store.headState(), contract(1, STORED)));
      store.commit(batch, false);
      ChainState before = store.headState();

      AppliedState state = new AppliedState(before, contract(2, NEW));
      assertThat(state.code(Keccak.hash(STORED))).isEqualTo(STORED);
      assertThat(state.jumpDestinations(Keccak.hash(STORED))).containsExactly(0b10);
      assertThat(state.code(Keccak.hash(NEW))).isEqualTo(NEW);
      assertThat(state.jumpDestinations(Keccak.hash(NEW))).isNull();
    }
  }
}
