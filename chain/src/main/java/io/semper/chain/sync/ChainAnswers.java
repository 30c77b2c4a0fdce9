package io.semper.chain.sync;

import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import io.semper.core.types.Header;
import io.semper.core.types.PooledTransaction;
import io.semper.core.types.Receipt;
import io.semper.core.view.ChainView;
import io.semper.core.view.PoolView;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.IntFunction;

/// What a node answers to peers, an item at a time: nothing is read before it can be sent. Each
/// answer ends at the first item that is not there, and at its limits.
///
/// Requests are RLP lists: `[first number, count]` for headers, `[hash, ...]` for all else.
final class ChainAnswers {
  /// Most bytes of a request: so many hashes as bodies may be asked for, and then some.
  static final int MAX_REQUEST_BYTES = 16 << 10;

  private final ChainView chain;
  private final PoolView pool;
  private final SyncLimits limits;

  ChainAnswers(ChainView chain, PoolView pool, SyncLimits limits) {
    this.chain = chain;
    this.pool = pool;
    this.limits = limits;
  }

  static byte[] headersRequest(long first, int count) {
    return new RlpWriter(16).startList().number(first).number(count).endList().toBytes();
  }

  static byte[] hashesRequest(List<Hash32> hashes) {
    RlpWriter out = new RlpWriter(16 + 33 * hashes.size()).startList();
    hashes.forEach(out::hash);
    return out.endList().toBytes();
  }

  /// Headers of the canonical chain, upwards.
  ///
  /// @throws MalformedInputException where the request is none
  Iterator<byte[]> headers(byte[] request) {
    RlpReader in = new RlpReader(request);
    in.enterList();
    long first = in.readLong();
    long count = Math.min(in.readLong(), limits.headersPerRequest());
    in.leaveList();
    in.end();
    return new Items(
        (int) count,
        i -> first > Long.MAX_VALUE - i ? null : chain.header(first + i).map(Header::encode).orElse(null));
  }

  /// Bodies of known blocks.
  ///
  /// @throws MalformedInputException where the request is none
  Iterator<byte[]> bodies(byte[] request) {
    return byHash(request, hash -> chain.block(hash).map(block -> block.encodeBody()));
  }

  /// Receipts of known blocks, those of a block as a list.
  ///
  /// @throws MalformedInputException where the request is none
  Iterator<byte[]> receipts(byte[] request) {
    return byHash(request, hash -> chain.receipts(hash).map(ChainAnswers::encode));
  }

  /// Transactions of the pool, with their blobs. One that is unknown is an empty item.
  ///
  /// @throws MalformedInputException where the request is none
  Iterator<byte[]> transactions(byte[] request) {
    return byHash(
        request,
        hash -> Optional.of(pool.transaction(hash).map(PooledTransaction::encode).orElse(new byte[0])));
  }

  private static byte[] encode(List<Receipt> receipts) {
    RlpWriter out = new RlpWriter(1024).startList();
    for (Receipt receipt : receipts) {
      out.bytes(receipt.encode());
    }
    return out.endList().toBytes();
  }

  private interface Lookup {
    Optional<byte[]> find(Hash32 hash);
  }

  private Iterator<byte[]> byHash(byte[] request, Lookup lookup) {
    List<Hash32> hashes = new ArrayList<>();
    RlpReader in = new RlpReader(request);
    in.enterList();
    while (in.hasNext()) {
      hashes.add(in.readHash());
    }
    in.leaveList();
    in.end();
    int count = Math.min(hashes.size(), limits.bodiesPerRequest());
    return new Items(count, i -> lookup.find(hashes.get(i)).orElse(null));
  }

  /// Items looked up when they are asked for, up to the limit of bytes.
  private final class Items implements Iterator<byte[]> {
    private final int count;
    private final IntFunction<byte[]> lookup;
    private int at;
    private long bytes;
    private byte[] next;

    Items(int count, IntFunction<byte[]> lookup) {
      this.count = count;
      this.lookup = lookup;
    }

    @Override
    public boolean hasNext() {
      if (next == null && at < count && bytes < limits.responseBytes()) {
        next = lookup.apply(at++);
        if (next == null) {
          at = count;
        } else {
          bytes += next.length;
        }
      }
      return next != null;
    }

    @Override
    public byte[] next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      byte[] item = next;
      next = null;
      return item;
    }
  }
}
