package io.semper.rpc.engine;

import io.semper.core.bytes.Hash32;
import io.semper.core.fork.Fork;
import io.semper.core.types.Header;
import io.semper.core.types.Transaction;
import io.semper.core.view.ChainView;
import io.semper.rpc.MethodPolicy;
import io.semper.rpc.Omittable;
import io.semper.rpc.Rpc;
import io.semper.rpc.RpcException;
import io.semper.rpc.engine.PayloadSource.BuiltPayload;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Blocks built to order for test suites (execution-apis, `src/testing`). Not for nodes that
/// strangers reach: whoever serves these says so.
public final class TestingMethods {
  private static final String BUILD_BLOCK = "testing_buildBlockV1";
  private static final int MAX_EXTRA_DATA_BYTES = 32;

  private final ChainView chain;
  private final Builds builds;

  /// Builds blocks that nobody has to want.
  public interface Builds {
    /// @param transactions all the block has, in their order; empty for those of the pool
    /// @throws RpcException where one of them cannot be in the block
    BuiltPayload build(
        Header parent,
        PayloadAttributes attributes,
        Optional<List<Transaction>> transactions,
        byte[] extraData);
  }

  public TestingMethods(ChainView chain, Builds builds) {
    this.chain = chain;
    this.builds = builds;
  }

  /// Whether an operator has named them, without which they are not served.
  public static boolean allowedBy(MethodPolicy policy) {
    return policy.allow().contains("testing") || policy.allow().contains(BUILD_BLOCK);
  }

  /// The block, which is not added to the chain, as `engine_getPayload` returns it.
  @Rpc(BUILD_BLOCK)
  Map<String, Object> buildBlockV1(
      Hash32 parentBlockHash,
      PayloadAttributes payloadAttributes,
      @Omittable EncodedTransactions transactions,
      @Omittable byte[] extraData) {
    Header parent =
        chain
            .header(parentBlockHash)
            .orElseThrow(() -> RpcException.server("header for hash not found"));
    check(parent, payloadAttributes, extraData);
    return EngineForkchoice.withRequests(
        builds.build(
            parent,
            payloadAttributes,
            Optional.ofNullable(transactions).map(EncodedTransactions::transactions),
            extraData == null ? new byte[0] : extraData));
  }

  private void check(Header parent, PayloadAttributes attributes, byte[] extraData) {
    if (Long.compareUnsigned(attributes.timestamp(), parent.timestamp()) <= 0) {
      throw RpcException.invalidParams("timestamp is not above the parent's");
    }
    Fork fork = chain.forks().at(parent.number() + 1, attributes.timestamp(), true);
    if (fork.atLeast(Fork.SHANGHAI) && attributes.withdrawals() == null) {
      throw RpcException.invalidParams("missing withdrawals");
    }
    if (fork.atLeast(Fork.CANCUN) && attributes.parentBeaconBlockRoot() == null) {
      throw RpcException.invalidParams("missing parentBeaconBlockRoot");
    }
    if (extraData != null && extraData.length > MAX_EXTRA_DATA_BYTES) {
      throw RpcException.invalidParams("extra data exceeds " + MAX_EXTRA_DATA_BYTES + " bytes");
    }
  }
}
