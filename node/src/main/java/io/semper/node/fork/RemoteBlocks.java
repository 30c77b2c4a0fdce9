package io.semper.node.fork;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Receipt;
import io.semper.core.types.Roots;
import io.semper.core.types.Transaction;
import io.semper.core.types.Withdrawal;
import io.semper.core.view.ChainView.TransactionLocation;
import io.semper.lightclient.upstream.BlockJson;
import io.semper.lightclient.upstream.LieException;
import io.semper.rpc.json.Json;
import io.semper.rpc.param.Decoders;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// Blocks of another node up to the one where its chain is forked, read once and kept a while. Safe
/// for use by several threads.
final class RemoteBlocks {
  /// Of each kind.
  private static final int MAX_CACHED = 512;

  private final RemoteNode node;
  private final long last;
  private final Map<Object, Header> headers = cache();
  private final Map<Hash32, Block> blocks = cache();
  private final Map<Hash32, List<Receipt>> receipts = cache();

  /// @param last number of the newest block to read
  RemoteBlocks(RemoteNode node, long last) {
    this.node = node;
    this.last = last;
  }

  private static <K, V> Map<K, V> cache() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > MAX_CACHED;
      }
    };
  }

  /// Asks for what is not at hand, without keeping others from what is.
  private static <K, V> Optional<V> cached(Map<K, V> cache, K key, Supplier<V> ask) {
    synchronized (cache) {
      V known = cache.get(key);
      if (known != null) {
        return Optional.of(known);
      }
    }
    V found = ask.get();
    if (found != null) {
      synchronized (cache) {
        cache.put(key, found);
      }
    }
    return Optional.ofNullable(found);
  }

  Optional<Header> header(long number) {
    if (number < 0 || number > last) {
      return Optional.empty();
    }
    return cached(
        headers,
        number,
        () -> header(node.call("eth_getBlockByNumber", Json.quantity(number), false)));
  }

  Optional<Header> header(Hash32 hash) {
    return cached(headers, hash, () -> header(node.call("eth_getBlockByHash", hash, false)));
  }

  Optional<Block> block(Hash32 hash) {
    return cached(blocks, hash, () -> block(node.call("eth_getBlockByHash", hash, true)));
  }

  Optional<List<Receipt>> receipts(Hash32 hash) {
    return cached(
        receipts,
        hash,
        () -> {
          Header header = header(hash).orElse(null);
          return header == null
              ? null
              : receipts(header, node.call("eth_getBlockReceipts", Json.quantity(header.number())));
        });
  }

  Optional<TransactionLocation> locate(Hash32 transaction) {
    JsonNode found = node.call("eth_getTransactionByHash", transaction);
    if (found.isNull() || !found.hasNonNull("blockHash")) {
      return Optional.empty();
    }
    try {
      long number = Decoders.required(found, "blockNumber", Decoders::positiveLong);
      long index = Decoders.required(found, "transactionIndex", Decoders::positiveLong);
      Hash32 block = Decoders.required(found, "blockHash", Decoders::hash);
      return number > last
          ? Optional.empty()
          : Optional.of(new TransactionLocation(block, number, Math.toIntExact(index)));
    } catch (IllegalArgumentException | ArithmeticException malformed) {
      throw node.failure("a transaction that cannot be read: " + malformed.getMessage());
    }
  }

  /// @return `null` where there is none, or it is one of later
  private Header header(JsonNode block) {
    if (block.isNull()) {
      return null;
    }
    try {
      Header header = BlockJson.header(block);
      Hash32 claimed = Decoders.required(block, "hash", Decoders::hash);
      if (!header.hash().equals(claimed)) {
        throw node.failure(
            "header "
                + header.number()
                + " is of a kind not known here: its fields hash to "
                + header.hash()
                + ", not "
                + claimed);
      }
      return header.number() > last ? null : header;
    } catch (LieException | IllegalArgumentException malformed) {
      throw node.failure("a block that cannot be read: " + malformed.getMessage());
    }
  }

  private Block block(JsonNode b) {
    Header header = header(b);
    if (header == null) {
      return null;
    }
    try {
      List<Transaction> transactions = BlockJson.transactions(b);
      if (!Roots.transactions(transactions).equals(header.transactionsRoot())) {
        throw node.failure(
            "block " + header.number() + " holds transactions of kinds not known here");
      }
      List<Withdrawal> withdrawals =
          header.withdrawalsRoot() == null ? null : BlockJson.withdrawals(b);
      // Ommers are named by their hashes only, and nothing here looks at them.
      return new Block(header, transactions, List.of(), withdrawals);
    } catch (IllegalArgumentException malformed) {
      throw node.failure("a block that cannot be read: " + malformed.getMessage());
    }
  }

  private List<Receipt> receipts(Header header, JsonNode list) {
    try {
      List<Receipt> all = BlockJson.receipts(list);
      if (!Roots.receipts(all).equals(header.receiptsRoot())) {
        throw node.failure("receipts of block " + header.number() + " are not the header's");
      }
      return List.copyOf(all);
    } catch (IllegalArgumentException malformed) {
      throw node.failure("receipts that cannot be read: " + malformed.getMessage());
    }
  }
}
