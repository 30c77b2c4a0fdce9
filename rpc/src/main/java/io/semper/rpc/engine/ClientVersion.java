package io.semper.rpc.engine;

import com.fasterxml.jackson.core.JsonGenerator;
import io.semper.rpc.json.Json;
import io.semper.rpc.json.JsonValue;
import java.io.IOException;

/// `ClientVersionV1`: who answers.
///
/// @param code two letters
/// @param commit first four bytes of the commit this was built from, zeros where it is not known
public record ClientVersion(String code, String name, String version, byte[] commit)
    implements JsonValue {
  @Override
  public void writeTo(JsonGenerator out) throws IOException {
    out.writeStartObject();
    Json.field(out, "code", code);
    Json.field(out, "name", name);
    Json.field(out, "version", version);
    Json.field(out, "commit", commit);
    out.writeEndObject();
  }
}
