package io.semper.core.crypto;

/// How a group with a cheap endomorphism shortens its scalars (Gallant, Lambert, Vanstone 2001;
/// Galbraith, Lin, Scott 2009): `k P` is written `k0 P + k1 m P + k2 m^2 P + ...` where `m` is the
/// factor the endomorphism multiplies by and the `k_i` are [#parts] times shorter than `k`.
interface ScalarSplit {
  /// Into how many terms a scalar is split.
  int parts();

  /// An upper bound on the bits of a part's magnitude.
  int bits();

  /// Writes the magnitudes of the parts (two limbs each, least significant first) and their signs.
  ///
  /// @param scalar four limbs, any 256-bit number
  void split(long[] scalar, long[][] magnitudes, boolean[] negative);

  /// `r = m p`, keeping an affine point affine. `r` may be `p`.
  void endomorphism(CurvePoint r, CurvePoint p);
}
