package io.semper.chain.state;

import io.semper.chain.db.KeyValueStore;
import io.semper.chain.db.Schema;
import io.semper.chain.db.StorageException;
import io.semper.core.bytes.BigEndian;
import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Keccak;
import io.semper.evm.state.Code;
import java.util.Arrays;

/// Contract code as the database holds it: its bytes, then the words that say where it may jump to,
/// big-endian. An attacker can write code in which finding that takes longer than reading it does.
///
/// @param jumpDestinations as [Code#jumpDestinations] has them; `null` where the code was stored
///   without, as it once was
record StoredCode(byte[] bytes, long[] jumpDestinations) {
  static final StoredCode EMPTY = of(new byte[0]);

  /// 64 bytes of code and the word for them. The last word is for what is left, none to 63 bytes.
  private static final int GROUP = 64 + Long.BYTES;

  static StoredCode of(byte[] code) {
    return new StoredCode(code, new Code(code, null).jumpDestinations());
  }

  /// @throws StorageException where the database has no such code
  static StoredCode read(KeyValueStore db, Hash32 hash) {
    byte[] stored = db.get(Schema.code(hash));
    if (stored != null) return decode(hash, stored);
    byte[] bare = db.get(Schema.bareCode(hash));
    if (bare == null) throw damaged(hash, "is missing");
    return new StoredCode(bare, null);
  }

  private static StoredCode decode(Hash32 hash, byte[] stored) {
    int groups = (stored.length - Long.BYTES) / GROUP;
    int rest = (stored.length - Long.BYTES) % GROUP;
    if (rest < 0 || rest >= 64) throw damaged(hash, "has a wrong length");
    int length = groups * 64 + rest;
    long[] jumpDestinations = new long[Code.words(length)];
    for (int i = 0; i < jumpDestinations.length; i++) {
      jumpDestinations[i] = BigEndian.getLong(stored, length + i * Long.BYTES);
    }
    return new StoredCode(Arrays.copyOf(stored, length), jumpDestinations);
  }

  byte[] encode() {
    int length = bytes.length;
    byte[] stored = Arrays.copyOf(bytes, length + jumpDestinations.length * Long.BYTES);
    for (int i = 0; i < jumpDestinations.length; i++) {
      BigEndian.putLong(stored, length + i * Long.BYTES, jumpDestinations[i]);
    }
    return stored;
  }

  /// @throws StorageException where a code has another hash, or other places to jump to, than the
  ///   database says
  static void checkAll(KeyValueStore db) {
    db.forEach(
        Schema.code(Hash32.ZERO),
        (key, stored) -> {
          Hash32 hash = Hash32.of(key, 1);
          decode(hash, stored).check(hash);
        });
    db.forEach(
        Schema.bareCode(Hash32.ZERO),
        (key, bare) -> new StoredCode(bare, null).check(Hash32.of(key, 1)));
  }

  private void check(Hash32 hash) {
    if (!Keccak.hash(bytes).equals(hash)) throw damaged(hash, "has another hash");
    if (jumpDestinations != null && !Arrays.equals(jumpDestinations, of(bytes).jumpDestinations)) {
      throw damaged(hash, "has other places to jump to");
    }
  }

  private static StorageException damaged(Hash32 hash, String what) {
    return new StorageException("the database is damaged: code " + hash + " " + what);
  }
}
