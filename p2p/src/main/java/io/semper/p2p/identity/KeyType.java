package io.semper.p2p.identity;

/// The kinds of keys libp2p knows, in the order of their numbers on the wire.
public enum KeyType {
  RSA,
  ED25519,
  SECP256K1,
  ECDSA
}
