package io.semper.core.view;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.ForkSchedule;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Receipt;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// A chain to read from: the full node's ledger, or what a light client has proven of one.
///
/// Safe for use by several threads. `Optional` answers are empty for what is not known; what was
/// known once and has been dropped on purpose is a [HistoryUnavailableException].
public interface ChainView {
  UInt256 chainId();

  ForkSchedule forks();

  /// The newest canonical header. Everything it commits to can be read.
  Header head();

  /// The newest header that a reorganisation is very unlikely to remove, if the consensus names
  /// one.
  Optional<Header> safe();

  /// The newest header that cannot be removed, if the consensus names one.
  Optional<Header> finalized();

  /// The canonical header with this number.
  Optional<Header> header(long number);

  /// The same for who shows it to nobody and reads nothing that its hash does not cover, as of many
  /// headers in a row. May be quicker.
  default Optional<Header> headerToSearch(long number) {
    return header(number);
  }

  /// A known header, canonical or not.
  Optional<Header> header(Hash32 hash);

  boolean isCanonical(Header header);

  /// A known block, canonical or not.
  Optional<Block> block(Hash32 hash);

  /// Receipts of a block in the order of its transactions.
  Optional<List<Receipt>> receipts(Hash32 blockHash);

  /// Where a transaction stands in the canonical chain.
  Optional<TransactionLocation> locate(Hash32 transactionHash);

  /// Sum of difficulties from genesis to this block.
  Optional<UInt256> totalDifficulty(Hash32 blockHash);

  /// The world state after a block.
  ///
  /// @throws HistoryUnavailableException where that state is not kept
  StateView stateAfter(Header header);

  /// An EIP-1186 proof against the state root of `header`, `keys` being storage slots.
  ///
  /// @throws HistoryUnavailableException where that state is not kept
  AccountProof prove(Header header, Address address, List<UInt256> keys);

  /// The lowest block number whose state can be read.
  long oldestState();

  /// The lowest block number against whose state can be proven.
  default long oldestProof() {
    return oldestState();
  }

  /// How many of the newest blocks keep their state while the chain grows; empty where all do.
  default OptionalLong stateWindow() {
    return OptionalLong.empty();
  }

  /// Calls `listener` in order for every change of head, on the importing thread: it must not
  /// block. Closing the result ends it.
  Subscription onHead(Consumer<HeadChange> listener);

  /// @param blockHash the canonical block
  /// @param index position in that block
  record TransactionLocation(Hash32 blockHash, long blockNumber, int index) {}

  /// @param removed headers that left the canonical chain, newest first
  /// @param added headers that joined it, oldest first
  record HeadChange(List<Header> removed, List<Header> added) {}

  /// @param account `null` where absence is proven
  /// @param proof trie nodes from the state root down
  record AccountProof(
      Address address, Account account, List<byte[]> proof, List<SlotProof> slots) {}

  /// @param proof trie nodes from the storage root down
  record SlotProof(UInt256 key, UInt256 value, List<byte[]> proof) {}

  /// Ends what it stands for. Closing twice is harmless.
  interface Subscription extends AutoCloseable {
    @Override
    void close();
  }
}
