package io.semper.lightclient;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Receipt;
import io.semper.core.types.Roots;
import io.semper.core.types.Transaction;
import io.semper.core.types.Withdrawal;
import io.semper.core.view.ChainView.TransactionLocation;
import io.semper.core.view.UnavailableException;
import io.semper.lightclient.upstream.Answer;
import io.semper.lightclient.upstream.BlockJson;
import io.semper.lightclient.upstream.Call;
import io.semper.lightclient.upstream.Fields;
import io.semper.lightclient.upstream.LieException;
import io.semper.lightclient.upstream.Reply;
import io.semper.lightclient.upstream.UpstreamPool;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Bodies and receipts of verified headers, proven by the roots these hold.
final class BlockSource {
  private static final long BLOCK_BYTES = 4 << 20;
  private static final long LOCATION_BYTES = 1 << 20;
  private static final int OBJECT_BYTES = 400;

  /// The root of a list of nothing.
  private static final Hash32 NO_ITEMS = Roots.receipts(List.of());

  private final HeaderChain chain;
  private final UpstreamPool upstreams;
  private final BoundedCache<Hash32, Block> blocks =
      new BoundedCache<>(BLOCK_BYTES, BlockSource::bytes);
  private final BoundedCache<Hash32, List<Receipt>> receipts =
      new BoundedCache<>(BLOCK_BYTES, BlockSource::bytes);
  private final BoundedCache<Hash32, TransactionLocation> locations =
      new BoundedCache<>(LOCATION_BYTES, location -> OBJECT_BYTES);

  BlockSource(HeaderChain chain, UpstreamPool upstreams) {
    this.chain = chain;
    this.upstreams = upstreams;
  }

  private static long bytes(Block block) {
    return OBJECT_BYTES
        + block.transactions().stream()
            .mapToLong(each -> 2L * each.data().length + 2 * OBJECT_BYTES)
            .sum();
  }

  private static long bytes(List<Receipt> list) {
    return OBJECT_BYTES
        + list.stream()
            .flatMap(each -> each.logs().stream())
            .mapToLong(log -> log.data().length + OBJECT_BYTES)
            .sum()
        + 2L * OBJECT_BYTES * list.size();
  }

  /// The block of a proven header.
  Block block(Header header) {
    Hash32 hash = header.hash();
    Block known = blocks.get(hash);
    if (known != null) {
      return known;
    }
    if (header.transactionsRoot().equals(NO_ITEMS) && holdsNoWithdrawals(header)) {
      return new Block(
          header, List.of(), List.of(), header.withdrawalsRoot() == null ? null : List.of());
    }
    Block block =
        upstreams
            .ask(
                List.of(Call.of("eth_getBlockByHash", hash, true)),
                replies -> body(header, Reply.found(replies.get(0))))
            .value();
    keep(block);
    return block;
  }

  private void keep(Block block) {
    Hash32 hash = block.header().hash();
    blocks.put(hash, block);
    int index = 0;
    for (Transaction transaction : block.transactions()) {
      locations.put(
          transaction.hash(), new TransactionLocation(hash, block.header().number(), index++));
    }
  }

  private static boolean holdsNoWithdrawals(Header header) {
    return header.ommersHash().equals(Header.NO_OMMERS)
        && (header.withdrawalsRoot() == null || header.withdrawalsRoot().equals(NO_ITEMS));
  }

  private static Block body(Header header, JsonNode json)
      throws LieException, Reply.RefusedException {
    if (!header.ommersHash().equals(Header.NO_OMMERS)) {
      throw new Reply.RefusedException("blocks with ommers cannot be proven over JSON-RPC");
    }
    List<Transaction> transactions = BlockJson.transactions(json);
    if (!Roots.transactions(transactions).equals(header.transactionsRoot())) {
      throw new LieException("transactions that are not those of block " + header.number());
    }
    List<Withdrawal> withdrawals =
        header.withdrawalsRoot() == null ? null : BlockJson.withdrawals(json);
    if (header.withdrawalsRoot() != null
        && (withdrawals == null
            || !Roots.withdrawals(withdrawals).equals(header.withdrawalsRoot()))) {
      throw new LieException("withdrawals that are not those of block " + header.number());
    }
    return new Block(header, transactions, List.of(), withdrawals);
  }

  /// The receipts of a proven header, in the order of its transactions.
  List<Receipt> receipts(Header header) {
    Hash32 hash = header.hash();
    List<Receipt> known = receipts.get(hash);
    if (known != null) {
      return known;
    }
    List<Receipt> list;
    if (header.receiptsRoot().equals(NO_ITEMS)) {
      list = List.of();
    } else {
      list =
          upstreams
              .ask(
                  List.of(Call.of("eth_getBlockReceipts", Call.block(hash))),
                  replies -> checked(header, Reply.found(replies.get(0))))
              .value();
    }
    receipts.put(hash, list);
    return list;
  }

