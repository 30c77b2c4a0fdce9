package io.semper.node.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.core.bytes.Hex;
import io.semper.node.account.Keystore.KeyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeystoreTest {
  /// The example of the Web3 secret storage definition.
  private static final String SECRET =
      "0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";

  private static final String PASSWORD = "testpassword";

  private static final String PBKDF2 =
      """
      {"crypto": {"cipher": "aes-128-ctr",
        "cipherparams": {"iv": "6087dab2f9fdbbfaddc31a909735c1e6"},
        "ciphertext": "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
        "kdf": "pbkdf2",
        "kdfparams": {"c": 262144, "dklen": 32, "prf": "hmac-sha256",
          "salt": "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},
        "mac": "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},
       "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6", "version": 3}
      """;

  /// From another wallet.
  private static final String SCRYPT =
      """
      {"crypto": {"cipher": "aes-128-ctr",
        "cipherparams": {"iv": "681679cdb125bba9495d068b002816a4"},
        "ciphertext": "54ae683c6287fa3d58321f09d56e26d94e58a00d4f90bdd95782ae0e4aab618b",
        "kdf": "scrypt",
        "kdfparams": {"dklen": 32, "n": 8192, "r": 8, "p": 1,
          "salt": "c3407f363fce02a66e3c4bf4a8f6b7da1c1f54266cef66381f0625c251c32785"},
        "mac": "dea6bdf22a2f522166ed82808c22a6311e84c355f4bbe100d4260483ff675a46"},
       "version": 3}
      """;

  @TempDir private Path folder;

  private Keystore keystore() {
    Clock noon = Clock.fixed(Instant.parse("2026-01-02T12:00:00Z"), ZoneOffset.UTC);
    return new Keystore(folder.resolve("keystore"), noon);
  }

  private Path file(String content) throws IOException {
    return Files.writeString(folder.resolve("key.json"), content);
  }

  @Test
  void opensKeyFilesOfBothDerivations() throws Exception {
    assertThat(Hex.encode(Keystore.open(file(PBKDF2), PASSWORD))).isEqualTo(SECRET);
    assertThat(Hex.encode(Keystore.open(file(SCRYPT), "foobartest121")))
        .isEqualTo("0x05a4d3eb46c742cb8850440145ce70cbc80b59f891cf5f50fd3e9c280b50c4e4");
  }

  @Test
  void refusesTheWrongPasswordAndDamagedFiles() throws IOException {
    Path pbkdf2 = file(PBKDF2);
    assertThatThrownBy(() -> Keystore.open(pbkdf2, "wrong")).hasMessageContaining("wrong password");
    refuses("[1]", "no object 'crypto'");
    refuses("nonsense", "is no key file");
    refuses(PBKDF2.replace("5318b4", "5318b5"), "wrong password");
    refuses(PBKDF2.replace("\"version\": 3", "\"version\": 4"), "version 3");
    refuses(PBKDF2.replace("262144", "2000000000"), "'c' is out of range");
    refuses(SCRYPT.replace("8192", "1073741824"), "more than 1 GiB");
    refuses(SCRYPT.replace("8192", "8193"), "no power of two");
    refuses(SCRYPT.replace("8192", "262144").replace("\"r\": 8", "\"r\": 1"), "where 'r' is 1");
  }

  private void refuses(String content, String why) throws IOException {
    Path file = file(content);
    assertThatThrownBy(() -> Keystore.open(file, PASSWORD))
        .isInstanceOf(KeyException.class)
        .hasMessageContaining(why);
  }

  @Test
  void storesKeysForTheirOwnerAlone() throws Exception {
    Keystore keystore = keystore();
    byte[] key = Hex.decode(SECRET);
    Keystore.Entry entry = keystore.store(key, "correct horse");
    assertThat(entry.file().getFileName().toString())
        .isEqualTo("UTC--2026-01-02T12-00-00.000000000Z--008aeeda4d805471df9b2a5b0f38a0c3bcba786b");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(entry.file())))
        .isEqualTo("rw-------");
    assertThat(keystore.list()).containsExactly(entry);
    assertThat(Keystore.open(entry.file(), "correct horse")).isEqualTo(key);
    assertThatThrownBy(() -> keystore.store(key, "again")).hasMessageContaining("stored already");
  }

  @Test
  void refusesWhatIsNoPrivateKey() {
    assertThatThrownBy(() -> keystore().store(new byte[32], "p")).isInstanceOf(KeyException.class);
    assertThatThrownBy(() -> keystore().store(new byte[31], "p")).isInstanceOf(KeyException.class);
  }

  @Test
  void readsKeysInDigits() throws Exception {
    assertThat(Keystore.readPlain(file(SECRET + "\n"))).isEqualTo(Hex.decode(SECRET));
    Path shortKey = file("0x12");
    assertThatThrownBy(() -> Keystore.readPlain(shortKey)).hasMessageContaining("64 hexadecimal");
  }
}
