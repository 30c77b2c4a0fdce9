package io.semper.evm.trace;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Authorization;
import io.semper.core.types.ContractAddress;
import io.semper.evm.BlockEnv;
import io.semper.evm.Halt;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.fork.SelfDestruct;
import io.semper.evm.state.Code;
import io.semper.evm.state.Journal;
import io.semper.evm.state.LiveAccount;
import io.semper.evm.tx.Message;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// Notes the accounts and slots a transaction can see as they are before it, and on demand what it
/// makes of them.
public final class PrestateTracer implements Tracer {
  private static final int BALANCE = 0x31;
  private static final int EXTCODESIZE = 0x3B;
  private static final int EXTCODECOPY = 0x3C;
  private static final int EXTCODEHASH = 0x3F;
  private static final int SLOAD = 0x54;
  private static final int SSTORE = 0x55;

  private static final int ACCOUNT_BYTES = 400;
  private static final int SLOT_BYTES = 250;

  private final Journal state;
  private final ForkRules rules;
  private final TraceBudget budget;
  private final TreeMap<Address, AccountState> pre = new TreeMap<>();
  private final Set<Address> created = new HashSet<>();
  private final Set<Address> deleted = new HashSet<>();

  // What the instruction last begun looks at.
  private Address account;
  private Address self;
  private UInt256 slot;
  private UInt256 value;

  /// An account at one moment.
  ///
  /// @param codeHash of nothing where there is no code, zero where there is no such account
  /// @param storage slots looked at
  public record AccountState(
      boolean exists,
      UInt256 balance,
      long nonce,
      byte[] code,
      Hash32 codeHash,
      SortedMap<UInt256, UInt256> storage) {

    /// Nothing there: no nonce, balance or code.
    public boolean isEmpty() {
      return nonce == 0 && balance.isZero() && code.length == 0;
    }
  }

  /// @param state as it is before the transaction
  public PrestateTracer(
      Journal state, BlockEnv env, ForkRules rules, Message message, TraceBudget budget) {
    this.state = state;
    this.rules = rules;
    this.budget = budget;
    Address to = message.to();
    if (to == null) {
      to = ContractAddress.of(message.sender(), state.nonce(message.sender()));
      created.add(to);
    } else {
      lookUpDelegate(to);
    }
    lookUp(message.sender());
    lookUp(to);
    lookUp(env.coinbase());
    for (Authorization authorization : message.authorizations()) {
      Address authority = authorization.authority();
      if (authority != null) {
        lookUp(authority);
      }
    }
  }

  /// Accounts before the transaction, by address.
  public SortedMap<Address, AccountState> pre() {
    return pre;
  }

  /// Whether the transaction removes the account when it ends.
  public boolean deletes(Address address) {
    return deleted.contains(address);
  }

  /// An account as it is now, with the slots that were looked at.
  public AccountState now(Address address) {
    AccountState before = pre.get(address);
    TreeMap<UInt256, UInt256> slots = new TreeMap<>();
    before.storage.keySet().forEach(key -> slots.put(key, state.storage(address, key)));
    return read(address, slots);
  }

  @Override
  public void step(Step frame, int pc, int opcode, long gas) {
    account = null;
    slot = null;
    int size = frame.stackSize();
    if (size == 0) {
      return;
    }
    switch (opcode) {
      case SLOAD, SSTORE -> {
        self = frame.self();
        slot = frame.stackWord(size - 1);
        value = state.storage(self, slot);
      }
      case BALANCE, EXTCODESIZE, EXTCODECOPY, EXTCODEHASH -> {
        UInt256 word = frame.stackWord(size - 1);
        account = Address.of((int) word.limb2(), word.limb1(), word.limb0());
      }
      default -> {}
    }
  }

  @Override
  public void stepEnd(long cost, Halt halt) {
    if (halt != Halt.NONE) {
      return;
    }
    if (account != null) {
      lookUp(account);
      account = null;
    }
    if (slot != null) {
      lookUp(self);
      if (pre.get(self).storage.putIfAbsent(slot, value) == null) {
        budget.keep(SLOT_BYTES);
      }
      slot = null;
    }
  }

  @Override
  public void enter(
      int depth, String kind, Address from, Address to, UInt256 value, byte[] input, long gas) {
    if (depth == 0) {
      return;
    }
    lookUp(to);
    switch (kind) {
      case "CREATE", "CREATE2" -> created.add(to);
      case "SELFDESTRUCT" -> {
        if (rules.selfDestruct() == SelfDestruct.ALWAYS || created.contains(from)) {
          deleted.add(from);
        }
      }
      default -> lookUpDelegate(to);
    }
  }

  private void lookUpDelegate(Address address) {
    if (rules.delegation()) {
      Address delegate = state.code(state.account(address)).delegate();
      if (delegate != null) {
        lookUp(delegate);
      }
    }
  }

  private void lookUp(Address address) {
    if (!pre.containsKey(address)) {
      AccountState found = read(address, new TreeMap<>());
      budget.keep(ACCOUNT_BYTES + found.code.length);
      pre.put(address, found);
    }
  }

  private AccountState read(Address address, SortedMap<UInt256, UInt256> storage) {
    LiveAccount live = state.account(address);
    Code code = state.code(live);
    return new AccountState(
        live.exists(),
        live.balance(),
        live.nonce(),
        Arrays.copyOf(code.padded(), code.length()),
        live.exists() ? live.codeHash() : Hash32.ZERO,
        storage);
  }

  /// Whether the transaction left everything looked at in this account as it was.
  public static boolean same(AccountState a, AccountState b) {
    return a.exists == b.exists
        && a.nonce == b.nonce
        && a.balance.equals(b.balance)
        && a.codeHash.equals(b.codeHash)
        && Map.copyOf(a.storage).equals(Map.copyOf(b.storage));
  }
}
