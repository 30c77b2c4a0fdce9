package io.semper.node.spec;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.trie.StateTrie;
import io.semper.core.trie.Trie;
import io.semper.core.view.Account;
import io.semper.core.view.StateView;
import io.semper.evm.state.StateDiff;
import io.semper.evm.state.StateDiff.AccountDiff;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/// A small world state held in memory: what a test starts from. Immutable.
///
/// Roots after a change are computed over the whole state, which for a test's handful of accounts
/// is cheaper than any database.
public final class PreState implements StateView {
  static final PreState EMPTY = new PreState(Map.of());

  private final Map<Address, Entry> entries;
  private final Map<Hash32, byte[]> codes = new HashMap<>();

  /// Leaves of the account trie.
  private final TreeMap<Hash32, byte[]> leaves = new TreeMap<>();

  private PreState(Map<Address, Entry> entries) {
    this.entries = entries;
    entries.forEach((address, entry) -> {
      codes.put(entry.account.codeHash(), entry.code);
      leaves.put(StateTrie.key(address), StateTrie.encode(entry.account));
    });
  }

  /// @param storage without zeros
  record Entry(Account account, byte[] code, Map<UInt256, UInt256> storage) {}

  /// Reads an object of accounts by address.
  static PreState read(FixtureInput in) {
    Map<Address, Entry> entries = new HashMap<>();
    in.object(address -> entries.put(in.address(address), readEntry(in)));
    return new PreState(entries);
  }

  private static Entry readEntry(FixtureInput in) {
    var fields =
        new Object() {
          long nonce;
          UInt256 balance = UInt256.ZERO;
          byte[] code = {};
          final Map<UInt256, UInt256> storage = new HashMap<>();
        };
    in.object(name -> {
      switch (name) {
        case "nonce" -> fields.nonce = in.unsignedLong();
        case "balance" -> fields.balance = in.word();
        case "code" -> fields.code = in.bytes();
        case "storage" ->
            in.object(slot -> {
              UInt256 value = in.word();
              if (!value.isZero()) {
                fields.storage.put(UInt256.ofHex(slot), value);
              }
            });
        default -> in.skip();
      }
    });
    Hash32 codeHash = fields.code.length == 0 ? Keccak.EMPTY : Keccak.hash(fields.code);
    Account account =
        new Account(fields.nonce, fields.balance, storageRoot(fields.storage), codeHash);
    return new Entry(account, fields.code, fields.storage);
  }

  private static Hash32 storageRoot(Map<UInt256, UInt256> storage) {
    if (storage.isEmpty()) {
      return Account.EMPTY_ROOT;
    }
    TreeMap<Hash32, byte[]> slots = new TreeMap<>();
    storage.forEach((slot, value) -> slots.put(StateTrie.key(slot), StateTrie.encode(value)));
    return Trie.root(slots);
  }

  @Override
  public Account account(Address address) {
    Entry entry = entries.get(address);
    return entry == null ? null : entry.account;
  }

  @Override
  public UInt256 storage(Address address, UInt256 slot) {
    Entry entry = entries.get(address);
    return entry == null ? UInt256.ZERO : entry.storage.getOrDefault(slot, UInt256.ZERO);
  }

  @Override
  public byte[] code(Hash32 codeHash) {
    return codes.getOrDefault(codeHash, new byte[0]);
  }

  Map<Address, Entry> entries() {
    return entries;
  }

  /// The state root.
  Hash32 root() {
    return Trie.root(leaves);
  }

  /// The state root after a change.
  Hash32 rootAfter(StateDiff diff) {
    TreeMap<Hash32, byte[]> changed = new TreeMap<>(leaves);
    diff.accounts()
        .forEach((address, change) -> {
          if (change.deleted()) {
            changed.remove(StateTrie.key(address));
          } else {
            changed.put(StateTrie.key(address), StateTrie.encode(apply(address, change)));
          }
        });
    return Trie.root(changed);
  }

  /// The whole state after a change.
  PreState after(StateDiff diff) {
    Map<Address, Entry> changed = new HashMap<>(entries);
    diff.accounts()
        .forEach((address, change) -> {
          if (change.deleted()) {
            changed.remove(address);
          } else {
            changed.put(address, entryAfter(address, change));
          }
        });
    return new PreState(changed);
  }

  private Entry entryAfter(Address address, AccountDiff change) {
    Entry before = entries.get(address);
    Map<UInt256, UInt256> storage =
        before == null || change.storageCleared() ? new HashMap<>() : new HashMap<>(before.storage);
    storage.putAll(change.storage());
    storage.values().removeIf(UInt256::isZero);
    byte[] code =
        change.newCode() != null ? change.newCode() : before == null ? new byte[0] : before.code;
    return new Entry(apply(address, change), code, storage);
  }

  private Account apply(Address address, AccountDiff change) {
    Entry before = entries.get(address);
    Hash32 storageRoot;
    if (change.storage().isEmpty()) {
      boolean kept = before != null && !change.storageCleared();
      storageRoot = kept ? before.account.storageRoot() : Account.EMPTY_ROOT;
    } else {
      Map<UInt256, UInt256> storage = new HashMap<>();
      if (before != null && !change.storageCleared()) {
        storage.putAll(before.storage);
      }
      change
          .storage()
          .forEach((slot, value) -> {
            if (value.isZero()) {
              storage.remove(slot);
            } else {
              storage.put(slot, value);
            }
          });
      storageRoot = storageRoot(storage);
    }
    return new Account(change.nonce(), change.balance(), storageRoot, change.codeHash());
  }
}
