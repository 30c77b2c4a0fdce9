package io.semper.rpc.ledger;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.PooledTransaction;
import io.semper.core.types.Transaction;
import io.semper.core.view.Account;
import io.semper.core.view.ChainView;
import io.semper.core.view.PoolView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// Takes transactions with the next nonce of their sender; [#mine] puts them into a block.
public class MemoryPool implements PoolView {
  private final MemoryChain chain;
  private final Map<Hash32, Transaction> waiting = new LinkedHashMap<>();
  private final List<Consumer<Transaction>> listeners = new CopyOnWriteArrayList<>();

  public MemoryPool(MemoryChain chain) {
    this.chain = chain;
  }

  public synchronized void mine() {
    List<Transaction> all = List.copyOf(waiting.values());
    waiting.clear();
    chain.add(all.toArray(Transaction[]::new));
  }

  @Override
  public synchronized Submission submit(PooledTransaction pooled) {
    Transaction t = pooled.transaction();
    if (waiting.containsKey(t.hash())) {
      return new Submission.Rejected("already known");
    }
    long next = nextNonce(t.sender());
    if (t.nonce() != next) {
      return new Submission.Rejected(
          (t.nonce() < next ? "nonce too low" : "nonce too high")
              + ": next nonce "
              + next
              + ", tx nonce "
              + t.nonce());
    }
    waiting.put(t.hash(), t);
    listeners.forEach(l -> l.accept(t));
    return new Submission.Accepted(t.hash());
  }

  @Override
  public synchronized Optional<PooledTransaction> transaction(Hash32 hash) {
    return Optional.ofNullable(waiting.get(hash)).map(t -> new PooledTransaction(t, null));
  }

  @Override
  public synchronized long nextNonce(Address sender) {
    Account account = chain.stateAfter(chain.head()).account(sender);
    long mined = account == null ? 0 : account.nonce();
    return mined + waiting.values().stream().filter(t -> t.sender().equals(sender)).count();
  }

  @Override
  public synchronized Content content() {
    Map<Address, NavigableMap<Long, Transaction>> pending = new HashMap<>();
    for (Transaction t : waiting.values()) {
      pending.computeIfAbsent(t.sender(), s -> new TreeMap<>()).put(t.nonce(), t);
    }
    return new Content(pending, Map.of());
  }

  @Override
  public synchronized PendingBlock pendingBlock() {
    return chain.pending(new ArrayList<>(waiting.values()));
  }

  @Override
  public ChainView.Subscription onPending(Consumer<Transaction> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }
}
