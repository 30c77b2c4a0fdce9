package io.semper.node.account;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
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

  /// Address and key of the first ones, as the path derives them: a start does without 2,048 rounds
  /// of HMAC and the native library (half a second of processor time on a cold machine).
  private static final List<DevAccount> FIRST =
      List.of(
          known(
              "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266",
              "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"),
          known(
              "0x70997970c51812dc3a010c7d01b50e0d17dc79c8",
              "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"),
          known(
              "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc",
              "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a"),
          known(
              "0x90f79bf6eb2c4f870365e785982e1f101e93b906",
              "0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6"),
          known(
              "0x15d34aaf54267db7d7c367839aaf71a00a2c6a65",
              "0x47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a"),
          known(
              "0x9965507d1a55bcc2695c58ba16fb37d819b0a4dc",
              "0x8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba"),
          known(
              "0x976ea74026e726554db657fa54763abd0c3a0aa9",
              "0x92db14e403b83dfe3df233f83dfa3a0d7096f21ca9b0d6d6b8d88b2b4ec1564e"),
          known(
              "0x14dc79964da2c08b23698b3d3cc7ca32193d9955",
              "0x4bbbf85ce3377467afe5d46f804f221813b2bb87f24d81f60f1fcdbf7cbf4356"),
          known(
              "0x23618e81e3f5cdf7f54c3d65f7fbc0abf5b21e8f",
              "0xdbda1821b80551c9d65939329250298aa3472ba22feea921c0cf5d620ea67b97"),
          known(
              "0xa0ee7a142d267c1f36714e4a8f75612f20a79720",
              "0x2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6"));

  /// @param key 32 bytes
  public record DevAccount(Address address, byte[] key) {}

  /// The first `count` accounts, at most [#MAX].
  public static DevAccounts first(int count) {
    if (count < 1 || count > MAX) {
      throw new IllegalArgumentException(count + " accounts, 1 to " + MAX + " are possible");
    }
    return count <= FIRST.size() ? new DevAccounts(FIRST.subList(0, count)) : derived(count);
  }

  private static DevAccount known(String address, String key) {
    return new DevAccount(Address.of(address), Hex.decode(key));
  }

  private static DevAccounts derived(int count) {
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
