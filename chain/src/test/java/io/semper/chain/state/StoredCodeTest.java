package io.semper.chain.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.chain.db.KeyValueStore;
import io.semper.chain.db.MemoryStore;
import io.semper.chain.db.Schema;
import io.semper.chain.db.StorageException;
import io.semper.chain.db.WriteBatch;
import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Keccak;
import io.semper.evm.state.Code;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StoredCodeTest {
  private final KeyValueStore db = new MemoryStore();

  @AfterEach
  void close() {
    db.close();
  }

  private void put(byte[] key, byte[] value) {
    WriteBatch batch = new WriteBatch();
    batch.put(key, value);
    db.write(batch, false);
  }

  /// Full of PUSHes and JUMPDESTs.
  private static byte[] code(int length) {
    Random random = new Random(length);
    byte[] code = new byte[length];
    for (int i = 0; i < length; i++) {
      code[i] = (byte) (0x5B + random.nextInt(12));
    }
    return code;
  }

  @Test
  void codeOfEachLengthIsReadWithItsJumpDestinations() {
    for (int length = 1; length < 300; length++) {
      byte[] code = code(length);
      Hash32 hash = Keccak.hash(code);
      put(Schema.code(hash), StoredCode.of(code).encode());
      StoredCode read = StoredCode.read(db, hash);
      assertThat(read.bytes()).isEqualTo(code);
      assertThat(read.jumpDestinations()).isEqualTo(new Code(code, hash).jumpDestinations());
    }
    StoredCode.checkAll(db);
  }

  @Test
  void codeOfAnOlderDatabaseIsReadWithoutJumpDestinations() {
    byte[] code = code(100);
    Hash32 hash = Keccak.hash(code);
    put(Schema.bareCode(hash), code);
    StoredCode.checkAll(db);
    assertThat(StoredCode.read(db, hash).bytes()).isEqualTo(code);
    assertThat(StoredCode.read(db, hash).jumpDestinations()).isNull();
    put(Schema.bareCode(hash), code(99));
    assertThatThrownBy(() -> StoredCode.checkAll(db)).hasMessageContaining("has another hash");
  }

  @Test
  void missingOrDamagedCodeIsNamed() {
    byte[] code = code(100);
    byte[] stored = StoredCode.of(code).encode();
    Hash32 hash = Keccak.hash(code);
    assertThatThrownBy(() -> StoredCode.read(db, hash))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining(hash + " is missing");
    for (int length : new int[] {0, 7, 72, 79}) {
      put(Schema.code(hash), Arrays.copyOf(stored, length));
      assertThatThrownBy(() -> StoredCode.read(db, hash))
          .isInstanceOf(StorageException.class)
          .hasMessageContaining(hash + " has a wrong length");
    }
    stored[99]++;
    put(Schema.code(hash), stored);
    assertThatThrownBy(() -> StoredCode.checkAll(db)).hasMessageContaining("has another hash");
    stored[99]--;
    stored[stored.length - 1]++;
    put(Schema.code(hash), stored);
    assertThatThrownBy(() -> StoredCode.checkAll(db)).hasMessageContaining("other places");
  }
}
