package io.semper.core.fee;

import io.semper.core.bytes.UInt256;
import io.semper.core.types.Header;
import java.math.BigInteger;

/// The fee every transaction burns for a unit of gas (EIP-1559).
public final class BaseFee {
  /// Of the first block with a base fee, in wei.
  public static final UInt256 INITIAL = UInt256.of(1_000_000_000);

  /// A block's gas limit over the gas its base fee steers to.
  public static final long ELASTICITY = 2;

  private static final BigInteger CHANGE_DENOMINATOR = BigInteger.valueOf(8);
  private static final BigInteger MAXIMUM = UInt256.MAX.toBigInteger();

  private BaseFee() {}

  /// The base fee of the block after `parent`, where London's rules are in force for it.
  public static UInt256 next(Header parent) {
    if (parent.baseFeePerGas() == null) {
      return INITIAL; // the fork block
    }
    long target = parent.gasLimit() / ELASTICITY;
    long used = parent.gasUsed();
    if (used == target || target == 0) {
      return parent.baseFeePerGas();
    }
    BigInteger fee = parent.baseFeePerGas().toBigInteger();
    BigInteger delta =
        fee.multiply(BigInteger.valueOf(Math.abs(used - target)))
            .divide(BigInteger.valueOf(target))
            .divide(CHANGE_DENOMINATOR);
    return UInt256.of(
        used > target ? fee.add(delta.max(BigInteger.ONE)).min(MAXIMUM) : fee.subtract(delta));
  }
}
