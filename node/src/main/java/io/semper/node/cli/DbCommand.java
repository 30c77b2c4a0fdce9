package io.semper.node.cli;

import io.semper.chain.db.LevelDbStore;
import io.semper.chain.importer.Ledger;
import io.semper.chain.importer.Seals;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Header;
import io.semper.genesis.Network;
import io.semper.node.config.Backup;
import io.semper.node.config.DataDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `semper db`: what the database holds, and whether it is sound.
@Command(
    name = "db",
    description = "Look at the database of a node that does not run.",
    subcommands = {
      DbCommand.Stats.class,
      DbCommand.Verify.class,
      DbCommand.Write.class,
      DbCommand.Restore.class
    },
    synopsisSubcommandLabel = "COMMAND")
final class DbCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /// Which database.
  static final class DatabaseOptions {
    @Mixin private NetworkOptions networks;
    @Mixin private LogOptions log;

    @Option(
        names = "--data-dir",
        paramLabel = "DIR",
        required = true,
        description = "Where the chain is kept.")
    private Path dataDir;

    LevelDbStore open() {
      log.apply();
      return open(new DataDirectory(dataDir));
    }

    static LevelDbStore open(DataDirectory directory) {
      if (!Files.isDirectory(directory.chain())) {
        throw new Failure(directory + " holds no chain");
      }
      return LevelDbStore.open(directory.chain());
    }

    Ledger ledger(LevelDbStore store) throws IOException {
      return ledger(store, new DataDirectory(dataDir));
    }

    Ledger ledger(LevelDbStore store, DataDirectory directory) throws IOException {
      Network network = networks.choose(directory).network();
      return Ledger.open(store, network, Seals.of(network));
    }
  }

  /// `semper db stats`.
  @Command(name = "stats", description = "Show head, kept history and sizes.")
  static final class Stats implements Callable<Integer> {
    @Mixin private DatabaseOptions database;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      try (LevelDbStore store = database.open()) {
        Ledger ledger = database.ledger(store);
        Header head = ledger.head();
        PrintWriter out = spec.commandLine().getOut();
        out.println("network        " + ledger.network().name() + ", chain id " + ledger.chainId());
        out.println("genesis        " + ledger.network().genesisHash());
        out.println("head           " + head.number() + " " + head.hash());
        out.println("state root     " + head.stateRoot());
        out.println("oldest state   block " + ledger.oldestState());
        out.println("size on disk   " + store.approximateBytes() + " bytes");
        out.println("engine         " + store.statistics());
        out.flush();
      }
      return 0;
    }
  }

  /// `semper db verify`.
  @Command(
      name = "verify",
      description =
          "Compute the state root from every account and slot, compare it to the head's; check all code.")
  static final class Verify implements Callable<Integer> {
    @Mixin private DatabaseOptions database;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      try (LevelDbStore store = database.open()) {
        Header head = verify(database.ledger(store));
        PrintWriter out = spec.commandLine().getOut();
        out.println("sound: blocks 0 to " + head.number() + ", state root " + head.stateRoot());
        out.flush();
      }
      return 0;
    }
  }

  /// The head of a ledger whose headers follow each other and whose state is what the head says.
  private static Header verify(Ledger ledger) {
    Header head = ledger.head();
    for (Header at = head; at.number() > 0; ) {
      Header child = at;
      at =
          ledger
              .header(child.number() - 1)
              .filter(parent -> parent.hash().equals(child.parentHash()))
              .orElseThrow(
                  () -> new Failure("block " + child.number() + " has not its parent below"));
      if (Thread.interrupted()) {
        throw new Failure("stopped before the end");
      }
    }
    Hash32 root = ledger.states().recomputeRoot();
    if (!root.equals(head.stateRoot())) {
      throw new Failure(
          "state of block "
              + head.number()
              + " has root "
              + root
              + ", its header says "
              + head.stateRoot());
    }
    return head;
  }

  private static String line(Header head) {
    return "block " + head.number() + " " + head.hash();
  }

  /// `semper db backup`.
  @Command(name = "backup", description = "Copy the chain, with the hash of every file.")
  static final class Write implements Callable<Integer> {
    @Mixin private DatabaseOptions database;

    @Option(names = "--to", paramLabel = "DIR", required = true, description = "An empty folder.")
    private Path folder;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      String head;
      try (LevelDbStore store = database.open()) {
        head = line(database.ledger(store).head());
        DataDirectory directory = new DataDirectory(database.dataDir);
        store.closeThen(() -> new Backup(folder).write(directory, head));
      }
      spec.commandLine().getOut().println("written: " + head);
      spec.commandLine().getOut().flush();
      return 0;
    }
  }

  /// `semper db restore`.
  @Command(
      name = "restore",
      description = {
        "Put a backup into a directory without a chain, and verify it whole.",
        "A validator signs again once the network is past what it may have signed."
      })
  static final class Restore implements Callable<Integer> {
    @Mixin private DatabaseOptions database;

    @Option(
        names = "--from",
        paramLabel = "DIR",
        required = true,
        description = "What `db backup` has written.")
    private Path folder;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      database.log.apply();
      Backup backup = new Backup(folder);
      backup.restore(new DataDirectory(database.dataDir), this::verifyCopy);
      spec.commandLine().getOut().println("restored and sound: " + backup.head());
      spec.commandLine().getOut().flush();
      return 0;
    }

    private void verifyCopy(DataDirectory copy) throws IOException {
      String expected = new Backup(folder).head();
      try (LevelDbStore store = DatabaseOptions.open(copy)) {
        String head = line(verify(database.ledger(store, copy)));
        if (!head.equals(expected)) {
          throw new Failure("the backup was of " + expected + ", what it holds is " + head);
        }
      }
    }
  }
}
