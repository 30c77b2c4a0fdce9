package io.semper.core.view;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import java.util.function.Supplier;

/// The world state after one block, read-only. Safe for use by several threads.
public interface StateView {
  /// `null` where there is no such account.
  Account account(Address address);

  /// Zero where the slot is not set or the account does not exist.
  UInt256 storage(Address address, UInt256 slot);

  /// The code with this hash; empty for the hash of nothing.
  byte[] code(Hash32 codeHash);

  /// Where that code, `length` bytes long, may jump to: a bit for each byte, the first one's lowest
  /// in the first of `length / 64 + 1` words, which nobody may change. `null` where it was not kept
  /// with the code.
  default long[] jumpDestinations(Hash32 codeHash) {
    return null;
  }

  /// The outcome of work that reads this state on this thread and changes nothing else. Where
  /// values come from afar they are fetched together: the work is done with guesses first, and
  /// again until nothing was guessed.
  default <T> T settled(Supplier<T> work) {
    return work.get();
  }
}
