package io.semper.rpc.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.semper.core.types.AccessListEntry;
import java.io.IOException;
import java.util.List;

/// The answer of `eth_createAccessList`.
///
/// @param error how execution failed with that list, `null` where it did not
public record AccessListJson(List<AccessListEntry> accessList, long gasUsed, String error)
    implements JsonValue {
  @Override
  public void writeTo(JsonGenerator out) throws IOException {
    out.writeStartObject();
    TransactionJson.writeAccessList(out, accessList);
    Json.fieldIfSet(out, "error", error);
    Json.field(out, "gasUsed", gasUsed);
    out.writeEndObject();
  }
}
