package io.semper.rpc.simulate;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Log;
import io.semper.evm.Halt;
import io.semper.evm.trace.Tracer;
import io.semper.rpc.simulate.SimulatedBlock.NumberedLog;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Numbers the logs of a block's calls, and shows movements of ether among them if wanted: as
/// ERC-20 logs of the address that ERC-7528 gives to ether.
///
/// What a failed call logged or moved is dropped with it. Numbers are given as logs come and not
/// given again, so that those of dropped logs are missing, as in go-ethereum.
final class CallLogs implements Tracer {
  private static final Address ETHER = Address.of("0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee");
  private static final Hash32 TRANSFER =
      Hash32.of("0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");

  private final boolean transfers;
  private final List<NumberedLog> logs = new ArrayList<>();

  /// Number of logs before each call in progress.
  private final Deque<Integer> before = new ArrayDeque<>();

  private long next;

  CallLogs(boolean transfers) {
    this.transfers = transfers;
  }

  /// The logs since this was last called.
  List<NumberedLog> take() {
    List<NumberedLog> taken = List.copyOf(logs);
    logs.clear();
    return taken;
  }

  @Override
  public boolean watchesSteps() {
    return false;
  }

  @Override
  public void enter(
      int depth, String kind, Address from, Address to, UInt256 value, byte[] input, long gas) {
    before.push(logs.size());
    if (transfers && !value.isZero() && !kind.equals("DELEGATECALL") && !kind.equals("CALLCODE")) {
      List<Hash32> topics = List.of(TRANSFER, topic(from), topic(to));
      add(new Log(ETHER, topics, value.toHash32().toBytes()));
    }
  }

  private static Hash32 topic(Address address) {
    byte[] word = new byte[Hash32.BYTES];
    System.arraycopy(address.toBytes(), 0, word, Hash32.BYTES - Address.BYTES, Address.BYTES);
    return Hash32.of(word);
  }

  @Override
  public void log(Log log, int before) {
    add(log);
  }

  private void add(Log log) {
    logs.add(new NumberedLog(log, next++));
  }

  @Override
  public void exit(int depth, Halt halt, long gasUsed, byte[] output) {
    int kept = before.pop();
    if (halt != Halt.NONE) {
      logs.subList(kept, logs.size()).clear();
    }
  }
}
