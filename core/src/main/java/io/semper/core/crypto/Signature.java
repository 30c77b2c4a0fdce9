package io.semper.core.crypto;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import java.util.Arrays;

/// A secp256k1 signature whose public key can be recovered.
///
/// @param yParity 0 or 1: whether the y coordinate of the signature's point is odd
public record Signature(int yParity, UInt256 r, UInt256 s) {
  /// Stands where nobody has signed; no key makes it.
  public static final Signature NONE = new Signature(0, UInt256.ZERO, UInt256.ZERO);

  /// Set in `r` above the account that is impersonated, so that no account makes it zero.
  private static final int IMPERSONATED_BIT = 32;

  /// Stands for the key of `account` on development chains, where callers may send as anybody. With
  /// its `s` of zero it is no signature anywhere else.
  public static Signature impersonating(Address account) {
    UInt256 number = UInt256.of(account.toBytes());
    long high = number.limb2() | 1L << IMPERSONATED_BIT;
    return new Signature(0, UInt256.of(number.limb0(), number.limb1(), high, 0), UInt256.ZERO);
  }

  /// The account a signature made by [#impersonating] stands for, `null` for all others.
  public Address impersonated() {
    boolean made = s.isZero() && r.limb3() == 0 && r.limb2() >>> IMPERSONATED_BIT == 1;
    return made ? Address.of(Arrays.copyOfRange(r.toBytes(), 12, 32)) : null;
  }
}
