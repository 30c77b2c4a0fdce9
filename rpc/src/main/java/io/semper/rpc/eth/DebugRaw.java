package io.semper.rpc.eth;

import io.semper.core.bytes.Hash32;
import io.semper.core.types.Receipt;
import io.semper.core.view.ChainView;
import io.semper.core.view.PoolView;
import io.semper.rpc.Rpc;
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

  @Rpc("debug_getRawTransaction")
  byte[] getRawTransaction(Hash32 hash) {
    return RawTransactions.find(chain, pool, hash);
  }
}
