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
    out.startList().raw(header.encode());
    writeBody(out);
    return out.endList().toBytes();
  }

  /// The RLP list of all but the header: how bodies are stored and travel by themselves.
  public byte[] encodeBody() {
    RlpWriter out = new RlpWriter(1024);
    out.startList();
    writeBody(out);
    return out.endList().toBytes();
  }

  private void writeBody(RlpWriter out) {
    out.startList();
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
  }

  /// Reads the RLP encoding.
  ///
  /// @throws io.semper.core.rlp.MalformedInputException where it is none
  public static Block decode(byte[] encoded) {
    RlpReader in = new RlpReader(encoded);
    in.enterList();
    return readBody(Header.readFrom(in), in);
  }

  /// Reads a body encoded by itself and joins it with its header. Whether they belong together is
  /// not checked.
  ///
  /// @throws io.semper.core.rlp.MalformedInputException where it is no body
  public static Block ofBody(Header header, byte[] encodedBody) {
    RlpReader in = new RlpReader(encodedBody);
    in.enterList();
    return readBody(header, in);
  }

  /// Reads to the end of the list that the reader has entered, which must end the input.
  private static Block readBody(Header header, RlpReader in) {
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
