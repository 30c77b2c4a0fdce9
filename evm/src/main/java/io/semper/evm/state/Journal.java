package io.semper.evm.state;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Limbs;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.types.Log;
import io.semper.core.view.StateView;
import io.semper.evm.state.StateDiff.AccountDiff;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/// The world state while a block executes: a [StateView] from before, overlaid by what its
/// transactions changed so far.
///
/// Every change is noted in an undo log, so that a failed call is taken back by [#revert] to the
/// [#snapshot] from before it. [#endTransaction] makes a transaction's changes permanent for the
/// block: it removes destroyed and emptied accounts and forgets warmth, transient storage and
/// original values. [#diff] is what the whole block has changed.
///
/// Not safe for use by several threads. Look-ups by stack words allocate nothing once an account or
/// slot was seen.
public final class Journal {
  /// The one account whose touch outlives a failed call, by an accident of mainnet's history at
  /// block 2,675,119 that EIP-161 left in the rules.
  private static final Address RIPEMD160 = Address.of(3);

  private static final long SEED = ThreadLocalRandom.current().nextLong() | 1;

  private static final byte BALANCE = 0;
  private static final byte NONCE = 1;
  private static final byte CODE = 2;
  private static final byte STORAGE = 3;
  private static final byte WARM_ACCOUNT = 4;
  private static final byte WARM_SLOT = 5;
  private static final byte CREATED = 6;
  private static final byte DESTROYED = 7;
  private static final byte TOUCHED = 8;
  private static final byte EXISTS = 9;
  private static final byte TRANSIENT = 10;

  private final StateView base;

  private LiveAccount[] accounts = new LiveAccount[64];
  private int accountCount;

  /// Number of the current transaction, from 1.
  private int tx = 1;

  private byte[] undoKinds = new byte[256];
  private Object[] undoTargets = new Object[256];
  private Object[] undoValues = new Object[256];
  private int undoCount;
  private long[] undoWords = new long[256];
  private int undoWordCount;

  /// Accounts touched by this transaction; those with another mark were taken back.
  private final ArrayList<LiveAccount> touched = new ArrayList<>();

  private final ArrayList<Log> logs = new ArrayList<>();
  private long refund;

  public Journal(StateView base) {
    this.base = base;
  }

  // ---- Accounts

  public LiveAccount account(Address address) {
    return find(address.high(), address.middle(), address.low(), address);
  }

  /// The account whose address is the low 160 bits of a stack word.
  public LiveAccount account(long[] s, int at) {
    return find((int) s[at + 2], s[at + 1], s[at], null);
  }

  private LiveAccount find(int high, long middle, long low, Address address) {
    int mask = accounts.length - 1;
    int i = hash(high, middle, low) & mask;
    for (; accounts[i] != null; i = i + 1 & mask) {
      Address a = accounts[i].address;
      if (a.low() == low && a.middle() == middle && a.high() == high) {
        return accounts[i];
      }
    }
    Address key = address != null ? address : Address.of(high, middle, low);
    LiveAccount loaded = new LiveAccount(key, base.account(key));
    accounts[i] = loaded;
    if (++accountCount * 2 > accounts.length) {
      growAccounts();
    }
    return loaded;
  }

  private void growAccounts() {
    LiveAccount[] old = accounts;
    accounts = new LiveAccount[old.length * 2];
    int mask = accounts.length - 1;
    for (LiveAccount account : old) {
      if (account != null) {
        Address a = account.address;
        int i = hash(a.high(), a.middle(), a.low()) & mask;
        while (accounts[i] != null) {
          i = i + 1 & mask;
        }
        accounts[i] = account;
      }
    }
  }

  private static int hash(int high, long middle, long low) {
    long h = (low ^ SEED) * 0x9E3779B97F4A7C15L;
    h = (Long.rotateLeft(h, 31) ^ middle) * 0xC2B2AE3D27D4EB4FL;
    h = (Long.rotateLeft(h, 31) ^ high) * SEED;
    return (int) (h >>> 32);
  }

  public Code code(LiveAccount account) {
    Code code = account.code;
    if (code == null) {
      code = account.hasCode() ? CodeCache.get(account.codeHash, base) : Code.EMPTY;
      account.code = code;
    }
    return code;
  }

  /// Makes the account warm; true where it was before (EIP-2929).
  public boolean warm(LiveAccount account) {
    if (account.warmTx == tx) {
      return true;
    }
    note(WARM_ACCOUNT, account, null);
    account.warmTx = tx;
    return false;
  }

