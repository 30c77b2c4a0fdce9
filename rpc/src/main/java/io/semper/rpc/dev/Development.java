package io.semper.rpc.dev;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Header;
import java.util.List;
import java.util.Optional;

/// A chain that does what its user says. Calls are carried out one after the other between two
/// blocks, after transactions that are sealed at once; each returns when it is done. Times are
/// seconds.
///
/// Methods throw [io.semper.rpc.RpcException] where the chain cannot do as told.
public interface Development {
  // ---- Blocks

  /// Seals a block, empty where nothing is executable.
  ///
  /// @param timestamp of the block, `null` for the chain's clock
  Header mine(Long timestamp) throws InterruptedException;

  boolean automine();

  /// Seals each transaction at once from now on, or no longer.
  void setAutomine(boolean on) throws InterruptedException;

  /// Interval between blocks, 0 for none.
  long intervalMillis();

  /// Seals a block every so often instead of for each transaction; 0 for only when told.
  void setInterval(long millis) throws InterruptedException;

  void setGasLimit(long gas) throws InterruptedException;

  void setBeneficiary(Address account) throws InterruptedException;

  /// Of the next block alone.
  void setBaseFee(UInt256 wei) throws InterruptedException;

  /// Of the next block alone.
  void setPrevRandao(Hash32 value) throws InterruptedException;

  // ---- Time

  /// Sets the chain's clock forward; returns how far it is ahead of the machine's.
  long increaseTime(long seconds) throws InterruptedException;

  /// Sets the chain's clock; returns how far it went forward.
  long setTime(long timestamp) throws InterruptedException;

  /// Of the next block; the clock goes on from there.
  void setNextTimestamp(long timestamp) throws InterruptedException;

  /// Between blocks whatever the clock says, 0 to follow it again; returns what held before.
  long setTimestampStep(long seconds) throws InterruptedException;

  // ---- State

  void setBalance(Address account, UInt256 wei) throws InterruptedException;

  void addBalance(Address account, UInt256 wei) throws InterruptedException;

  void setNonce(Address account, long nonce) throws InterruptedException;

  void setCode(Address account, byte[] code) throws InterruptedException;

  void setStorage(Address account, UInt256 slot, UInt256 value) throws InterruptedException;

  /// All accounts with code and storage, in a form [#load] reads, on other chains too.
  byte[] dump() throws InterruptedException;

  void load(byte[] state) throws InterruptedException;

  // ---- Going back

  /// Remembers everything as it is now, under the number returned.
  long snapshot() throws InterruptedException;

  /// Goes back to a snapshot, which with all later ones is then forgotten; false where there is
  /// none of this number.
  boolean revert(long snapshot) throws InterruptedException;

  /// Leaves so many of the newest blocks.
  void rollback(long blocks) throws InterruptedException;

  /// Back to the beginning.
  ///
  /// @param url of the node whose chain is forked, `null` for the one forked before
  /// @param block where to fork it, `null` for its newest
  void reset(String url, Long block) throws InterruptedException;

  /// Reads what is forked from another node of the same chain from now on.
  void setForkUrl(String url) throws InterruptedException;

  // ---- Transactions

  /// Lets callers send as `account`, or no longer.
  void impersonate(Address account, boolean on);

  /// Lets callers send as anybody, or no longer.
  void impersonateAll(boolean on);

  /// Removes a waiting transaction; false where there is none of this hash.
  boolean drop(Hash32 transaction) throws InterruptedException;

  /// Removes all waiting transactions of an account, `null` for those of everybody.
  void dropAll(Address sender) throws InterruptedException;

  // ---- About itself

  /// Whether what happens is logged for people.
  void setLogging(boolean on);

  /// Different for each start of the chain.
  Hash32 instance();

  /// The header of the block that would be sealed now.
  Header next();

  List<Snapshot> snapshots();

  /// The chain that is forked.
  Optional<Forked> forked();

  /// @param block number of the block it was taken after
  record Snapshot(long number, long block, Hash32 blockHash) {}

  record Forked(String url, UInt256 chainId, long block, Hash32 blockHash) {}
}
