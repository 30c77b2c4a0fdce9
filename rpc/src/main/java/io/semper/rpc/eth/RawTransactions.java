package io.semper.rpc.eth;

import io.semper.core.bytes.Hash32;
import io.semper.core.types.Block;
import io.semper.core.view.ChainView;
import io.semper.core.view.ChainView.TransactionLocation;
import io.semper.core.view.PoolView;

/// Transactions as bytes, wherever they are.
final class RawTransactions {
  private RawTransactions() {}

  /// Empty for a transaction nobody knows, as go-ethereum answers.
  static byte[] find(ChainView chain, PoolView pool, Hash32 hash) {
    TransactionLocation at = chain.locate(hash).orElse(null);
    Block block = at == null ? null : chain.block(at.blockHash()).orElse(null);
    if (block != null) {
      return block.transactions().get(at.index()).encode();
    }
    return pool.transaction(hash).map(p -> p.transaction().encode()).orElse(new byte[0]);
  }
}
