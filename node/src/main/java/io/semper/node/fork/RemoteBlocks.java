package io.semper.node.fork;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Signature;
import io.semper.core.types.AccessListEntry;
import io.semper.core.types.AccessListTransaction;
import io.semper.core.types.BlobTransaction;
import io.semper.core.types.Block;
import io.semper.core.types.Bloom;
import io.semper.core.types.FeeMarketTransaction;
import io.semper.core.types.Header;
import io.semper.core.types.LegacyTransaction;
import io.semper.core.types.Log;
import io.semper.core.types.Receipt;
import io.semper.core.types.Roots;
import io.semper.core.types.SetCodeTransaction;
import io.semper.core.types.Transaction;
import io.semper.core.types.Withdrawal;
import io.semper.core.view.ChainView.TransactionLocation;
import io.semper.rpc.json.Json;
import io.semper.rpc.param.CallRequest;
import io.semper.rpc.param.Decoders;
import java.util.ArrayList;
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

  /// More than fit in any block.
  private static final int MAX_ITEMS = 100_000;

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
      Header header = readHeader(block);
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
    } catch (IllegalArgumentException malformed) {
      throw node.failure("a block that cannot be read: " + malformed.getMessage());
    }
  }

  private static Header readHeader(JsonNode b) {
    Header.Builder header =
        Header.builder()
            .parentHash(Decoders.required(b, "parentHash", Decoders::hash))
            .ommersHash(Decoders.required(b, "sha3Uncles", Decoders::hash))
            .beneficiary(Decoders.required(b, "miner", Decoders::address))
            .stateRoot(Decoders.required(b, "stateRoot", Decoders::hash))
            .transactionsRoot(Decoders.required(b, "transactionsRoot", Decoders::hash))
            .receiptsRoot(Decoders.required(b, "receiptsRoot", Decoders::hash))
            .logsBloom(Bloom.of(Decoders.required(b, "logsBloom", Decoders::bytes)))
            .difficulty(Decoders.required(b, "difficulty", Decoders::quantity))
            .number(Decoders.required(b, "number", Decoders::positiveLong))
            .gasLimit(Decoders.required(b, "gasLimit", Decoders::positiveLong))
            .gasUsed(Decoders.required(b, "gasUsed", Decoders::positiveLong))
            .timestamp(Decoders.required(b, "timestamp", Decoders::positiveLong))
            .extraData(Decoders.required(b, "extraData", Decoders::bytes))
            .mixHash(Decoders.required(b, "mixHash", Decoders::hash))
            .nonce(UInt256.of(Decoders.required(b, "nonce", Decoders::bytes)).limb0());
    UInt256 baseFee = Decoders.field(b, "baseFeePerGas", Decoders::quantity);
    if (baseFee != null) header.baseFeePerGas(baseFee);
    Hash32 withdrawals = Decoders.field(b, "withdrawalsRoot", Decoders::hash);
    if (withdrawals != null) header.withdrawalsRoot(withdrawals);
    Long blobGas = Decoders.field(b, "blobGasUsed", Decoders::positiveLong);
    if (blobGas != null) header.blobGasUsed(blobGas);
    Long excess = Decoders.field(b, "excessBlobGas", Decoders::positiveLong);
    if (excess != null) header.excessBlobGas(excess);
    Hash32 beacon = Decoders.field(b, "parentBeaconBlockRoot", Decoders::hash);
    if (beacon != null) header.parentBeaconBlockRoot(beacon);
    Hash32 requests = Decoders.field(b, "requestsHash", Decoders::hash);
    if (requests != null) header.requestsHash(requests);
    return header.build();
  }

  private Block block(JsonNode b) {
    Header header = header(b);
    if (header == null) {
      return null;
    }
    try {
      List<Transaction> transactions =
          Decoders.list(b.path("transactions"), MAX_ITEMS, RemoteBlocks::transaction);
      if (!Roots.transactions(transactions).equals(header.transactionsRoot())) {
        throw node.failure(
            "block " + header.number() + " holds transactions of kinds not known here");
      }
      List<Withdrawal> withdrawals =
          header.withdrawalsRoot() == null
              ? null
              : Decoders.list(b.path("withdrawals"), MAX_ITEMS, RemoteBlocks::withdrawal);
      // Ommers are named by their hashes only, and nothing here looks at them.
      return new Block(header, transactions, List.of(), withdrawals);
    } catch (IllegalArgumentException malformed) {
      throw node.failure("a block that cannot be read: " + malformed.getMessage());
    }
  }

  private static Withdrawal withdrawal(JsonNode w) {
    return new Withdrawal(
        Decoders.required(w, "index", Decoders::unsignedLong),
        Decoders.required(w, "validatorIndex", Decoders::unsignedLong),
        Decoders.required(w, "address", Decoders::address),
        Decoders.required(w, "amount", Decoders::unsignedLong));
  }

  private static Transaction transaction(JsonNode node) {
    ObjectNode t = node.deepCopy();
    long type = Optional.ofNullable(Decoders.field(t, "type", Decoders::positiveLong)).orElse(0L);
    // Of mined transactions it tells what was paid.
    UInt256 price = Decoders.field(t, "gasPrice", Decoders::quantity);
    t.remove(List.of("gasPrice"));
    if (type < 2) {
      t.remove(List.of("maxFeePerGas", "maxPriorityFeePerGas"));
    }
    CallRequest r = CallRequest.fromJson(t);
    UInt256 v = Decoders.required(t, "v", Decoders::quantity);
    Signature signature =
        new Signature(
            parity(type, v),
            Decoders.required(t, "r", Decoders::quantity),
            Decoders.required(t, "s", Decoders::quantity));
    List<AccessListEntry> list = r.accessList() == null ? List.of() : r.accessList();
    UInt256 value = r.valueOrZero();
    byte[] data = r.dataOrEmpty();
    return switch ((int) type) {
      case 0 ->
          new LegacyTransaction(
              protectedChain(v), r.nonce(), price, r.gas(), r.to(), value, data, signature);
      case 1 ->
          new AccessListTransaction(
              r.chainId(), r.nonce(), price, r.gas(), r.to(), value, data, list, signature);
      case 2 ->
          new FeeMarketTransaction(
              r.chainId(),
              r.nonce(),
              r.maxPriorityFeePerGas(),
              r.maxFeePerGas(),
              r.gas(),
              r.to(),
              value,
              data,
              list,
              signature);
      case 3 ->
          new BlobTransaction(
              r.chainId(),
              r.nonce(),
              r.maxPriorityFeePerGas(),
              r.maxFeePerGas(),
              r.gas(),
              r.to(),
              value,
              data,
              list,
              r.maxFeePerBlobGas(),
              r.blobVersionedHashes(),
              signature);
      case 4 ->
          new SetCodeTransaction(
              r.chainId(),
              r.nonce(),
              r.maxPriorityFeePerGas(),
              r.maxFeePerGas(),
              r.gas(),
              r.to(),
              value,
              data,
              list,
              r.authorizations(),
              signature);
      default -> throw new IllegalArgumentException("transaction type " + type + " not supported");
    };
  }

  private static int parity(long type, UInt256 v) {
    return type > 0 ? (int) (v.limb0() & 1) : (int) (v.limb0() + 1 & 1);
  }

  /// EIP-155: `v` is 35 or 36 and twice the chain id; before it 27 or 28.
  private static UInt256 protectedChain(UInt256 v) {
    UInt256 first = UInt256.of(35);
    return v.compareTo(first) < 0 ? null : UInt256.of(v.minus(first).toBigInteger().shiftRight(1));
  }

  private List<Receipt> receipts(Header header, JsonNode list) {
    try {
      List<Receipt> all = Decoders.list(list, MAX_ITEMS, RemoteBlocks::receipt);
      if (!Roots.receipts(all).equals(header.receiptsRoot())) {
        throw node.failure("receipts of block " + header.number() + " are not the header's");
      }
      return List.copyOf(all);
    } catch (IllegalArgumentException malformed) {
      throw node.failure("receipts that cannot be read: " + malformed.getMessage());
    }
  }

  private static Receipt receipt(JsonNode r) {
    Long type = Decoders.field(r, "type", Decoders::positiveLong);
    Long status = Decoders.field(r, "status", Decoders::positiveLong);
    List<Log> logs =
        Decoders.list(
            r.path("logs"),
            MAX_ITEMS,
            l ->
                new Log(
                    Decoders.required(l, "address", Decoders::address),
                    Decoders.list(l.path("topics"), 4, Decoders::hash),
                    Decoders.required(l, "data", Decoders::bytes)));
    return new Receipt(
        type == null ? 0 : Math.toIntExact(type),
        Decoders.field(r, "root", Decoders::hash),
        status != null && status == 1,
        Decoders.required(r, "cumulativeGasUsed", Decoders::positiveLong),
        Bloom.ofLogs(logs),
        new ArrayList<>(logs));
  }
}
