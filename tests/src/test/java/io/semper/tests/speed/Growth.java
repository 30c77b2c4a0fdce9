package io.semper.tests.speed;

import io.semper.chain.db.ForwardingStore;
import io.semper.chain.db.KeyValueStore;
import io.semper.chain.db.LevelDbStore;
import io.semper.chain.file.BlockFile;
import io.semper.chain.file.BlockFileWriter;
import io.semper.chain.importer.BlockImporter;
import io.semper.chain.importer.FileImport;
import io.semper.chain.importer.Ledger;
import io.semper.chain.importer.Seals;
import io.semper.chain.producer.BlockBuilder;
import io.semper.compiler.Compilation;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.types.FeeMarketTransaction;
import io.semper.core.types.Header;
import io.semper.core.types.Transaction;
import io.semper.genesis.Network;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/// What a ledger costs as its accounts grow in number. A program, not a test: `Growth [blocks=60]
/// [in=FOLDER] ACCOUNTS...`, as `Growth 10000 100000 1000000`.
///
/// For each number a genesis is written, then blocks are imported whose transactions each touch an
/// account chosen at random: transfers of ether, and of a token in which every account has a
/// balance. The chain is made beforehand on a copy of the genesis, so that the import finds no
/// cache of the process filled; the operating system's own holds as many of the files as it likes.
public final class Growth {
  private static final int TRANSFERS = 400;
  private static final int TOKEN_TRANSFERS = 600;
  private static final UInt256 FEE = UInt256.of(100_000_000_000L);
  private static final String ROW = "%12s %10s %10s %10s %10s %10s %10s %10s %10s%n";

  private final Population population;
  private final Network network;
  private final Random random = new Random(7);
  private final long[] nonces = new long[Population.SENDERS];

  private Growth(int accounts) {
    population = new Population(accounts, 0);
    network = population.network();
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    Compilation.HOT.start();
    int blocks = 60;
    Path folder = Path.of(System.getProperty("java.io.tmpdir"));
    List<Integer> sizes = new ArrayList<>();
    for (String arg : args) {
      if (arg.startsWith("blocks=")) {
        blocks = Integer.parseInt(arg.substring(7));
      } else if (arg.startsWith("in=")) {
        folder = Path.of(arg.substring(3));
      } else {
        sizes.add(Integer.parseInt(arg));
      }
    }
    System.out.printf(
        ROW,
        "accounts",
        "genesis s",
        "cpu s",
        "disk MB",
        "Mgas/s",
        "Mgas/cpu s",
        "reads/blk",
        "us/read",
        "seeks/blk");
    for (int size : sizes) {
      Path own = Files.createTempDirectory(folder, "semper-growth-");
      try {
        new Growth(size).measure(own, size, blocks);
      } finally {
        delete(own);
      }
    }
  }

  private void measure(Path folder, int accounts, int blocks)
      throws IOException, InterruptedException {
    Path genesis = folder.resolve("genesis");
    long start = System.nanoTime();
    long cpu = cpuNanos();
    begin(genesis);
    double genesisSeconds = (System.nanoTime() - start) / 1e9;
    double genesisCpu = (cpuNanos() - cpu) / 1e9;
    double megabytes = bytes(genesis) / 1e6;
    Path copy = folder.resolve("copy");
    link(genesis, copy);
    Path file = folder.resolve("chain.rlp");
    make(copy, file, blocks);
    delete(copy);
    try (CountingStore store = new CountingStore(LevelDbStore.open(genesis))) {
      Ledger ledger = Ledger.open(store, network, Seals.of(network));
      start = System.nanoTime();
      cpu = cpuNanos();
      store.reset();
      long gas = importAll(file, ledger);
      double seconds = (System.nanoTime() - start) / 1e9;
      double cpuSeconds = (cpuNanos() - cpu) / 1e9;
      System.out.printf(
          ROW,
          accounts,
          one(genesisSeconds),
          one(genesisCpu),
          one(megabytes),
          one(gas / 1e6 / seconds),
          one(gas / 1e6 / cpuSeconds),
          store.gets.sum() / blocks,
          one(store.nanos.sum() / 1e3 / Math.max(1, store.gets.sum())),
          store.seeks.sum() / blocks);
    }
  }

