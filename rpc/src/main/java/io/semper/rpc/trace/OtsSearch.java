package io.semper.rpc.trace;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Keccak;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Transaction;
import io.semper.core.view.Account;
import io.semper.core.view.ChainView;
import io.semper.evm.trace.CallFrame;
import io.semper.evm.trace.TraceBudget;
import io.semper.rpc.CallContext;
import io.semper.rpc.Rpc;
import io.semper.rpc.RpcException;
import io.semper.rpc.eth.Blocks;
import io.semper.rpc.json.ReceiptJson;
import io.semper.rpc.json.TransactionJson;
import io.semper.rpc.param.Count;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;

/// What Otterscan asks of a node about an account's past. There is no index: states are searched by
/// halving, and blocks by executing them again, within the limits.
final class OtsSearch {
  private static final long MAX_PAGE_SIZE = 1000;

  private final ChainView chain;
  private final Blocks blocks;
  private final BlockTraces traces;

  OtsSearch(ChainView chain, Blocks blocks, BlockTraces traces) {
    this.chain = chain;
    this.blocks = blocks;
    this.traces = traces;
  }

  /// The transaction an account sent with this nonce, `null` where there is none yet.
  @Rpc("ots_getTransactionBySenderAndNonce")
  Hash32 getTransactionBySenderAndNonce(Address sender, Count nonce) {
    long wanted = nonce.value();
    long block =
        firstBlock(number -> {
          Account account = account(number, sender);
          return account != null && Long.compareUnsigned(account.nonce(), wanted) > 0;
        });
    if (block < 0) {
      return null;
    }
    for (Transaction t : block(block).transactions()) {
      if (t.nonce() == wanted && t.sender().equals(sender)) {
        return t.hash();
      }
    }
    // Raised by something else, an authorisation, a creation, genesis; or earlier than states are
    // kept, which reading the one before tells.
    if (block > 0) {
      account(block - 1, sender);
    }
    return null;
  }

  /// Who made a contract, and in which transaction; `null` where there is no such contract, or it
  /// has been there since genesis.
  @Rpc("ots_getContractCreator")
  Map<String, Object> getContractCreator(Address contract, CallContext context) {
    long number = firstBlock(n -> hasCode(account(n, contract)));
    if (number <= 0) {
      return null;
    }
    return traces.search(context, () -> creator(number, contract, traces.budget(context)));
  }

  private Map<String, Object> creator(long number, Address contract, TraceBudget whole) {
    BlockTraces.Cursor cursor = traces.begin(block(number), whole);
    while (cursor.hasNext()) {
      Hash32 hash = cursor.next().hash();
      CallFrame top = cursor.allCalls(cursor.context(cursor.budget(TraceOptions.DEFAULT)));
      Address creator = creator(top, contract);
      if (creator != null) {
        return Map.of("hash", hash, "creator", creator);
      }
    }
    return null;
  }

