package io.semper.chain.importer;

import io.semper.chain.block.Violation;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Header;

/// What became of a block handed to the ledger.
public sealed interface ImportResult {
  /// Valid, stored, and readable with its state.
  ///
  /// @param head whether it is now the head of the canonical chain
  record Imported(Header header, boolean head) implements ImportResult {}

  /// Imported before; nothing changed.
  record AlreadyKnown(Header header) implements ImportResult {}

  /// Not a block of this chain, now or ever.
  record Invalid(long number, Hash32 hash, Violation violation) implements ImportResult {
    @Override
    public String toString() {
      return "block " + number + " " + hash + " is invalid: " + violation;
    }
  }

  /// Its parent has to come first.
  record UnknownParent(long number, Hash32 hash, Hash32 parentHash) implements ImportResult {
    @Override
    public String toString() {
      return "block " + number + " " + hash + ": its parent " + parentHash + " is not known";
    }
  }

  /// Nothing is wrong with it, but the state it builds on is no longer kept.
  record Unavailable(long number, Hash32 hash, String reason) implements ImportResult {
    @Override
    public String toString() {
      return "block " + number + " " + hash + " cannot be executed: " + reason;
    }
  }
}
