package io.semper.rpc.eth;

import io.semper.core.bytes.UInt256;
import io.semper.core.fork.BlobParams;
import io.semper.core.fork.Fork;
import io.semper.core.fork.ForkSchedule;
import io.semper.core.types.Header;
import java.math.BigInteger;

/// The base fees that headers imply (EIP-1559, EIP-4844, EIP-7918).
final class Fees {
  static final long GAS_PER_BLOB = 1L << 17;
  private static final long BLOB_BASE_COST = 1L << 13;
  private static final UInt256 INITIAL_BASE_FEE = UInt256.of(1_000_000_000);
  private static final long ELASTICITY = 2;
  private static final BigInteger MAX_CHANGE_DENOMINATOR = BigInteger.valueOf(8);

  private final ForkSchedule forks;
  private final boolean zeroBaseFee;

  /// @param zeroBaseFee whether the network's base fee always stays zero
  Fees(ForkSchedule forks, boolean zeroBaseFee) {
    this.forks = forks;
    this.zeroBaseFee = zeroBaseFee;
  }

  Fork forkOf(Header header) {
    return forks.at(header.number(), header.timestamp(), proofOfStake(header));
  }

  private boolean proofOfStake(Header header) {
    return header.difficulty().isZero() && forks.terminalTotalDifficulty() != null;
  }

  /// The base fee of the block after this one; zero before London.
  UInt256 nextBaseFee(Header parent) {
    Fork next = forks.at(parent.number() + 1, parent.timestamp(), proofOfStake(parent));
    if (zeroBaseFee || next.before(Fork.LONDON)) {
      return UInt256.ZERO;
    }
    if (parent.baseFeePerGas() == null) {
      return INITIAL_BASE_FEE;
    }
    long target = parent.gasLimit() / ELASTICITY;
    if (parent.gasUsed() == target || target == 0) {
      return parent.baseFeePerGas();
    }
    BigInteger base = parent.baseFeePerGas().toBigInteger();
    BigInteger change =
        base.multiply(BigInteger.valueOf(Math.abs(parent.gasUsed() - target)))
            .divide(BigInteger.valueOf(target))
            .divide(MAX_CHANGE_DENOMINATOR);
    return parent.gasUsed() > target
        ? UInt256.of(base.add(change.max(BigInteger.ONE)))
        : UInt256.of(base.subtract(change).max(BigInteger.ZERO));
  }

  /// Wei a unit of blob gas in this block; zero before Cancun.
  UInt256 blobBaseFee(Header header) {
    return header.excessBlobGas() == null
        ? UInt256.ZERO
        : blobBaseFee(header.excessBlobGas(), forks.blobParams(forkOf(header)));
  }

  /// Wei a unit of blob gas in the block after this one, under this block's rules.
  UInt256 nextBlobBaseFee(Header header) {
    return header.excessBlobGas() == null
        ? UInt256.ZERO
        : blobBaseFee(nextExcess(header), forks.blobParams(forkOf(header)));
  }

  private long nextExcess(Header parent) {
    Fork fork = forkOf(parent);
    BlobParams params = forks.blobParams(fork);
    long target = params.target() * GAS_PER_BLOB;
    long sum = parent.excessBlobGas() + parent.blobGasUsed();
    if (sum < target) {
      return 0;
    }
    if (fork.atLeast(Fork.OSAKA)) {
      BigInteger reserve =
          parent.baseFeePerGas().toBigInteger().multiply(BigInteger.valueOf(BLOB_BASE_COST));
      BigInteger price =
          blobBaseFee(parent.excessBlobGas(), params)
              .toBigInteger()
              .multiply(BigInteger.valueOf(GAS_PER_BLOB));
      if (reserve.compareTo(price) > 0) {
        return parent.excessBlobGas()
            + parent.blobGasUsed() * (params.max() - params.target()) / params.max();
      }
    }
    return sum - target;
  }

  /// Most blob gas of a block under the rules of this one.
  long maxBlobGas(Header header) {
    return forks.blobParams(forkOf(header)).max() * GAS_PER_BLOB;
  }

  /// The specification's `fake_exponential` with factor one: a Taylor series of
  /// e^(excess/fraction).
  static UInt256 blobBaseFee(long excess, BlobParams params) {
    BigInteger numerator = BigInteger.valueOf(excess);
    BigInteger denominator = BigInteger.valueOf(params.baseFeeUpdateFraction());
    BigInteger sum = BigInteger.ZERO;
    BigInteger term = denominator;
    for (long i = 1; term.signum() > 0; i++) {
      sum = sum.add(term);
      term = term.multiply(numerator).divide(denominator.multiply(BigInteger.valueOf(i)));
    }
    BigInteger fee = sum.divide(denominator);
    return fee.bitLength() > 256 ? UInt256.MAX : UInt256.of(fee);
  }
}
