package io.semper.rpc.dev;

import io.semper.core.bytes.Address;
import io.semper.rpc.Rpc;
import io.semper.rpc.RpcException;
import io.semper.rpc.param.Amount;
import io.semper.rpc.param.StorageKey;

/// Accounts changed by hand.
final class DevState {
  /// What may follow a contract's own code limit many times over, and still a state can hold.
  private static final int MAX_CODE_BYTES = 10 << 20;

  private final Development chain;

  DevState(Development chain) {
    this.chain = chain;
  }

  @Rpc({"anvil_setBalance", "hardhat_setBalance"})
  Object setBalance(Address account, Amount wei) throws InterruptedException {
    chain.setBalance(account, wei.value());
    return null;
  }

  @Rpc("anvil_addBalance")
  Object addBalance(Address account, Amount wei) throws InterruptedException {
    chain.addBalance(account, wei.value());
    return null;
  }

  @Rpc({"anvil_setNonce", "hardhat_setNonce", "evm_setAccountNonce"})
  Object setNonce(Address account, Amount nonce) throws InterruptedException {
    // EIP-2681
    if (!nonce.value().fitsLong() || nonce.value().limb0() == -1) {
      throw RpcException.invalidParams("a nonce is below 2^64-1");
    }
    chain.setNonce(account, nonce.value().limb0());
    return null;
  }

  @Rpc({"anvil_setCode", "hardhat_setCode"})
  Object setCode(Address account, byte[] code) throws InterruptedException {
    if (code.length > MAX_CODE_BYTES) {
      throw RpcException.invalidParams(
          "code of " + code.length + " bytes, at most " + MAX_CODE_BYTES);
    }
    chain.setCode(account, code);
    return null;
  }

  @Rpc({"anvil_setStorageAt", "hardhat_setStorageAt"})
  Boolean setStorageAt(Address account, StorageKey slot, Amount value) throws InterruptedException {
    chain.setStorage(account, slot.slot(), value.value());
    return true;
  }

  @Rpc({"anvil_dumpState", "hardhat_dumpState"})
  byte[] dumpState() throws InterruptedException {
    return chain.dump();
  }

  @Rpc({"anvil_loadState", "hardhat_loadState"})
  Boolean loadState(byte[] state) throws InterruptedException {
    chain.load(state);
    return true;
  }
}
