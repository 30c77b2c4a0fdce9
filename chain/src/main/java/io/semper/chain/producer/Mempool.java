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
  private final TxPool pool;
  private final BlockBuilder builder;
  private final ChainView chain;
  private final Function<Header, BlockBuilder.Attributes> attributes;
  private final Runnable settle;

  private Header builtOn;
  private long builtFrom;
  private PendingBlock pending;

  /// @param attributes what the next block on top of a header would have
  public Mempool(
      TxPool pool,
      BlockBuilder builder,
      ChainView chain,
      Function<Header, BlockBuilder.Attributes> attributes) {
    this(pool, builder, chain, attributes, () -> {});
  }

  private Mempool(
      TxPool pool,
      BlockBuilder builder,
      ChainView chain,
      Function<Header, BlockBuilder.Attributes> attributes,
      Runnable settle) {
    this.pool = pool;
    this.builder = builder;
    this.chain = chain;
    this.attributes = attributes;
    this.settle = settle;
  }

  /// The same for senders who are answered after the block, where one is sealed at once.
  public Mempool settledBy(LocalProducer producer) {
    return new Mempool(pool, builder, chain, attributes, producer::settle);
  }

  @Override
  public Submission submit(PooledTransaction transaction) {
    Submission submission = pool.submit(transaction);
    if (submission instanceof Submission.Accepted) {
      settle.run();
    }
    return submission;
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
