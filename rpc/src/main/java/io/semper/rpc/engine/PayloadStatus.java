package io.semper.rpc.engine;

import com.fasterxml.jackson.core.JsonGenerator;
import io.semper.core.bytes.Hash32;
import io.semper.rpc.json.Json;
import io.semper.rpc.json.JsonValue;
import java.io.IOException;

/// `PayloadStatusV1`.
///
/// @param latestValidHash `null` where it is not known or does not apply
/// @param validationError `null` for none
public record PayloadStatus(Status status, Hash32 latestValidHash, String validationError)
    implements JsonValue {
  /// What is known of a payload.
  public enum Status {
    VALID,
    INVALID,
    SYNCING,
    ACCEPTED,
    INVALID_BLOCK_HASH
  }

  static final PayloadStatus SYNCING = new PayloadStatus(Status.SYNCING, null, null);
  static final PayloadStatus ACCEPTED = new PayloadStatus(Status.ACCEPTED, null, null);

  static PayloadStatus valid(Hash32 hash) {
    return new PayloadStatus(Status.VALID, hash, null);
  }

  static PayloadStatus invalid(Hash32 latestValidHash, String error) {
    return new PayloadStatus(Status.INVALID, latestValidHash, error);
  }

  @Override
  public void writeTo(JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeStringField("status", status.name());
    Json.field(out, "latestValidHash", latestValidHash);
    Json.field(out, "validationError", validationError);
    out.writeEndObject();
  }
}
