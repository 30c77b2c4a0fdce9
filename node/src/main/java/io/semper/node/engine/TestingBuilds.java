package io.semper.node.engine;

import io.semper.chain.pool.TxPool;
import io.semper.chain.producer.BlockBuilder;
import io.semper.chain.producer.BlockBuilder.Built;
import io.semper.core.types.BlobSidecar;
import io.semper.core.types.Header;
import io.semper.core.types.PooledTransaction;
import io.semper.core.types.Transaction;
import io.semper.rpc.RpcException;
import io.semper.rpc.engine.PayloadAttributes;
import io.semper.rpc.engine.PayloadSource.BuiltPayload;
import io.semper.rpc.engine.TestingMethods;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// Blocks built to order, once and without improvement.
public final class TestingBuilds implements TestingMethods.Builds {
  private final BlockBuilder builder;
  private final TxPool pool;
  private final long gasLimit;

  /// @param gasLimit wanted for blocks
  public TestingBuilds(BlockBuilder builder, TxPool pool, long gasLimit) {
    this.builder = builder;
    this.pool = pool;
    this.gasLimit = gasLimit;
  }

  @Override
  public BuiltPayload build(
      Header parent,
      PayloadAttributes wanted,
      Optional<List<Transaction>> transactions,
      byte[] extraData) {
    BlockBuilder.Attributes attributes =
        new BlockBuilder.Attributes(
            wanted.timestamp(),
            wanted.suggestedFeeRecipient(),
            wanted.prevRandao(),
            wanted.parentBeaconBlockRoot(),
            wanted.withdrawals(),
            gasLimit,
            extraData,
            null);
    BlockBuilder.Attempt attempt =
        transactions.isPresent()
            ? builder.buildExactly(parent, attributes, transactions.get())
            : builder.build(parent, attributes, pool.executable());
    return switch (attempt) {
      case Built built ->
          new BuiltPayload(built.block(), built.fees(), sidecars(built), built.requests());
      case BlockBuilder.Refused refused -> throw RpcException.server(refused.reason().reason());
    };
  }

  /// Of the blob transactions that came through the pool; others came without.
  private List<BlobSidecar> sidecars(Built built) {
    return built.block().transactions().stream()
        .filter(transaction -> transaction.type() == 3)
        .map(transaction -> pool.transaction(transaction.hash()).orElse(null))
        .filter(Objects::nonNull)
        .map(PooledTransaction::sidecar)
        .toList();
  }
}
