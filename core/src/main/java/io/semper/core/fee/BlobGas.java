package io.semper.core.fee;

import io.semper.core.bytes.UInt256;
import io.semper.core.fork.BlobParams;
import io.semper.core.fork.Fork;
import io.semper.core.types.Header;
import java.math.BigInteger;

/// The market of blob gas (EIP-4844, limits by EIP-7691 and EIP-7892, reserve price by EIP-7918).
public final class BlobGas {
  /// Blob gas a blob takes.
  public static final long PER_BLOB = 131_072;

  private static final long BLOB_BASE_COST = 8_192; // EIP-7918, in units of execution gas
  private static final BigInteger MAXIMUM = UInt256.MAX.toBigInteger();

  /// e to this power exceeds 256 bits: beyond it the fee is the largest there is.
  private static final long MAX_EXPONENT = 178;

  private BlobGas() {}

  /// Most blob gas a block may use.
  public static long max(BlobParams params) {
    return params.max() * PER_BLOB;
  }

  /// The excess blob gas of the block after `parent`.
  ///
  /// @param fork of that block, Cancun or later
  /// @param params limits in force for that block
  public static long nextExcess(Header parent, Fork fork, BlobParams params) {
    if (parent.excessBlobGas() == null) {
      return 0; // the fork block
    }
    long used = parent.blobGasUsed();
    long excess = parent.excessBlobGas();
    long target = params.target() * PER_BLOB;
    long sum = saturatingSum(excess, used);
    if (sum < target) {
      return 0;
    }
    if (fork.atLeast(Fork.OSAKA) && belowReservePrice(parent.baseFeePerGas(), excess, params)) {
      // EIP-7918: blobs cost less than their execution does, so their price must not fall.
      long above = params.max() == 0 ? 0 : used * (params.max() - params.target()) / params.max();
      return saturatingSum(excess, above);
    }
    return sum - target;
  }

  private static boolean belowReservePrice(UInt256 baseFee, long excess, BlobParams params) {
    BigInteger reserve = baseFee.toBigInteger().multiply(BigInteger.valueOf(BLOB_BASE_COST));
    BigInteger price = baseFee(excess, params).toBigInteger();
    return reserve.compareTo(price.multiply(BigInteger.valueOf(PER_BLOB))) > 0;
  }

  private static long saturatingSum(long a, long b) {
    boolean beyond = a < 0 || b < 0 || a > Long.MAX_VALUE - b;
    return beyond ? Long.MAX_VALUE : a + b;
  }

  /// Wei a unit of blob gas costs in a block with the given excess: `e^(excess / fraction)`,
  /// approximated from below by its Taylor series as the EIP defines (`fake_exponential`).
  ///
  /// @param excess unsigned 64-bit
  public static UInt256 baseFee(long excess, BlobParams params) {
    long fraction = params.baseFeeUpdateFraction();
    if (excess < 0 || excess / fraction >= MAX_EXPONENT) {
      return UInt256.MAX;
    }
    BigInteger numerator = BigInteger.valueOf(excess);
    BigInteger denominator = BigInteger.valueOf(fraction);
    BigInteger sum = BigInteger.ZERO;
    BigInteger term = denominator;
    for (long i = 1; term.signum() > 0; i++) {
      sum = sum.add(term);
      term = term.multiply(numerator).divide(denominator.multiply(BigInteger.valueOf(i)));
    }
    return UInt256.of(sum.divide(denominator).min(MAXIMUM));
  }
}