  public boolean isWarm(LiveAccount account) {
    return account.warmTx == tx;
  }

  /// Pays in, modulo 2^256. Even nothing brings an absent account into being until the transaction
  /// ends, when EIP-161 removes it again.
  public void addBalance(LiveAccount account, UInt256 amount) {
    ensureExists(account);
    touch(account);
    if (!amount.isZero()) {
      setBalance(account, account.balance.plus(amount));
    }
  }

  public void subtractBalance(LiveAccount account, UInt256 amount) {
    touch(account);
    if (!amount.isZero()) {
      setBalance(account, account.balance.minus(amount));
    }
  }

  private void setBalance(LiveAccount account, UInt256 balance) {
    ensureExists(account);
    note(BALANCE, account, account.balance);
    account.balance = balance;
  }

  public void setNonce(LiveAccount account, long nonce) {
    ensureExists(account);
    note(NONCE, account, null);
    pushWord(account.nonce);
    account.nonce = nonce;
  }

  public void setCode(LiveAccount account, byte[] bytes) {
    ensureExists(account);
    Code code = bytes.length == 0 ? Code.EMPTY : CodeCache.of(bytes);
    Code before = code(account);
    note(CODE, account, before);
    account.code = code;
    account.codeHash = bytes.length == 0 ? Keccak.EMPTY : code.hash();
  }

  /// Brings an account into being without changing it: what calls did to absent accounts before
  /// EIP-161.
  public void ensureExists(LiveAccount account) {
    if (!account.exists) {
      note(EXISTS, account, null);
      account.exists = true;
      touch(account);
    }
  }

  /// Marks the account as created by this transaction.
  public void markCreated(LiveAccount account) {
    ensureExists(account);
    note(CREATED, account, null);
    pushWord(account.createdTx);
    account.createdTx = tx;
  }

  public boolean createdInThisTransaction(LiveAccount account) {
    return account.createdTx == tx;
  }

  /// Removes the account at the end of the transaction.
  public void destroy(LiveAccount account) {
    if (account.destroyedTx != tx) {
      note(DESTROYED, account, null);
      account.destroyedTx = tx;
    }
    touch(account);
    if (!account.balance.isZero()) {
      setBalance(account, UInt256.ZERO);
    }
  }

  public boolean destroyedInThisTransaction(LiveAccount account) {
    return account.destroyedTx == tx;
  }

  /// Marks the account for removal at the end of the transaction, should it be empty (EIP-161).
  public void touch(LiveAccount account) {
    if (account.touchedTx != tx) {
      note(TOUCHED, account, null);
      account.touchedTx = tx;
      touched.add(account);
    }
  }

  // ---- Storage

  /// The slot whose key is a stack word.
  public Slot slot(LiveAccount account, long[] s, int at) {
    return slot(account, s[at], s[at + 1], s[at + 2], s[at + 3]);
  }

  public Slot slot(LiveAccount account, UInt256 key) {
    return slot(account, key.limb0(), key.limb1(), key.limb2(), key.limb3());
  }

  private Slot slot(LiveAccount account, long k0, long k1, long k2, long k3) {
    Slot slot = account.slots.find(k0, k1, k2, k3);
    if (slot == null) {
      boolean fromBase = account.original != null && !account.storageReset;
      UInt256 value =
          fromBase ? base.storage(account.address, UInt256.of(k0, k1, k2, k3)) : UInt256.ZERO;
      slot = new Slot(account, k0, k1, k2, k3, value);
      account.slots.add(slot);
    }
    if (slot.originalTx != tx) {
      slot.o0 = slot.v0;
      slot.o1 = slot.v1;
      slot.o2 = slot.v2;
      slot.o3 = slot.v3;
      slot.originalTx = tx;
    }
    return slot;
  }

  /// Makes the slot warm; true where it was before (EIP-2929).
  public boolean warm(Slot slot) {
    if (slot.warmTx == tx) {
      return true;
    }
    note(WARM_SLOT, slot, null);
    slot.warmTx = tx;
    return false;
  }

  public boolean isWarm(Slot slot) {
    return slot.warmTx == tx;
  }

  /// Sets a slot of [#slot] to a stack word.
  public void store(Slot slot, long[] s, int at) {
    note(STORAGE, slot, null);
    store(slot, s[at], s[at + 1], s[at + 2], s[at + 3]);
  }

