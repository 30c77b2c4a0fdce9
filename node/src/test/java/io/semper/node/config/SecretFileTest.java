package io.semper.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.core.bytes.Hex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files with a secret: that shared with a consensus client, the key of a peer.
class SecretFileTest {
  private static final String DIGITS = "00ff".repeat(16);

  @TempDir private Path folder;

  @Test
  void isMadeOnceForItsOwnerAlone() throws IOException {
    Path file = folder.resolve("new").resolve("jwt.hex");
    byte[] secret = SecretFile.readOrCreate(file);
    assertThat(secret).hasSize(32);
    assertThat(Files.readString(file)).isEqualTo(Hex.encode(secret) + "\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(SecretFile.readOrCreate(file)).isEqualTo(secret);
    assertThat(SecretFile.readOrCreate(folder.resolve("other.hex"))).isNotEqualTo(secret);
  }

  @Test
  void isReadAsOtherClientsWriteIt() throws IOException {
    Path file = folder.resolve("jwt.hex");
    for (String text :
        new String[] {DIGITS, "0x" + DIGITS, DIGITS.toUpperCase(Locale.ROOT) + "\r\n"}) {
      Files.writeString(file, text);
      assertThat(SecretFile.readOrCreate(file)).isEqualTo(Hex.decode(DIGITS));
    }
  }

  @Test
  void isNothingElse() throws IOException {
    Path file = folder.resolve("jwt.hex");
    for (String text :
        new String[] {"", DIGITS + "00", DIGITS.substring(2), "0x", "zz" + DIGITS.substring(2)}) {
      Files.writeString(file, text);
      assertThatThrownBy(() -> SecretFile.readOrCreate(file))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("64 hexadecimal digits");
    }
    Files.write(file, new byte[1 << 20]);
    assertThatThrownBy(() -> SecretFile.readOrCreate(file)).isInstanceOf(IOException.class);
  }
}
