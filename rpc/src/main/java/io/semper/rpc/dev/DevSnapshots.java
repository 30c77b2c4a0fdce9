package io.semper.rpc.dev;

import io.semper.rpc.Omittable;
import io.semper.rpc.Rpc;
import io.semper.rpc.param.Amount;
import io.semper.rpc.param.Count;
import io.semper.rpc.param.ForkRequest;

/// Ways back.
final class DevSnapshots {
  private final Development chain;

  DevSnapshots(Development chain) {
    this.chain = chain;
  }

  @Rpc({"evm_snapshot", "anvil_snapshot"})
  Long snapshot() throws InterruptedException {
    return chain.snapshot();
  }

  @Rpc({"evm_revert", "anvil_revert"})
  Boolean revert(Amount snapshot) throws InterruptedException {
    return snapshot.value().fitsLong() && chain.revert(snapshot.value().limb0());
  }

  /// @param blocks 1 where it is left out
  @Rpc("anvil_rollback")
  Object rollback(@Omittable Count blocks) throws InterruptedException {
    chain.rollback(blocks == null ? 1 : blocks.value());
    return null;
  }

  @Rpc("anvil_setRpcUrl")
  Object setRpcUrl(String url) throws InterruptedException {
    chain.setForkUrl(url);
    return null;
  }

  @Rpc({"anvil_reset", "hardhat_reset"})
  Object reset(@Omittable ForkRequest to) throws InterruptedException {
    chain.reset(to == null ? null : to.url(), to == null ? null : to.block());
    return null;
  }
}