  private static Address creator(CallFrame frame, Address contract) {
    if (frame.error() != null) {
      return null;
    }
    if (frame.creates() && frame.to().equals(contract)) {
      return frame.from();
    }
    for (CallFrame call : frame.calls()) {
      Address found = creator(call, contract);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private static boolean hasCode(Account account) {
    return account != null && !account.codeHash().equals(Keccak.EMPTY);
  }

  private Account account(long number, Address address) {
    return chain.stateAfter(chain.header(number).orElseThrow()).account(address);
  }

  private Block block(long number) {
    return blocks.block(chain.header(number).orElseThrow());
  }

  /// The lowest kept block with a property that stays once it is there; -1 for none.
  private long firstBlock(LongPredicate has) {
    long high = chain.head().number();
    if (!has.test(high)) {
      return -1;
    }
    long low = chain.oldestState();
    while (low < high) {
      long middle = low + (high - low) / 2;
      if (has.test(middle)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return high;
  }

  /// Transactions that touch an account, in blocks before one, the newest first.
  ///
  /// @param before 0 for the newest
  @Rpc("ots_searchTransactionsBefore")
  Map<String, Object> searchTransactionsBefore(
      Address address, Count before, Count pageSize, CallContext context) {
    long head = chain.head().number();
    long from = before.value() == 0 ? head : Math.min(head, before.value() - 1);
    Page page = new Page(pageSize);
    long number = from;
    int searched = 0;
    for (; number >= 1 && !page.isFull(); number--) {
      search(number, address, ++searched, page, context);
    }
    return page.answer(from == head, number < 1, false);
  }

  /// Transactions that touch an account, in blocks after one, the newest first.
  ///
  /// @param after 0 for the oldest
  @Rpc("ots_searchTransactionsAfter")
  Map<String, Object> searchTransactionsAfter(
      Address address, Count after, Count pageSize, CallContext context) {
    long head = chain.head().number();
    Page page = new Page(pageSize);
    long number = after.value() + 1;
    int searched = 0;
    for (; number <= head && !page.isFull(); number++) {
      search(number, address, ++searched, page, context);
    }
    return page.answer(number > head, after.value() == 0, true);
  }

  /// What was found, whole blocks at a time.
  private static final class Page {
    private final long size;
    private final List<List<Object>> transactions = new ArrayList<>();
    private final List<List<JsonNode>> receipts = new ArrayList<>();
    private int found;

    Page(Count wanted) {
      if (wanted.value() > MAX_PAGE_SIZE) {
        throw RpcException.invalidParams("page size above " + MAX_PAGE_SIZE);
      }
      size = wanted.value();
    }

    boolean isFull() {
      return found >= size;
    }

    void add(List<Object> transactions, List<JsonNode> receipts) {
      this.transactions.add(transactions);
      this.receipts.add(receipts);
      found += transactions.size();
    }

    Map<String, Object> answer(boolean first, boolean last, boolean oldestFirst) {
      Map<String, Object> answer = new LinkedHashMap<>();
      answer.put("txs", flat(oldestFirst ? transactions.reversed() : transactions));
      answer.put("receipts", flat(oldestFirst ? receipts.reversed() : receipts));
      answer.put("firstPage", first);
      answer.put("lastPage", last);
      return answer;
    }

    private static <T> List<T> flat(List<List<T>> byBlock) {
      return byBlock.stream().flatMap(List::stream).toList();
    }
  }

  private void search(long number, Address address, int searched, Page page, CallContext context) {
    int most = traces.limits().maxBlocks();
    if (searched > most) {
      throw RpcException.limit(
          "searched " + most + " blocks without filling a page", most, "--rpc-max-trace-blocks");
    }
    context.checkDeadline();
    Header header = chain.header(number).orElseThrow();
    Block block = blocks.block(header);
    if (block.transactions().isEmpty()) {
      return;
    }
    List<Integer> hits = traces.search(context, () -> hits(block, address, context));
    if (hits.isEmpty()) {
      return;
    }
    List<ReceiptJson> all = blocks.receiptsJson(new Blocks.Found(header, null));
    List<Object> transactions = new ArrayList<>();
    List<JsonNode> receipts = new ArrayList<>();
    for (int i : hits.reversed()) {
      transactions.add(TransactionJson.mined(block.transactions().get(i), header, i));
      receipts.add(OtsBlocks.bare(all.get(i), header));
    }
    page.add(transactions, receipts);
  }

  /// Positions of a block's transactions that touch an account.
  private List<Integer> hits(Block block, Address address, CallContext context) {
    List<Integer> hits = new ArrayList<>();
    BlockTraces.Cursor cursor = traces.begin(block, traces.budget(context));
    for (int i = 0; cursor.hasNext(); i++) {
      TraceContext next = cursor.context(cursor.budget(TraceOptions.DEFAULT));
      if (touches(cursor.allCalls(next), address)) {
        hits.add(i);
      }
    }
    return hits;
  }

  private static boolean touches(CallFrame frame, Address address) {
    if (frame.from().equals(address) || frame.to().equals(address)) {
      return true;
    }
    for (CallFrame call : frame.calls()) {
      if (touches(call, address)) {
        return true;
      }
    }
    return false;
  }
}
