package io.semper.chain.sync;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.RlpWriter;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.PooledTransaction;
import io.semper.core.types.Receipt;
import io.semper.core.types.Transaction;
import io.semper.core.view.ChainView;
import io.semper.core.view.PoolView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;

/// What a node answers to peers, an item at a time: nothing is read before it can be sent. Each
/// answer ends at the first item that is not there, and at its limits.
final class ChainAnswers {
  private final ChainView chain;
  private final PoolView pool;
  private final SyncLimits limits;

  ChainAnswers(ChainView chain, PoolView pool, SyncLimits limits) {
    this.chain = chain;
    this.pool = pool;
    this.limits = limits;
  }

  Iterator<Header> headers(HeaderRange asked) {
    return new Items<>(
        Math.min(asked.count(), limits.headersPerRequest()),
        i ->
            asked.first() > Long.MAX_VALUE - i ? Optional.empty() : chain.header(asked.first() + i),
        header -> header.encode().length);
  }

  /// Bodies of known blocks.
  Iterator<byte[]> bodies(List<Hash32> hashes) {
    return byHash(hashes, hash -> chain.block(hash).map(Block::encodeBody));
  }

  /// Receipts of known blocks, those of a block as a list of their encodings.
  Iterator<byte[]> receipts(List<Hash32> hashes) {
    return byHash(hashes, hash -> chain.receipts(hash).map(ChainAnswers::encode));
  }

  /// Transactions of the pool, with their blobs. One that is unknown is an empty item.
  Iterator<byte[]> transactions(List<Hash32> hashes) {
    return byHash(
        hashes,
        hash ->
            Optional.of(pool.transaction(hash).map(PooledTransaction::encode).orElse(new byte[0])));
  }

  /// Hashes of transactions that could be in the next blocks: the first of each sender, then the
  /// second of each; then those that wait behind a gap, which is another's to close. Where there
  /// are more than fit, those are left out that have to wait longest.
  List<Hash32> pooled() {
    List<Hash32> hashes = new ArrayList<>();
    PoolView.Content content = pool.content();
    tell(content.pending(), hashes);
    tell(content.queued(), hashes);
    return hashes;
  }

  private void tell(
      Map<Address, NavigableMap<Long, Transaction>> transactions, List<Hash32> hashes) {
    Queue<Iterator<Transaction>> senders = new ArrayDeque<>();
    transactions.values().forEach(of -> senders.add(of.values().iterator()));
    while (!senders.isEmpty() && hashes.size() < limits.pooledHashes()) {
      Iterator<Transaction> sender = senders.remove();
      hashes.add(sender.next().hash());
      if (sender.hasNext()) {
        senders.add(sender);
      }
    }
  }

  private static byte[] encode(List<Receipt> receipts) {
    RlpWriter out = new RlpWriter(1024).startList();
    for (Receipt receipt : receipts) {
      out.bytes(receipt.encode());
    }
    return out.endList().toBytes();
  }

  private Iterator<byte[]> byHash(List<Hash32> hashes, Function<Hash32, Optional<byte[]>> find) {
    return new Items<>(hashes.size(), i -> find.apply(hashes.get(i)), item -> item.length);
  }

  /// Items looked up when they are asked for, up to the limit of bytes.
  private final class Items<T> implements Iterator<T> {
    private final int count;
    private final IntFunction<Optional<T>> lookup;
    private final ToIntFunction<T> size;
    private int at;
    private long bytes;
    private T next;

    Items(int count, IntFunction<Optional<T>> lookup, ToIntFunction<T> size) {
      this.count = count;
      this.lookup = lookup;
      this.size = size;
    }

    @Override
    public boolean hasNext() {
      if (next == null && at < count && bytes < limits.responseBytes()) {
        next = lookup.apply(at++).orElse(null);
        if (next == null) {
          at = count;
        } else {
          bytes += size.applyAsInt(next);
        }
      }
      return next != null;
    }

    @Override
    public T next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      T item = next;
      next = null;
      return item;
    }
  }
}
