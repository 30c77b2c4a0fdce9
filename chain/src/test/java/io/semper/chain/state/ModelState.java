package io.semper.chain.state;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.trie.StateTrie;
import io.semper.core.trie.Trie;
import io.semper.core.view.Account;
import io.semper.evm.state.StateDiff;
import io.semper.evm.state.StateDiff.AccountDiff;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/// The plainest world state there is: maps, copied for each block, roots built from nothing.
record ModelState(Map<Address, Entry> accounts, Hash32 root) {
  static final ModelState EMPTY = new ModelState(Map.of());
  static final int ADDRESSES = 24;
  static final int SLOTS = 20;

  record Entry(Account account, byte[] code, Map<UInt256, UInt256> slots) {
    static Entry of(long nonce, UInt256 balance, byte[] code, Map<UInt256, UInt256> slots) {
      SortedMap<Hash32, byte[]> leaves = new TreeMap<>();
      slots.forEach((slot, value) -> leaves.put(StateTrie.key(slot), StateTrie.encode(value)));
      Account account = new Account(nonce, balance, Trie.root(leaves), Keccak.hash(code));
      return new Entry(account, code, slots);
    }
  }

  ModelState(Map<Address, Entry> accounts) {
    this(accounts, rootOf(accounts));
  }

  private static Hash32 rootOf(Map<Address, Entry> accounts) {
    SortedMap<Hash32, byte[]> leaves = new TreeMap<>();
    accounts.forEach((a, e) -> leaves.put(StateTrie.key(a), StateTrie.encode(e.account())));
    return Trie.root(leaves);
  }

  ModelState apply(StateDiff diff) {
    Map<Address, Entry> next = new HashMap<>(accounts);
    diff.accounts()
        .forEach((address, d) -> {
          if (d.deleted()) {
            next.remove(address);
            return;
          }
          Entry old = next.get(address);
          Map<UInt256, UInt256> slots = new HashMap<>();
          if (old != null && !d.storageCleared()) slots.putAll(old.slots);
          slots.putAll(d.storage());
          slots.values().removeIf(UInt256::isZero);
          byte[] code = d.newCode() != null ? d.newCode() : old == null ? NONE : old.code;
          next.put(address, Entry.of(d.nonce(), d.balance(), code, slots));
        });
    return new ModelState(next);
  }

  /// A random change with everything execution can do: creations, deletions, accounts made anew
  /// over old storage, slots set, changed, removed, and set to what they were.
  StateDiff randomDiff(Random random) {
    Map<Address, AccountDiff> changes = new HashMap<>();
    int count = random.nextInt(8) == 0 ? 40 : random.nextInt(6);
    for (int i = 0; i < count; i++) {
      Address address = address(random.nextInt(ADDRESSES));
      Entry old = accounts.get(address);
      if (old != null && random.nextInt(6) == 0) {
        changes.put(
            address, new AccountDiff(true, 0, UInt256.ZERO, Keccak.EMPTY, null, false, Map.of()));
        continue;
      }
      boolean cleared = old != null && random.nextInt(6) == 0;
      byte[] newCode = null;
      if (cleared || old == null || random.nextInt(10) == 0) {
        newCode = new byte[random.nextInt(4) == 0 ? 0 : random.nextInt(200)];
        for (int b = 0; b < newCode.length; b++) {
          newCode[b] = new byte[] {0x5B, 0x60, 0x00}[random.nextInt(3)];
        }
      }
      Map<UInt256, UInt256> slots = new HashMap<>();
      int slotCount = random.nextInt(4) == 0 ? 0 : random.nextInt(12);
      for (int s = 0; s < slotCount; s++) {
        UInt256 slot = slot(random.nextInt(SLOTS));
        UInt256 value =
            switch (random.nextInt(4)) {
              case 0 -> UInt256.ZERO;
              case 1 -> UInt256.of(random.nextInt(200));
              case 2 -> old == null ? UInt256.ONE : old.slots.getOrDefault(slot, UInt256.ZERO);
              default -> UInt256.of(random.nextLong(), random.nextLong(), 0, random.nextLong());
            };
        slots.put(slot, value);
      }
      Hash32 codeHash = newCode != null ? Keccak.hash(newCode) : old.account().codeHash();
      UInt256 balance = UInt256.of(random.nextLong());
      changes.put(
          address,
          new AccountDiff(false, random.nextLong(), balance, codeHash, newCode, cleared, slots));
    }
    return new StateDiff(changes);
  }

  static Address address(int i) {
    return Address.of(i * 0x9E3779B1, i, i * 77L);
  }

  static UInt256 slot(int i) {
    return UInt256.of(i);
  }

  private static final byte[] NONE = {};
}
