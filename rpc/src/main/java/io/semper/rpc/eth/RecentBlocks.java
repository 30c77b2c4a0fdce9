package io.semper.rpc.eth;

import io.semper.core.bytes.Hash32;
import io.semper.core.types.Block;
import io.semper.core.types.Log;
import io.semper.core.types.Receipt;
import io.semper.core.types.Transaction;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// Blocks and receipts asked for lately, decoded, up to a number of bytes.
///
/// Most questions are about few blocks; and what costs most in answering them, the recovery of
/// senders, is remembered by the transaction objects kept here.
final class RecentBlocks {
  private static final long MAX_BYTES = 64L << 20;

  /// What an object costs beside the bytes it holds.
  private static final int OVERHEAD_BYTES = 400;

  private final Map<Hash32, Kept<Block>> blocks = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Hash32, Kept<List<Receipt>>> receipts = new LinkedHashMap<>(16, 0.75f, true);
  private long blockBytes;
  private long receiptBytes;

  private record Kept<T>(T value, long bytes) {}

  Optional<Block> block(Hash32 hash, Supplier<Optional<Block>> source) {
    synchronized (blocks) {
      Kept<Block> kept = blocks.get(hash);
      if (kept != null) {
        return Optional.of(kept.value);
      }
    }
    Optional<Block> read = source.get();
    read.ifPresent(block -> keep(hash, block));
    return read;
  }

  private void keep(Hash32 hash, Block block) {
    long bytes = OVERHEAD_BYTES;
    for (Transaction transaction : block.transactions()) {
      bytes += transaction.encode().length + transaction.data().length + OVERHEAD_BYTES;
    }
    synchronized (blocks) {
      blockBytes += put(blocks, hash, new Kept<>(block, bytes));
      blockBytes -= evict(blocks, blockBytes - MAX_BYTES);
    }
  }

  Optional<List<Receipt>> receipts(Hash32 hash, Supplier<Optional<List<Receipt>>> source) {
    synchronized (receipts) {
      Kept<List<Receipt>> kept = receipts.get(hash);
      if (kept != null) {
        return Optional.of(kept.value);
      }
    }
    Optional<List<Receipt>> read = source.get();
    read.ifPresent(list -> keep(hash, list));
    return read;
  }

  private void keep(Hash32 hash, List<Receipt> list) {
    long bytes = OVERHEAD_BYTES;
    for (Receipt receipt : list) {
      bytes += 2 * OVERHEAD_BYTES;
      for (Log log : receipt.logs()) {
        bytes += log.data().length + OVERHEAD_BYTES;
      }
    }
    synchronized (receipts) {
      receiptBytes += put(receipts, hash, new Kept<>(list, bytes));
      receiptBytes -= evict(receipts, receiptBytes - MAX_BYTES);
    }
  }

  /// Returns by how many bytes the map has grown.
  private static <T> long put(Map<Hash32, Kept<T>> map, Hash32 hash, Kept<T> kept) {
    Kept<T> before = map.put(hash, kept);
    return kept.bytes - (before == null ? 0 : before.bytes);
  }

  /// Drops the least recently used until so many bytes are free; returns how many became so.
  private static <T> long evict(Map<Hash32, Kept<T>> map, long bytes) {
    long freed = 0;
    Iterator<Kept<T>> oldest = map.values().iterator();
    while (freed < bytes && oldest.hasNext()) {
      freed += oldest.next().bytes;
      oldest.remove();
    }
    return freed;
  }
}