  private static List<Receipt> checked(Header header, JsonNode json) throws LieException {
    List<Receipt> list = BlockJson.receipts(json);
    if (!Roots.receipts(list).equals(header.receiptsRoot())) {
      throw new LieException("receipts that are not those of block " + header.number());
    }
    return List.copyOf(list);
  }

  /// What a node says of where a transaction stands.
  private record Claim(Hash32 block, long number, int index) {
    boolean isTrueOf(Block shown, Hash32 transaction) {
      List<Transaction> all = shown.transactions();
      return shown.header().number() == number
          && index < all.size()
          && all.get(index).hash().equals(transaction);
    }

    String what(Hash32 transaction) {
      return "transaction " + transaction + " is not in block " + number + ", as it said";
    }

    byte[] said() {
      return toString().getBytes(StandardCharsets.UTF_8);
    }
  }

  /// Where a transaction stands in a block that is proven to hold it. Empty where no node knows of
  /// one: that there is none cannot be proven.
  Optional<TransactionLocation> locate(Hash32 transaction) {
    TransactionLocation known = locations.get(transaction);
    if (known != null && isCanonical(known.blockNumber(), known.blockHash())) {
      return Optional.of(known);
    }
    long head = chain.head().number();
    Set<String> heard = new HashSet<>();
    boolean denied = false;
    boolean shownAll = true;
    while (heard.size() < upstreams.size()) {
      Optional<Answer<Claim>> answer =
          upstreams.find(
              List.of(Call.of("eth_getTransactionByHash", transaction)),
              replies -> claim(Reply.found(replies.get(0)), head),
              heard);
      if (answer.isEmpty()) {
        denied = true;
        break;
      }
      Claim claim = answer.get().value();
      String node = answer.get().upstream();
      Block block;
      try {
        block = shown(node, claim);
      } catch (UnavailableException notShown) {
        shownAll = false;
        heard.add(node);
        continue;
      }
      boolean holds = block != null && claim.isTrueOf(block, transaction);
      if (holds && isCanonical(claim.number(), claim.block())) {
        keep(block);
        return Optional.of(new TransactionLocation(claim.block(), claim.number(), claim.index()));
      }
      if (block != null && !holds || chain.isSettled(claim.number())) {
        upstreams.ban(node, claim.what(transaction), claim.said());
      } else {
        denied = true; // it follows another branch, or did, and knows of no block on ours
      }
      heard.add(node);
    }
    if (!denied || !shownAll) {
      throw new UnavailableException(
          "nobody shows the block that transaction " + transaction + " is said to be in");
    }
    return Optional.empty();
  }

  /// The block in which a node says that a transaction stands. The way to it from the head may be
  /// long: nobody walks it on a word alone.
  ///
  /// @return `null` where there is none: another is proven and settled, or the node that has just
  ///   named the block does not know it
  /// @throws UnavailableException where it is not shown
  private Block shown(String node, Claim claim) {
    Block kept = blocks.get(claim.block());
    if (kept != null) {
      return kept;
    }
    Header known = chain.known(claim.number()).orElse(null);
    if (known != null && known.hash().equals(claim.block())) {
      return block(known);
    }
    if (known != null && chain.isSettled(claim.number())) {
      return null;
    }
    return upstreams.askOne(
        node,
        List.of(Call.of("eth_getBlockByHash", claim.block(), true)),
        replies -> {
          JsonNode json = replies.get(0).result();
          return json.isNull() ? null : body(HeaderChain.ofHash(json, claim.block()), json);
        });
  }

  private boolean isCanonical(long number, Hash32 hash) {
    return chain.header(number).filter(header -> header.hash().equals(hash)).isPresent();
  }

  private static Claim claim(JsonNode transaction, long head) throws Reply.RefusedException {
    if (!transaction.hasNonNull("blockHash")) {
      throw new Reply.RefusedException("in no block yet", true);
    }
    long number = Fields.required(transaction, "blockNumber", Fields::positiveLong);
    if (number > head) {
      throw new Reply.RefusedException("in no block verified so far", true);
    }
    long index = Fields.required(transaction, "transactionIndex", Fields::positiveLong);
    if (index > BlockJson.MAX_ITEMS) {
      throw new IllegalArgumentException("transaction index " + index);
    }
    return new Claim(Fields.required(transaction, "blockHash", Fields::hash), number, (int) index);
  }
}
