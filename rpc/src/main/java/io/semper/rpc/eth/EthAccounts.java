package io.semper.rpc.eth;

import io.semper.core.bytes.Address;
import io.semper.rpc.Rpc;
import java.util.List;

/// Accounts the node holds keys of; usually none.
final class EthAccounts {
  private final List<Address> accounts;

  EthAccounts(List<Address> accounts) {
    this.accounts = accounts;
  }

  @Rpc(value = "eth_accounts", prompt = true)
  List<Address> accounts() {
    return accounts;
  }
}
