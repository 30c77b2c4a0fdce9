package io.semper.node;

import io.semper.core.bytes.Hex;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// What this build calls itself.
public final class Version {
  private Version() {}

  /// Such as `0.1.0`.
  public static String number() {
    String packaged = Version.class.getPackage().getImplementationVersion();
    return packaged == null ? "unpackaged" : packaged.replace("-SNAPSHOT", "");
  }

  /// First four bytes of the commit this was built from; zeros where the build did not know it.
  public static byte[] commit() {
    try (InputStream in = Version.class.getResourceAsStream("commit")) {
      String text = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      return text.strip().matches("[0-9a-f]{8,40}")
          ? Hex.decode(text.strip().substring(0, 8))
          : new byte[4];
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// As other clients name themselves: `Semper/v0.1.0/linux-amd64/java25`.
  public static String client() {
    return "Semper/v" + number() + "/" + platform() + "/java" + Runtime.version().feature();
  }

  private static String platform() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT).replace(" ", "");
    return system + "-" + System.getProperty("os.arch");
  }
}
