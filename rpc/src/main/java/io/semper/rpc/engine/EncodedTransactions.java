package io.semper.rpc.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.types.Transaction;
import io.semper.rpc.param.Decoders;
import java.util.List;

/// An array of encoded transactions (EIP-2718).
public record EncodedTransactions(List<Transaction> transactions) {
  /// Far above what fits in a request.
  private static final int MAX = 100_000;

  /// @throws io.semper.core.rlp.MalformedInputException where one is none
  public static EncodedTransactions fromJson(JsonNode node) {
    return new EncodedTransactions(
        Decoders.list(node, MAX, item -> Transaction.decode(Decoders.bytes(item))));
  }
}
