package io.semper.rpc.eth;

import io.semper.core.bytes.Hash32;
import io.semper.core.types.Receipt;
import io.semper.core.view.ChainView;
import io.semper.core.view.PoolView;
import io.semper.rpc.Rpc;
import io.semper.rpc.param.BlockNumber;
import io.semper.rpc.param.BlockRef;
import java.util.List;

/// Consensus encodings, for those who check for themselves.
final class DebugRaw {
  private final ChainView chain;
  private final PoolView pool;
  private final Blocks blocks;

  DebugRaw(ChainView chain, PoolView pool, Blocks blocks) {
    this.chain = chain;
    this.pool = pool;
    this.blocks = blocks;
  }

  @Rpc("debug_getRawHeader")
  byte[] getRawHeader(BlockRef block) {
    return blocks.require(block).header().encode();
  }

  @Rpc("debug_getRawBlock")
  byte[] getRawBlock(BlockRef block) {
    return blocks.block(blocks.require(block)).encode();
  }

  @Rpc("debug_getRawReceipts")
  List<byte[]> getRawReceipts(BlockRef block) {
    return blocks.receipts(blocks.require(block)).stream().map(Receipt::encode).toList();
  }

  /// No bytes where there is no such transaction, as go-ethereum answers.
  @Rpc("eth_getRawTransactionByBlockHashAndIndex")
  byte[] getRawTransactionByBlockHashAndIndex(Hash32 hash, long index) {
    return rawTransaction(new BlockRef.Hash(hash, false), index);
  }

  @Rpc("eth_getRawTransactionByBlockNumberAndIndex")
  byte[] getRawTransactionByBlockNumberAndIndex(BlockNumber block, long index) {
    return rawTransaction(block.ref(), index);
  }

  private byte[] rawTransaction(BlockRef block, long index) {
    return blocks
        .find(block)
        .map(at -> blocks.block(at).transactions())
        .filter(all -> index >= 0 && index < all.size())
        .map(all -> all.get((int) index).encode())
        .orElse(new byte[0]);
  }

  @Rpc("debug_getRawTransaction")
  byte[] getRawTransaction(Hash32 hash) {
    return RawTransactions.find(chain, pool, hash);
  }
}
