package io.semper.tests.speed;

import io.semper.node.config.DataDirectory;
import io.semper.node.config.NetworkFile;
import io.semper.p2p.identity.Multiaddr;
import io.semper.tests.process.SemperProcess;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// What it costs a new node to take a chain over from others, beside importing the same blocks from
/// a file. A program, not a test: `SyncSpeed [servers=1] [rounds=3] [in=FOLDER] GENESIS FILE`.
///
/// In each round the file is imported by `semper import`; then nodes serve copies of the result and
/// one that has nothing syncs the whole from them, over TCP on this machine. Both are whole
/// processes: from the start of the command to its end, and to the last block. What the servers
/// spend, the one that syncs cannot have where processors are few: it stands beside.
///
/// To be run with `-Dsemper.launcher=semper`, the launcher that operators use: without it processes
/// do with the quick compiler alone.
public final class SyncSpeed {
  private static final Duration MAX_SYNC = Duration.ofMinutes(30);

  /// How often a node is asked for its head: each question costs it processor time.
  private static final long LOOK_MILLIS = 100;

  /// What a process spends after it was last looked at is not known.
  private static final long LAST_LOOK_MILLIS = 10;

  private static final String ROW = "%-8s %10s %10s %14s %12s %12s %8s%n";

  private final Path folder;
  private final String genesis;
  private final String file;
  private final int servers;

  /// What a command took.
  ///
  /// @param serverCpu of all servers together
  private record Cost(double seconds, double cpu, double serverCpu) {}

  private SyncSpeed(Path folder, String genesis, String file, int servers) {
    this.folder = folder;
    this.genesis = genesis;
    this.file = file;
    this.servers = servers;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    int servers = 1;
    int rounds = 3;
    Path in = Path.of(System.getProperty("java.io.tmpdir"));
    List<String> files = new ArrayList<>();
    for (String arg : args) {
      if (arg.startsWith("servers=")) {
        servers = Integer.parseInt(arg.substring(8));
      } else if (arg.startsWith("rounds=")) {
        rounds = Integer.parseInt(arg.substring(7));
      } else if (arg.startsWith("in=")) {
        in = Path.of(arg.substring(3));
      } else {
        files.add(arg);
      }
    }
    if (files.size() != 2) {
      throw new IllegalArgumentException(
          "SyncSpeed [servers=1] [rounds=3] [in=FOLDER] GENESIS FILE");
    }
    System.out.printf(
        ROW, "", "wall s", "cpu s", "servers cpu s", "wall ratio", "cpu ratio", "load");
    for (int round = 0; round < rounds; round++) {
      Path own = Files.createTempDirectory(in, "semper-sync-");
      try {
        new SyncSpeed(own, files.get(0), files.get(1), servers).measure();
      } finally {
        Growth.delete(own);
      }
    }
  }

  private void measure() throws IOException, InterruptedException {
    Path source = folder.resolve("import");
    Path log = folder.resolve("import.log");
    Cost imported = importFile(source, log);
    print("import", imported, imported);
    String[] head = lastLine(log).split(" ");
    List<SemperProcess> nodes = new ArrayList<>();
    try {
      List<Path> copies = new ArrayList<>();
      for (int i = 0; i < servers; i++) {
        Path copy = folder.resolve("server" + i);
        Growth.link(source, copy);
        Growth.link(new DataDirectory(source).chain(), new DataDirectory(copy).chain());
        copies.add(copy);
        nodes.add(node(List.of("--data-dir", copy.toString(), "--p2p-port", "0")));
      }
      Cost synced = sync(nodes, copies, Long.parseLong(head[1]), head[2]);
      print("sync", synced, imported);
    } finally {
      nodes.forEach(SemperProcess::close);
    }
  }

  private Cost importFile(Path target, Path log) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(SemperProcess.program());
    command.addAll(List.of("import", "--data-dir", target.toString(), "--genesis", genesis, file));
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    double cpu = 0;
    while (process.isAlive()) {
      cpu = Math.max(cpu, cpuSeconds(process.toHandle()));
      process.waitFor(LAST_LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }
    double seconds = secondsSince(start);
    if (process.exitValue() != 0) {
      throw new IllegalStateException(Files.readString(log));
    }
    return new Cost(seconds, cpu, 0);
  }

  private Cost sync(List<SemperProcess> serving, List<Path> directories, long head, String hash)
      throws IOException, InterruptedException {
    List<Multiaddr> bootnodes = new ArrayList<>();
    for (Path directory : directories) {
      Path networkFile = new DataDirectory(directory).networkFile();
      bootnodes.addAll(NetworkFile.read(networkFile).bootnodes());
    }
    double before = cpuSeconds(serving);
    long start = System.nanoTime();
    try (SemperProcess fresh =
        node(
            List.of(
                "--data-dir",
                folder.resolve("fresh").toString(),
                "--genesis",
                genesis,
                "--bootnodes",
                bootnodes.stream().map(Multiaddr::toString).collect(Collectors.joining(","))))) {
      while (fresh.blockNumber() < head) {
        if (secondsSince(start) > MAX_SYNC.toSeconds()) {
          throw new IllegalStateException("not synced in time:\n" + fresh.output());
        }
        Thread.sleep(LOOK_MILLIS);
      }
      Cost cost =
          new Cost(secondsSince(start), cpuSeconds(List.of(fresh)), cpuSeconds(serving) - before);
      String last = "[\"0x" + Long.toHexString(head) + "\", false]";
      String synced = fresh.call("eth_getBlockByNumber", last).get("hash").asText();
      if (!synced.equals(hash)) {
        throw new IllegalStateException("synced to " + synced + " instead of " + hash);
      }
      return cost;
    }
  }

  private static SemperProcess node(List<String> options) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("node", "--port", "0"));
    arguments.addAll(options);
    return SemperProcess.start(arguments);
  }

  private static String lastLine(Path log) throws IOException {
    return Files.readAllLines(log).getLast();
  }

  private static double secondsSince(long startNanos) {
    return (System.nanoTime() - startNanos) / 1e9;
  }

  private static double cpuSeconds(List<SemperProcess> processes) {
    return processes.stream()
        .map(process -> ProcessHandle.of(process.pid()))
        .flatMap(Optional::stream)
        .mapToDouble(SyncSpeed::cpuSeconds)
        .sum();
  }

  /// Until now; 0 of a process that has ended.
  private static double cpuSeconds(ProcessHandle process) {
    return process.info().totalCpuDuration().map(cpu -> cpu.toMillis() / 1e3).orElse(0.0);
  }

  private static void print(String what, Cost cost, Cost compared) {
    System.out.printf(
        ROW,
        what,
        Growth.one(cost.seconds()),
        Growth.one(cost.cpu()),
        Growth.one(cost.serverCpu()),
        String.format("%.2f", cost.seconds() / compared.seconds()),
        String.format("%.2f", cost.cpu() / compared.cpu()),
        Growth.one(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
  }
}
