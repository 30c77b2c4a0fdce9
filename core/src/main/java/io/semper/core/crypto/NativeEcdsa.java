package io.semper.core.crypto;

import fr.acinq.secp256k1.Secp256k1Exception;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// Bitcoin Core's libsecp256k1 through JNI, where the application brings that library along.
final class NativeEcdsa implements Ecdsa {
  /// Where the library puts its binary.
  private static final String FOLDER = "fr.acinq.secp256k1.tmpdir";

  private final fr.acinq.secp256k1.Secp256k1 library;

  private NativeEcdsa(fr.acinq.secp256k1.Secp256k1 library) {
    this.library = library;
  }

  /// The native library. Its binary is written to a folder of its own, and deleted once it is
  /// loaded: left to the library it would stay wherever a process is killed.
  ///
  /// @throws LinkageError where its classes or its binary for this platform are absent
  static Ecdsa load() {
    if (System.getProperty(FOLDER) != null) {
      return new NativeEcdsa(fr.acinq.secp256k1.Secp256k1.get());
    }
    Path folder = null;
    try {
      folder = Files.createTempDirectory("semper-secp256k1-");
      System.setProperty(FOLDER, folder.toString());
      return new NativeEcdsa(fr.acinq.secp256k1.Secp256k1.get());
    } catch (IOException e) {
      throw new UnsatisfiedLinkError("no place for libsecp256k1: " + e);
    } finally {
      System.clearProperty(FOLDER);
      if (folder != null) {
        delete(folder);
      }
    }
  }

  private static void delete(Path folder) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException inUse) {
      // Where what is loaded cannot be deleted, the library does it when the process ends.
    }
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
