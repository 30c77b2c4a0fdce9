package io.semper.rpc.eth;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Header;
import io.semper.core.types.Transaction;
import io.semper.core.view.ChainView;
import io.semper.core.view.ChainView.HeadChange;
import io.semper.core.view.PoolView;
import io.semper.rpc.CallContext;
import io.semper.rpc.Omittable;
import io.semper.rpc.Rpc;
import io.semper.rpc.RpcException;
import io.semper.rpc.Subscriber;
import io.semper.rpc.json.HeaderJson;
import io.semper.rpc.json.Json;
import io.semper.rpc.json.LogJson;
import io.semper.rpc.json.ReceiptJson;
import io.semper.rpc.json.TransactionJson;
import io.semper.rpc.param.LogFilter;
import io.semper.rpc.param.TransactionHashes;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `eth_subscribe`: what a WebSocket is told unasked.
///
/// New heads come from the [HeadFeed], pending transactions from a bounded queue with a thread of
/// its own; neither the importing thread nor the pool ever waits for a reader.
final class EthSubscriptions implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EthSubscriptions.class);
  private static final JsonFactory JSON = new JsonFactory();

  /// Transactions between the pool and the thread that tells of them; what does not fit is not
  /// told.
  private static final int MAX_PENDING_QUEUE = 8192;

  private final Blocks blocks;
  private final LogSearch search;
  private final NodeStatus node;
  private final HeadFeed heads;
  private final int maxSubscriptions;
  private final Map<String, Subscription> live = new ConcurrentHashMap<>();
  private final BlockingQueue<Transaction> pending = new ArrayBlockingQueue<>(MAX_PENDING_QUEUE);
  private final ChainView.Subscription pool;
  private final Thread pendingTeller;

  // Guarded by this.
  private boolean listening;

  // Touched by the head feed's thread only, once that listens.
  private Optional<NodeStatus.SyncProgress> lastSyncing = Optional.empty();

  private enum Kind {
    NEW_HEADS,
    LOGS,
    PENDING_HASHES,
    PENDING_TRANSACTIONS,
    SYNCING,
    RECEIPTS
  }

  /// @param logs of a log subscription, else `null`
  /// @param hashes of a receipt subscription, empty for all; else `null`
  private record Subscription(
      String id, Subscriber to, Kind kind, LogFilter logs, Set<Hash32> hashes) {}

  EthSubscriptions(
      PoolView poolView,
      Blocks blocks,
      LogSearch search,
      NodeStatus node,
      HeadFeed heads,
      int maxSubscriptions) {
    this.blocks = blocks;
    this.search = search;
    this.node = node;
    this.maxSubscriptions = maxSubscriptions;
    this.heads = heads;
    pool = poolView.onPending(this::onPending);
    pendingTeller = Thread.ofVirtual().name("rpc-pending").start(this::tellPending);
  }

  @Rpc("eth_subscribe")
  String subscribe(String kind, @Omittable JsonNode options, CallContext context) {
    Subscriber to = subscriber(context);
    if (live.size() >= maxSubscriptions) {
      throw RpcException.limit(
          "too many subscriptions", maxSubscriptions, "--rpc-max-subscriptions");
    }
    Subscription subscription = subscription(kind, options, to);
    listen();
    String id = subscription.id;
    to.addSubscription(id, () -> live.remove(id));
    to.afterReply(() -> live.put(id, subscription));
    return id;
  }

  /// From the first subscription on.
  private synchronized void listen() {
    if (!listening) {
      lastSyncing = node.syncing();
      heads.listen(this::onHeads);
      listening = true;
    }
  }

  @Rpc("eth_unsubscribe")
  boolean unsubscribe(String id, CallContext context) {
    if (!subscriber(context).endSubscription(id)) {
      throw RpcException.server("subscription not found");
    }
    return true;
  }

  private static Subscriber subscriber(CallContext context) {
    return context
        .subscriber()
        .orElseThrow(() ->
            new RpcException(
                RpcException.METHOD_NOT_FOUND,
                "notifications not supported: subscribe over WebSocket"));
  }

  private static Subscription subscription(String kind, JsonNode options, Subscriber to) {
    String id = Ids.next();
    try {
      return switch (kind) {
        case "newHeads" -> new Subscription(id, to, Kind.NEW_HEADS, null, null);
        case "syncing" -> new Subscription(id, to, Kind.SYNCING, null, null);
        case "logs" -> new Subscription(id, to, Kind.LOGS, logs(options), null);
        case "newPendingTransactions" ->
            new Subscription(
                id,
                to,
                full(options) ? Kind.PENDING_TRANSACTIONS : Kind.PENDING_HASHES,
                null,
                null);
        case "transactionReceipts" ->
            new Subscription(
                id, to, Kind.RECEIPTS, null, TransactionHashes.fromJson(options).any());
        default ->
            throw new RpcException(
                RpcException.METHOD_NOT_FOUND, "no \"" + kind + "\" subscription in eth namespace");
      };
    } catch (IllegalArgumentException bad) {
      throw RpcException.invalidParams("invalid argument 1: " + bad.getMessage());
    }
  }

  private static LogFilter logs(JsonNode options) {
    return options == null
        ? new LogFilter(null, null, null, Set.of(), List.of())
        : LogFilter.fromJson(options);
  }

  private static boolean full(JsonNode options) {
    if (options != null && !options.isBoolean()) {
      throw new IllegalArgumentException("json: expected a boolean");
    }
    return options != null && options.booleanValue();
  }

  private void onHeads(HeadChange change) {
    tellSyncing();
    for (Header removed : change.removed()) {
      tellLogs(removed, true);
    }
    for (Header added : change.added()) {
      tell(Kind.NEW_HEADS, new HeaderJson(added));
      tellLogs(added, false);
      tellReceipts(added);
    }
  }

  private void tellSyncing() {
    Optional<NodeStatus.SyncProgress> now = node.syncing();
    if (now.isPresent() != lastSyncing.isPresent()) {
      lastSyncing = now;
      Object status = EthNode.progress(now);
      tell(Kind.SYNCING, now.isPresent() ? Map.of("syncing", true, "status", status) : status);
    }
  }

  private void tellLogs(Header header, boolean removed) {
    for (Subscription subscription : live.values()) {
      if (subscription.kind == Kind.LOGS) {
        List<LogJson> logs = new ArrayList<>();
        search.collect(header, subscription.logs, removed, logs);
        logs.forEach(log -> send(subscription, text(log)));
      }
    }
  }

  private void tellReceipts(Header header) {
    if (live.values().stream().noneMatch(s -> s.kind == Kind.RECEIPTS)) {
      return;
    }
    List<ReceiptJson> receipts = blocks.receiptsJson(new Blocks.Found(header, null));
    for (Subscription subscription : live.values()) {
      if (subscription.kind == Kind.RECEIPTS) {
        List<ReceiptJson> wanted = receipts.stream().filter(r -> wants(subscription, r)).toList();
        if (!wanted.isEmpty()) {
          send(subscription, text(wanted));
        }
      }
    }
  }

  private static boolean wants(Subscription subscription, ReceiptJson receipt) {
    return subscription.hashes.isEmpty()
        || subscription.hashes.contains(receipt.transaction().hash());
  }

  private void onPending(Transaction transaction) {
    if (!live.isEmpty() && !pending.offer(transaction)) {
      LOG.debug("pending transaction not told: queue full");
    }
  }

  private void tellPending() {
    try {
      while (true) {
        tellPending(pending.take());
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private void tellPending(Transaction transaction) {
    try {
      tell(Kind.PENDING_HASHES, transaction.hash());
      tell(Kind.PENDING_TRANSACTIONS, TransactionJson.pending(transaction));
    } catch (RuntimeException bug) {
      LOG.error("pending transaction {} not told", transaction.hash(), bug);
    }
  }

  /// Writes the value once for all who want it.
  private void tell(Kind kind, Object value) {
    String text = null;
    for (Subscription subscription : live.values()) {
      if (subscription.kind == kind) {
        text = text == null ? text(value) : text;
        send(subscription, text);
      }
    }
  }

  private void send(Subscription subscription, String result) {
    String message =
        "{\"jsonrpc\":\"2.0\",\"method\":\"eth_subscription\",\"params\":{\"subscription\":\""
            + subscription.id
            + "\",\"result\":"
            + result
            + "}}";
    if (!subscription.to.push(message)) {
      live.remove(subscription.id);
    }
  }

  private static String text(Object value) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      Json.write(json, value);
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
    return text.toString();
  }

  @Override
  public void close() {
    pool.close();
    pendingTeller.interrupt();
  }
}
