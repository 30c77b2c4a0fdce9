package io.semper.node.fork;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.view.Account;
import io.semper.core.view.StateView;
import io.semper.evm.state.StateDiff;
import io.semper.evm.state.StateDiff.AccountDiff;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/// What changed in a state from version to version, each of which can be read: every value is kept
/// under the version it came with. Block `n` is version `2n`, its state as it was altered
/// afterwards `2n + 1`. Many threads may read while one writes above what they read.
final class Versions {
  private final Map<Address, NavigableMap<Long, AccountDiff>> accounts = new ConcurrentHashMap<>();
  private final Map<Address, Map<UInt256, NavigableMap<Long, UInt256>>> slots =
      new ConcurrentHashMap<>();

  /// When an account lost all its slots.
  private final Map<Address, NavigableMap<Long, Boolean>> cleared = new ConcurrentHashMap<>();

  static long sealed(long block) {
    return 2 * block;
  }

  static long altered(long block) {
    return 2 * block + 1;
  }

  void put(long version, StateDiff diff, Map<Hash32, byte[]> codes) {
    diff.accounts()
        .forEach((address, change) -> {
          if (!change.deleted() && change.newCode() != null) {
            codes.put(change.codeHash(), change.newCode());
          }
          if (change.deleted() || change.storageCleared()) {
            versions(cleared, address).put(version, true);
          }
          var own = slots.computeIfAbsent(address, a -> new ConcurrentHashMap<>());
          change.storage().forEach((slot, value) -> versions(own, slot).put(version, value));
          versions(accounts, address).put(version, change);
        });
  }

  private static <K, V> NavigableMap<Long, V> versions(Map<K, NavigableMap<Long, V>> all, K key) {
    return all.computeIfAbsent(key, k -> new ConcurrentSkipListMap<>());
  }

  /// Forgets all that came after `version`.
  void dropAfter(long version) {
    accounts.values().forEach(each -> each.tailMap(version, false).clear());
    cleared.values().forEach(each -> each.tailMap(version, false).clear());
    slots
        .values()
        .forEach(own -> own.values().forEach(each -> each.tailMap(version, false).clear()));
  }

  /// Accounts and slots that have ever been written.
  Map<Address, List<UInt256>> written() {
    Map<Address, List<UInt256>> written = new LinkedHashMap<>();
    accounts.keySet().stream()
        .sorted()
        .forEach(address ->
            written.put(address, new ArrayList<>(slots.getOrDefault(address, Map.of()).keySet())));
    return written;
  }

  /// The state of a version.
  ///
  /// @param below the state before all versions
  StateView at(long version, StateView below, Map<Hash32, byte[]> codes) {
    return new StateView() {
      @Override
      public Account account(Address address) {
        AccountDiff change = newest(accounts.get(address), version);
        if (change == null) {
          return below.account(address);
        }
        // A root of its own is nobody's: below it stands for there being storage or not.
        return change.deleted()
            ? null
            : new Account(change.nonce(), change.balance(), Account.EMPTY_ROOT, change.codeHash());
      }

      @Override
      public UInt256 storage(Address address, UInt256 slot) {
        Map<UInt256, NavigableMap<Long, UInt256>> own = slots.getOrDefault(address, Map.of());
        NavigableMap<Long, Boolean> ends = cleared.get(address);
        Map.Entry<Long, Boolean> end = ends == null ? null : ends.floorEntry(version);
        NavigableMap<Long, UInt256> values = own.get(slot);
        Map.Entry<Long, UInt256> value = values == null ? null : values.floorEntry(version);
        if (value != null && (end == null || value.getKey() >= end.getKey())) {
          return value.getValue();
        }
        return end == null ? below.storage(address, slot) : UInt256.ZERO;
      }

      @Override
      public byte[] code(Hash32 codeHash) {
        byte[] code = codes.get(codeHash);
        return code != null ? code : below.code(codeHash);
      }
    };
  }

  private static <V> V newest(NavigableMap<Long, V> versions, long version) {
    Map.Entry<Long, V> found = versions == null ? null : versions.floorEntry(version);
    return found == null ? null : found.getValue();
  }
}
