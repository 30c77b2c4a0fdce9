package io.semper.node.account;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hex;
import io.semper.core.crypto.Secp256k1;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// A folder of private keys, each in a file of its own, encrypted by a password (Web3 secret
/// storage, version 3, scrypt): the form go-ethereum and wallets read and write.
///
/// Files are readable by their owner alone.
public final class Keystore {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final DateTimeFormatter NAME_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH-mm-ss.nnnnnnnnn'Z'").withZone(ZoneOffset.UTC);
  private static final int MAX_FILE_BYTES = 64 << 10;

  private final Path folder;
  private final Clock clock;

  /// A key file: whose, and where.
  public record Entry(Address address, Path file) {}

  /// Why a key could not be taken in or opened.
  public static final class KeyException extends Exception {
    private static final long serialVersionUID = 1L;

    KeyException(String message) {
      super(message);
    }
  }

  public Keystore(Path folder) {
    this(folder, Clock.systemUTC());
  }

  Keystore(Path folder, Clock clock) {
    this.folder = folder;
    this.clock = clock;
  }

  /// Makes a new key and stores it.
  public Entry create(String password) throws IOException, KeyException {
    byte[] key = new byte[32];
    SecureRandom random = new SecureRandom();
    do {
      random.nextBytes(key);
    } while (!isPrivateKey(key));
    return store(key, password);
  }

  /// Stores a private key of 32 bytes.
  ///
  /// @throws KeyException where it is none, or its account is here already
  public Entry store(byte[] key, String password) throws IOException, KeyException {
    if (!isPrivateKey(key)) {
      throw new KeyException("not a private key: 32 bytes from 1 to the order of secp256k1");
    }
    Address address = Secp256k1.address(Secp256k1.publicKey(key));
    for (Entry entry : list()) {
      if (entry.address().equals(address)) {
        throw new KeyException("account " + address + " is stored already in " + entry.file());
      }
    }
    return write(address, JSON.writeValueAsBytes(KeyFile.encrypt(key, address, password)));
  }

  /// The private key in a key file.
  ///
  /// @throws KeyException where it is no key file, or the password is wrong
  public static byte[] open(Path file, String password) throws IOException, KeyException {
    if (Files.size(file) > MAX_FILE_BYTES) {
      throw new KeyException(file + " is no key file: more than " + MAX_FILE_BYTES + " bytes");
    }
    try {
      return KeyFile.decrypt(JSON.readTree(file.toFile()), password);
    } catch (JacksonException e) {
      throw new KeyException(file + " is no key file: " + e.getOriginalMessage());
    } catch (KeyException e) {
      throw new KeyException(file + ": " + e.getMessage());
    }
  }

  /// All accounts, oldest first.
  public List<Entry> list() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Entry> entries = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        address(file).ifPresent(address -> entries.add(new Entry(address, file)));
      }
    }
    return entries;
  }

  /// Whose key a file holds; empty for files of another kind.
  private static Optional<Address> address(Path file) throws IOException {
    if (!Files.isRegularFile(file) || Files.size(file) > MAX_FILE_BYTES) {
      return Optional.empty();
    }
    try {
      String text = JSON.readTree(file.toFile()).path("address").asText("");
      String digits = text.startsWith("0x") ? text.substring(2) : text;
      return digits.matches("[0-9a-fA-F]{40}")
          ? Optional.of(Address.of(Hex.decode(digits)))
          : Optional.empty();
    } catch (JacksonException notJson) {
      return Optional.empty();
    }
  }

  private Entry write(Address address, byte[] content) throws IOException {
    Files.createDirectories(folder);
    String name =
        "UTC--" + NAME_TIME.format(Instant.now(clock)) + "--" + address.toString().substring(2);
    Path file = folder.resolve(name);
    boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] ownerOnly =
        posix
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    Set<OpenOption> fresh = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (var channel = Files.newByteChannel(file, fresh, ownerOnly)) {
      channel.write(ByteBuffer.wrap(content));
    }
    return new Entry(address, file);
  }

  private static boolean isPrivateKey(byte[] key) {
    try {
      return Secp256k1.publicKey(key).length == 64;
    } catch (IllegalArgumentException outOfRange) {
      return false;
    }
  }

  /// The key that a text file holds in hexadecimal digits.
  public static byte[] readPlain(Path file) throws IOException, KeyException {
    if (Files.size(file) > MAX_FILE_BYTES) {
      throw new KeyException(file + " is no key: more than " + MAX_FILE_BYTES + " bytes");
    }
    String text = Files.readString(file, StandardCharsets.US_ASCII).strip();
    String digits = text.startsWith("0x") ? text.substring(2) : text;
    if (!digits.matches("[0-9a-fA-F]{64}")) {
      throw new KeyException(file + " holds no private key: 64 hexadecimal digits expected");
    }
    return Hex.decode(digits);
  }
}
