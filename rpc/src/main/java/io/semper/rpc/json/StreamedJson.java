package io.semper.rpc.json;

/// A value made while it is written, which may be larger than memory. Where the connection allows,
/// its beginning leaves before its end exists; a failure in between is told beside the unfinished
/// result.
public interface StreamedJson extends JsonValue {
  /// Most bytes it may have where it leaves in pieces.
  long maxBytes();
}
