package io.semper.chain.state;

import io.semper.chain.db.KeyValueStore;
import io.semper.chain.db.Schema;
import io.semper.chain.db.StorageException;
import io.semper.chain.db.WriteBatch;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.BigEndian;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.trie.NodePath;
import io.semper.core.trie.TrieUpdate.NodeChange;
import io.semper.core.view.Account;
import io.semper.core.view.HistoryUnavailableException;
import io.semper.evm.state.StateDiff;
import io.semper.genesis.Allocation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// The state of all canonical blocks in a database.
///
/// Every state key (account, slot, trie node) has its latest value and, for each block that changed
/// it, the value *before* that block. The value after block N is therefore the oldest history entry
/// above N, or the latest value where there is none. Reading takes the latest value first and looks
/// for history second: a block committed in between adds the very entry that is then found. A
/// revert takes entries away, so reads that overlap one are repeated ([#sequence]), and views of
/// reverted blocks end ([Lineage]).
///
/// Work is split in two. [#compute] verifies: it reads, and returns what would change. [#append]
/// and [#revert] add writes to a batch, which [#commit] stores whole. Those four belong to whoever
/// changes the ledger, one thread at a time; everything else to anybody.
public final class StateStore {
  /// [#newest] while a revert is being written: no view is the newest then.
  private static final long REVERTING = Long.MIN_VALUE;

  // A place in each cache for so many bytes of the largest heap, of which they take a tenth when
  // they are full: the database answers in a hundred times the time.
  private static final int CACHED_ACCOUNTS = LatestCache.places(16 << 10);
  private static final int CACHED_SLOTS = LatestCache.places(4 << 10);
  private static final int CACHED_NODES = LatestCache.places(8 << 10);
  private static final int CACHED_CODES = 1 << 9;

  /// Writes after which a pruning step ends: what is waiting to be imported waits for as long.
  private static final int MAX_PRUNING_WRITES = 5_000;

  private static final byte[] ABSENT = {};

  private final KeyValueStore db;
  final LatestCache<Address, Account> accounts = new LatestCache<>(CACHED_ACCOUNTS);
  final LatestCache<SlotKey, UInt256> slots = new LatestCache<>(CACHED_SLOTS);
  private final LatestCache<NodeKey, byte[]> nodes = new LatestCache<>(CACHED_NODES);
  private final LatestCache<Hash32, StoredCode> codes = new LatestCache<>(CACHED_CODES);

  /// Number of the newest block that reads may show in part or whole. Set before a write begins.
  private volatile long newest;

  private volatile Extent extent;
  private volatile Lineage lineage = new Lineage(Long.MAX_VALUE);

  /// Odd while a revert is being written.
  private volatile long sequence;

  private final Object revertDone = new Object();

  // Of the batch being prepared, of the thread that changes the ledger only.
  private Extent pending;
  private long revertedTo = Long.MAX_VALUE;
  private final List<StateDelta> appended = new ArrayList<>();

  record SlotKey(Address address, UInt256 slot) {}

  /// @param account `null` in the account trie
  private record NodeKey(Hash32 account, NodePath path) {}

  /// @param head newest block, -1 before genesis
  /// @param oldest oldest block whose state can be read
  /// @param oldestProvable oldest block whose trie nodes can be read
  private record Extent(long head, Hash32 root, long oldest, long oldestProvable) {
    static final Extent NOTHING = new Extent(-1, Account.EMPTY_ROOT, 0, 0);

    static Extent read(byte[] stored) {
      if (stored == null) return NOTHING;
      return new Extent(
          BigEndian.getLong(stored, 0),
          Hash32.of(stored, 8),
          BigEndian.getLong(stored, 40),
          BigEndian.getLong(stored, 48));
    }

    byte[] toBytes() {
      byte[] out = new byte[56];
      BigEndian.putLong(out, 0, head);
      root.writeTo(out, 8);
      BigEndian.putLong(out, 40, oldest);
      BigEndian.putLong(out, 48, oldestProvable);
      return out;
    }
  }

  /// A stretch of time without reverts. Each ends by naming its successor, so that a view can tell
  /// whether any revert since it was made went below its block.
  static final class Lineage {
    private final long startedByRevertTo;
    private volatile Lineage next;

    private Lineage(long startedByRevertTo) {
      this.startedByRevertTo = startedByRevertTo;
    }

    boolean isCurrent() {
      return next == null;
    }

    boolean holds(long number) {
      for (Lineage later = next; later != null; later = later.next) {
        if (later.startedByRevertTo < number) return false;
      }
      return true;
    }
  }

  public StateStore(KeyValueStore db) {
    this.db = db;
    extent = Extent.read(db.get(Schema.STATE_EXTENT));
    pending = extent;
    newest = extent.head;
  }

