package io.semper.rpc.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import java.io.IOException;
import java.util.List;

/// An ommer: a block of which only the header is known.
public record OmmerJson(Header header) implements JsonValue {
  @Override
  public void writeTo(JsonGenerator out) throws IOException {
    out.writeStartObject();
    HeaderJson.writeFields(out, header, false);
    Block bare = new Block(header, List.of(), List.of(), null);
    Json.field(out, "size", (long) bare.encode().length);
    Json.field(out, "uncles", List.of());
    out.writeEndObject();
  }
}
