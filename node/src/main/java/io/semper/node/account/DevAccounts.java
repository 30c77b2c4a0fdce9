package io.semper.node.account;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.crypto.Signature;
import io.semper.rpc.eth.AccountSigner;
import java.util.ArrayList;
import java.util.List;

/// The accounts every development node knows: derived from one public mnemonic, so that scripts,
/// wallets and other nodes agree on them. Their keys are no secret.
///
/// @param all in the order of derivation
public record DevAccounts(List<DevAccount> all) implements AccountSigner {
  public static final String MNEMONIC =
      "test test test test test test test test test test test junk";

  /// BIP-44: purpose, Ethereum, first account, external; the index follows.
  public static final String DERIVATION_PATH = "m/44'/60'/0'/0/";

  public static final int MAX = 1000;

  /// @param key 32 bytes
  public record DevAccount(Address address, byte[] key) {}

  /// The first `count` accounts, at most [#MAX].
  public static DevAccounts first(int count) {
    if (count < 1 || count > MAX) {
      throw new IllegalArgumentException(count + " accounts, 1 to " + MAX + " are possible");
    }
    HdKey external = HdKey.ofMnemonic(MNEMONIC).hardened(44).hardened(60).hardened(0).child(0);
    List<DevAccount> accounts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] key = external.child(i).key();
      accounts.add(new DevAccount(Secp256k1.address(Secp256k1.publicKey(key)), key));
    }
    return new DevAccounts(List.copyOf(accounts));
  }

  @Override
  public List<Address> accounts() {
    return all.stream().map(DevAccount::address).toList();
  }

  @Override
  public Signature sign(Address account, Hash32 hash) {
    for (DevAccount known : all) {
      if (known.address().equals(account)) {
        return Secp256k1.sign(hash, known.key());
      }
    }
    throw new IllegalArgumentException("no key for " + account);
  }
}
