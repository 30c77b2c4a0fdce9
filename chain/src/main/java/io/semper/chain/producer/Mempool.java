package io.semper.chain.producer;

import io.semper.chain.pool.TxPool;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Header;
import io.semper.core.types.PooledTransaction;
import io.semper.core.types.Transaction;
import io.semper.core.view.ChainView;
import io.semper.core.view.ChainView.Subscription;
import io.semper.core.view.PoolView;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/// The transaction pool together with the block it would become now.
public final class Mempool implements PoolView {
  /// Beyond these in the pool, who submits waits for a block that is sealed at once.
  private static final int MAX_AHEAD_OF_BLOCKS = 1_000;

  private final TxPool pool;
  private final BlockBuilder builder;
  private final ChainView chain;
  private final Function<Header, BlockBuilder.Attributes> attributes;
  private final LocalProducer producer;

  private Header builtOn;
  private long builtFrom;
  private PendingBlock pending;

  /// @param attributes what the next block on top of a header would have
  public Mempool(
      TxPool pool,
      BlockBuilder builder,
      ChainView chain,
      Function<Header, BlockBuilder.Attributes> attributes) {
    this(pool, builder, chain, attributes, null);
  }

  private Mempool(
      TxPool pool,
      BlockBuilder builder,
      ChainView chain,
      Function<Header, BlockBuilder.Attributes> attributes,
      LocalProducer producer) {
    this.pool = pool;
    this.builder = builder;
    this.chain = chain;
    this.attributes = attributes;
    this.producer = producer;
  }

  /// The same over a chain whose blocks may be sealed at once.
  public Mempool settledBy(LocalProducer producer) {
    return new Mempool(pool, builder, chain, attributes, producer);
  }

  /// Where blocks are sealed at once, a sender's transactions get one each: the next waits for the
  /// block of the one before.
  @Override
  public Submission submit(PooledTransaction transaction) {
    if (producer == null) {
      return pool.submit(transaction);
    }
    if (pool.size() >= MAX_AHEAD_OF_BLOCKS
        || pool.hasExecutable(transaction.transaction().sender())) {
      producer.settle();
    }
    Submission submission = pool.submit(transaction);
    if (submission instanceof Submission.Accepted) {
      producer.submitted();
    }
    return submission;
  }

  @Override
  public boolean isSettled() {
    return producer == null || producer.isSettled();
  }

  @Override
  public void settle() {
    if (producer != null) {
      producer.settle();
    }
  }

  @Override
  public Optional<PooledTransaction> transaction(Hash32 hash) {
    return pool.transaction(hash);
  }

  @Override
  public long nextNonce(Address sender) {
    return pool.nextNonce(sender);
  }

  @Override
  public Content content() {
    return pool.content();
  }

  /// Built anew when head or pool have changed since.
  @Override
  public synchronized PendingBlock pendingBlock() {
    Header head = chain.head();
    long version = pool.version();
    if (pending == null || !head.equals(builtOn) || version != builtFrom) {
      BlockBuilder.Built built = builder.build(head, attributes.apply(head), pool.executable());
      pending =
          new PendingBlock(
              built.block(),
              built.receipts(),
              new AppliedState(chain.stateAfter(head), built.diff()));
      builtOn = head;
      builtFrom = version;
    }
    return pending;
  }

  @Override
  public Subscription onPending(Consumer<Transaction> listener) {
    return pool.onPending(listener);
  }

  @Override
  public Subscription onTaken(Consumer<Transaction> listener) {
    return pool.onTaken(listener);
  }
}
