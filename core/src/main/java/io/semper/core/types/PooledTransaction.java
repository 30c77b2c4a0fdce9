package io.semper.core.types;

import io.semper.core.rlp.RlpReader;

/// A transaction as it is submitted: blob transactions bring their blobs.
///
/// @param sidecar `null` for transactions without blobs, and for blob transactions sent bare
public record PooledTransaction(Transaction transaction, BlobSidecar sidecar) {

  /// Reads either form of a type 3 transaction, or any other transaction.
  ///
  /// @throws io.semper.core.rlp.MalformedInputException where it is none
  public static PooledTransaction decode(byte[] encoded) {
    if (encoded.length < 2 || encoded[0] != 3) {
      return new PooledTransaction(Transaction.decode(encoded), null);
    }
    RlpReader in = new RlpReader(encoded, 1, encoded.length - 1);
    in.enterList();
    if (!in.nextIsList()) {
      return new PooledTransaction(Transaction.decode(encoded), null);
    }
    BlobTransaction transaction = BlobTransaction.read(in);
    BlobSidecar sidecar = BlobSidecar.readFrom(in);
    in.leaveList();
    in.end();
    return new PooledTransaction(transaction, sidecar);
  }

  /// The form it was submitted in.
  public byte[] encode() {
    return sidecar == null
        ? transaction.encode()
        : sidecar.encodeWith((BlobTransaction) transaction);
  }
}
