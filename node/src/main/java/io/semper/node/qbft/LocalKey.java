package io.semper.node.qbft;

import io.semper.chain.qbft.Signer;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.crypto.Signature;

/// A validator's key in this process.
public final class LocalKey implements Signer {
  private final byte[] secret;
  private final Address address;

  /// @param secret 32 bytes, a secp256k1 private key
  public LocalKey(byte[] secret) {
    this.secret = secret.clone();
    address = Secp256k1.address(Secp256k1.publicKey(secret));
  }

  @Override
  public Address address() {
    return address;
  }

  @Override
  public Signature sign(Hash32 hash) {
    return Secp256k1.sign(hash, secret);
  }
}
