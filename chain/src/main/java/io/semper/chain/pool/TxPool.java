package io.semper.chain.pool;

import io.semper.chain.pool.SenderQueue.Entry;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.Fork;
import io.semper.core.types.BlobSidecar;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.PooledTransaction;
import io.semper.core.types.Transaction;
import io.semper.core.view.Account;
import io.semper.core.view.ChainView;
import io.semper.core.view.ChainView.HeadChange;
import io.semper.core.view.ChainView.Subscription;
import io.semper.core.view.PoolView.Content;
import io.semper.core.view.PoolView.Submission;
import io.semper.core.view.StateView;
import io.semper.evm.state.Code;
import io.semper.evm.tx.Message;
import io.semper.evm.tx.TransactionRules;
import io.semper.genesis.Network;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The transaction pool: what was submitted and is not in a block yet.
///
/// A sender's transactions are kept by nonce. Those that continue its account without a gap and can
/// be paid are executable; the rest waits. Where the pool is full, the cheapest gives way. Rules of
/// admission and replacement are go-ethereum's.
public final class TxPool implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TxPool.class);

  /// The file is rewritten where it holds this many times what the pool does.
  private static final int FILE_SLACK = 4;

  /// A start looks at every signature in the file, also those of transactions long included.
  private static final long FILE_MINIMUM_BYTES = 256 << 10;

  /// Sidecars of transactions that went into a block, kept in case the block is left again.
  private static final int MAX_INCLUDED_BLOBS = 256;

  /// After a failure the file is left alone for so long.
  private static final long FILE_RETRY_MILLIS = 10_000;

  /// Cheapest first: the order in which transactions give way.
  private static final Comparator<Entry> CHEAPEST =
      Comparator.<Entry, UInt256>comparing(e -> e.transaction().maxPriorityFeePerGas())
          .thenComparing(e -> e.transaction().maxFeePerGas())
          .thenComparing(Entry::sequence, Comparator.reverseOrder());

  private final ChainView chain;
  private final Function<Header, Fork> nextFork;
  private final PoolLimits limits;
  private final PoolRules rules;
  private final Clock clock;
  private final PoolFile file;
  private final Subscription headSubscription;

  private final Map<Address, SenderQueue> senders = new HashMap<>();
  private final Map<Hash32, Entry> byHash = new HashMap<>();
  private final TreeSet<Entry> byPrice = new TreeSet<>(CHEAPEST);
  private final LinkedHashMap<Hash32, PooledTransaction> includedBlobs = new LinkedHashMap<>();
  private int includedBlobCount;
  private final List<Consumer<Transaction>> listeners = new CopyOnWriteArrayList<>();
  private final List<Consumer<Transaction>> takenListeners = new CopyOnWriteArrayList<>();
  private long bytes;
  private long sequence;
  private Header head;
  private volatile Next next;
  private long version;

  private record Next(Header parent, Fork fork) {}

  // Whether the file lacks transactions, and when to try again.
  private boolean fileBehind;
  private long fileRetryMillis;

  /// @param nextFork the fork of the block after a header
  /// @param proofs `null` to take no blob transactions
  /// @param file where transactions outlive the process, `null` for nowhere
  public TxPool(
      Network network,
      ChainView chain,
      Function<Header, Fork> nextFork,
      PoolLimits limits,
      BlobProofs proofs,
      Path file,
      Clock clock) {
    this.chain = chain;
    this.nextFork = nextFork;
    this.limits = limits;
    this.clock = clock;
    rules = new PoolRules(network, limits, proofs);
    head = chain.head();
    this.file = file == null ? null : new PoolFile(file);
    if (this.file != null) {
      this.file.read(each -> admit(each, false));
      this.file.rewrite(pooled());
    }
    headSubscription = chain.onHead(this::onHead);
  }

  /// Takes a transaction in, or says why not. What is here, and known to be, is in the file.
  public Submission submit(PooledTransaction pooled) {
    return admit(pooled, file != null);
  }

  /// Asked for each transaction, and the same for all between two heads.
  private Fork forkAfter(Header parent) {
    Next known = next;
    if (known == null || known.parent() != parent) {
      known = new Next(parent, nextFork.apply(parent));
      next = known;
    }
    return known.fork();
  }

  /// Where the file cannot be written, the transaction is in the pool all the same, and a later one
  /// has the file written anew.
  private void persist(PooledTransaction pooled) {
    try {
      if (!fileBehind) {
        file.append(pooled);
      } else if (clock.millis() < fileRetryMillis) {
        return;
      }
      if (fileBehind || file.bytes() > Math.max(FILE_MINIMUM_BYTES, FILE_SLACK * bytes)) {
        file.rewrite(pooled());
        fileBehind = false;
      }
    } catch (UncheckedIOException e) {
      LOG.warn("pooled transactions would not survive a restart: {}", e.toString());
      fileBehind = true;
      fileRetryMillis = clock.millis() + FILE_RETRY_MILLIS;
    }
  }

  private Submission admit(PooledTransaction pooled, boolean persist) {
    Hash32 hash = pooled.transaction().hash();
    Header now;
    synchronized (this) {
      if (byHash.containsKey(hash)) {
        return new Submission.Rejected("already known");
      }
      now = head;
    }
    Optional<String> refused = rules.check(pooled, now, forkAfter(now));
    if (refused.isPresent()) {
      return new Submission.Rejected(refused.get());
    }
    List<Transaction> executable;
    synchronized (this) {
      String reason = place(pooled);
      if (reason != null) {
        return new Submission.Rejected(reason);
      }
      if (persist) {
        persist(pooled);
      }
      executable = newlyExecutable(senders.get(pooled.transaction().sender()), pooled);
      version++;
    }
    takenListeners.forEach(listener -> listener.accept(pooled.transaction()));
    announce(executable);
    return new Submission.Accepted(hash);
  }

  private void announce(List<Transaction> executable) {
    for (Transaction each : executable) {
      listeners.forEach(listener -> listener.accept(each));
    }
  }

  /// The executable transactions from the one just placed on, none where it waits.
  private static List<Transaction> newlyExecutable(SenderQueue queue, PooledTransaction placed) {
    List<Transaction> found = queue.executableFrom(placed.transaction().nonce());
    return found.isEmpty() || found.getFirst() != placed.transaction() ? List.of() : found;
  }

  /// Puts a checked transaction in its place; returns the reason where it has none.
  private String place(PooledTransaction pooled) {
    Transaction t = pooled.transaction();
    if (byHash.containsKey(t.hash())) {
      return "already known";
    }
    SenderQueue queue = senders.get(t.sender());
    if (queue == null) {
      queue = new SenderQueue(t.sender());
      refresh(queue, chain.stateAfter(head));
    }
    if (Long.compareUnsigned(t.nonce(), queue.nonce()) < 0) {
      return "nonce too low: next nonce %s, tx nonce %s"
          .formatted(Long.toUnsignedString(queue.nonce()), Long.toUnsignedString(t.nonce()));
    }
    UInt256 cost = TransactionRules.mostCost(Message.of(t, t.sender()));
    if (cost == null || cost.compareTo(queue.balance()) > 0) {
      return insufficient("balance %s, tx cost %s", cost, queue.balance(), cost);
    }
    Entry old = queue.get(t.nonce());
    UInt256 beside = queue.costBeside(t.nonce());
    UInt256 all = beside.plusExact(cost);
    if (all == null || all.compareTo(queue.balance()) > 0) {
      return insufficient(
          "balance %s, queued cost %s, tx cost %s", all, queue.balance(), beside, cost);
    }
    if (old != null && !outbids(t, old.transaction())) {
      return "replacement transaction underpriced";
    }
    if (old == null) {
      if (queue.delegated() && queue.size() >= PoolLimits.MAX_OF_DELEGATED) {
        return "in-flight transaction limit reached for delegated accounts";
      }
      if (queue.size() >= limits.maxPerSender() && !isAwaited(queue, t.nonce())) {
        return "account limit exceeded: pooled %d txs".formatted(queue.size());
      }
    }
    long size = size(pooled);
    Entry entry = new Entry(pooled, sequence++, clock.millis(), size, cost);
    String full = makeRoom(entry, old);
    if (full != null) {
      return full;
    }
    if (old != null) {
      drop(queue, old);
    }
    senders.put(queue.sender, queue);
    queue.add(entry);
    byHash.put(t.hash(), entry);
    byPrice.add(entry);
    bytes += size;
    return null;
  }

  /// Whether those that wait in a full queue wait for this one: without it none would ever leave.
  private boolean isAwaited(SenderQueue queue, long nonce) {
    return nonce == queue.nextNonce() && nonce - queue.nonce() < limits.maxPerSender();
  }

  private static String insufficient(String detail, UInt256 want, Object... numbers) {
    UInt256 balance = (UInt256) numbers[0];
    String overshot = want == null ? "more than 256 bits" : want.minus(balance).toString();
    return "insufficient funds for gas * price + value: "
        + detail.formatted(numbers)
        + ", overshot "
        + overshot;
  }

  private static long size(PooledTransaction pooled) {
    long size = pooled.transaction().encode().length;
    return pooled.sidecar() == null
        ? size
        : size
            + pooled.sidecar().blobs().size() * (long) pooled.sidecar().blobs().getFirst().length;
  }

  private static boolean outbids(Transaction t, Transaction old) {
    int percent =
        t.type() == 3 || old.type() == 3 ? PoolLimits.BLOB_PRICE_BUMP : PoolLimits.PRICE_BUMP;
    return raised(t.maxFeePerGas(), old.maxFeePerGas(), percent)
        && raised(t.maxPriorityFeePerGas(), old.maxPriorityFeePerGas(), percent)
        && (old.type() != 3 || raised(t.maxFeePerBlobGas(), old.maxFeePerBlobGas(), percent));
  }

  private static boolean raised(UInt256 fee, UInt256 before, int percent) {
    UInt256 scaled = fee.timesExact(100);
    UInt256 needed = before.timesExact(100 + percent);
    return fee.compareTo(before) > 0
        && (scaled == null || needed != null && scaled.compareTo(needed) >= 0);
  }

  /// Lets cheaper transactions give way until there is room, or says that there are none.
  private String makeRoom(Entry entry, Entry replaced) {
    List<Entry> leaving = new ArrayList<>();
    long freedBytes = replaced == null ? 0 : replaced.bytes();
    int freed = replaced == null ? 0 : 1;
    var cheapest = byPrice.iterator();
    while (byHash.size() - freed >= limits.maxTransactions()
        || bytes - freedBytes + entry.bytes() > limits.maxBytes()) {
      if (!cheapest.hasNext()) {
        return "txpool is full";
      }
      Entry candidate = cheapest.next();
      if (candidate == replaced) {
        continue;
      }
      if (CHEAPEST.compare(entry, candidate) <= 0) {
        return "transaction underpriced";
      }
      leaving.add(candidate);
      freed++;
      freedBytes += candidate.bytes();
    }
    leaving.forEach(each -> drop(senders.get(each.transaction().sender()), each));
    return null;
  }

  private void drop(SenderQueue queue, Entry entry) {
    queue.remove(entry);
    byHash.remove(entry.transaction().hash());
    byPrice.remove(entry);
    bytes -= entry.bytes();
    if (queue.size() == 0) {
      senders.remove(queue.sender);
    }
  }

  // ---- Following the chain

  private void onHead(HeadChange change) {
    List<PooledTransaction> returning = new ArrayList<>();
    for (Header removed : change.removed()) {
      Optional<Block> block = chain.block(removed.hash());
      block.ifPresent(b -> b.transactions().forEach(t -> returning(t).ifPresent(returning::add)));
    }
    List<Transaction> executable;
    synchronized (this) {
      head = change.added().isEmpty() ? chain.head() : change.added().getLast();
      StateView state = chain.stateAfter(head);
      long oldest = clock.millis() - limits.queuedMillis();
      int sidecars = PoolRules.sidecarVersion(forkAfter(head));
      executable =
          review(queue -> {
            refresh(queue, state);
            dropStale(queue, oldest, sidecars);
          });
    }
    announce(executable);
    returning.forEach(this::submit);
  }

  /// Looks at each sender's queue anew.
  ///
  /// @return what can be executed now and could not before: it waited for others that have come in
  ///   a block and not through this pool, or for money
  private List<Transaction> review(Consumer<SenderQueue> each) {
    List<Transaction> executable = new ArrayList<>();
    for (SenderQueue queue : List.copyOf(senders.values())) {
      long next = queue.nextNonce();
      each.accept(queue);
      executable.addAll(queue.executableFrom(next));
    }
    version++;
    return executable;
  }

  /// A transaction of a block that was left; one with blobs only if they are still known.
  private synchronized Optional<PooledTransaction> returning(Transaction transaction) {
    if (transaction.type() != 3) {
      return Optional.of(new PooledTransaction(transaction, null));
    }
    PooledTransaction known = includedBlobs.remove(transaction.hash());
    includedBlobCount -= known == null ? 0 : known.sidecar().blobs().size();
    return Optional.ofNullable(known);
  }

  private void keepBlobs(PooledTransaction included) {
    if (includedBlobs.put(included.transaction().hash(), included) == null) {
      includedBlobCount += included.sidecar().blobs().size();
    }
    while (includedBlobCount > MAX_INCLUDED_BLOBS) {
      includedBlobCount -= includedBlobs.pollFirstEntry().getValue().sidecar().blobs().size();
    }
  }

  private static void refresh(SenderQueue queue, StateView state) {
    Account account = state.account(queue.sender);
    boolean delegated =
        account != null
            && !account.codeHash().equals(Account.EMPTY.codeHash())
            && new Code(state.code(account.codeHash()), null).delegate() != null;
    queue.account(
        account == null ? 0 : account.nonce(),
        account == null ? UInt256.ZERO : account.balance(),
        delegated);
  }

  /// @param sidecars the version that the next block's fork wants
  private void dropStale(SenderQueue queue, long oldest, int sidecars) {
    for (Entry entry : List.copyOf(queue.entries())) {
      BlobSidecar sidecar = entry.pooled().sidecar();
      if (Long.compareUnsigned(entry.transaction().nonce(), queue.nonce()) < 0) {
        drop(queue, entry);
        if (sidecar != null) {
          keepBlobs(entry.pooled());
        }
      } else if (sidecar != null && sidecar.version() != sidecars) {
        drop(queue, entry);
      }
    }
    for (Entry entry : List.copyOf(queue.entries())) {
      boolean waits = Long.compareUnsigned(entry.transaction().nonce(), queue.nextNonce()) >= 0;
      if (waits && entry.arrivedMillis() < oldest) {
        drop(queue, entry);
      }
    }
  }

  // ---- Reading

  public synchronized Optional<PooledTransaction> transaction(Hash32 hash) {
    return Optional.ofNullable(byHash.get(hash)).map(Entry::pooled);
  }

  public synchronized long nextNonce(Address sender) {
    SenderQueue queue = senders.get(sender);
    if (queue != null) {
      return queue.nextNonce();
    }
    Account account = chain.stateAfter(head).account(sender);
    return account == null ? 0 : account.nonce();
  }

  public synchronized Content content() {
    Map<Address, NavigableMap<Long, Transaction>> pending = new TreeMap<>();
    Map<Address, NavigableMap<Long, Transaction>> queued = new TreeMap<>();
    for (SenderQueue queue : senders.values()) {
      long next = queue.nextNonce();
      for (Entry entry : queue.entries()) {
        Transaction transaction = entry.transaction();
        (Long.compareUnsigned(transaction.nonce(), next) < 0 ? pending : queued)
            .computeIfAbsent(queue.sender, s -> new TreeMap<>(Long::compareUnsigned))
            .put(transaction.nonce(), transaction);
      }
    }
    return new Content(pending, queued);
  }

  /// The executable transactions of each sender in the order of their nonces, senders by the
  /// arrival of their first.
  public synchronized List<List<Transaction>> executable() {
    List<List<Entry>> found = new ArrayList<>();
    for (SenderQueue queue : senders.values()) {
      List<Entry> entries = queue.executable();
      if (!entries.isEmpty()) {
        found.add(entries);
      }
    }
    found.sort(Comparator.comparingLong(entries -> entries.getFirst().sequence()));
    return found.stream().map(e -> e.stream().map(Entry::transaction).toList()).toList();
  }

  /// A blob of a transaction in the pool.
  ///
  /// @param index position in its sidecar
  public record PooledBlob(BlobSidecar sidecar, int index) {}

  /// Those of the blobs asked for that are here, by versioned hash.
  public synchronized Map<Hash32, PooledBlob> blobs(Set<Hash32> versionedHashes) {
    Map<Hash32, PooledBlob> found = new HashMap<>();
    for (Entry entry : byHash.values()) {
      List<Hash32> hashes = entry.transaction().blobVersionedHashes();
      for (int i = 0; i < hashes.size(); i++) {
        if (versionedHashes.contains(hashes.get(i))) {
          found.put(hashes.get(i), new PooledBlob(entry.pooled().sidecar(), i));
        }
      }
    }
    return found;
  }

  /// Whether any of the sender's transactions is executable.
  public synchronized boolean hasExecutable(Address sender) {
    SenderQueue queue = senders.get(sender);
    return queue != null && queue.hasExecutable();
  }

  /// Whether any transaction is executable.
  public synchronized boolean hasExecutable() {
    for (SenderQueue queue : senders.values()) {
      if (queue.hasExecutable()) {
        return true;
      }
    }
    return false;
  }

  /// Changes whenever what can be executed may have.
  public synchronized long version() {
    return version;
  }

  public synchronized int size() {
    return byHash.size();
  }

  private Collection<PooledTransaction> pooled() {
    List<Entry> entries = new ArrayList<>(byHash.values());
    entries.sort(Comparator.comparingLong(Entry::sequence));
    return entries.stream().map(Entry::pooled).toList();
  }

  /// Removes a transaction, as if it had never come. False where it is not there.
  public synchronized boolean remove(Hash32 hash) {
    Entry entry = byHash.get(hash);
    if (entry == null) {
      return false;
    }
    drop(senders.get(entry.transaction().sender()), entry);
    version++;
    return true;
  }

  /// Removes all transactions, or all of one sender.
  ///
  /// @param sender `null` for everybody
  public synchronized void clear(Address sender) {
    for (Entry entry : List.copyOf(byHash.values())) {
      Address from = entry.transaction().sender();
      if (sender == null || sender.equals(from)) {
        drop(senders.get(from), entry);
      }
    }
    version++;
  }

  /// Looks at the senders' accounts anew, after the head's state has been altered.
  public void refresh() {
    List<Transaction> executable;
    synchronized (this) {
      StateView state = chain.stateAfter(head);
      executable = review(queue -> refresh(queue, state));
    }
    announce(executable);
  }

  /// Everything here, in the order of arrival.
  public synchronized List<PooledTransaction> all() {
    return List.copyOf(pooled());
  }

  /// Calls `listener` for each transaction that becomes executable; it must not block.
  public Subscription onPending(Consumer<Transaction> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /// Calls `listener` for each transaction taken in, executable or not; it must not block.
  public Subscription onTaken(Consumer<Transaction> listener) {
    takenListeners.add(listener);
    return () -> takenListeners.remove(listener);
  }

  @Override
  public void close() {
    headSubscription.close();
    synchronized (this) {
      if (file != null) {
        file.rewrite(pooled());
        file.close();
      }
    }
  }
}
