package io.semper.rpc.trace;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.TokenBuffer;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Receipt;
import io.semper.core.types.Transaction;
import io.semper.core.view.Account;
import io.semper.rpc.Omittable;
import io.semper.rpc.Rpc;
import io.semper.rpc.RpcException;
import io.semper.rpc.eth.Blocks;
import io.semper.rpc.json.BlockJson;
import io.semper.rpc.json.HeaderJson;
import io.semper.rpc.json.Json;
import io.semper.rpc.json.JsonValue;
import io.semper.rpc.json.ReceiptJson;
import io.semper.rpc.json.TransactionJson;
import io.semper.rpc.param.BlockRef;
import io.semper.rpc.param.Count;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What Otterscan asks of a node about blocks: everything a page shows in one answer.
final class OtsBlocks {
  /// The newest level Otterscan knows.
  private static final double API_LEVEL = 8;

  private static final long MAX_PAGE_SIZE = 1000;

  /// A method's selector; the rest of the input is not shown in lists.
  private static final int SELECTOR_CHARS = 2 + 8;

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Blocks blocks;
  private final Replay replay;

  OtsBlocks(Blocks blocks, Replay replay) {
    this.blocks = blocks;
    this.replay = replay;
  }

  @Rpc("ots_getApiLevel")
  Double getApiLevel() {
    return API_LEVEL;
  }

  /// What Otterscan tries first.
  @Rpc("erigon_getHeaderByNumber")
  HeaderJson getHeaderByNumber(LooseBlock block) {
    return blocks
        .find(block.ref())
        .map(at -> new HeaderJson(at.header(), at.isPending()))
        .orElse(null);
  }

  @Rpc("ots_hasCode")
  boolean hasCode(Address address, @Omittable LooseBlock block) {
    BlockRef at = block == null ? BlockRef.LATEST : block.ref();
    Account account = blocks.state(blocks.require(at)).account(address);
    return account != null && !account.codeHash().equals(Keccak.EMPTY);
  }

  @Rpc("ots_getBlockDetails")
  Map<String, Object> getBlockDetails(LooseBlock block) {
    return details(block.ref());
  }

  @Rpc("ots_getBlockDetailsByHash")
  Map<String, Object> getBlockDetailsByHash(Hash32 hash) {
    return details(new BlockRef.Hash(hash, false));
  }

  private Map<String, Object> details(BlockRef ref) {
    Block block = blocks.find(ref).map(blocks::block).orElse(null);
    if (block == null) {
      return null;
    }
    ObjectNode shown = shown(block);
    shown.remove("transactions");
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("block", shown);
    details.put("issuance", issuance(block));
    details.put("totalFees", fees(block));
    return details;
  }

  private Map<String, Object> issuance(Block block) {
    UInt256 own = UInt256.ZERO;
    UInt256 others = UInt256.ZERO;
    if (block.header().number() > 0) {
      for (Replay.Reward reward : replay.rewards(block)) {
        own = reward.ommer() ? own : own.plus(reward.value());
        others = reward.ommer() ? others.plus(reward.value()) : others;
      }
    }
    Map<String, Object> issuance = new LinkedHashMap<>();
    issuance.put("blockReward", own);
    issuance.put("uncleReward", others);
    issuance.put("issuance", own.plus(others));
    return issuance;
  }

  private static ObjectNode shown(Block block) {
    ObjectNode shown = (ObjectNode) tree(new BlockJson(block, true, false));
    shown.putNull("logsBloom");
    // A JSON number: Otterscan divides its pages by it as it comes.
    shown.put("transactionCount", block.transactions().size());
    return shown;
  }

  /// All that senders paid for gas.
  private UInt256 fees(Block block) {
    List<Receipt> receipts = blocks.receipts(block.header());
    UInt256 fees = UInt256.ZERO;
    long before = 0;
    for (int i = 0; i < receipts.size(); i++) {
      Transaction t = block.transactions().get(i);
      long after = receipts.get(i).cumulativeGasUsed();
      UInt256 price = TransactionJson.effectiveGasPrice(t, block.header().baseFeePerGas());
      fees = fees.plus(price.timesExact(after - before));
      before = after;
    }
    return fees;
  }

  /// A page of a block's transactions; page 0 holds the last ones.
  @Rpc("ots_getBlockTransactions")
  Map<String, Object> getBlockTransactions(LooseBlock ref, Count page, Count pageSize) {
    Blocks.Found at = blocks.find(ref.ref()).orElse(null);
    if (at == null) {
      return null;
    }
    if (pageSize.value() > MAX_PAGE_SIZE || page.value() > Integer.MAX_VALUE) {
      throw RpcException.invalidParams("page size above " + MAX_PAGE_SIZE);
    }
    Block block = blocks.block(at);
    int end = (int) Math.max(0, block.transactions().size() - page.value() * pageSize.value());
    int start = (int) Math.max(0, end - pageSize.value());
    ObjectNode shown = shown(block);
    JsonNode all = shown.get("transactions");
    var transactions = shown.putArray("transactions");
    for (int i = start; i < end; i++) {
      ObjectNode transaction = (ObjectNode) all.get(i);
      String input = transaction.get("input").textValue();
      transaction.put("input", input.substring(0, Math.min(SELECTOR_CHARS, input.length())));
      transactions.add(transaction);
    }
    List<ReceiptJson> receipts = blocks.receiptsJson(at).subList(start, end);
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("fullblock", shown);
    answer.put("receipts", receipts.stream().map(each -> bare(each, block.header())).toList());
    return answer;
  }

  /// A receipt without its logs, and with its time.
  static JsonNode bare(ReceiptJson receipt, Header block) {
    ObjectNode shown = (ObjectNode) tree(receipt);
    shown.putNull("logs");
    shown.putNull("logsBloom");
    shown.put("timestamp", Json.quantity(block.timestamp()));
    return shown;
  }

  static JsonNode tree(JsonValue value) {
    try (TokenBuffer tokens = new TokenBuffer(MAPPER, false)) {
      value.writeTo(tokens);
      return MAPPER.readTree(tokens.asParser());
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
