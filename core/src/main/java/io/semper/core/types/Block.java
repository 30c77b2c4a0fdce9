package io.semper.core.types;

import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import java.util.ArrayList;
import java.util.List;

/// A header with its body.
///
/// @param withdrawals `null` before Shanghai
public record Block(
    Header header,
    List<Transaction> transactions,
    List<Header> ommers,
    List<Withdrawal> withdrawals) {

  public byte[] encode() {
    RlpWriter out = new RlpWriter(1024);
    out.startList().raw(header.encode()).startList();
    for (Transaction transaction : transactions) {
      transaction.writeTo(out);
    }
    out.endList().startList();
    for (Header ommer : ommers) {
      out.raw(ommer.encode());
    }
    out.endList();
    if (withdrawals != null) {
      out.startList();
      for (Withdrawal withdrawal : withdrawals) {
        withdrawal.writeTo(out);
      }
      out.endList();
    }
    return out.endList().toBytes();
  }

  /// Reads the RLP encoding.
  ///
  /// @throws io.semper.core.rlp.MalformedInputException where it is none
  public static Block decode(byte[] encoded) {
    RlpReader in = new RlpReader(encoded);
    in.enterList();
    Header header = Header.readFrom(in);
    List<Transaction> transactions = new ArrayList<>();
    in.enterList();
    while (in.hasNext()) {
      transactions.add(Transaction.readFrom(in));
    }
    in.leaveList();
    List<Header> ommers = new ArrayList<>();
    in.enterList();
    while (in.hasNext()) {
      ommers.add(Header.readFrom(in));
    }
    in.leaveList();
    List<Withdrawal> withdrawals = null;
    if (in.hasNext()) {
      withdrawals = new ArrayList<>();
      in.enterList();
      while (in.hasNext()) {
        withdrawals.add(Withdrawal.readFrom(in));
      }
      in.leaveList();
    }
    in.leaveList();
    in.end();
    return new Block(
        header,
        List.copyOf(transactions),
        List.copyOf(ommers),
        withdrawals == null ? null : List.copyOf(withdrawals));
  }
}
