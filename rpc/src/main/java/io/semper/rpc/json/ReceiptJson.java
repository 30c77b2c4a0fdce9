package io.semper.rpc.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.fee.BlobGas;
import io.semper.core.types.Block;
import io.semper.core.types.ContractAddress;
import io.semper.core.types.Log;
import io.semper.core.types.Receipt;
import io.semper.core.types.Transaction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// A receipt with what its block and transaction add.
///
/// @param firstLog number of logs before it in the block
/// @param blobGasPrice wei a unit of blob gas, written for blob transactions only
public record ReceiptJson(
    Block block, int index, Receipt receipt, long gasUsed, long firstLog, UInt256 blobGasPrice)
    implements JsonValue {
  /// All receipts of a block.
  public static List<ReceiptJson> ofBlock(
      Block block, List<Receipt> receipts, UInt256 blobGasPrice) {
    List<ReceiptJson> all = new ArrayList<>(receipts.size());
    long gasBefore = 0;
    long logs = 0;
    for (int i = 0; i < receipts.size(); i++) {
      Receipt receipt = receipts.get(i);
      long gas = receipt.cumulativeGasUsed() - gasBefore;
      all.add(new ReceiptJson(block, i, receipt, gas, logs, blobGasPrice));
      gasBefore = receipt.cumulativeGasUsed();
      logs += receipt.logs().size();
    }
    return all;
  }

  @Override
  public void writeTo(JsonGenerator out) throws IOException {
    Transaction t = transaction();
    out.writeStartObject();
    Json.field(out, "type", (long) t.type());
    if (receipt.postState() != null) {
      Json.field(out, "root", receipt.postState());
    } else {
      Json.field(out, "status", receipt.success() ? 1L : 0L);
    }
    Json.field(out, "cumulativeGasUsed", receipt.cumulativeGasUsed());
    Json.field(out, "logsBloom", receipt.bloom());
    writeLogs(out, t.hash());
    Json.field(out, "transactionHash", t.hash());
    Json.field(out, "transactionIndex", (long) index);
    Json.field(out, "blockHash", block.header().hash());
    Json.field(out, "blockNumber", block.header().number());
    Json.field(out, "contractAddress", contract(t));
    Json.field(out, "from", t.sender());
    Json.field(out, "to", t.to());
    Json.field(out, "gasUsed", gasUsed);
    UInt256 baseFee = block.header().baseFeePerGas();
    Json.field(out, "effectiveGasPrice", TransactionJson.effectiveGasPrice(t, baseFee));
    if (t.type() == 3) {
      Json.field(out, "blobGasUsed", BlobGas.PER_BLOB * t.blobVersionedHashes().size());
      Json.field(out, "blobGasPrice", blobGasPrice);
    }
    out.writeEndObject();
  }

  public Transaction transaction() {
    return block.transactions().get(index);
  }

  private static Address contract(Transaction t) {
    return t.to() == null ? ContractAddress.of(t.sender(), t.nonce()) : null;
  }

  private void writeLogs(JsonGenerator out, Hash32 transactionHash) throws IOException {
    out.writeArrayFieldStart("logs");
    long logIndex = firstLog;
    for (Log log : receipt.logs()) {
      new LogJson(log, block.header(), transactionHash, index, logIndex++, false).writeTo(out);
    }
    out.writeEndArray();
  }
}
