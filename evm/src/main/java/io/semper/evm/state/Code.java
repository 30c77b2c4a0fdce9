package io.semper.evm.state;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import java.util.Arrays;

/// Contract code with what the interpreter wants to know of it beforehand.
///
/// The bytes are followed by 33 zeros, so that reading the operand of a last PUSH32 and the STOP
/// after it needs no bounds check. Jump destinations are found on the first jump and kept with the
/// code.
public final class Code {
  private static final int PADDING = 33;
  private static final int JUMPDEST = 0x5B;
  private static final int PUSH1 = 0x60;
  private static final int PUSH32 = 0x7F;

  /// First bytes of a delegation designator (EIP-7702); the address follows.
  private static final byte[] DELEGATION = {(byte) 0xEF, 0x01, 0x00};

  public static final Code EMPTY = new Code(new byte[0], null);

  private final byte[] padded;
  private final int length;
  private final Hash32 hash;
  private long[] jumpDestinations;
  private volatile Object derived;

  /// @param hash of the bytes where it is known, else `null`
  public Code(byte[] bytes, Hash32 hash) {
    this(bytes, 0, bytes.length, hash);
  }

  public Code(byte[] source, int offset, int length, Hash32 hash) {
    padded = new byte[length + PADDING];
    System.arraycopy(source, offset, padded, 0, length);
    this.length = length;
    this.hash = hash;
  }

  /// The bytes and the zeros behind them; not to be changed.
  public byte[] padded() {
    return padded;
  }

  public int length() {
    return length;
  }

  public Hash32 hash() {
    return hash;
  }

  public byte[] toBytes() {
    return Arrays.copyOf(padded, length);
  }

  /// Where this delegates to, or `null` for ordinary code.
  public Address delegate() {
    return length == 23 && Arrays.equals(padded, 0, 3, DELEGATION, 0, 3)
        ? Address.of(padded, 3)
        : null;
  }

  /// Whether a JUMPDEST instruction, not an operand byte, stands at `pc`.
  public boolean isJumpDestination(int pc) {
    long[] found = jumpDestinations;
    if (found == null) {
      found = findJumpDestinations();
      jumpDestinations = found;
    }
    return (found[pc >>> 6] >>> pc & 1) != 0;
  }

  /// What was derived from the code to run it faster and lives as long as it does, or `null`.
  public Object derived() {
    return derived;
  }

  public void derive(Object value) {
    derived = value;
  }

  /// Forgets what was derived if it is still this.
  public void drop(Object value) {
    if (derived == value) {
      derived = null;
    }
  }

  private long[] findJumpDestinations() {
    long[] found = new long[(length >>> 6) + 1];
    for (int pc = 0; pc < length; pc++) {
      int op = padded[pc] & 0xFF;
      if (op == JUMPDEST) {
        found[pc >>> 6] |= 1L << pc;
      } else if (op >= PUSH1 && op <= PUSH32) {
        pc += op - PUSH1 + 1;
      }
    }
    return found;
  }

  /// The designator that delegates to `target`.
  public static byte[] delegationTo(Address target) {
    byte[] designator = Arrays.copyOf(DELEGATION, 23);
    target.writeTo(designator, 3);
    return designator;
  }
}