  /// Number of the newest block with a stored state, -1 before genesis.
  public long head() {
    return extent.head;
  }

  /// The lowest block number whose state can be read.
  public long oldestState() {
    return extent.oldest;
  }

  /// The lowest block number whose state can be proven and branched off from.
  public long oldestProvable() {
    return extent.oldestProvable;
  }

  /// The newest stored state; the empty state before genesis.
  public ChainState headState() {
    while (true) {
      long before = settled();
      Extent now = extent;
      ChainState state = new StoredState(this, now.head, lineage, now.root);
      if (sequence == before) return state;
    }
  }

  /// The state after a canonical block.
  ///
  /// @throws HistoryUnavailableException no longer kept
  /// @throws IllegalArgumentException above the head
  public ChainState at(long blockNumber) {
    while (true) {
      long before = settled();
      Extent now = extent;
      Lineage current = lineage;
      if (sequence != before) continue;
      if (blockNumber > now.head) {
        throw new IllegalArgumentException(
            "state of block " + blockNumber + " asked for, newest is " + now.head);
      }
      checkKept(blockNumber, now.oldest);
      Hash32 root = blockNumber == now.head ? now.root : null;
      return new StoredState(this, blockNumber, current, root);
    }
  }

  /// What `diff` does to `parent`. Stores nothing and may be called on any state.
  public StateDelta compute(ChainState parent, StateDiff diff) {
    return DeltaComputation.compute(parent, diff, true);
  }

  /// What `diff` does to `parent`, only to be read through [ChainState#plus]: it cannot be stored.
  public StateDelta computeReadOnly(ChainState parent, StateDiff diff) {
    return DeltaComputation.compute(parent, diff, false);
  }

  /// Writes the state before the first block, of any size, in many batches. None of it counts
  /// before a batch is committed that [#begin] has added to.
  ///
  /// @return its root
  public Hash32 writeFirst(Allocation allocation) {
    if (pending.head >= 0) {
      throw new IllegalStateException("there is a first state already");
    }
    return FirstState.write(db, allocation, FirstState.MAX_BATCH_BYTES);
  }

  /// Adds to `batch` that the state which [#writeFirst] wrote is that of block 0.
  public void begin(WriteBatch batch, Hash32 root) {
    pending = new Extent(0, root, 0, 0);
    batch.put(Schema.STATE_EXTENT, pending.toBytes());
  }

  /// Adds the writes of the next block to `batch`.
  ///
  /// @param delta computed on the state of block `blockNumber - 1`
  public void append(WriteBatch batch, long blockNumber, StateDelta delta) {
    if (blockNumber != pending.head + 1 || !delta.parentRoot().equals(pending.root)) {
      throw new IllegalStateException(
          "block " + blockNumber + " does not follow the state of block " + pending.head);
    }
    // What the first block found, nothing, is never asked for, nor is it reverted.
    boolean history = blockNumber > 0;
    for (StateDelta.AccountChange change : delta.accounts().values()) {
      byte[] key = Schema.account(change.key());
      write(batch, key, blockNumber, history, flat(change.before()), flat(change.after()));
      if (change.storage() != null) appendStorage(batch, blockNumber, history, change);
    }
    for (Map.Entry<NodePath, NodeChange> e : delta.accountNodes().entrySet()) {
      byte[] key = Schema.accountNode(e.getKey());
      write(batch, key, blockNumber, history, e.getValue().before(), e.getValue().after());
    }
    delta
        .codes()
        .forEach((hash, code) -> batch.put(Schema.code(hash), StoredCode.of(code).encode()));
    if (history) batch.put(Schema.changes(blockNumber), StateChanges.encode(delta));
    pending = new Extent(blockNumber, delta.root(), pending.oldest, pending.oldestProvable);
    batch.put(Schema.STATE_EXTENT, pending.toBytes());
    appended.add(delta);
  }

  private static void appendStorage(
      WriteBatch batch, long number, boolean history, StateDelta.AccountChange change) {
    for (Map.Entry<Hash32, StateDelta.SlotChange> e : change.storage().slots().entrySet()) {
      StateDelta.SlotChange slot = e.getValue();
      byte[] key = Schema.slot(change.key(), e.getKey());
      byte[] before = FlatValue.of(slot.before());
      write(batch, key, number, history, before, FlatValue.of(slot.after()));
    }
    for (Map.Entry<NodePath, NodeChange> e : change.storage().nodes().entrySet()) {
      byte[] key = Schema.storageNode(change.key(), e.getKey());
      write(batch, key, number, history, e.getValue().before(), e.getValue().after());
    }
  }

  private static byte[] flat(Account account) {
    return FlatValue.of(account);
  }

