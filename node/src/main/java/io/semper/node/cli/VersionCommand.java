package io.semper.node.cli;

import io.semper.node.Version;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `semper version`.
@Command(name = "version", description = "Show the version of Semper and of the Java it runs on.")
final class VersionCommand implements Runnable, IVersionProvider {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    spec.root().commandLine().printVersionHelp(spec.commandLine().getOut());
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "Semper " + Version.number(),
      "Java   " + Runtime.version() + ", " + System.getProperty("java.vm.name"),
      "System " + System.getProperty("os.name") + " " + System.getProperty("os.arch"),
    };
  }
}