  private void store(Slot slot, long v0, long v1, long v2, long v3) {
    pushWord(slot.v0);
    pushWord(slot.v1);
    pushWord(slot.v2);
    pushWord(slot.v3);
    slot.v0 = v0;
    slot.v1 = v1;
    slot.v2 = v2;
    slot.v3 = v3;
  }

  /// Puts a transient value (EIP-1153) in place of the key at `at`.
  public void loadTransient(LiveAccount account, long[] s, int at) {
    Slot slot = account.transientSlots == null ? null : transientSlot(account, s, at);
    if (slot == null || slot.originalTx != tx) {
      Limbs.set(s, at, 0);
    } else {
      slot.load(s, at);
    }
  }

  /// Sets the transient value of the key at `key` to the word at `value`.
  public void storeTransient(LiveAccount account, long[] s, int key, int value) {
    if (account.transientSlots == null) {
      account.transientSlots = new SlotTable();
    }
    Slot slot = transientSlot(account, s, key);
    if (slot == null) {
      slot = new Slot(account, s[key], s[key + 1], s[key + 2], s[key + 3], UInt256.ZERO);
      account.transientSlots.add(slot);
    }
    if (slot.originalTx != tx) {
      slot.originalTx = tx;
      slot.v0 = slot.v1 = slot.v2 = slot.v3 = 0;
    }
    note(TRANSIENT, slot, null);
    store(slot, s[value], s[value + 1], s[value + 2], s[value + 3]);
  }

  private static Slot transientSlot(LiveAccount account, long[] s, int at) {
    return account.transientSlots.find(s[at], s[at + 1], s[at + 2], s[at + 3]);
  }

  // ---- Logs and refunds

  public void addLog(Log log) {
    logs.add(log);
  }

  public int logCount() {
    return logs.size();
  }

  /// Logs of the current transaction.
  public List<Log> logs() {
    return List.copyOf(logs);
  }

  /// Gas to give back at the end of the transaction; below zero only in between.
  public long refund() {
    return refund;
  }

  public void addRefund(long gas) {
    refund += gas;
  }

  // ---- Undo

  /// A point to come back to. Log count and refund are the caller's to remember.
  public int snapshot() {
    return undoCount;
  }

  /// Takes everything back that happened since the snapshot.
  public void revert(int snapshot, int logCount, long refundBefore) {
    while (undoCount > snapshot) {
      undoLast();
    }
    while (logs.size() > logCount) {
      logs.removeLast();
    }
    refund = refundBefore;
  }

  private void undoLast() {
    int i = --undoCount;
    Object target = undoTargets[i];
    Object value = undoValues[i];
    undoTargets[i] = null;
    undoValues[i] = null;
    switch (undoKinds[i]) {
      case BALANCE -> ((LiveAccount) target).balance = (UInt256) value;
      case NONCE -> ((LiveAccount) target).nonce = popWord();
      case CODE -> {
        LiveAccount account = (LiveAccount) target;
        account.code = (Code) value;
        account.codeHash = account.code.length() == 0 ? Keccak.EMPTY : account.code.hash();
      }
      case STORAGE, TRANSIENT -> {
        Slot slot = (Slot) target;
        slot.v3 = popWord();
        slot.v2 = popWord();
        slot.v1 = popWord();
        slot.v0 = popWord();
      }
      case WARM_ACCOUNT -> ((LiveAccount) target).warmTx = 0;
      case WARM_SLOT -> ((Slot) target).warmTx = 0;
      case CREATED -> ((LiveAccount) target).createdTx = (int) popWord();
      case DESTROYED -> ((LiveAccount) target).destroyedTx = 0;
      case TOUCHED -> {
        LiveAccount account = (LiveAccount) target;
        if (!account.address.equals(RIPEMD160)) {
          account.touchedTx = 0;
        }
      }
      case EXISTS -> ((LiveAccount) target).exists = false;
      default -> throw new IllegalStateException("undo entry of kind " + undoKinds[i]);
    }
  }

  private void note(byte kind, Object target, Object value) {
    if (undoCount == undoKinds.length) {
      undoKinds = Arrays.copyOf(undoKinds, undoCount * 2);
      undoTargets = Arrays.copyOf(undoTargets, undoCount * 2);
      undoValues = Arrays.copyOf(undoValues, undoCount * 2);
    }
    undoKinds[undoCount] = kind;
    undoTargets[undoCount] = target;
    undoValues[undoCount++] = value;
  }

