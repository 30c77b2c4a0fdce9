package io.semper.node.dev;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Signature;
import io.semper.rpc.RpcException;
import io.semper.rpc.eth.AccountSigner;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The development accounts' keys, and the accounts that may be used without one.
public final class Impersonation implements AccountSigner {
  private static final int MAX_ACCOUNTS = 100_000;

  private final AccountSigner keys;
  private final Set<Address> impersonated = ConcurrentHashMap.newKeySet();
  private volatile boolean everybody;

  public Impersonation(AccountSigner keys) {
    this.keys = keys;
  }

  @Override
  public List<Address> accounts() {
    return keys.accounts();
  }

  @Override
  public Signature sign(Address account, Hash32 hash) {
    return keys.sign(account, hash);
  }

  @Override
  public boolean impersonates(Address account) {
    return everybody || impersonated.contains(account);
  }

  void set(Address account, boolean on) {
    if (!on) {
      impersonated.remove(account);
    } else if (impersonated.size() < MAX_ACCOUNTS) {
      impersonated.add(account);
    } else {
      throw RpcException.server("too many impersonated accounts: " + MAX_ACCOUNTS);
    }
  }

  void setEverybody(boolean on) {
    everybody = on;
  }

  void clear() {
    impersonated.clear();
    everybody = false;
  }
}
