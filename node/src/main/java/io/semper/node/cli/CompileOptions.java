package io.semper.node.cli;

import io.semper.compiler.Compilation;
import picocli.CommandLine.Option;

/// Whether contracts are translated for the Java virtual machine.
final class CompileOptions {
  @Option(
      names = "--compile",
      paramLabel = "off|hot|always",
      defaultValue = "HOT",
      description =
          "Which contracts to translate to machine code: none, those that run often (default), or"
              + " all.")
  private Compilation compilation;

  void apply() {
    compilation.start();
  }
}
