package io.semper.rpc.eth;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Signature;
import java.util.List;

/// Keys a node signs with for its callers. Only a development node has one: whoever reaches the
/// port can spend from these accounts.
public interface AccountSigner {
  List<Address> accounts();

  /// @param account one of [#accounts]
  Signature sign(Address account, Hash32 hash);

  /// Whether callers may send as `account` without its key.
  default boolean impersonates(Address account) {
    return false;
  }
}
