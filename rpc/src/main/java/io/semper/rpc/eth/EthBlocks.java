package io.semper.rpc.eth;

import io.semper.core.bytes.Hash32;
import io.semper.core.types.Header;
import io.semper.core.view.ChainView;
import io.semper.rpc.Omittable;
import io.semper.rpc.Rpc;
import io.semper.rpc.json.BlockJson;
import io.semper.rpc.json.HeaderJson;
import io.semper.rpc.json.OmmerJson;
import io.semper.rpc.json.ReceiptJson;
import io.semper.rpc.param.BlockNumber;
import io.semper.rpc.param.BlockRef;
import java.util.List;
import java.util.Optional;

/// Blocks, their receipts and ommers. A block not known is `null`.
final class EthBlocks {
  private final ChainView chain;
  private final Blocks blocks;

  EthBlocks(ChainView chain, Blocks blocks) {
    this.chain = chain;
    this.blocks = blocks;
  }

  @Rpc(value = "eth_blockNumber", prompt = true)
  Long blockNumber() {
    return chain.head().number();
  }

  @Rpc("eth_getBlockByNumber")
  BlockJson getBlockByNumber(BlockNumber block, @Omittable boolean fullTransactions) {
    return json(block.ref(), fullTransactions);
  }

  @Rpc("eth_getBlockByHash")
  BlockJson getBlockByHash(Hash32 hash, @Omittable boolean fullTransactions) {
    return json(new BlockRef.Hash(hash, false), fullTransactions);
  }

  private BlockJson json(BlockRef ref, boolean fullTransactions) {
    return blocks
        .find(ref)
        .map(at -> new BlockJson(blocks.block(at), fullTransactions, at.isPending()))
        .orElse(null);
  }

  @Rpc("eth_getHeaderByNumber")
  HeaderJson getHeaderByNumber(BlockNumber block) {
    return blocks
        .find(block.ref())
        .map(at -> new HeaderJson(at.header(), at.isPending()))
        .orElse(null);
  }

  @Rpc("eth_getHeaderByHash")
  HeaderJson getHeaderByHash(Hash32 hash) {
    return chain.header(hash).map(HeaderJson::new).orElse(null);
  }

  @Rpc("eth_getBlockReceipts")
  List<ReceiptJson> getBlockReceipts(BlockRef block) {
    return blocks.find(block).map(blocks::receiptsJson).orElse(null);
  }

  @Rpc("eth_getBlockTransactionCountByNumber")
  Long countByNumber(BlockNumber block) {
    return blocks.find(block.ref()).map(this::transactions).orElse(null);
  }

  @Rpc("eth_getBlockTransactionCountByHash")
  Long countByHash(Hash32 hash) {
    return blocks.find(new BlockRef.Hash(hash, false)).map(this::transactions).orElse(null);
  }

  private Long transactions(Blocks.Found at) {
    return (long) blocks.block(at).transactions().size();
  }

  @Rpc("eth_getUncleCountByBlockNumber")
  Long ommersByNumber(BlockNumber block) {
    return blocks.find(block.ref()).map(this::ommers).orElse(null);
  }

  @Rpc("eth_getUncleCountByBlockHash")
  Long ommersByHash(Hash32 hash) {
    return blocks.find(new BlockRef.Hash(hash, false)).map(this::ommers).orElse(null);
  }

  private Long ommers(Blocks.Found at) {
    return (long) blocks.block(at).ommers().size();
  }

  @Rpc("eth_getUncleByBlockNumberAndIndex")
  OmmerJson ommerByNumber(BlockNumber block, long index) {
    return ommer(block.ref(), index);
  }

  @Rpc("eth_getUncleByBlockHashAndIndex")
  OmmerJson ommerByHash(Hash32 hash, long index) {
    return ommer(new BlockRef.Hash(hash, false), index);
  }

  private OmmerJson ommer(BlockRef ref, long index) {
    Optional<List<Header>> ommers = blocks.find(ref).map(at -> blocks.block(at).ommers());
    return ommers
        .filter(list -> index >= 0 && index < list.size())
        .map(list -> new OmmerJson(list.get((int) index)))
        .orElse(null);
  }
}
