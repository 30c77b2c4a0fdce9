package io.semper.core.crypto;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import java.util.Arrays;

/// ECDSA over secp256k1 with public-key recovery (SEC 1, section 4.1.6) and RFC 6979 nonces.
///
/// A native library does the work where one is at hand, plain Java where not.
public final class Secp256k1 {
  /// The group order.
  public static final UInt256 N =
      UInt256.ofHex("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");

  /// Half of the order: larger `s` values are refused since Homestead (EIP-2).
  public static final UInt256 HALF_N =
      UInt256.ofHex("0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");

  private static final Ecdsa NATIVE = loadNative();
  private static final Ecdsa ECDSA = NATIVE != null ? NATIVE : new JavaEcdsa();

  private Secp256k1() {}

  private static Ecdsa loadNative() {
    try {
      return NativeEcdsa.load();
    } catch (LinkageError absent) {
      return null;
    }
  }

  /// Whether the native library was found.
  public static boolean isNative() {
    return NATIVE != null;
  }

  /// The address whose key signed `hash`, or `null` where the signature is none.
  public static Address recover(Hash32 hash, Signature signature) {
    byte[] key = recoverKey(hash, signature);
    return key == null ? null : address(key);
  }

  /// The 64-byte public key (x ‖ y) that signed `hash`, or `null` where the signature is none.
  public static byte[] recoverKey(Hash32 hash, Signature signature) {
    return recoverKey(ECDSA, hash, signature);
  }

  static byte[] recoverKey(Ecdsa ecdsa, Hash32 hash, Signature signature) {
    if (!inOrder(signature.r()) || !inOrder(signature.s())) {
      return null;
    }
    byte[] rs = new byte[64];
    signature.r().writeTo(rs, 0);
    signature.s().writeTo(rs, 32);
    return ecdsa.recover(hash.toBytes(), rs, signature.yParity());
  }

  /// Signs with a low `s` value. `privateKey` is 32 bytes in `1 .. N-1`.
  public static Signature sign(Hash32 hash, byte[] privateKey) {
    return sign(ECDSA, hash, privateKey);
  }

  static Signature sign(Ecdsa ecdsa, Hash32 hash, byte[] privateKey) {
    checkPrivateKey(privateKey);
    byte[] rs = ecdsa.sign(hash.toBytes(), privateKey);
    UInt256 r = UInt256.of(rs, 0, 32);
    UInt256 s = UInt256.of(rs, 32, 32);
    Address own = address(ecdsa.publicKey(privateKey));
    byte[] even = ecdsa.recover(hash.toBytes(), rs, 0);
    return new Signature(even != null && own.equals(address(even)) ? 0 : 1, r, s);
  }

  /// The 64-byte public key (x ‖ y) of a 32-byte private key.
  public static byte[] publicKey(byte[] privateKey) {
    checkPrivateKey(privateKey);
    return ECDSA.publicKey(privateKey);
  }

  /// The 64-byte public key (x ‖ y) of a compressed point of SEC 1, `null` where it is none.
  public static byte[] decompress(byte[] compressed) {
    return decompress(ECDSA, compressed);
  }

  static byte[] decompress(Ecdsa ecdsa, byte[] compressed) {
    boolean isCompressed = compressed.length == 33 && (compressed[0] == 2 || compressed[0] == 3);
    return isCompressed ? ecdsa.decompress(compressed) : null;
  }

  /// The account address of a 64-byte public key.
  public static Address address(byte[] publicKey) {
    return Address.of(Keccak.hash(publicKey).toBytes(), 12);
  }

  /// Whether the holder of a 64-byte public key signed `hash`, for signatures that do not say which
  /// of the two keys they allow is meant.
  public static boolean verify(Hash32 hash, UInt256 r, UInt256 s, byte[] publicKey) {
    return Arrays.equals(publicKey, recoverKey(hash, new Signature(0, r, s)))
        || Arrays.equals(publicKey, recoverKey(hash, new Signature(1, r, s)));
  }

  /// The point that both sides of a key agreement come to, x ‖ y: `publicKey`, 64 bytes, times
  /// `privateKey`.
  public static byte[] sharedPoint(byte[] privateKey, byte[] publicKey) {
    checkPrivateKey(privateKey);
    return JavaEcdsa.multiply(publicKey, privateKey);
  }

  /// Whether these are the 32 bytes of a number from 1 to N-1.
  public static boolean isPrivateKey(byte[] bytes) {
    return bytes.length == 32 && inOrder(UInt256.of(bytes));
  }

  private static void checkPrivateKey(byte[] privateKey) {
    if (!isPrivateKey(privateKey)) {
      throw new IllegalArgumentException("private key out of range");
    }
  }

  private static boolean inOrder(UInt256 value) {
    return !value.isZero() && value.compareTo(N) < 0;
  }
}
