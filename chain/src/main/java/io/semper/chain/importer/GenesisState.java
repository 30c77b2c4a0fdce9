package io.semper.chain.importer;

import io.semper.core.bytes.Address;
import io.semper.core.crypto.Keccak;
import io.semper.evm.state.StateDiff;
import io.semper.evm.state.StateDiff.AccountDiff;
import io.semper.genesis.Allocation;
import java.util.HashMap;
import java.util.Map;

/// A genesis allocation as a change to the empty state. Accounts without ether, nonce and code are
/// in it too.
final class GenesisState {
  private GenesisState() {}

  static StateDiff of(Allocation allocation) {
    Map<Address, AccountDiff> accounts = new HashMap<>();
    allocation
        .accounts()
        .forEach((address, account) ->
            accounts.put(
                address,
                new AccountDiff(
                    false,
                    account.nonce(),
                    account.balance(),
                    Keccak.hash(account.code()),
                    account.code().length == 0 ? null : account.code(),
                    false,
                    account.storage())));
    return new StateDiff(accounts);
  }
}
