package io.semper.node.cli;

import io.semper.node.Version;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `semper version`.
@Command(name = "version", description = "Show the version of Semper and of the Java it runs on.")
final class VersionCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    out.println("Semper " + Version.number());
    out.println("Java   " + Runtime.version() + ", " + System.getProperty("java.vm.name"));
    out.println("System " + System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    out.flush();
  }
}
