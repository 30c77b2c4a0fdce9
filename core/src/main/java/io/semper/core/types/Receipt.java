package io.semper.core.types;

import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import java.util.ArrayList;
import java.util.List;

/// The outcome of a transaction as the receipts trie commits to it.
///
/// @param type the transaction's EIP-2718 type, 0 for legacy
/// @param postState the state root after the transaction before Byzantium (EIP-658), else `null`
/// @param success the status since Byzantium; meaningless where `postState` is set
/// @param cumulativeGasUsed gas of this and all earlier transactions of the block
public record Receipt(
    int type,
    Hash32 postState,
    boolean success,
    long cumulativeGasUsed,
    Bloom bloom,
    List<Log> logs) {

  /// The EIP-2718 encoding: what the receipts trie holds.
  public byte[] encode() {
    RlpWriter out = new RlpWriter(300 + 128 * logs.size());
    out.startList();
    if (postState != null) {
      out.hash(postState);
    } else {
      out.number(success ? 1 : 0);
    }
    out.number(cumulativeGasUsed).bytes(bloom.toBytes()).startList();
    for (Log log : logs) {
      log.writeTo(out);
    }
    byte[] payload = out.endList().endList().toBytes();
    return type == 0 ? payload : TypedEnvelope.wrap(type, payload);
  }

  /// Reads the EIP-2718 encoding.
  ///
  /// @throws MalformedInputException where it is none
  public static Receipt decode(byte[] encoded) {
    if (encoded.length == 0) {
      throw new MalformedInputException("empty receipt", 0);
    }
    int type = (encoded[0] & 0xFF) >= 0xC0 ? 0 : encoded[0];
    int start = type == 0 ? 0 : 1;
    RlpReader in = new RlpReader(encoded, start, encoded.length - start);
    in.enterList();
    byte[] status = in.readBytesUpTo(32);
    Hash32 postState = status.length == 32 ? Hash32.of(status) : null;
    if (postState == null && (status.length > 1 || status.length == 1 && status[0] != 1)) {
      throw new MalformedInputException("receipt status is neither 0, 1 nor a root", start);
    }
    long gas = in.readLong();
    Bloom bloom = Bloom.of(in.readBytes(Bloom.BYTES));
    List<Log> logs = new ArrayList<>();
    in.enterList();
    while (in.hasNext()) {
      logs.add(Log.readFrom(in));
    }
    in.leaveList();
    in.leaveList();
    in.end();
    return new Receipt(type, postState, status.length == 1, gas, bloom, List.copyOf(logs));
  }

  /// Appends `[type, root or status, gas, logs]`: the form without the bloom, which follows from
  /// the logs, that nodes store and exchange (EIP-7642).
  public void writeCompact(RlpWriter out) {
    out.startList().number(type);
    if (postState != null) {
      out.hash(postState);
    } else {
      out.number(success ? 1 : 0);
    }
    out.number(cumulativeGasUsed).startList();
    for (Log log : logs) {
      log.writeTo(out);
    }
    out.endList().endList();
  }

  /// Reads what [#writeCompact] writes and computes the bloom.
  ///
  /// @throws MalformedInputException where it is none
  public static Receipt readCompact(RlpReader in) {
    in.enterList();
    int at = in.offset();
    long type = in.readLong();
    if (type > 0x7F) {
      throw new MalformedInputException("receipt of type " + type, at);
    }
    at = in.offset();
    byte[] status = in.readBytesUpTo(32);
    Hash32 postState = status.length == 32 ? Hash32.of(status) : null;
    if (postState == null && (status.length > 1 || status.length == 1 && status[0] != 1)) {
      throw new MalformedInputException("receipt status is neither 0, 1 nor a root", at);
    }
    long gas = in.readLong();
    List<Log> logs = new ArrayList<>();
    in.enterList();
    while (in.hasNext()) {
      logs.add(Log.readFrom(in));
    }
    in.leaveList();
    in.leaveList();
    return new Receipt(
        (int) type, postState, status.length == 1, gas, Bloom.ofLogs(logs), List.copyOf(logs));
  }
}
