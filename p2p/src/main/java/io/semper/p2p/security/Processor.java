package io.semper.p2p.security;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What the processor can do.
final class Processor {
  /// Whether it multiplies 52-bit integers in vectors of 512 bits, for which libcrypto is written.
  static final boolean HAS_IFMA = flags().contains(" avx512ifma");

  private Processor() {}

  private static String flags() {
    try {
      return Files.readString(Path.of("/proc/cpuinfo"));
    } catch (IOException notLinux) {
      return "";
    }
  }
}
