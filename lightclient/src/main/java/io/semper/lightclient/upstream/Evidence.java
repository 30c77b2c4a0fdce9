package io.semper.lightclient.upstream;

/// What a node said that was proven wrong.
///
/// @param upstream its address
/// @param timeMillis since 1970
/// @param request what it was asked
/// @param reply what it answered, cut at [#MAX_BYTES]
public record Evidence(
    String upstream, long timeMillis, String problem, byte[] request, byte[] reply) {
  public static final int MAX_BYTES = 64 << 10;
}
