package io.semper.rpc.eth;

import io.semper.core.bytes.Hash32;
import io.semper.core.types.Header;
import io.semper.core.types.Transaction;
import io.semper.core.view.ChainView;
import io.semper.core.view.ChainView.HeadChange;
import io.semper.core.view.PoolView;
import io.semper.rpc.CallContext;
import io.semper.rpc.Rpc;
import io.semper.rpc.RpcException;
import io.semper.rpc.json.LogJson;
import io.semper.rpc.param.BlockRef;
import io.semper.rpc.param.LogFilter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/// Logs on request, and filters that callers poll.
///
/// A filter on blocks or logs is only a position in the chain: a poll walks from there to the head,
/// so nothing runs or grows between polls. A filter not polled for a while is forgotten.
final class EthFilters implements AutoCloseable {
  /// Hashes a filter on pending transactions holds between polls; the oldest are dropped.
  private static final int MAX_PENDING_HASHES = 10_000;

  private final ChainView chain;
  private final LogSearch search;
  private final EthSettings settings;
  private final LongSupplier millis;
  private final Map<String, Filter> filters = new ConcurrentHashMap<>();
  private final ChainView.Subscription pendings;

  /// @param millis a clock that never goes back
  EthFilters(
      ChainView chain, PoolView pool, LogSearch search, EthSettings settings, LongSupplier millis) {
    this.chain = chain;
    this.search = search;
    this.settings = settings;
    this.millis = millis;
    pendings = pool.onPending(this::onPending);
  }

  private enum Kind {
    BLOCKS,
    LOGS,
    PENDING
  }

  /// All fields but the final ones are guarded by the filter itself.
  private static final class Filter {
    private final Kind kind;
    private final LogFilter logs;
    private final ArrayDeque<Hash32> hashes = new ArrayDeque<>();
    private Header position;
    private volatile long polledAt;

    private Filter(Kind kind, LogFilter logs, Header position, long now) {
      this.kind = kind;
      this.logs = logs;
      this.position = position;
      polledAt = now;
    }
  }

  @Rpc("eth_getLogs")
  List<LogJson> getLogs(LogFilter filter, CallContext context) {
    return search.search(filter, context);
  }

  @Rpc("eth_newFilter")
  String newFilter(LogFilter filter) {
    return install(Kind.LOGS, filter);
  }

  @Rpc("eth_newBlockFilter")
  String newBlockFilter() {
    return install(Kind.BLOCKS, null);
  }

  @Rpc("eth_newPendingTransactionFilter")
  String newPendingTransactionFilter() {
    return install(Kind.PENDING, null);
  }

  private String install(Kind kind, LogFilter logs) {
    forgetExpired();
    if (filters.size() >= settings.maxFilters()) {
      throw RpcException.limit("too many filters", settings.maxFilters(), "--rpc-max-filters");
    }
    String id = Ids.next();
    filters.put(id, new Filter(kind, logs, chain.head(), millis.getAsLong()));
    return id;
  }

  private void forgetExpired() {
    long now = millis.getAsLong();
    filters.values().removeIf(f -> now - f.polledAt > settings.filterExpiryMillis());
  }

  @Rpc("eth_uninstallFilter")
  boolean uninstallFilter(String id) {
    forgetExpired();
    return filters.remove(id) != null;
  }

  /// Everything since the last poll: block hashes, transaction hashes or logs.
  @Rpc("eth_getFilterChanges")
  List<?> getFilterChanges(String id) {
    Filter filter = polled(id);
    synchronized (filter) {
      return switch (filter.kind) {
        case PENDING -> drain(filter.hashes);
        case BLOCKS -> newBlocks(filter);
        case LOGS -> newLogs(filter);
      };
    }
  }

  /// All logs of a log filter's range.
  @Rpc("eth_getFilterLogs")
  List<LogJson> getFilterLogs(String id, CallContext context) {
    Filter filter = polled(id);
    if (filter.kind != Kind.LOGS) {
      throw RpcException.server("filter not found");
    }
    return search.search(filter.logs, context);
  }

  private Filter polled(String id) {
    forgetExpired();
    Filter filter = filters.get(id);
    if (filter == null) {
      throw RpcException.server("filter not found");
    }
    filter.polledAt = millis.getAsLong();
    return filter;
  }

  private static List<Hash32> drain(ArrayDeque<Hash32> hashes) {
    List<Hash32> drained = List.copyOf(hashes);
    hashes.clear();
    return drained;
  }

  private List<Hash32> newBlocks(Filter filter) {
    return advance(filter).added().stream().map(Header::hash).toList();
  }

  private List<LogJson> newLogs(Filter filter) {
    HeadChange change = advance(filter);
    List<LogJson> logs = new ArrayList<>();
    for (Header header : change.removed()) {
      search.collect(header, filter.logs, true, logs);
    }
    for (Header header : change.added()) {
      if (inRange(filter.logs, header.number())) {
        search.collect(header, filter.logs, false, logs);
        if (logs.size() > settings.maxLogs()) {
          filter.position = header;
          break;
        }
      }
    }
    return logs;
  }

  private HeadChange advance(Filter filter) {
    Header head = chain.head();
    HeadChange change = HeadPath.between(chain, filter.position, head, settings.maxLogBlocks());
    filter.position = head;
    return change;
  }

  private static boolean inRange(LogFilter filter, long number) {
    return !(filter.from() instanceof BlockRef.Number from && number < from.number())
        && !(filter.to() instanceof BlockRef.Number to && number > to.number());
  }

  private void onPending(Transaction transaction) {
    for (Filter filter : filters.values()) {
      if (filter.kind == Kind.PENDING) {
        synchronized (filter) {
          if (filter.hashes.size() == MAX_PENDING_HASHES) {
            filter.hashes.removeFirst();
          }
          filter.hashes.add(transaction.hash());
        }
      }
    }
  }

  @Override
  public void close() {
    pendings.close();
  }
}
