package io.semper.evm.state;

import io.semper.core.bytes.UInt256;

/// A storage slot that was touched in this block: its key and its value now, at the start of the
/// transaction, and at the start of the block. Limb 0 is the least significant.
public final class Slot {
  final LiveAccount owner;
  final long k0;
  final long k1;
  final long k2;
  final long k3;

  long v0;
  long v1;
  long v2;
  long v3;

  /// Value at the start of transaction [#originalTx].
  long o0;

  long o1;
  long o2;
  long o3;
  int originalTx;

  /// Value at the start of the block.
  final long b0;

  final long b1;
  final long b2;
  final long b3;

  /// The transaction in which the slot is warm (EIP-2929).
  int warmTx;

  Slot(LiveAccount owner, long k0, long k1, long k2, long k3, UInt256 value) {
    this.owner = owner;
    this.k0 = k0;
    this.k1 = k1;
    this.k2 = k2;
    this.k3 = k3;
    v0 = b0 = value.limb0();
    v1 = b1 = value.limb1();
    v2 = b2 = value.limb2();
    v3 = b3 = value.limb3();
  }

  /// Puts the current value on a stack.
  public void load(long[] s, int at) {
    s[at] = v0;
    s[at + 1] = v1;
    s[at + 2] = v2;
    s[at + 3] = v3;
  }

  public boolean isZero() {
    return (v0 | v1 | v2 | v3) == 0;
  }

  public boolean originalIsZero() {
    return (o0 | o1 | o2 | o3) == 0;
  }

  /// Whether the current value is the one the transaction began with.
  public boolean isOriginal() {
    return v0 == o0 && v1 == o1 && v2 == o2 && v3 == o3;
  }

  public boolean is(long[] s, int at) {
    return v0 == s[at] && v1 == s[at + 1] && v2 == s[at + 2] && v3 == s[at + 3];
  }

  public boolean originalIs(long[] s, int at) {
    return o0 == s[at] && o1 == s[at + 1] && o2 == s[at + 2] && o3 == s[at + 3];
  }

  public UInt256 key() {
    return UInt256.of(k0, k1, k2, k3);
  }

  public UInt256 value() {
    return UInt256.of(v0, v1, v2, v3);
  }

  boolean changedInBlock() {
    return v0 != b0 || v1 != b1 || v2 != b2 || v3 != b3;
  }
}
