package io.semper.rpc.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.AccessListEntry;
import io.semper.core.types.Authorization;
import io.semper.core.types.Header;
import io.semper.core.types.LegacyTransaction;
import io.semper.core.types.Transaction;
import java.io.IOException;
import java.util.List;

/// A transaction of any type, with its place in the chain.
///
/// @param header the block it is in, `null` while pending
/// @param index its position there
public record TransactionJson(Transaction transaction, Header header, long index)
    implements JsonValue {

  public static TransactionJson mined(Transaction transaction, Header header, int index) {
    return new TransactionJson(transaction, header, index);
  }

  public static TransactionJson pending(Transaction transaction) {
    return new TransactionJson(transaction, null, 0);
  }

  @Override
  public void writeTo(JsonGenerator out) throws IOException {
    Transaction t = transaction;
    boolean mined = header != null;
    out.writeStartObject();
    Json.field(out, "blockHash", mined ? header.hash() : null);
    Json.field(out, "blockNumber", mined ? header.number() : null);
    Json.field(out, "blockTimestamp", mined ? header.timestamp() : null);
    Json.field(out, "transactionIndex", mined ? index : null);
    Json.field(out, "from", t.sender());
    Json.field(out, "gas", t.gasLimit());
    Json.field(out, "gasPrice", gasPrice());
    if (t.type() >= 2) {
      Json.field(out, "maxFeePerGas", t.maxFeePerGas());
      Json.field(out, "maxPriorityFeePerGas", t.maxPriorityFeePerGas());
    }
    Json.field(out, "hash", t.hash());
    Json.field(out, "input", t.data());
    Json.field(out, "nonce", t.nonce());
    Json.field(out, "to", t.to());
    Json.field(out, "value", t.value());
    Json.field(out, "type", (long) t.type());
    Json.fieldIfSet(out, "chainId", t.chainId());
    writeLists(out, t);
    writeSignature(out);
    out.writeEndObject();
  }

  /// What typed transactions bring along.
  static void writeLists(JsonGenerator out, Transaction t) throws IOException {
    if (t.type() >= 1) {
      writeAccessList(out, t.accessList());
    }
    if (t.type() == 3) {
      Json.field(out, "maxFeePerBlobGas", t.maxFeePerBlobGas());
      Json.field(out, "blobVersionedHashes", t.blobVersionedHashes());
    }
    if (t.type() == 4) {
      writeAuthorizations(out, t.authorizations());
    }
  }

  /// What a unit of gas costs in its block; the most it may cost while pending.
  private UInt256 gasPrice() {
    return header == null
        ? transaction.maxFeePerGas()
        : effectiveGasPrice(transaction, header.baseFeePerGas());
  }

  /// @param baseFee `null` before London
  public static UInt256 effectiveGasPrice(Transaction t, UInt256 baseFee) {
    if (baseFee == null || t.type() < 2) {
      return t.maxFeePerGas();
    }
    UInt256 sum = baseFee.plusExact(t.maxPriorityFeePerGas());
    return sum == null ? t.maxFeePerGas() : UInt256.min(t.maxFeePerGas(), sum);
  }

  private void writeSignature(JsonGenerator out) throws IOException {
    long parity = transaction.signature().yParity();
    Json.field(out, "v", transaction instanceof LegacyTransaction l ? l.v() : parity);
    Json.field(out, "r", transaction.signature().r());
    Json.field(out, "s", transaction.signature().s());
    if (transaction.type() >= 1) {
      Json.field(out, "yParity", parity);
    }
  }

  static void writeAccessList(JsonGenerator out, List<AccessListEntry> list) throws IOException {
    out.writeArrayFieldStart("accessList");
    for (AccessListEntry entry : list) {
      out.writeStartObject();
      Json.field(out, "address", entry.address());
      Json.field(out, "storageKeys", entry.storageKeys());
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static void writeAuthorizations(JsonGenerator out, List<Authorization> list)
      throws IOException {
    out.writeArrayFieldStart("authorizationList");
    for (Authorization authorization : list) {
      out.writeStartObject();
      Json.field(out, "chainId", authorization.chainId());
      Json.field(out, "address", authorization.address());
      Json.field(out, "nonce", authorization.nonce());
      Json.field(out, "yParity", (long) authorization.yParity());
      Json.field(out, "r", authorization.r());
      Json.field(out, "s", authorization.s());
      out.writeEndObject();
    }
    out.writeEndArray();
  }
}
