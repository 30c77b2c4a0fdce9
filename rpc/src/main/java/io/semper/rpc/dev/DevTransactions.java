package io.semper.rpc.dev;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.rpc.Rpc;

/// Who may send, and what waits to be sealed.
final class DevTransactions {
  private final Development chain;

  DevTransactions(Development chain) {
    this.chain = chain;
  }

  @Rpc({"anvil_impersonateAccount", "hardhat_impersonateAccount"})
  Object impersonateAccount(Address account) {
    chain.impersonate(account, true);
    return null;
  }

  @Rpc({"anvil_stopImpersonatingAccount", "hardhat_stopImpersonatingAccount"})
  Object stopImpersonatingAccount(Address account) {
    chain.impersonate(account, false);
    return null;
  }

  @Rpc("anvil_autoImpersonateAccount")
  Object autoImpersonateAccount(boolean on) {
    chain.impersonateAll(on);
    return null;
  }

  /// The hash of what was dropped, `null` for nothing.
  @Rpc("anvil_dropTransaction")
  Hash32 dropTransaction(Hash32 hash) throws InterruptedException {
    return chain.drop(hash) ? hash : null;
  }

  @Rpc("hardhat_dropTransaction")
  Boolean hardhatDropTransaction(Hash32 hash) throws InterruptedException {
    return chain.drop(hash);
  }

  @Rpc("anvil_dropAllTransactions")
  Object dropAllTransactions() throws InterruptedException {
    chain.dropAll(null);
    return null;
  }

  @Rpc("anvil_removePoolTransactions")
  Object removePoolTransactions(Address sender) throws InterruptedException {
    chain.dropAll(sender);
    return null;
  }
}
