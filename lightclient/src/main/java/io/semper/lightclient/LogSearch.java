package io.semper.lightclient;

import io.semper.core.bytes.Hash32;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Log;
import io.semper.core.types.Receipt;
import java.util.ArrayList;
import java.util.List;

/// Finds all logs that match, block by block: a block's bloom proves that there are none, or its
/// receipts, rebuilt and proven, are searched.
final class LogSearch {
  private final LightChain chain;

  LogSearch(LightChain chain) {
    this.chain = chain;
  }

  /// What is in the blocks up to `head` that the budget suffices for.
  LogPage page(Header head, LogQuery query, LogPage.Budget budget) {
    long last = Math.min(query.toBlock(), head.number());
    List<LogPage.Found> found = new ArrayList<>();
    int receipts = 0;
    long number = Math.max(0, query.fromBlock());
    for (int looked = 0; number <= last && looked < budget.blocks(); number++, looked++) {
      Header header = chain.headerToSearch(number).orElseThrow();
      if (query.mayMatch(header.logsBloom())) {
        if (receipts++ == budget.receipts() || found.size() >= budget.logs()) {
          break;
        }
        collect(query, header, found);
      }
    }
    return new LogPage(found, number > last ? -1 : number);
  }

  private void collect(LogQuery query, Header header, List<LogPage.Found> found) {
    List<Receipt> receipts = chain.receipts(header.hash()).orElseThrow();
    Block block = null;
    int logIndex = 0;
    for (int i = 0; i < receipts.size(); i++) {
      for (Log log : receipts.get(i).logs()) {
        if (query.matches(log)) {
          block = block == null ? chain.block(header.hash()).orElseThrow() : block;
          Hash32 transaction = block.transactions().get(i).hash();
          found.add(
              new LogPage.Found(log, header.number(), header.hash(), transaction, i, logIndex));
        }
        logIndex++;
      }
    }
  }
}
