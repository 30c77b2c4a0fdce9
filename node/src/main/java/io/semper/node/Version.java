package io.semper.node;

import java.util.Locale;

/// What this build calls itself.
public final class Version {
  private Version() {}

  /// Such as `0.1.0`.
  public static String number() {
    String packaged = Version.class.getPackage().getImplementationVersion();
    return packaged == null ? "unpackaged" : packaged.replace("-SNAPSHOT", "");
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
