package io.semper.core.types;

import io.semper.core.bytes.Hash32;
import io.semper.core.trie.Trie;
import java.util.ArrayList;
import java.util.List;

/// What a header commits to its lists by.
public final class Roots {
  private Roots() {}

  public static Hash32 transactions(List<Transaction> transactions) {
    List<byte[]> encoded = new ArrayList<>(transactions.size());
    for (Transaction transaction : transactions) {
      encoded.add(transaction.encode());
    }
    return Trie.orderedRoot(encoded);
  }

  public static Hash32 receipts(List<Receipt> receipts) {
    List<byte[]> encoded = new ArrayList<>(receipts.size());
    for (Receipt receipt : receipts) {
      encoded.add(receipt.encode());
    }
    return Trie.orderedRoot(encoded);
  }

  public static Hash32 withdrawals(List<Withdrawal> withdrawals) {
    List<byte[]> encoded = new ArrayList<>(withdrawals.size());
    for (Withdrawal withdrawal : withdrawals) {
      encoded.add(withdrawal.encode());
    }
    return Trie.orderedRoot(encoded);
  }
}
