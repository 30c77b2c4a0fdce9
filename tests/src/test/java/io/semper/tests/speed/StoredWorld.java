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
import java.nio.ByteBuffer;
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

  private static final String FOR_EVER = "600556";

  /// More than 200,000 gas: what runs out of it would leave no changes.
  private static final String WHILE_GAS_LASTS = "62030d405a1160055700";

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
      rows.forEach((name, row) -> figures.put(name, WorstCases.speed(name, () -> world.run(row))));
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
    rows.put("CALL, stored 24 KiB", new Row("5f5f5f5f5f856103e8f15050", true, false, false));
    String pay = "5f5f5f5f6001855af15050";
    rows.put("CALL with value, stored, root", new Row(pay, false, false, true));
    rows.put("CALL with value, not stored, root", new Row(pay, false, true, true));
    rows.put("SLOAD, stored", new Row("5450", false, false, false));
    rows.put("SLOAD, not stored", new Row("5450", false, true, false));
    rows.put("SSTORE, stored, root", new Row("819055", false, false, true));
    rows.put("SSTORE of zero, stored, root", new Row("5f9055", false, false, true));
    rows.put("SSTORE, not stored, root", new Row("819055", false, true, true));
    rows.put("CREATE2, root", new Row("50805f5f5ff550", false, true, true));
    return rows;
  }

  /// A counter on the stack; with each round of a loop, on top of it, the next address, which is
  /// also the number of its slot in the token.
  private byte[] program(Row row) {
    Address first = row.absent() ? ABSENT : population.account(population.size() - ACCOUNTS);
    int start = row.contract() ? ACCOUNTS - CONTRACTS - 1 : next;
    next = (next + PER_RUN) % Math.max(1, ACCOUNTS - CONTRACTS - PER_RUN);
    ByteArrayOutputStream code = new ByteArrayOutputStream();
    code.write(0x63);
    code.writeBytes(ByteBuffer.allocate(4).putInt(start).array());
    code.writeBytes(WorstCases.hex("5b6001018073"));
    code.writeBytes(first.toBytes());
    code.write(0x01);
    code.writeBytes(WorstCases.hex(row.body()));
    code.writeBytes(WorstCases.hex(row.root() ? WHILE_GAS_LASTS : FOR_EVER));
    return code.toByteArray();
  }

  /// A block with nothing in any cache of the process.
  private long run(Row row) {
    Ledger ledger = Ledger.open(store, network, Seals.of(network));
    ChainState state = ledger.stateAfter(ledger.head());
    Journal journal = new Journal(withCode(state, program(row)));
    long used = WorstCases.run(journal, Population.TOKEN, new byte[0]);
    if (row.root()) {
      journal.endTransaction(true);
      ledger.states().compute(state, journal.diff());
    }
    return used;
  }

  /// The state with another code for the token, and ether.
  private static StateView withCode(StateView state, byte[] code) {
    Hash32 hash = Keccak.hash(code);
    Account token = state.account(Population.TOKEN);
    Account changed = new Account(1, UInt256.of(1L << 60), token.storageRoot(), hash);
    return new StateView() {
      @Override
      public Account account(Address address) {
        return address.equals(Population.TOKEN) ? changed : state.account(address);
      }

      @Override
      public UInt256 storage(Address address, UInt256 slot) {
        return state.storage(address, slot);
      }

      @Override
      public byte[] code(Hash32 wanted) {
        return wanted.equals(hash) ? code : state.code(wanted);
      }

      @Override
      public long[] jumpDestinations(Hash32 wanted) {
        return wanted.equals(hash) ? null : state.jumpDestinations(wanted);
      }
    };
  }

  @Override
  public void close() throws IOException {
    store.close();
    Growth.delete(folder);
  }
}
