package io.semper.rpc.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Header;
import io.semper.core.types.Log;
import java.io.IOException;

/// A log with its place in the chain.
///
/// @param logIndex position among all logs of the block
/// @param removed the block has left the canonical chain
public record LogJson(
    Log log,
    Header header,
    Hash32 transactionHash,
    long transactionIndex,
    long logIndex,
    boolean removed)
    implements JsonValue {
  @Override
  public void writeTo(JsonGenerator out) throws IOException {
    out.writeStartObject();
    Json.field(out, "address", log.address());
    Json.field(out, "topics", log.topics());
    Json.field(out, "data", log.data());
    Json.field(out, "blockNumber", header.number());
    Json.field(out, "transactionHash", transactionHash);
    Json.field(out, "transactionIndex", transactionIndex);
    Json.field(out, "blockHash", header.hash());
    Json.field(out, "blockTimestamp", header.timestamp());
    Json.field(out, "logIndex", logIndex);
    Json.field(out, "removed", removed);
    out.writeEndObject();
  }
}
