package io.semper.rpc.engine;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.trie.Trie;
import io.semper.core.types.Block;
import io.semper.core.types.Bloom;
import io.semper.core.types.Header;
import io.semper.core.types.Transaction;
import io.semper.core.types.Withdrawal;
import io.semper.rpc.json.Json;
import io.semper.rpc.json.JsonValue;
import io.semper.rpc.json.WithdrawalJson;
import io.semper.rpc.param.Decoders;
import java.io.IOException;
import java.util.List;

/// `ExecutionPayloadV1` to `V3`: a block without what the consensus layer has elsewhere. Fields of
/// later versions are `null` where not given.
///
/// @param transactions encoded (EIP-2718), not looked at yet
public record ExecutionPayload(
    Hash32 parentHash,
    Address feeRecipient,
    Hash32 stateRoot,
    Hash32 receiptsRoot,
    Bloom logsBloom,
    Hash32 prevRandao,
    long blockNumber,
    long gasLimit,
    long gasUsed,
    long timestamp,
    byte[] extraData,
    UInt256 baseFeePerGas,
    Hash32 blockHash,
    List<byte[]> transactions,
    List<Withdrawal> withdrawals,
    Long blobGasUsed,
    Long excessBlobGas)
    implements JsonValue {
  /// MAX_TRANSACTIONS_PER_PAYLOAD of the consensus specification.
  private static final int MAX_TRANSACTIONS = 1 << 20;

  /// Far above MAX_WITHDRAWALS_PER_PAYLOAD of any network.
  private static final int MAX_WITHDRAWALS = 1 << 16;

  public static ExecutionPayload fromJson(JsonNode node) {
    Decoders.requireObject(node);
    return new ExecutionPayload(
        Decoders.required(node, "parentHash", Decoders::hash),
        Decoders.required(node, "feeRecipient", Decoders::address),
        Decoders.required(node, "stateRoot", Decoders::hash),
        Decoders.required(node, "receiptsRoot", Decoders::hash),
        Decoders.required(node, "logsBloom", n -> Bloom.of(Decoders.bytes(n))),
        Decoders.required(node, "prevRandao", Decoders::hash),
        Decoders.required(node, "blockNumber", Decoders::unsignedLong),
        Decoders.required(node, "gasLimit", Decoders::unsignedLong),
        Decoders.required(node, "gasUsed", Decoders::unsignedLong),
        Decoders.required(node, "timestamp", Decoders::unsignedLong),
        Decoders.required(node, "extraData", Decoders::bytes),
        Decoders.required(node, "baseFeePerGas", Decoders::quantity),
        Decoders.required(node, "blockHash", Decoders::hash),
        Decoders.required(
            node, "transactions", n -> Decoders.list(n, MAX_TRANSACTIONS, Decoders::bytes)),
        Decoders.field(node, "withdrawals", ExecutionPayload::withdrawals),
        Decoders.field(node, "blobGasUsed", Decoders::unsignedLong),
        Decoders.field(node, "excessBlobGas", Decoders::unsignedLong));
  }

  static List<Withdrawal> withdrawals(JsonNode node) {
    return Decoders.list(
        node,
        MAX_WITHDRAWALS,
        item -> {
          Decoders.requireObject(item);
          return new Withdrawal(
              Decoders.required(item, "index", Decoders::unsignedLong),
              Decoders.required(item, "validatorIndex", Decoders::unsignedLong),
              Decoders.required(item, "address", Decoders::address),
              Decoders.required(item, "amount", Decoders::unsignedLong));
        });
  }

  /// The payload of a block of proof of stake.
  static ExecutionPayload of(Block block) {
    Header h = block.header();
    return new ExecutionPayload(
        h.parentHash(),
        h.beneficiary(),
        h.stateRoot(),
        h.receiptsRoot(),
        h.logsBloom(),
        h.mixHash(),
        h.number(),
        h.gasLimit(),
        h.gasUsed(),
        h.timestamp(),
        h.extraData(),
        h.baseFeePerGas(),
        h.hash(),
        encoded(block.transactions()),
        block.withdrawals(),
        h.blobGasUsed(),
        h.excessBlobGas());
  }

  static List<byte[]> encoded(List<Transaction> transactions) {
    return transactions.stream().map(Transaction::encode).toList();
  }

  /// The block, whose hash is not compared with [#blockHash] yet.
  ///
  /// @param decoded the transactions
  /// @param parentBeaconBlockRoot `null` before Cancun
  /// @param requestsHash `null` before Prague
  public Block toBlock(
      List<Transaction> decoded, Hash32 parentBeaconBlockRoot, Hash32 requestsHash) {
    Header.Builder header =
        Header.builder()
            .parentHash(parentHash)
            .beneficiary(feeRecipient)
            .stateRoot(stateRoot)
            .transactionsRoot(Trie.orderedRoot(transactions))
            .receiptsRoot(receiptsRoot)
            .logsBloom(logsBloom)
            .number(blockNumber)
            .gasLimit(gasLimit)
            .gasUsed(gasUsed)
            .timestamp(timestamp)
            .extraData(extraData)
            .mixHash(prevRandao)
            .baseFeePerGas(baseFeePerGas)
            .blobGasUsed(blobGasUsed)
            .excessBlobGas(excessBlobGas)
            .parentBeaconBlockRoot(parentBeaconBlockRoot)
            .requestsHash(requestsHash);
    if (withdrawals != null) {
      header.withdrawalsRoot(
          Trie.orderedRoot(withdrawals.stream().map(Withdrawal::encode).toList()));
    }
    return new Block(header.build(), decoded, List.of(), withdrawals);
  }

  @Override
  public void writeTo(JsonGenerator out) throws IOException {
    out.writeStartObject();
    Json.field(out, "parentHash", parentHash);
    Json.field(out, "feeRecipient", feeRecipient);
    Json.field(out, "stateRoot", stateRoot);
    Json.field(out, "receiptsRoot", receiptsRoot);
    Json.field(out, "logsBloom", logsBloom);
    Json.field(out, "prevRandao", prevRandao);
    Json.field(out, "blockNumber", blockNumber);
    Json.field(out, "gasLimit", gasLimit);
    Json.field(out, "gasUsed", gasUsed);
    Json.field(out, "timestamp", timestamp);
    Json.field(out, "extraData", extraData);
    Json.field(out, "baseFeePerGas", baseFeePerGas);
    Json.field(out, "blockHash", blockHash);
    Json.field(out, "transactions", transactions);
    Json.fieldIfSet(out, "withdrawals", WithdrawalJson.all(withdrawals));
    Json.fieldIfSet(out, "blobGasUsed", blobGasUsed);
    Json.fieldIfSet(out, "excessBlobGas", excessBlobGas);
    out.writeEndObject();
  }
}
