package io.semper.evm.state;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.BigEndian;
import io.semper.core.bytes.Hash32;
import java.util.Arrays;

/// Contract code with what the interpreter wants to know of it beforehand.
///
/// The bytes are followed by 63 zeros, so that no bounds check is needed to read the operand of a
/// last PUSH32 and the STOP after it, nor to read 64 bytes at once. Jump destinations are found
/// when they are first asked for, unless they came with the code.
public final class Code {
  private static final int PADDING = 63;
  private static final int JUMPDEST = 0x5B;
  private static final int PUSH1 = 0x60;

  /// 1 in each of eight bytes.
  private static final long EACH = 0x0101010101010101L;

  /// First bytes of a delegation designator (EIP-7702); the address follows.
  private static final byte[] DELEGATION = {(byte) 0xEF, 0x01, 0x00};

  public static final Code EMPTY = new Code(new byte[0], null);

  private final byte[] padded;
  private final int length;
  private final Hash32 hash;

  /// Volatile, so that whoever sees the array sees what it holds.
  private volatile long[] jumpDestinations;

  private volatile Object derived;

  /// @param hash of the bytes where it is known, else `null`
  public Code(byte[] bytes, Hash32 hash) {
    this(bytes, 0, bytes.length, hash);
  }

  /// @param jumpDestinations of the bytes where they are known, else `null`
  Code(byte[] bytes, Hash32 hash, long[] jumpDestinations) {
    this(bytes, hash);
    this.jumpDestinations = jumpDestinations;
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
    return (jumpDestinations()[pc >>> 6] >>> pc & 1) != 0;
  }

  /// A bit for each byte, the first one's lowest in the first word, [#words] of them; not to be
  /// changed.
  public long[] jumpDestinations() {
    long[] found = jumpDestinations;
    if (found == null) {
      found = findJumpDestinations();
      jumpDestinations = found;
    }
    return found;
  }

  /// How many words tell the jump destinations of code that is `length` bytes long.
  public static int words(int length) {
    return (length >>> 6) + 1;
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

  /// Sixty-four bytes at a time: which of them are PUSHes and JUMPDESTs is found out without a
  /// branch, and a round of a loop for each PUSH takes its operand out of both. Looking at byte
  /// after byte costs a misprediction at every third instruction: 24 KB of what compilers write
  /// take 20 µs instead of 64, nothing but PUSH1, the worst there is, 59.
  private long[] findJumpDestinations() {
    long[] found = new long[words(length)];
    int operand = 0; // bytes of it at the start of these 64
    for (int at = 0; at < length; at += 64) {
      long pushes = 0;
      long destinations = 0;
      for (int i = 0; i < 64; i += 8) {
        long bytes = BigEndian.getLong(padded, at + i);
        pushes |= zeroBytes(bytes & EACH * 0xE0 ^ EACH * PUSH1) << i;
        destinations |= zeroBytes(bytes ^ EACH * JUMPDEST) << i;
      }
      pushes &= -1L << operand;
      destinations &= -1L << operand;
      operand = 0;
      while (pushes != 0) {
        int push = Long.numberOfTrailingZeros(pushes);
        int last = push + padded[at + push] - PUSH1 + 1;
        long behind = last < 63 ? -2L << last : 0;
        pushes &= behind;
        destinations &= behind | ~(-2L << push);
        operand = Math.max(0, last - 63);
      }
      found[at >>> 6] = destinations;
    }
    return found;
  }

  /// A bit for each of eight bytes, the first one's lowest: whether it is zero.
  private static long zeroBytes(long bytes) {
    long others = (bytes & EACH * 0x7F) + EACH * 0x7F | bytes;
    return (~others >>> 7 & EACH) * 0x8040201008040201L >>> 56;
  }

  /// The designator that delegates to `target`.
  public static byte[] delegationTo(Address target) {
    byte[] designator = Arrays.copyOf(DELEGATION, 23);
    target.writeTo(designator, 3);
    return designator;
  }
}
