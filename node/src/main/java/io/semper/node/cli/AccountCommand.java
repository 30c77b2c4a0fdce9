package io.semper.node.cli;

import io.semper.core.crypto.ChecksumAddress;
import io.semper.node.account.Keystore;
import io.semper.node.config.DataDirectory;
import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `semper account`: encrypted private keys. Passwords and keys never stand on a command line,
/// where other users of the machine could read them.
@Command(
    name = "account",
    description = "Make, import and list accounts with encrypted keys.",
    subcommands = {
      AccountCommand.NewAccount.class,
      AccountCommand.ImportAccount.class,
      AccountCommand.ListAccounts.class,
    },
    synopsisSubcommandLabel = "COMMAND")
final class AccountCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /// Where the keys are.
  static final class KeystoreOptions {
    @Option(
        names = "--data-dir",
        paramLabel = "DIR",
        description = "Data directory whose keystore is meant.")
    private Path dataDir;

    @Option(
        names = "--keystore",
        paramLabel = "DIR",
        description = "Folder of key files, where it is not the data directory's.")
    private Path keystore;

    Keystore open() {
      if (keystore != null) {
        return new Keystore(keystore);
      }
      if (dataDir == null) {
        throw new Failure("say where the keys are: --data-dir DIR or --keystore DIR");
      }
      return new Keystore(new DataDirectory(dataDir).keystore());
    }
  }

  /// Where the password comes from.
  static final class PasswordOptions {
    @Option(
        names = "--password-file",
        paramLabel = "FILE",
        description = "Take the password from the first line of this file instead of asking.")
    private Path file;

    String read(String prompt, boolean confirm) throws IOException {
      String password = file != null ? firstLine() : ask(prompt, confirm);
      if (password.isEmpty()) {
        throw new Failure("the password is empty");
      }
      return password;
    }

    private String firstLine() throws IOException {
      return Files.readString(file).lines().findFirst().orElse("");
    }

    private static String ask(String prompt, boolean confirm) {
      Console console = System.console();
      if (!console.isTerminal()) {
        throw new Failure("no terminal to ask for the password: use --password-file FILE");
      }
      char[] password = console.readPassword("%s: ", prompt);
      if (password == null) {
        throw new Failure("no password given");
      }
      if (confirm && !Arrays.equals(password, console.readPassword("Repeat it: "))) {
        throw new Failure("the passwords differ");
      }
      return new String(password);
    }
  }

  /// `semper account new`.
  @Command(name = "new", description = "Make a key and store it encrypted.")
  static final class NewAccount implements Callable<Integer> {
    @Mixin private KeystoreOptions keystore;
    @Mixin private PasswordOptions password;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      Keystore keys = keystore.open();
      try {
        print(spec, keys.create(password.read("Password for the new account", true)));
      } catch (Keystore.KeyException e) {
        throw new Failure(e.getMessage());
      }
      return 0;
    }
  }

  /// `semper account import`.
  @Command(
      name = "import",
      description = "Store a key from a file: 64 hexadecimal digits, or an encrypted key file.")
  static final class ImportAccount implements Callable<Integer> {
    @Mixin private KeystoreOptions keystore;
    @Mixin private PasswordOptions password;
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "The key.")
    private Path file;

    @Override
    public Integer call() throws IOException {
      Keystore keys = keystore.open();
      try {
        if (isKeyFile()) {
          String its = password.read("Password of " + file, false);
          print(spec, keys.store(Keystore.open(file, its), its));
        } else {
          byte[] key = Keystore.readPlain(file);
          print(spec, keys.store(key, password.read("Password for this account", true)));
        }
      } catch (Keystore.KeyException e) {
        throw new Failure(e.getMessage());
      }
      return 0;
    }

    private boolean isKeyFile() throws IOException {
      try (var in = Files.newInputStream(file)) {
        return in.read() == '{';
      }
    }
  }

  /// `semper account list`.
  @Command(name = "list", description = "List accounts and their key files.")
  static final class ListAccounts implements Callable<Integer> {
    @Mixin private KeystoreOptions keystore;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      for (Keystore.Entry entry : keystore.open().list()) {
        print(spec, entry);
      }
      return 0;
    }
  }

  private static void print(CommandSpec spec, Keystore.Entry entry) {
    spec.commandLine()
        .getOut()
        .println(ChecksumAddress.format(entry.address()) + "  " + entry.file());
    spec.commandLine().getOut().flush();
  }
}
