package io.semper.rpc.eth;

import io.semper.core.bytes.Address;
import io.semper.core.crypto.ChecksumAddress;
import io.semper.core.types.Transaction;
import io.semper.core.view.PoolView;
import io.semper.rpc.Rpc;
import io.semper.rpc.json.TransactionJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.function.Function;

/// The transaction pool: `txpool_`, keyed by checksummed address and decimal nonce.
final class TxPoolMethods {
  private final PoolView pool;

  TxPoolMethods(PoolView pool) {
    this.pool = pool;
  }

  @Rpc("txpool_content")
  Map<String, Object> content() {
    return both(TransactionJson::pending);
  }

  @Rpc("txpool_inspect")
  Map<String, Object> inspect() {
    return both(TxPoolMethods::summary);
  }

  private Map<String, Object> both(Function<Transaction, Object> form) {
    PoolView.Content content = pool.content();
    return Map.of("pending", all(content.pending(), form), "queued", all(content.queued(), form));
  }

  @Rpc("txpool_contentFrom")
  Map<String, Object> contentFrom(Address address) {
    PoolView.Content content = pool.content();
    return Map.of(
        "pending", one(content.pending().get(address), TransactionJson::pending),
        "queued", one(content.queued().get(address), TransactionJson::pending));
  }

  @Rpc("txpool_status")
  Map<String, Long> status() {
    PoolView.Content content = pool.content();
    return Map.of("pending", count(content.pending()), "queued", count(content.queued()));
  }

  @Rpc("eth_pendingTransactions")
  List<TransactionJson> pendingTransactions() {
    List<TransactionJson> all = new ArrayList<>();
    for (NavigableMap<Long, Transaction> bySender : pool.content().pending().values()) {
      bySender.values().forEach(t -> all.add(TransactionJson.pending(t)));
    }
    return all;
  }

  private static long count(Map<Address, NavigableMap<Long, Transaction>> part) {
    return part.values().stream().mapToLong(Map::size).sum();
  }

  private static Map<String, Object> all(
      Map<Address, NavigableMap<Long, Transaction>> part, Function<Transaction, Object> form) {
    Map<String, Object> all = new LinkedHashMap<>();
    part.forEach((sender, list) -> all.put(ChecksumAddress.format(sender), one(list, form)));
    return all;
  }

  private static Map<String, Object> one(
      NavigableMap<Long, Transaction> list, Function<Transaction, Object> form) {
    Map<String, Object> one = new LinkedHashMap<>();
    if (list != null) {
      list.forEach((nonce, t) -> one.put(Long.toUnsignedString(nonce), form.apply(t)));
    }
    return one;
  }

  private static String summary(Transaction t) {
    return "%s: %s wei + %s gas × %s wei"
        .formatted(
            t.to() == null ? "contract creation" : ChecksumAddress.format(t.to()),
            t.value(),
            t.gasLimit(),
            t.maxFeePerGas());
  }
}