  private static void write(
      WriteBatch batch, byte[] key, long number, boolean history, byte[] before, byte[] after) {
    if (after == null) {
      batch.delete(key);
    } else {
      batch.put(key, after);
    }
    if (history) batch.put(Schema.history(key, number), before == null ? ABSENT : before);
  }

  /// Adds to `batch` what undoes the newest block: the stored head, or the one below those that the
  /// same batch reverts already.
  ///
  /// @throws HistoryUnavailableException where the history to undo it has been pruned
  public void revert(WriteBatch batch, long blockNumber) {
    if (blockNumber != pending.head || blockNumber == 0 || !appended.isEmpty()) {
      throw new IllegalStateException(
          "block " + blockNumber + " is not the one to revert, the state is at " + pending.head);
    }
    if (blockNumber <= pending.oldestProvable) {
      throw new HistoryUnavailableException(
          "block " + blockNumber + " cannot be undone: the state before it has been pruned");
    }
    byte[][] root = new byte[1][];
    byte[] rootKey = Schema.accountNode(NodePath.ROOT);
    StateChanges.forEach(
        changes(blockNumber),
        key -> restore(batch, key, blockNumber),
        key -> {
          byte[] before = restore(batch, key, blockNumber);
          if (Arrays.equals(key, rootKey)) root[0] = before;
        });
    batch.delete(Schema.changes(blockNumber));
    Hash32 rootBefore = pending.root;
    if (root[0] != null) {
      rootBefore = root[0].length == 0 ? Account.EMPTY_ROOT : Keccak.hash(root[0]);
    }
    pending = new Extent(blockNumber - 1, rootBefore, pending.oldest, pending.oldestProvable);
    batch.put(Schema.STATE_EXTENT, pending.toBytes());
    revertedTo = blockNumber - 1;
  }

  private byte[] restore(WriteBatch batch, byte[] key, long blockNumber) {
    byte[] historyKey = Schema.history(key, blockNumber);
    byte[] before = db.get(historyKey);
    if (before == null) {
      throw new StorageException(
          "the database is damaged: block "
              + blockNumber
              + " cannot be undone, history is missing");
    }
    if (before.length == 0) {
      batch.delete(key);
    } else {
      batch.put(key, before);
    }
    batch.delete(historyKey);
    return before;
  }

  private byte[] changes(long blockNumber) {
    byte[] changes = db.get(Schema.changes(blockNumber));
    if (changes == null) {
      throw new StorageException(
          "the database is damaged: the list of changes of block " + blockNumber + " is missing");
    }
    return changes;
  }

  /// Forgets what was prepared since the last commit; its batch must not be written.
  public void discard() {
    pending = extent;
    revertedTo = Long.MAX_VALUE;
    appended.clear();
  }

  /// Writes a batch that [#append] or [#revert] prepared, with whatever else it holds, and makes
  /// its last state the newest one. Where writing fails the state stays as it was.
  public void commit(WriteBatch batch, boolean sync) {
    try {
      if (revertedTo == Long.MAX_VALUE) {
        // Stays so if the write fails: reads then look for history, which is right either way.
        newest = pending.head;
        db.write(batch, sync);
        for (StateDelta delta : appended) cache(delta);
        extent = pending;
      } else {
        commitRevert(batch, sync);
      }
    } finally {
      discard();
    }
  }

  private void commitRevert(WriteBatch batch, boolean sync) {
    sequence++;
    newest = REVERTING;
    Lineage following = new Lineage(revertedTo);
    lineage.next = following;
    lineage = following;
    try {
      db.write(batch, sync);
      accounts.clear();
      slots.clear();
      nodes.clear();
      extent = pending;
      newest = pending.head;
    } finally {
      synchronized (revertDone) {
        sequence++;
        revertDone.notifyAll();
      }
    }
  }

  private void cache(StateDelta delta) {
    for (Map.Entry<Address, StateDelta.AccountChange> e : delta.accounts().entrySet()) {
      StateDelta.AccountChange change = e.getValue();
      accounts.put(e.getKey(), change.after());
      StateDelta.StorageChange storage = change.storage();
      if (storage == null) continue;
      // Which addresses' slots are cached is not known; clearing stored slots is rare.
      if (storage.cleared()) slots.clear();
      storage.values().forEach((slot, value) -> slots.put(new SlotKey(e.getKey(), slot), value));
      storage.nodes().forEach((path, n) -> nodes.put(new NodeKey(change.key(), path), n.after()));
    }
    delta.accountNodes().forEach((path, n) -> nodes.put(new NodeKey(null, path), n.after()));
  }

  // ---- reading -------------------------------------------------------------------------------

  long newest() {
    return newest;
  }