  static String one(double value) {
    return String.format("%.1f", value);
  }

  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private void begin(Path folder) {
    try (LevelDbStore store = LevelDbStore.open(folder)) {
      Ledger.open(store, network, Seals.of(network));
    }
  }

  /// Makes the blocks on a ledger of its own.
  private void make(Path folder, Path file, int blocks) throws IOException {
    try (LevelDbStore store = LevelDbStore.open(folder);
        BlockFileWriter out = BlockFileWriter.create(file)) {
      Ledger ledger = Ledger.open(store, network, Seals.of(network));
      BlockBuilder builder =
          new BlockBuilder(network, ledger.headerRules(), ledger, ledger::rootAfter);
      for (int i = 0; i < blocks; i++) {
        Header parent = ledger.head();
        BlockBuilder.Attributes attributes =
            new BlockBuilder.Attributes(
                parent.timestamp() + 12,
                Address.of(0xC0),
                Hash32.ZERO,
                Hash32.ZERO,
                List.of(),
                Population.GAS_LIMIT,
                new byte[0],
                null);
        switch (builder.buildExactly(parent, attributes, transactions())) {
          case BlockBuilder.Built built -> {
            ledger.importBuilt(built.block(), built.receipts(), built.diff());
            out.write(built.block());
          }
          case BlockBuilder.Refused refused ->
              throw new IllegalStateException(refused.reason().toString());
        }
      }
    }
  }

  private List<Transaction> transactions() {
    List<Transaction> transactions = new ArrayList<>();
    for (int i = 0; i < TRANSFERS + TOKEN_TRANSFERS; i++) {
      Address to = population.account(random.nextInt(population.size()));
      transactions.add(
          i < TRANSFERS ? sign(i, to, UInt256.ONE, new byte[0], 21_000) : tokens(i, to));
    }
    return transactions;
  }

  private Transaction tokens(int i, Address to) {
    byte[] data = new byte[64];
    to.writeTo(data, 12);
    data[63] = 1;
    return sign(i, Population.TOKEN, UInt256.ZERO, data, 60_000);
  }

  private Transaction sign(int i, Address to, UInt256 value, byte[] data, long gas) {
    int sender = i % Population.SENDERS;
    FeeMarketTransaction unsigned =
        new FeeMarketTransaction(
            network.chainId(),
            nonces[sender]++,
            UInt256.ONE,
            FEE,
            gas,
            to,
            value,
            data,
            List.of(),
            null);
    return unsigned.withSignature(Secp256k1.sign(unsigned.signingHash(), population.key(sender)));
  }

  private static long importAll(Path path, Ledger ledger) throws IOException, InterruptedException {
    AtomicLong gas = new AtomicLong();
    try (BlockImporter importer = new BlockImporter(ledger);
        BlockFile file = BlockFile.open(path)) {
      FileImport.Report report =
          FileImport.run(
              file, importer, (result, position) -> gas.addAndGet(ledger.head().gasUsed()));
      if (report.refusal().isPresent()) {
        throw new IllegalStateException(report.refusal().get());
      }
    }
    return gas.get();
  }

  // ---- Folders

  /// The tables of a database never change: they need no second place on the disk.
  static void link(Path from, Path to) throws IOException {
    Files.createDirectory(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path target = to.resolve(file.getFileName());
        String name = file.getFileName().toString();
        if (name.endsWith(".sst") || name.endsWith(".ldb")) {
          Files.createLink(target, file);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  private static long bytes(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /// Counts what is read of a store.
  private static final class CountingStore extends ForwardingStore {
    final LongAdder gets = new LongAdder();
    final LongAdder nanos = new LongAdder();
    final LongAdder seeks = new LongAdder();

    CountingStore(KeyValueStore store) {
      super(store);
    }

    void reset() {
      gets.reset();
      nanos.reset();
      seeks.reset();
    }

    @Override
    public byte[] get(byte[] key) {
      long start = System.nanoTime();
      byte[] value = store.get(key);
      nanos.add(System.nanoTime() - start);
      gets.increment();
      return value;
    }

    @Override
    public Cursor cursor() {
      seeks.increment();
      return store.cursor();
    }
  }
}
