package io.semper.rpc.dev;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.rpc.CallContext;
import io.semper.rpc.Omittable;
import io.semper.rpc.Rpc;
import io.semper.rpc.RpcException;
import io.semper.rpc.param.Amount;
import io.semper.rpc.param.Count;
import io.semper.rpc.param.MineRequest;

/// When blocks are sealed, and what their headers say.
final class DevMining {
  /// Sealed by one call; the time a request may take ends it earlier.
  private static final long MAX_BLOCKS = 1_000_000;

  private static final long MAX_INTERVAL_SECONDS = 10L * 365 * 86_400;

  private final Development chain;

  DevMining(Development chain) {
    this.chain = chain;
  }

  @Rpc("evm_mine")
  String evmMine(@Omittable MineRequest request, CallContext context) throws InterruptedException {
    if (request == null) {
      chain.mine(null);
    } else {
      mine(request.blocks(), request.timestamp(), 0, context);
    }
    return "0x0";
  }

  /// @param blocks 1 where it is left out
  /// @param interval seconds between them, by default what the chain's clock says
  @Rpc({"anvil_mine", "hardhat_mine"})
  Object mine(@Omittable Amount blocks, @Omittable Count interval, CallContext context)
      throws InterruptedException {
    long count = blocks == null ? 1 : blocks.value().toLongSaturated();
    mine(count, null, interval == null ? 0 : interval.value(), context);
    return null;
  }

  private void mine(long blocks, Long timestamp, long interval, CallContext context)
      throws InterruptedException {
    if (blocks > MAX_BLOCKS) {
      throw RpcException.invalidParams(
          "too many blocks: " + Long.toUnsignedString(blocks) + ", at most " + MAX_BLOCKS);
    }
    if (interval > MAX_INTERVAL_SECONDS) {
      throw RpcException.invalidParams("interval too long, at most " + MAX_INTERVAL_SECONDS);
    }
    Long next = timestamp;
    for (long i = 0; i < blocks; i++) {
      context.checkDeadline();
      long sealed = chain.mine(next).timestamp();
      next = interval == 0 ? null : (Long) (sealed + interval);
    }
  }

  @Rpc({"evm_setAutomine", "anvil_setAutomine"})
  Object setAutomine(boolean on) throws InterruptedException {
    chain.setAutomine(on);
    return null;
  }

  @Rpc({"anvil_getAutomine", "hardhat_getAutomine"})
  Boolean automine() {
    return chain.automine();
  }

  /// @param seconds 0 to seal only when told
  @Rpc({"evm_setIntervalMining", "anvil_setIntervalMining"})
  Object setIntervalMining(Count seconds) throws InterruptedException {
    if (seconds.value() > MAX_INTERVAL_SECONDS) {
      throw RpcException.invalidParams("interval too long, at most " + MAX_INTERVAL_SECONDS);
    }
    chain.setInterval(seconds.value() * 1000);
    return null;
  }

  /// Seconds, or `null` where blocks are not sealed at an interval.
  @Rpc("anvil_getIntervalMining")
  Double intervalMining() {
    long millis = chain.intervalMillis();
    return millis == 0 ? null : (Double) (millis / 1000.0);
  }

  @Rpc({"evm_setBlockGasLimit", "anvil_setBlockGasLimit"})
  Boolean setBlockGasLimit(Amount gas) throws InterruptedException {
    long limit = gas.value().fitsLong() ? gas.value().limb0() : -1;
    if (limit < 5000) {
      throw RpcException.invalidParams("a block's gas limit is 5000 to 2^63-1");
    }
    chain.setGasLimit(limit);
    return true;
  }

  @Rpc({"anvil_setCoinbase", "hardhat_setCoinbase"})
  Object setCoinbase(Address account) throws InterruptedException {
    chain.setBeneficiary(account);
    return null;
  }

  @Rpc({"anvil_setNextBlockBaseFeePerGas", "hardhat_setNextBlockBaseFeePerGas"})
  Object setNextBlockBaseFeePerGas(Amount wei) throws InterruptedException {
    chain.setBaseFee(wei.value());
    return null;
  }

  /// The chain has base fees from its first block on.
  @Rpc({"anvil_setMinGasPrice", "hardhat_setMinGasPrice"})
  Object setMinGasPrice(Amount wei) {
    throw RpcException.invalidParams(
        "anvil_setMinGasPrice is not supported when EIP-1559 is active");
  }

  @Rpc({"anvil_setNextBlockPrevRandao", "hardhat_setPrevRandao"})
  Object setPrevRandao(Hash32 value) throws InterruptedException {
    chain.setPrevRandao(value);
    return null;
  }
}
