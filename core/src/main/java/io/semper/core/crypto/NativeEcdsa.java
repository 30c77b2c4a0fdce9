package io.semper.core.crypto;

import fr.acinq.secp256k1.Secp256k1Exception;
import java.util.Arrays;

/// Bitcoin Core's libsecp256k1 through JNI, where the application brings that library along.
final class NativeEcdsa implements Ecdsa {
  private final fr.acinq.secp256k1.Secp256k1 library;

  private NativeEcdsa(fr.acinq.secp256k1.Secp256k1 library) {
    this.library = library;
  }

  /// The native library.
  ///
  /// @throws LinkageError where its classes or its binary for this platform are absent
  static Ecdsa load() {
    return new NativeEcdsa(fr.acinq.secp256k1.Secp256k1.get());
  }

  /// An exception is the library's only way to say that there is no such key.
  @Override
  public byte[] recover(byte[] hash, byte[] rs, int yParity) {
    try {
      return withoutPrefix(library.ecdsaRecover(rs, hash, yParity));
    } catch (Secp256k1Exception noKey) {
      return null;
    }
  }

  @Override
  public byte[] sign(byte[] hash, byte[] privateKey) {
    return library.sign(hash, privateKey, null);
  }

  @Override
  public byte[] publicKey(byte[] privateKey) {
    return withoutPrefix(library.pubkeyCreate(privateKey));
  }

  @Override
  public byte[] decompress(byte[] compressed) {
    try {
      return withoutPrefix(library.pubkeyParse(compressed));
    } catch (Secp256k1Exception noPoint) {
      return null;
    }
  }

  private static byte[] withoutPrefix(byte[] uncompressed) {
    return Arrays.copyOfRange(uncompressed, 1, uncompressed.length);
  }
}
