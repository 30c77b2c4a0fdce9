package io.semper.rpc.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import java.io.IOException;

/// A block with its transactions, whole or as hashes.
///
/// @param pending not sealed yet
public record BlockJson(Block block, boolean fullTransactions, boolean pending)
    implements JsonValue {
  @Override
  public void writeTo(JsonGenerator out) throws IOException {
    out.writeStartObject();
    writeFields(out);
    out.writeEndObject();
  }

  /// The fields alone, for shapes that have more.
  public void writeFields(JsonGenerator out) throws IOException {
    Header header = block.header();
    HeaderJson.writeFields(out, header, pending);
    Json.field(out, "size", (long) block.encode().length);
    out.writeArrayFieldStart("transactions");
    for (int i = 0; i < block.transactions().size(); i++) {
      if (!fullTransactions) {
        Json.write(out, block.transactions().get(i).hash());
      } else if (pending) {
        TransactionJson.pending(block.transactions().get(i)).writeTo(out);
      } else {
        TransactionJson.mined(block.transactions().get(i), header, i).writeTo(out);
      }
    }
    out.writeEndArray();
    out.writeArrayFieldStart("uncles");
    for (Header ommer : block.ommers()) {
      Json.write(out, ommer.hash());
    }
    out.writeEndArray();
    if (block.withdrawals() != null) {
      Json.field(out, "withdrawals", WithdrawalJson.all(block.withdrawals()));
    }
  }
}
