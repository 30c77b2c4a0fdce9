package io.semper.chain.db;

import io.semper.core.bytes.BigEndian;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.fusesource.leveldbjni.JniDBFactory;
import org.fusesource.leveldbjni.internal.NativeDB;
import org.iq80.leveldb.CompressionType;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.Options;
import org.iq80.leveldb.impl.Iq80DBFactory;

/// The two implementations of LevelDB. Their files have the same form, but each has its own
/// oversights in reading what the other wrote, so a folder stays with the one that made it.
enum Engine {
  /// LevelDB's own C++ through JNI.
  NATIVE("leveldbjni") {
    @Override
    DB open(File folder, Options options) throws IOException {
      return JniDBFactory.factory.open(folder, options);
    }

    @Override
    String whyUnavailable(Path libraryFolder) {
      // The library unpacks itself; the folder for all users' temporary files is no place for code.
      if (System.getProperty(LIBRARY_FOLDER) == null) {
        System.setProperty(LIBRARY_FOLDER, libraryFolder.toAbsolutePath().toString());
      }
      try {
        NativeDB.LIBRARY.load();
        return null;
      } catch (LinkageError e) {
        return String.valueOf(e.getMessage());
      }
    }

    /// Brings a state with history down by a quarter (neighbouring versions of one trie node are
    /// alike) and costs a read nothing measurable.
    @Override
    CompressionType compression() {
      return CompressionType.SNAPPY;
    }

    @Override
    byte[] seal(byte[] key, byte[] value) {
      return value;
    }

    @Override
    byte[] unseal(byte[] key, byte[] stored) {
      return stored;
    }
  },
  /// A port to Java. It writes the checksums of blocks but never checks them, so each value gets
  /// one of its own, over key and value.
  JAVA("iq80-leveldb") {
    @Override
    DB open(File folder, Options options) throws IOException {
      return Iq80DBFactory.factory.open(folder, options);
    }

    @Override
    String whyUnavailable(Path libraryFolder) {
      return null;
    }

    @Override
    CompressionType compression() {
      return CompressionType.NONE;
    }

    @Override
    byte[] seal(byte[] key, byte[] value) {
      byte[] stored = Arrays.copyOf(value, value.length + CHECKSUM_BYTES);
      BigEndian.putInt(stored, value.length, checksum(key, value, value.length));
      return stored;
    }

    @Override
    byte[] unseal(byte[] key, byte[] stored) {
      if (stored == null) return null;
      int length = stored.length - CHECKSUM_BYTES;
      if (length < 0 || BigEndian.getInt(stored, length) != checksum(key, stored, length)) {
        throw new IllegalStateException("checksum mismatch in a value of " + length + " bytes");
      }
      return Arrays.copyOf(stored, length);
    }

    private int checksum(byte[] key, byte[] value, int length) {
      CRC32C crc = new CRC32C();
      crc.update(key);
      crc.update(value, 0, length);
      return (int) crc.getValue();
    }
  };

  private static final int CHECKSUM_BYTES = 4;
  private static final String LIBRARY_FOLDER = "library.leveldbjni.path";

  /// The name recorded in the data directory.
  private final String mark;

  Engine(String mark) {
    this.mark = mark;
  }

  String mark() {
    return mark;
  }

  abstract DB open(File folder, Options options) throws IOException;

  /// `null` where the engine can be used on this machine.
  abstract String whyUnavailable(Path libraryFolder);

  abstract CompressionType compression();

  /// The form in which a value is stored.
  abstract byte[] seal(byte[] key, byte[] value);

  /// The value from its stored form, `null` from `null`.
  ///
  /// @throws IllegalStateException damaged
  abstract byte[] unseal(byte[] key, byte[] stored);

  /// `null` for an unknown mark.
  static Engine ofMark(String mark) {
    for (Engine engine : values()) {
      if (engine.mark.equals(mark)) return engine;
    }
    return null;
  }
}
