package io.semper.rpc.json;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/// Something that writes itself as one JSON value.
public interface JsonValue {
  void writeTo(JsonGenerator out) throws IOException;
}
