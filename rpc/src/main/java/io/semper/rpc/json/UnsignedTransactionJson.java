package io.semper.rpc.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.semper.core.types.Transaction;
import java.io.IOException;

/// A transaction by itself, its signature zeros: what its sender is to sign. Unlike in blocks and
/// in the pool, a transaction of the fee market has no gas price.
public record UnsignedTransactionJson(Transaction transaction) implements JsonValue {
  @Override
  public void writeTo(JsonGenerator out) throws IOException {
    Transaction t = transaction;
    boolean feeMarket = t.type() >= 2;
    out.writeStartObject();
    Json.field(out, "type", (long) t.type());
    Json.fieldIfSet(out, "chainId", t.chainId());
    Json.field(out, "nonce", t.nonce());
    Json.field(out, "to", t.to());
    Json.field(out, "gas", t.gasLimit());
    Json.field(out, "gasPrice", feeMarket ? null : t.maxFeePerGas());
    Json.field(out, "maxPriorityFeePerGas", feeMarket ? t.maxPriorityFeePerGas() : null);
    Json.field(out, "maxFeePerGas", feeMarket ? t.maxFeePerGas() : null);
    Json.field(out, "value", t.value());
    Json.field(out, "input", t.data());
    TransactionJson.writeLists(out, t);
    for (String part : new String[] {"v", "r", "s"}) {
      Json.field(out, part, 0L);
    }
    if (t.type() >= 1) {
      Json.field(out, "yParity", 0L);
    }
    Json.field(out, "hash", t.hash());
    out.writeEndObject();
  }
}
