package io.semper.node.config;

import io.semper.core.bytes.Hex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Set;

/// A file with 32 random bytes, made when it is first asked for: 64 hexadecimal digits, with or
/// without `0x`.
public final class SecretFile {
  private static final int BYTES = 32;
  private static final int MAX_FILE_BYTES = 1024;

  private SecretFile() {}

  /// Reads the secret. Where there is no such file, makes one that only its owner can read.
  ///
  /// @throws IOException where it cannot be read, or holds no secret
  public static byte[] readOrCreate(Path file) throws IOException {
    try {
      return read(file);
    } catch (NoSuchFileException absent) {
      byte[] secret = new byte[BYTES];
      new SecureRandom().nextBytes(secret);
      write(file, Hex.encode(secret) + "\n");
      return secret;
    }
  }

  /// Reads the secret.
  ///
  /// @throws IOException where it cannot be read, or holds no secret
  public static byte[] read(Path file) throws IOException {
    if (Files.size(file) <= MAX_FILE_BYTES) {
      String text = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
      if (text.matches("(0x)?[0-9a-fA-F]{64}")) {
        return Hex.decode(text);
      }
    }
    throw new IOException(file + " holds no secret: 64 hexadecimal digits are expected");
  }

  private static void write(Path file, String text) throws IOException {
    if (file.toAbsolutePath().getParent() != null) {
      Files.createDirectories(file.toAbsolutePath().getParent());
    }
    boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] ownerOnly =
        posix
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    try (SeekableByteChannel out =
        Files.newByteChannel(
            file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownerOnly)) {
      out.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }
  }
}
