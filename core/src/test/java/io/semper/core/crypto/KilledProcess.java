package io.semper.core.crypto;

import java.io.IOException;
import java.nio.file.Path;

/// A process that loads a native library and ends without any clean-up, as a killed one does.
final class KilledProcess {
  private KilledProcess() {}

  /// @param main halts in the end
  /// @param temporary its temporary folder
  /// @return its exit code
  static int run(Class<?> main, Path temporary) throws IOException, InterruptedException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-Djava.io.tmpdir=" + temporary,
            "-cp",
            System.getProperty("java.class.path"),
            main.getName())
        .inheritIO()
        .start()
        .waitFor();
  }
}
