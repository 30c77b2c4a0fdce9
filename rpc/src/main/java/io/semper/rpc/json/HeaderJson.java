package io.semper.rpc.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.semper.core.types.Header;
import java.io.IOException;

/// A header as `newHeads` notifies it.
///
/// @param pending its block is not sealed yet
public record HeaderJson(Header header, boolean pending) implements JsonValue {
  public HeaderJson(Header header) {
    this(header, false);
  }

  @Override
  public void writeTo(JsonGenerator out) throws IOException {
    out.writeStartObject();
    writeFields(out, header, pending);
    out.writeEndObject();
  }

  /// The fields all shapes of a block share.
  ///
  /// @param pending the block is not sealed: what sealing fixes is `null`
  static void writeFields(JsonGenerator out, Header h, boolean pending) throws IOException {
    Json.field(out, "number", h.number());
    Json.field(out, "hash", pending ? null : h.hash());
    Json.field(out, "parentHash", h.parentHash());
    Json.field(out, "sha3Uncles", h.ommersHash());
    Json.field(out, "miner", pending ? null : h.beneficiary());
    Json.field(out, "stateRoot", h.stateRoot());
    Json.field(out, "transactionsRoot", h.transactionsRoot());
    Json.field(out, "receiptsRoot", h.receiptsRoot());
    Json.field(out, "logsBloom", h.logsBloom());
    Json.field(out, "difficulty", h.difficulty());
    Json.field(out, "gasLimit", h.gasLimit());
    Json.field(out, "gasUsed", h.gasUsed());
    Json.field(out, "timestamp", h.timestamp());
    Json.field(out, "extraData", h.extraData());
    Json.field(out, "mixHash", h.mixHash());
    Json.field(out, "nonce", pending ? null : String.format("0x%016x", h.nonce()));
    Json.fieldIfSet(out, "baseFeePerGas", h.baseFeePerGas());
    Json.fieldIfSet(out, "withdrawalsRoot", h.withdrawalsRoot());
    Json.fieldIfSet(out, "blobGasUsed", h.blobGasUsed());
    Json.fieldIfSet(out, "excessBlobGas", h.excessBlobGas());
    Json.fieldIfSet(out, "parentBeaconBlockRoot", h.parentBeaconBlockRoot());
    Json.fieldIfSet(out, "requestsHash", h.requestsHash());
    Json.fieldIfSet(out, "blockAccessListHash", h.blockAccessListHash());
    Json.fieldIfSet(out, "slotNumber", h.slotNumber());
  }
}
