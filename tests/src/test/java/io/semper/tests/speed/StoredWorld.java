package io.semper.tests.speed;

import io.semper.chain.db.LevelDbStore;
import io.semper.chain.importer.Ledger;
import io.semper.chain.importer.Seals;
import io.semper.chain.state.ChainState;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.view.Account;
import io.semper.core.view.StateView;
import io.semper.evm.state.Journal;
import io.semper.genesis.Network;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Instructions that read the state, each time another account or slot, from a database of
/// `semper.accounts` accounts in which no earlier run has read the same.
final class StoredWorld implements AutoCloseable {
  private static final int ACCOUNTS = Integer.getInteger("semper.accounts", 1_000_000);

  /// More than a block can call once each.
  private static final int CONTRACTS = 12_000;

  /// More than a block can touch: 30 million gas at 2,600 each.
  private static final int PER_RUN = 15_000;

  /// Where nobody has an account: what is looked for lies between those that are there.
  private static final Address ABSENT = Address.of(0xFFFFFFFF, -2, 0);

  private static final byte[] LOOP_WHILE_GAS = WorstCases.hex("62030d405a11600557");

  private final Population population = new Population(ACCOUNTS, CONTRACTS);
  private final Network network = population.network();
  private final Path folder;
  private final LevelDbStore store;
  private int next;

  private StoredWorld() throws IOException {
    folder = Files.createTempDirectory("semper-worst-");
    store = LevelDbStore.open(folder.resolve("chain"));
    Ledger.open(store, network, Seals.of(network));
  }

  /// Adds a row for each instruction that is wanted.
  static void measure(Pattern wanted, Map<String, Double> figures) {
    Map<String, Row> rows = rows();
    rows.keySet().removeIf(name -> !wanted.matcher(name).find());
    if (rows.isEmpty()) {
      return;
    }
    try (StoredWorld world = new StoredWorld()) {
      rows.forEach((name, row) ->
          figures.put(name, WorstCases.speed(name, () -> world.run(row))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// @param contract whether accounts with code are meant
  /// @param absent whether those that do not exist are
  /// @param root whether the root of the state is computed afterwards
  private record Row(String body, boolean contract, boolean absent, boolean root) {}

  private static Map<String, Row> rows() {
    Map<String, Row> rows = new TreeMap<>();
    rows.put("BALANCE, stored", new Row("3150", false, false, false));
    rows.put("BALANCE, not stored", new Row("3150", false, true, false));
    rows.put("EXTCODEHASH, stored", new Row("3f50", false, false, false));
    rows.put("EXTCODESIZE, stored 24 KiB", new Row("3b50", true, false, false));
    rows.put("EXTCODECOPY, stored 24 KiB", new Row("60015f5f833c50", true, false, false));
    String call = "5f5f5f5f5f855af15050";
    rows.put("CALL, stored", new Row(call, false, false, false));
    rows.put("CALL, stored 24 KiB", new Row("5f5f5f5f5f856103e8f15050", true, false, false));
    rows.put("CALL with value, stored, root", new Row("5f5f5f5f6001855af15050", false, false, true));
    rows.put("CALL with value, not stored, root", new Row("5f5f5f5f6001855af15050", false, true, true));
    rows.put("SLOAD, stored", new Row("5450", false, false, false));
    rows.put("SLOAD, not stored", new Row("5450", false, true, false));
    rows.put("SSTORE, stored, root", new Row("81905560", false, false, true));
    rows.put("SSTORE to zero, stored, root", new Row("5f9055", false, false, true));
    rows.put("SSTORE, not stored, root", new Row("8155", false, true, true));
    rows.put("CREATE2, root", new Row("505f5f5f5f", false, true, true));
    return rows;
  }

  @Override
  public void close() throws IOException {
    store.close();
    Growth.delete(folder);
  }
}
