package io.semper.core.crypto;

/// The public keys of a committee, some of whose members sign one message together: keys in G1, the
/// aggregate of their signatures in G2, ciphersuite `BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_`.
///
/// Most members sign most of the time, so the key of those who did is the aggregate of all less the
/// few who did not: some 10 points decompressed instead of 512. A point once decompressed is kept.
///
/// Whoever makes a committee answers for its keys: that each is of the subgroup and proven to be
/// possessed, and that `aggregate` is their sum. The beacon chain checks all that before a key
/// enters its state, so a Merkle proof against a state is enough.
///
/// A native library does the work where one is at hand, plain Java where not. Safe for use by
/// several threads.
public final class Bls12381Committee {
  public static final int KEY_BYTES = Bls12381Encoding.G1_BYTES;
  public static final int SIGNATURE_BYTES = Bls12381Encoding.G2_BYTES;

  private static final boolean NATIVE = NativeBlsKeys.isPresent();

  private final int size;
  private final BlsKeys keys;

  private Bls12381Committee(int size, BlsKeys keys) {
    this.size = size;
    this.keys = keys;
  }

  /// @param publicKeys compressed, 48 bytes each, one after the other; not to be modified
  /// @param aggregate their sum, compressed
  public static Bls12381Committee of(byte[] publicKeys, byte[] aggregate) {
    return NATIVE ? inNativeCode(publicKeys, aggregate) : inJava(publicKeys, aggregate);
  }

  /// The same in plain Java, whatever is at hand.
  public static Bls12381Committee inJava(byte[] publicKeys, byte[] aggregate) {
    return new Bls12381Committee(size(publicKeys), new JavaBlsKeys(publicKeys, aggregate));
  }

  /// The same by the native library, which [#isNative].
  static Bls12381Committee inNativeCode(byte[] publicKeys, byte[] aggregate) {
    return new Bls12381Committee(size(publicKeys), new NativeBlsKeys(publicKeys, aggregate));
  }

  /// Whether the native library was found.
  public static boolean isNative() {
    return NATIVE;
  }

  private static int size(byte[] publicKeys) {
    if (publicKeys.length == 0 || publicKeys.length % KEY_BYTES != 0) {
      throw new IllegalArgumentException("keys of " + publicKeys.length + " bytes");
    }
    return publicKeys.length / KEY_BYTES;
  }

  public int size() {
    return size;
  }

  /// Whether `signature` is the aggregate of the signatures of `message` by exactly the members
  /// whose bit is set; false also for nobody, and for points that are malformed, infinite or
  /// outside their subgroup.
  ///
  /// @param bits a bit for each member, the first in the lowest bit of the first byte
  public boolean verify(byte[] bits, byte[] message, byte[] signature) {
    if (bits.length * Byte.SIZE != size || signature.length != SIGNATURE_BYTES) {
      return false;
    }
    int signers = 0;
    for (byte b : bits) {
      signers += Integer.bitCount(b & 0xFF);
    }
    boolean subtract = signers > size / 2;
    int[] listed = new int[subtract ? size - signers : signers];
    int at = 0;
    for (int i = 0; i < size; i++) {
      boolean signed = (bits[i >>> 3] >>> (i & 7) & 1) != 0;
      if (signed != subtract) {
        listed[at++] = i;
      }
    }
    return signers > 0 && keys.verify(subtract, listed, message, signature);
  }
}
