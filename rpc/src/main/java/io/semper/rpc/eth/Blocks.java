package io.semper.rpc.eth;

import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Receipt;
import io.semper.core.view.ChainView;
import io.semper.core.view.PoolView;
import io.semper.core.view.PoolView.PendingBlock;
import io.semper.core.view.StateView;
import io.semper.rpc.RpcException;
import io.semper.rpc.json.ReceiptJson;
import io.semper.rpc.param.BlockRef;
import java.util.List;
import java.util.Optional;

/// Resolves block references, for all methods alike, and reads what belongs to a block.
public final class Blocks {
  private final ChainView chain;
  private final PoolView pool;
  private final Fees fees;
  private final RecentBlocks recent = new RecentBlocks();

  Blocks(ChainView chain, PoolView pool, Fees fees) {
    this.chain = chain;
    this.pool = pool;
    this.fees = fees;
  }

  /// A block found.
  ///
  /// @param pending the block being built, `null` for one of the chain
  public record Found(Header header, PendingBlock pending) {
    public boolean isPending() {
      return pending != null;
    }
  }

  /// The one place where a reference becomes a block.
  public Optional<Found> find(BlockRef ref) {
    return switch (ref) {
      case BlockRef.Number n -> found(chain.header(n.number()));
      case BlockRef.Hash h -> found(headerByHash(h));
      case BlockRef.Tag tag ->
          switch (tag) {
            case EARLIEST -> found(chain.header(0));
            case LATEST -> found(Optional.of(chain.head()));
            case SAFE -> found(Optional.of(named(chain.safe(), "safe")));
            case FINALIZED -> found(Optional.of(named(chain.finalized(), "finalized")));
            case PENDING -> {
              PendingBlock pending = pool.pendingBlock();
              yield Optional.of(new Found(pending.block().header(), pending));
            }
          };
    };
  }

  private static Optional<Found> found(Optional<Header> header) {
    return header.map(h -> new Found(h, null));
  }

  private Optional<Header> headerByHash(BlockRef.Hash ref) {
    Optional<Header> header = chain.header(ref.hash());
    if (ref.requireCanonical() && header.isPresent() && !chain.isCanonical(header.get())) {
      throw RpcException.server("hash is not currently canonical");
    }
    return header;
  }

  private static Header named(Optional<Header> header, String tag) {
    return header.orElseThrow(() -> RpcException.server(tag + " block not found"));
  }

  public Found require(BlockRef ref) {
    return find(ref)
        .orElseThrow(() ->
            RpcException.server(
                ref instanceof BlockRef.Hash ? "header for hash not found" : "header not found"));
  }

  StateView state(BlockRef ref) {
    return state(require(ref));
  }

  public StateView state(Found at) {
    return at.isPending() ? at.pending().state() : chain.stateAfter(at.header());
  }

  /// The whole block.
  ///
  /// @throws RpcException where only its header is kept
  public Block block(Found at) {
    return at.isPending() ? at.pending().block() : block(at.header());
  }

  public Block block(Header header) {
    return byHash(header.hash()).orElseThrow(Blocks::pruned);
  }

  /// A known block, canonical or not.
  public Optional<Block> byHash(Hash32 hash) {
    return recent.block(hash, () -> chain.block(hash));
  }

  List<Receipt> receipts(Found at) {
    return at.isPending() ? at.pending().receipts() : receipts(at.header());
  }

  public List<Receipt> receipts(Header header) {
    Hash32 hash = header.hash();
    return recent.receipts(hash, () -> chain.receipts(hash)).orElseThrow(Blocks::pruned);
  }

  public List<ReceiptJson> receiptsJson(Found at) {
    UInt256 blobGasPrice = fees.blobBaseFee(at.header());
    return ReceiptJson.ofBlock(block(at), receipts(at), blobGasPrice);
  }

  private static RpcException pruned() {
    return new RpcException(RpcException.PRUNED_HISTORY, "pruned history unavailable");
  }
}