  private void pushWord(long word) {
    if (undoWordCount == undoWords.length) {
      undoWords = Arrays.copyOf(undoWords, undoWordCount * 2);
    }
    undoWords[undoWordCount++] = word;
  }

  private long popWord() {
    return undoWords[--undoWordCount];
  }

  // ---- Transactions and the block

  /// Makes the transaction's changes permanent.
  ///
  /// @param clearEmpty whether touched empty accounts are removed (EIP-161)
  public void endTransaction(boolean clearEmpty) {
    for (LiveAccount account : touched) {
      if (account.touchedTx == tx
          && (account.destroyedTx == tx || clearEmpty && account.exists && account.isEmpty())) {
        remove(account);
      }
    }
    touched.clear();
    logs.clear();
    refund = 0;
    Arrays.fill(undoTargets, 0, undoCount, null);
    Arrays.fill(undoValues, 0, undoCount, null);
    undoCount = 0;
    undoWordCount = 0;
    tx++;
  }

  private static void remove(LiveAccount account) {
    account.exists = false;
    account.nonce = 0;
    account.balance = UInt256.ZERO;
    account.codeHash = Keccak.EMPTY;
    account.code = Code.EMPTY;
    account.storageReset = true;
    account.slots.clear();
    account.transientSlots = null;
  }

  /// What changed since the start of the block. Call between transactions.
  public StateDiff diff() {
    Map<Address, AccountDiff> changed = new HashMap<>();
    for (LiveAccount account : accounts) {
      if (account == null) {
        continue;
      }
      if (!account.exists) {
        if (account.original != null) {
          changed.put(
              account.address,
              new AccountDiff(true, 0, UInt256.ZERO, Keccak.EMPTY, null, true, Map.of()));
        }
        continue;
      }
      Map<UInt256, UInt256> storage = changedSlots(account);
      boolean same =
          account.original != null
              && !account.storageReset
              && storage.isEmpty()
              && account.nonce == account.original.nonce()
              && account.balance.equals(account.original.balance())
              && account.codeHash.equals(account.original.codeHash());
      if (!same) {
        Hash32 before = account.original == null ? Keccak.EMPTY : account.original.codeHash();
        byte[] newCode = account.codeHash.equals(before) ? null : code(account).toBytes();
        changed.put(
            account.address,
            new AccountDiff(
                false,
                account.nonce,
                account.balance,
                account.codeHash,
                newCode,
                account.original != null && account.storageReset,
                storage));
      }
    }
    return new StateDiff(changed);
  }

  private static Map<UInt256, UInt256> changedSlots(LiveAccount account) {
    Map<UInt256, UInt256> changed = Map.of();
    for (Slot slot : account.slots.all()) {
      if (slot != null && (slot.changedInBlock() || account.storageReset && !slot.isZero())) {
        if (changed.isEmpty()) {
          changed = new HashMap<>();
        }
        changed.put(slot.key(), slot.value());
      }
    }
    return changed;
  }

  // ---- By address, for block rewards, withdrawals, overrides and tests

  public UInt256 balance(Address address) {
    return account(address).balance;
  }

  public long nonce(Address address) {
    return account(address).nonce;
  }

  public byte[] code(Address address) {
    return code(account(address)).toBytes();
  }

  public UInt256 storage(Address address, UInt256 key) {
    return slot(account(address), key).value();
  }

  public void addBalance(Address address, UInt256 amount) {
    addBalance(account(address), amount);
  }

  public void setBalance(Address address, UInt256 balance) {
    setBalance(account(address), balance);
  }

  public void setNonce(Address address, long nonce) {
    setNonce(account(address), nonce);
  }

  public void setCode(Address address, byte[] code) {
    setCode(account(address), code);
  }

  public void setStorage(Address address, UInt256 key, UInt256 value) {
    LiveAccount account = account(address);
    ensureExists(account);
    Slot slot = slot(account, key);
    note(STORAGE, slot, null);
    store(slot, value.limb0(), value.limb1(), value.limb2(), value.limb3());
  }

  /// Empties an account's storage for good: call between transactions.
  public void clearStorage(Address address) {
    LiveAccount account = account(address);
    ensureExists(account);
    account.storageReset = true;
    account.slots.clear();
  }
}
