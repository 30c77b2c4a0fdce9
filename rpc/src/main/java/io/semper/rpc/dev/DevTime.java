package io.semper.rpc.dev;

import io.semper.core.bytes.UInt256;
import io.semper.core.types.Header;
import io.semper.core.view.ChainView;
import io.semper.rpc.Rpc;
import io.semper.rpc.RpcException;
import io.semper.rpc.param.Amount;

/// The chain's clock. Times are JSON numbers or quantities; answers are JSON numbers.
final class DevTime {
  /// The year 9999: what dates can show.
  private static final long MAX_TIMESTAMP = 253_402_300_799L;

  private final ChainView view;
  private final Development chain;

  DevTime(ChainView view, Development chain) {
    this.view = view;
    this.chain = chain;
  }

  @Rpc({"evm_increaseTime", "anvil_increaseTime"})
  Double increaseTime(Amount seconds) throws InterruptedException {
    return (double) chain.increaseTime(seconds(seconds.value()));
  }

  @Rpc({"evm_setTime", "anvil_setTime"})
  Double setTime(Amount timestamp) throws InterruptedException {
    return (double) chain.setTime(seconds(timestamp.value()));
  }

  @Rpc({"evm_setNextBlockTimestamp", "anvil_setNextBlockTimestamp"})
  Object setNextBlockTimestamp(Amount timestamp) throws InterruptedException {
    Header head = view.head();
    long next = seconds(timestamp.value());
    if (next <= head.timestamp()) {
      throw RpcException.server(
          "Timestamp "
              + next
              + " is lower than or equal to previous block's timestamp "
              + head.timestamp());
    }
    chain.setNextTimestamp(next);
    return null;
  }

  @Rpc("anvil_setBlockTimestampInterval")
  Object setBlockTimestampInterval(Amount seconds) throws InterruptedException {
    chain.setTimestampStep(seconds(seconds.value()));
    return null;
  }

  /// Whether there was one.
  @Rpc("anvil_removeBlockTimestampInterval")
  Boolean removeBlockTimestampInterval() throws InterruptedException {
    return chain.setTimestampStep(0) != 0;
  }

  @Rpc("anvil_getGenesisTime")
  Double genesisTime() {
    return view.header(0).map(genesis -> (double) genesis.timestamp()).orElse(null);
  }

  private static long seconds(UInt256 value) {
    if (!value.fitsLong() || value.limb0() < 0 || value.limb0() > MAX_TIMESTAMP) {
      throw RpcException.invalidParams("time out of range: at most " + MAX_TIMESTAMP);
    }
    return value.limb0();
  }
}
