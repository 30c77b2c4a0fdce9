package io.semper.chain.producer;

import io.semper.core.bytes.UInt256;
import io.semper.core.types.Transaction;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/// Transactions in the order in which a producer earns most: by tip over the base fee, a sender's
/// own in the order of their nonces, equals in the order of arrival.
final class Candidates {
  /// A sender's transactions from position `at` on.
  private record Run(List<Transaction> transactions, int at, int arrival, UInt256 tip) {}

  private final UInt256 baseFee;
  private final PriorityQueue<Run> runs =
      new PriorityQueue<>(
          Comparator.comparing(Run::tip, Comparator.reverseOrder()).thenComparingInt(Run::arrival));

  /// @param executable each sender's transactions by nonce, senders in order of arrival
  Candidates(List<List<Transaction>> executable, UInt256 baseFee) {
    this.baseFee = baseFee;
    for (int i = 0; i < executable.size(); i++) {
      add(executable.get(i), 0, i);
    }
  }

  /// The best transaction, or `null` where none is left.
  Transaction best() {
    Run run = runs.peek();
    return run == null ? null : run.transactions().get(run.at());
  }

  /// Goes on with the sender's next one after the best was included.
  void included() {
    Run run = runs.remove();
    add(run.transactions(), run.at() + 1, run.arrival());
  }

  /// Leaves out the best one and all that its sender sent after it.
  void skipSender() {
    runs.remove();
  }

  private void add(List<Transaction> transactions, int at, int arrival) {
    if (at == transactions.size()) {
      return;
    }
    Transaction next = transactions.get(at);
    if (next.maxFeePerGas().compareTo(baseFee) >= 0) {
      UInt256 tip = UInt256.min(next.maxFeePerGas().minus(baseFee), next.maxPriorityFeePerGas());
      runs.add(new Run(transactions, at, arrival, tip));
    }
  }
}
