package io.semper.rpc.eth;

import io.semper.core.types.Block;
import io.semper.core.types.Bloom;
import io.semper.core.types.Header;
import io.semper.core.types.Log;
import io.semper.core.types.Receipt;
import io.semper.core.view.ChainView;
import io.semper.rpc.CallContext;
import io.semper.rpc.RpcException;
import io.semper.rpc.json.LogJson;
import io.semper.rpc.param.BlockRef;
import io.semper.rpc.param.LogFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// Finds logs by reading headers' blooms and, where they may match, receipts.
final class LogSearch {
  private final ChainView chain;
  private final Blocks blocks;
  private final EthSettings settings;

  LogSearch(ChainView chain, Blocks blocks, EthSettings settings) {
    this.chain = chain;
    this.blocks = blocks;
    this.settings = settings;
  }

  List<LogJson> search(LogFilter filter, CallContext context) {
    List<LogJson> found = new ArrayList<>();
    Predicate<Bloom> mayMatch = filter.bloomTest();
    if (filter.blockHash() != null) {
      Header header =
          chain.header(filter.blockHash()).orElseThrow(() -> RpcException.server("unknown block"));
      collect(header, filter, mayMatch, false, found);
      return limited(found);
    }
    long from = number(filter.from());
    long to = number(filter.to());
    checkRange(from, to);
    for (long number = from; number <= to; number++) {
      context.checkDeadline();
      Header header =
          chain.headerToSearch(number).orElseThrow(() -> RpcException.server("unknown block"));
      collect(header, filter, mayMatch, false, found);
      limited(found);
    }
    return found;
  }

  private void checkRange(long from, long to) {
    if (from > to) {
      throw RpcException.invalidParams("invalid block range params");
    }
    if (to > chain.head().number()) {
      throw RpcException.invalidParams("block range extends beyond current head block");
    }
    if (to - from >= settings.maxLogBlocks()) {
      throw RpcException.limit(
          "exceed maximum block range: " + settings.maxLogBlocks(),
          settings.maxLogBlocks(),
          "--rpc-max-log-blocks");
    }
  }

  private List<LogJson> limited(List<LogJson> found) {
    if (found.size() > settings.maxLogs()) {
      throw RpcException.limit(
          "query returned more than " + settings.maxLogs() + " results",
          settings.maxLogs(),
          "--rpc-max-logs");
    }
    return found;
  }

  /// The number a bound of a range means; `latest` where none was given.
  long number(BlockRef bound) {
    if (bound instanceof BlockRef.Number n) {
      return n.number();
    }
    if (bound == BlockRef.Tag.PENDING) {
      throw RpcException.invalidParams("pending logs are not supported");
    }
    return blocks.require(bound == null ? BlockRef.LATEST : bound).header().number();
  }

  /// Adds a block's matching logs.
  ///
  /// @param removed the block has left the canonical chain
  void collect(Header header, LogFilter filter, boolean removed, List<LogJson> to) {
    collect(header, filter, filter.bloomTest(), removed, to);
  }

  private void collect(
      Header header,
      LogFilter filter,
      Predicate<Bloom> mayMatch,
      boolean removed,
      List<LogJson> to) {
    if (!mayMatch.test(header.logsBloom())) {
      return;
    }
    Block block = null;
    List<Receipt> receipts = blocks.receipts(header);
    long logIndex = 0;
    for (int i = 0; i < receipts.size(); i++) {
      for (Log log : receipts.get(i).logs()) {
        if (filter.matches(log)) {
          block = block == null ? blocks.block(header) : block;
          to.add(
              new LogJson(log, header, block.transactions().get(i).hash(), i, logIndex, removed));
        }
        logIndex++;
      }
    }
  }
}
