package io.semper.core.view;

import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;

/// An account as the state trie holds it.
///
/// @param nonce unsigned 64-bit
public record Account(long nonce, UInt256 balance, Hash32 storageRoot, Hash32 codeHash) {
  /// Root of a trie without entries: `keccak256(rlp(""))`.
  public static final Hash32 EMPTY_ROOT = Keccak.hash(new byte[] {(byte) 0x80});

  public static final Account EMPTY = new Account(0, UInt256.ZERO, EMPTY_ROOT, Keccak.EMPTY);

  /// Empty in the sense of EIP-161: no nonce, no balance, no code.
  public boolean isEmpty() {
    return nonce == 0 && balance.isZero() && codeHash.equals(Keccak.EMPTY);
  }
}
