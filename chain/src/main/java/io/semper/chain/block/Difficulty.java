package io.semper.chain.block;

import io.semper.core.bytes.UInt256;
import io.semper.core.fork.Fork;
import io.semper.core.types.Header;
import java.math.BigInteger;

/// How hard the next proof-of-work block must be.
///
/// Every era adds to a slow control loop around the block time an exponential term, the bomb, which
/// later forks set back by a number of blocks.
public final class Difficulty {
  /// Least difficulty of the control loop; genesis blocks of public networks start at or above it.
  static final BigInteger MINIMUM = BigInteger.valueOf(131_072);

  private static final int BOUND_DIVISOR_SHIFT = 11; // a block moves it by parent / 2048 a step
  private static final long MOST_STEPS_DOWN = -99;
  private static final long BOMB_PERIOD_BLOCKS = 100_000;

  private static final long FRONTIER_BLOCK_SECONDS = 13;
  private static final long HOMESTEAD_STEP_SECONDS = 10;
  private static final long BYZANTIUM_STEP_SECONDS = 9;

  private static final BigInteger MAXIMUM = UInt256.MAX.toBigInteger();

  private Difficulty() {}

  /// The difficulty of the block after `parent` at a timestamp (above the parent's) under a fork's
  /// rules; zero from Paris on.
  public static UInt256 next(Header parent, long timestamp, Fork fork) {
    boolean parentHasOmmers = !parent.ommersHash().equals(Header.NO_OMMERS);
    long elapsed = timestamp - parent.timestamp(); // negative where it exceeds 63 bits
    return next(
        parent.number() + 1,
        elapsed < 0 ? Long.MAX_VALUE : elapsed,
        parent.difficulty(),
        parentHasOmmers,
        fork);
  }

  /// @param elapsed seconds since the parent
  static UInt256 next(
      long number, long elapsed, UInt256 parent, boolean parentHasOmmers, Fork fork) {
    return switch (fork) {
      case FRONTIER -> frontier(number, elapsed, parent);
      case HOMESTEAD, DAO, TANGERINE_WHISTLE, SPURIOUS_DRAGON -> {
        long steps = 1 - elapsed / HOMESTEAD_STEP_SECONDS;
        yield difficulty(parent, steps, number, 0);
      }
      case BYZANTIUM -> byzantium(number, elapsed, parent, parentHasOmmers, 3_000_000); // EIP-649
      case CONSTANTINOPLE, PETERSBURG, ISTANBUL ->
          byzantium(number, elapsed, parent, parentHasOmmers, 5_000_000); // EIP-1234
      case MUIR_GLACIER, BERLIN ->
          byzantium(number, elapsed, parent, parentHasOmmers, 9_000_000); // EIP-2384
      case LONDON -> byzantium(number, elapsed, parent, parentHasOmmers, 9_700_000); // EIP-3554
      case ARROW_GLACIER ->
          byzantium(number, elapsed, parent, parentHasOmmers, 10_700_000); // EIP-4345
      case GRAY_GLACIER ->
          byzantium(number, elapsed, parent, parentHasOmmers, 11_400_000); // EIP-5133
      case PARIS, SHANGHAI, CANCUN, PRAGUE, OSAKA, BPO1, BPO2, BPO3, BPO4, BPO5 -> UInt256.ZERO;
    };
  }

  private static UInt256 frontier(long number, long elapsed, UInt256 parent) {
    return difficulty(parent, elapsed < FRONTIER_BLOCK_SECONDS ? 1 : -1, number, 0);
  }

  /// EIP-100: ommers of the parent count as blocks that were made too.
  private static UInt256 byzantium(
      long number, long elapsed, UInt256 parent, boolean parentHasOmmers, long bombDelay) {
    long steps = (parentHasOmmers ? 2 : 1) - elapsed / BYZANTIUM_STEP_SECONDS;
    return difficulty(parent, steps, number, bombDelay);
  }

  private static UInt256 difficulty(UInt256 parent, long steps, long number, long bombDelay) {
    BigInteger before = parent.toBigInteger();
    BigInteger step = before.shiftRight(BOUND_DIVISOR_SHIFT);
    BigInteger next =
        before
            .add(step.multiply(BigInteger.valueOf(Math.max(steps, MOST_STEPS_DOWN))))
            .max(MINIMUM);
    long period = Math.max(number - bombDelay, 0) / BOMB_PERIOD_BLOCKS;
    if (period > 1) {
      // Beyond 256 bits no block could be mined; the cap keeps the arithmetic bounded.
      next = next.add(BigInteger.ONE.shiftLeft((int) Math.min(period - 2, 256))).min(MAXIMUM);
    }
    return UInt256.of(next.min(MAXIMUM));
  }
}
