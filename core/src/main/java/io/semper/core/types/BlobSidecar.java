package io.semper.core.types;

import io.semper.core.rlp.MalformedInputException;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import java.util.ArrayList;
import java.util.List;

/// What accompanies a blob transaction on the way to the pool (EIP-4844, EIP-7594).
///
/// @param version 0 with one proof a blob, 1 with [#CELLS_PER_BLOB] cell proofs a blob
public record BlobSidecar(
    int version, List<byte[]> blobs, List<byte[]> commitments, List<byte[]> proofs) {
  public static final int BLOB_BYTES = 131_072;
  public static final int COMMITMENT_BYTES = 48;
  public static final int PROOF_BYTES = 48;
  public static final int CELLS_PER_BLOB = 128;

  /// A bound on blobs far above every fork's limit a transaction.
  public static final int MAX_BLOBS = 72;

  /// The network form `3 ‖ rlp([transaction, (version,) blobs, commitments, proofs])`.
  public byte[] encodeWith(BlobTransaction transaction) {
    RlpWriter out = new RlpWriter(BLOB_BYTES * (blobs.size() + 1)).startList();
    transaction.writePayload(out);
    if (version != 0) {
      out.number(version);
    }
    write(out, blobs);
    write(out, commitments);
    write(out, proofs);
    return TypedEnvelope.wrap(transaction.type(), out.endList().toBytes());
  }

  private static void write(RlpWriter out, List<byte[]> items) {
    out.startList();
    items.forEach(out::bytes);
    out.endList();
  }

  static BlobSidecar readFrom(RlpReader in) {
    int version = 0;
    if (!in.nextIsList()) {
      int at = in.offset();
      version = (int) Math.min(in.readLong(), Integer.MAX_VALUE);
      if (version != 1) {
        throw new MalformedInputException("blob sidecar version " + version + " not supported", at);
      }
    }
    return new BlobSidecar(
        version,
        read(in, BLOB_BYTES, MAX_BLOBS),
        read(in, COMMITMENT_BYTES, MAX_BLOBS),
        read(in, PROOF_BYTES, MAX_BLOBS * CELLS_PER_BLOB));
  }

  private static List<byte[]> read(RlpReader in, int bytes, int max) {
    List<byte[]> items = new ArrayList<>();
    in.enterList();
    while (in.hasNext()) {
      if (items.size() == max) {
        throw new MalformedInputException("blob sidecar list longer than " + max, in.offset());
      }
      items.add(in.readBytes(bytes));
    }
    in.leaveList();
    return List.copyOf(items);
  }
}
