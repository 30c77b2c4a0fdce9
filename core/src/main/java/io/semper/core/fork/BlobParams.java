package io.semper.core.fork;

/// Blob limits in force (EIP-7691, EIP-7840, EIP-7892).
///
/// @param target blobs a block the base fee steers to
/// @param max most blobs a block may carry
/// @param baseFeeUpdateFraction denominator of the base fee's exponent
public record BlobParams(int target, int max, long baseFeeUpdateFraction) {
  public static final BlobParams NONE = new BlobParams(0, 0, 1);
  public static final BlobParams CANCUN = new BlobParams(3, 6, 3_338_477);
  public static final BlobParams PRAGUE = new BlobParams(6, 9, 5_007_716);
}
