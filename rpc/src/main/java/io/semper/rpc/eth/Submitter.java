package io.semper.rpc.eth;

import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.PooledTransaction;
import io.semper.core.types.Transaction;
import io.semper.core.view.PoolView;
import io.semper.rpc.RpcException;
import java.math.BigDecimal;
import java.math.RoundingMode;

/// Gives transactions to the pool after the checks that protect their senders from themselves.
final class Submitter {
  private static final int ETHER_DIGITS = 18;

  private final PoolView pool;
  private final EthSettings settings;

  Submitter(PoolView pool, EthSettings settings) {
    this.pool = pool;
    this.settings = settings;
  }

  Hash32 submit(PooledTransaction pooled) {
    Transaction transaction = pooled.transaction();
    checkFee(transaction);
    if (transaction.chainId() == null && !settings.allowUnprotected()) {
      throw RpcException.server("only replay-protected (EIP-155) transactions allowed over RPC");
    }
    return switch (pool.submit(pooled)) {
      case PoolView.Submission.Accepted accepted -> accepted.hash();
      case PoolView.Submission.Rejected rejected -> throw RpcException.server(rejected.reason());
    };
  }

  private void checkFee(Transaction transaction) {
    if (settings.maxFee().isZero()) {
      return;
    }
    UInt256 fee = transaction.maxFeePerGas().timesExact(transaction.gasLimit());
    if (fee == null || fee.compareTo(settings.maxFee()) > 0) {
      throw RpcException.server(
          "tx fee ("
              + (fee == null ? "over 2^256 wei" : ether(fee))
              + " ether) exceeds the configured cap ("
              + ether(settings.maxFee())
              + " ether)");
    }
  }

  private static String ether(UInt256 wei) {
    return new BigDecimal(wei.toBigInteger(), ETHER_DIGITS)
        .setScale(2, RoundingMode.HALF_EVEN)
        .toPlainString();
  }
}
