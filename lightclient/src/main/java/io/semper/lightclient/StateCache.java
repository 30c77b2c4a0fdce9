package io.semper.lightclient;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.types.Header;
import io.semper.core.view.Account;
import java.util.Optional;

/// What has been proven of states, whichever block it was asked for. A slot is known for as long as
/// its account's storage root is the same, code by its hash for ever.
final class StateCache {
  private static final long ACCOUNT_BYTES = 3 << 20;
  private static final long SLOT_BYTES = 5 << 20;
  private static final long CODE_BYTES = 6 << 20;
  private static final int VALUE_BYTES = 200;

  record AccountKey(Hash32 stateRoot, Address address) {}

  record SlotKey(Hash32 storageRoot, UInt256 slot) {}

  /// An account as it was proven last, empty where it did not exist.
  record Seen(Header at, Optional<Account> account) {}

  final BoundedCache<AccountKey, Optional<Account>> accounts =
      new BoundedCache<>(ACCOUNT_BYTES, account -> VALUE_BYTES);
  final BoundedCache<Address, Seen> seen =
      new BoundedCache<>(ACCOUNT_BYTES, account -> VALUE_BYTES);
  final BoundedCache<SlotKey, UInt256> slots = new BoundedCache<>(SLOT_BYTES, value -> VALUE_BYTES);
  final BoundedCache<Hash32, byte[]> codes = new BoundedCache<>(CODE_BYTES, code -> code.length);

  void account(Header at, Address address, Optional<Account> account) {
    accounts.put(new AccountKey(at.stateRoot(), address), account);
    Seen before = seen.get(address);
    if (before == null || before.at().number() <= at.number()) {
      seen.put(address, new Seen(at, account));
    }
  }

  /// `null` where it is not known.
  UInt256 slot(Account account, UInt256 slot) {
    return account.storageRoot().equals(Account.EMPTY_ROOT)
        ? UInt256.ZERO
        : slots.get(new SlotKey(account.storageRoot(), slot));
  }

  /// `null` where it is not known.
  byte[] code(Hash32 hash) {
    return hash.equals(Keccak.EMPTY) ? new byte[0] : codes.get(hash);
  }
}
