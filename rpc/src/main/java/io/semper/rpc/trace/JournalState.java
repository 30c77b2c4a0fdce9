package io.semper.rpc.trace;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.view.Account;
import io.semper.core.view.StateView;
import io.semper.evm.state.Code;
import io.semper.evm.state.Journal;
import io.semper.evm.state.LiveAccount;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// A state in the middle of a block as something to run calls on. Not for several threads.
///
/// Storage roots are those of before the block: only whether there is one is ever looked at.
final class JournalState implements StateView {
  private final Journal journal;
  private final StateView base;
  private final Map<Hash32, byte[]> codes = new HashMap<>();

  /// @param base the state `journal` lies over
  JournalState(Journal journal, StateView base) {
    this.journal = journal;
    this.base = base;
  }

  @Override
  public Account account(Address address) {
    LiveAccount live = journal.account(address);
    if (!live.exists()) {
      return null;
    }
    if (live.hasCode()) {
      Code code = journal.code(live);
      codes.put(live.codeHash(), Arrays.copyOf(code.padded(), code.length()));
    }
    Account before = base.account(address);
    return new Account(
        live.nonce(),
        live.balance(),
        before == null ? Account.EMPTY_ROOT : before.storageRoot(),
        live.codeHash());
  }

  @Override
  public UInt256 storage(Address address, UInt256 slot) {
    return journal.storage(address, slot);
  }

  @Override
  public byte[] code(Hash32 codeHash) {
    byte[] code = codes.get(codeHash);
    return code == null ? base.code(codeHash) : code;
  }
}
