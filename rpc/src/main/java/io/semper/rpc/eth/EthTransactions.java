package io.semper.rpc.eth;

import io.semper.core.bytes.Hash32;
import io.semper.core.types.Block;
import io.semper.core.types.PooledTransaction;
import io.semper.core.types.Transaction;
import io.semper.core.view.ChainView;
import io.semper.core.view.ChainView.TransactionLocation;
import io.semper.core.view.PoolView;
import io.semper.rpc.CallContext;
import io.semper.rpc.Omittable;
import io.semper.rpc.Rpc;
import io.semper.rpc.RpcException;
import io.semper.rpc.json.ReceiptJson;
import io.semper.rpc.json.TransactionJson;
import io.semper.rpc.param.BlockNumber;
import io.semper.rpc.param.BlockRef;
import io.semper.rpc.param.Count;
import java.util.Optional;

/// Transactions, in blocks and on their way there.
final class EthTransactions {
  /// go-ethereum's code for a transaction that is in the pool but not yet in a block.
  private static final int NOT_YET_INCLUDED = 4;

  private final ChainView chain;
  private final PoolView pool;
  private final Blocks blocks;
  private final Submitter submitter;
  private final HeadFeed heads;
  private final EthSettings settings;

  EthTransactions(
      ChainView chain, PoolView pool, Blocks blocks, HeadFeed heads, EthSettings settings) {
    this.chain = chain;
    this.pool = pool;
    this.blocks = blocks;
    this.heads = heads;
    this.settings = settings;
    submitter = new Submitter(pool, settings);
  }

  @Rpc(value = "eth_getTransactionByHash", prompt = true)
  TransactionJson getTransactionByHash(Hash32 hash) {
    Optional<TransactionJson> mined = chain.locate(hash).map(this::mined);
    return mined
        .or(() -> pool.transaction(hash).map(p -> TransactionJson.pending(p.transaction())))
        .orElse(null);
  }

  private TransactionJson mined(TransactionLocation at) {
    Block block = block(at);
    return TransactionJson.mined(block.transactions().get(at.index()), block.header(), at.index());
  }

  private Block block(TransactionLocation at) {
    return blocks
        .byHash(at.blockHash())
        .orElseThrow(() -> RpcException.server("header for hash not found"));
  }

  @Rpc("eth_getTransactionByBlockHashAndIndex")
  TransactionJson getTransactionByBlockHashAndIndex(Hash32 hash, long index) {
    return at(new BlockRef.Hash(hash, false), index);
  }

  @Rpc("eth_getTransactionByBlockNumberAndIndex")
  TransactionJson getTransactionByBlockNumberAndIndex(BlockNumber block, long index) {
    return at(block.ref(), index);
  }

  private TransactionJson at(BlockRef ref, long index) {
    Blocks.Found found = blocks.find(ref).orElse(null);
    if (found == null || index < 0 || index >= blocks.block(found).transactions().size()) {
      return null;
    }
    Transaction transaction = blocks.block(found).transactions().get((int) index);
    return found.isPending()
        ? TransactionJson.pending(transaction)
        : TransactionJson.mined(transaction, found.header(), (int) index);
  }

  @Rpc("eth_getRawTransactionByHash")
  byte[] getRawTransactionByHash(Hash32 hash) {
    return RawTransactions.find(chain, pool, hash);
  }

  @Rpc(value = "eth_getTransactionReceipt", prompt = true)
  ReceiptJson getTransactionReceipt(Hash32 hash) {
    TransactionLocation at = chain.locate(hash).orElse(null);
    if (at == null) {
      return null;
    }
    Blocks.Found block = blocks.require(new BlockRef.Hash(at.blockHash(), false));
    return blocks.receiptsJson(block).get(at.index());
  }

  @Rpc(value = "eth_sendRawTransaction", submits = true)
  Hash32 sendRawTransaction(byte[] transaction) {
    return submitter.submit(signed(transaction));
  }

  /// Sending as somebody else is for those who asked for it.
  private static PooledTransaction signed(byte[] encoded) {
    PooledTransaction decoded = PooledTransaction.decode(encoded);
    if (decoded.transaction().impersonated()) {
      throw RpcException.server("invalid sender: invalid transaction v, r, s values");
    }
    return decoded;
  }

  /// Sends and waits for the receipt.
  @Rpc("eth_sendRawTransactionSync")
  ReceiptJson sendRawTransactionSync(
      byte[] transaction, @Omittable Count timeoutMillis, CallContext context)
      throws InterruptedException {
    Hash32 hash = submitter.submit(signed(transaction));
    long wanted = timeoutMillis == null ? settings.sendSyncMillis() : timeoutMillis.value();
    long millis = Math.min(wanted, settings.maxSendSyncMillis());
    millis = Math.min(millis, context.remainingMillis());
    ReceiptJson receipt = awaitReceipt(hash, millis);
    if (receipt == null) {
      throw new RpcException(
          NOT_YET_INCLUDED,
          "The transaction was added to the transaction pool but wasn't processed in "
              + millis
              + "ms",
          hash);
    }
    return receipt;
  }

  private ReceiptJson awaitReceipt(Hash32 hash, long millis) throws InterruptedException {
    long end = System.nanoTime() + millis * 1_000_000;
    while (true) {
      long seen = heads.version();
      ReceiptJson receipt = getTransactionReceipt(hash);
      long left = (end - System.nanoTime()) / 1_000_000;
      if (receipt != null || left <= 0) {
        return receipt;
      }
      heads.await(seen, left);
    }
  }
}