  /// The value that `key` had in the state of `view`, `null` for none.
  byte[] read(byte[] key, StoredState view) {
    while (true) {
      long before = settled();
      byte[] value = db.get(key);
      if (view.isNewest()) return value;
      // One block back is where readers stand while a block is being imported.
      byte[] next = Schema.history(key, view.number() + 1);
      byte[] since = newest == view.number() + 1 ? db.get(next) : firstHistory(next);
      if (since != null) value = since.length == 0 ? null : since;
      if (sequence != before) continue;
      if (!view.lineage().holds(view.number())) {
        throw new HistoryUnavailableException(
            "block " + view.number() + " has been removed by a reorganisation");
      }
      checkKept(view.number(), extent.oldest);
      return value;
    }
  }

  /// What a key held before it was first changed in the block that `from` names or later.
  private byte[] firstHistory(byte[] from) {
    try (KeyValueStore.Cursor cursor = db.cursor()) {
      return cursor.seek(from) && isHistoryOf(cursor.key(), from) ? cursor.value() : null;
    }
  }

  private static boolean isHistoryOf(byte[] found, byte[] wanted) {
    int length = wanted.length - 8;
    return found.length == wanted.length && Arrays.equals(found, 0, length, wanted, 0, length);
  }

  /// @param account `null` for the account trie
  byte[] node(Hash32 account, NodePath path, StoredState view) {
    NodeKey key = new NodeKey(account, path);
    LatestCache.Entry<NodeKey, byte[]> known = nodes.get(key);
    if (known != null && view.isNewest()) return known.value();
    byte[] stored = account == null ? Schema.accountNode(path) : Schema.storageNode(account, path);
    byte[] rlp = read(stored, view);
    if (view.isNewest()) {
      nodes.putIf(key, rlp, view::isNewest);
    } else {
      checkKept(view.number(), extent.oldestProvable);
    }
    return rlp;
  }

  StoredCode code(Hash32 hash) {
    if (hash.equals(Keccak.EMPTY)) return StoredCode.EMPTY;
    LatestCache.Entry<Hash32, StoredCode> known = codes.get(hash);
    if (known != null) return known.value();
    StoredCode code = StoredCode.read(db, hash);
    codes.put(hash, code);
    return code;
  }

  private static void checkKept(long number, long oldest) {
    if (number < oldest) {
      throw new HistoryUnavailableException(
          "state of block " + number + " is not kept; the oldest kept is of block " + oldest);
    }
  }

  /// Waits for a revert being written to end.
  private long settled() {
    long now = sequence;
    while ((now & 1) == 1) {
      synchronized (revertDone) {
        try {
          if (sequence == now) revertDone.wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new StorageException("interrupted while the chain was being reorganised", e);
        }
      }
      now = sequence;
    }
    return now;
  }

  // ---- pruning and checking ------------------------------------------------------------------

  /// One bounded step of forgetting: afterwards the states before `oldestState`, and the trie nodes
  /// of states before `oldestProvable`, are gone or a step closer to it. Import thread, with no
  /// batch prepared.
  ///
  /// @param oldestProvable at least `oldestState`
  /// @return whether there is more to do
  public boolean prune(long oldestState, long oldestProvable) {
    if (oldestProvable < oldestState || oldestProvable > extent.head || pending != extent) {
      throw new IllegalArgumentException(
          "cannot prune to " + oldestState + " and " + oldestProvable + " at " + extent.head);
    }
    WriteBatch batch = new WriteBatch();
    long provable = extent.oldestProvable;
    while (provable < oldestProvable && batch.size() < MAX_PRUNING_WRITES) {
      long number = ++provable;
      StateChanges.forEach(
          changes(number), key -> {}, key -> batch.delete(Schema.history(key, number)));
    }
    long oldest = extent.oldest;
    while (oldest < Math.min(oldestState, provable) && batch.size() < MAX_PRUNING_WRITES) {
      long number = ++oldest;
      StateChanges.forEach(
          changes(number), key -> batch.delete(Schema.history(key, number)), key -> {});
      batch.delete(Schema.changes(number));
    }
    if (batch.size() == 0) return false;
    Extent after = new Extent(extent.head, extent.root, oldest, provable);
    batch.put(Schema.STATE_EXTENT, after.toBytes());
    extent = after;
    pending = after;
    db.write(batch, false);
    return provable < oldestProvable || oldest < oldestState;
  }

  /// The root of the newest state, computed anew from all flat accounts and slots. No block may be
  /// committed meanwhile.
  ///
  /// @throws StorageException where an account's storage does not have the root the account names,
  ///   slots belong to no account, or code is missing or damaged
  public Hash32 recomputeRoot() {
    StoredCode.checkAll(db);
    return FlatTries.build(
        db,
        (key, stored, storageRoot) -> {
          if (!storageRoot.equals(stored.storageRoot())) {
            throw FlatTries.inconsistent("storage does not match its root", key);
          }
          code(stored.codeHash());
          return stored;
        });
  }
}
