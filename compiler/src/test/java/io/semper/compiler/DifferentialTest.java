package io.semper.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.fork.Fork;
import io.semper.core.types.Log;
import io.semper.core.view.Account;
import io.semper.core.view.StateView;
import io.semper.evm.BlockEnv;
import io.semper.evm.Halt;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.machine.Machine;
import io.semper.evm.machine.Regions;
import io.semper.evm.machine.Translator;
import io.semper.evm.state.Code;
import io.semper.evm.state.Journal;
import io.semper.evm.trace.Tracer;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Translated against interpreted: results, gas, output, logs and state of random programs, each
/// with gas that runs out at one instruction after the other. What the programs come to is counted
/// and printed ([Reached]).
///
/// `semper.programs` is how many, 100,000 for a full run; `semper.seed` which.
class DifferentialTest {
  private static final int PROGRAMS = Integer.getInteger("semper.programs", 150);
  private static final long SEED = Long.getLong("semper.seed", 1);
  private static final int CONTRACTS = 3;
  private static final long MAX_GAS = 120_000;

  /// Runs of one program whose gas ends somewhere in it.
  private static final int CUTS = 40;

  /// One program in so many has its gas end at every instruction, and what ended there counted.
  private static final int THOROUGH = Math.max(10, PROGRAMS / 2_000);

  /// As many programs reach everything there is to be reached.
  private static final int ENOUGH = 5_000;

  private static final Address CALLER = Address.of(0x77);
  private static final Fork[] FORKS = {
    Fork.OSAKA, Fork.OSAKA, Fork.CANCUN, Fork.LONDON, Fork.ISTANBUL, Fork.BYZANTIUM, Fork.FRONTIER
  };

  private final Translating translator = new Translating();
  private static final BigInteger UNSIGNED_LONG =
      BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

  private final Reached reached = new Reached();

  /// Contracts at 0x1000 and up.
  record World(List<byte[]> codes, byte[] input, Fork fork) {}

  /// Everything that can be seen of an execution.
  record Seen(
      Halt halt, long gasLeft, String output, List<String> logs, long refund, String state) {}

  /// Translates all code, and forgets it once its program was compared: the classes of 100,000
  /// programs would fill any memory.
  private static final class Translating implements Translator {
    private final Translator every = new EveryCode();
    private final Set<Code> met = new HashSet<>();

    @Override
    public int interval() {
      return every.interval();
    }

    @Override
    public void seen(Code code, ForkRules rules, int pc) {
      met.add(code);
      every.seen(code, rules, pc);
    }

    /// Whether any translated code ran since this was last asked.
    boolean ran() {
      boolean ran = false;
      for (Code code : met) {
        ran |= code.derived() instanceof Regions regions && regions.takeUsed();
      }
      return ran;
    }

    void forget() {
      met.forEach(code -> code.derive(null));
      met.clear();
    }
  }

  @AfterEach
  void interpretAgain() {
    Translator.install(null);
  }

  @Test
  void translatedProgramsDoWhatInterpretedOnesDo() {
    for (int i = 0; i < PROGRAMS; i++) {
      Random random = new Random(SEED * 1_000_003 + i);
      World world = world(random);
      Seen whole = compare(world, MAX_GAS, i, true);
      boolean thorough = i % THOROUGH == 0;
      for (long gas : cuts(MAX_GAS - whole.gasLeft(), random, thorough)) {
        compare(world, gas, i, thorough);
      }
      translator.forget();
    }
    System.out.print(reached.table());
    assertThat(reached.endedRegularly()).as("programs").isGreaterThan(PROGRAMS / 4);
    assertThat(reached.ranOutOfGas()).as("executions").isGreaterThan(10L * PROGRAMS);
    assertThat(reached.translatedRuns()).isGreaterThan(reached.runs() / 2);
    assertThat(reached.ranOutOfGasInside()).as("in inner frames").isGreaterThan(PROGRAMS);
    if (PROGRAMS >= ENOUGH) {
      assertThat(reached.missing()).as("never reached").isEmpty();
    }
  }

  /// Of words whose offset or end does not fit 31, 32 or 63 bits, in memory that is empty yet.
  @ParameterizedTest
  @ValueSource(
      longs = {
        0x7FFFFFE0L,
        0x7FFFFFFFL,
        0xFFFFFFE0L,
        0xFFFFFFFFL,
        1L << 32,
        Long.MAX_VALUE - 32,
        Long.MAX_VALUE - 31,
        Long.MAX_VALUE - 30,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -32,
        -1
      })
  void offsetsThatNoMemoryReaches(long offset) {
    String word = "%064x".formatted(BigInteger.valueOf(offset).and(UNSIGNED_LONG));
    for (String known : List.of("7F" + word, "5F35")) {
      for (String access : List.of("51", "52", "53")) {
        byte[] code = Hex.decode(known + "80" + access + "00");
        World world = new World(List.of(code), Hex.decode(word), Fork.OSAKA);
        assertThat(compare(world, MAX_GAS, 0, false).halt()).isEqualTo(Halt.OUT_OF_GAS);
      }
    }
    assertThat(reached.translatedRuns()).isEqualTo(reached.runs());
  }

  static World world(Random random) {
    Fork fork = FORKS[random.nextInt(FORKS.length)];
    List<byte[]> codes = new ArrayList<>();
    for (int i = 0; i < CONTRACTS; i++) {
      codes.add(Programs.random(random, CONTRACTS, fork));
    }
    byte[] input = new byte[random.nextInt(100)];
    random.nextBytes(input);
    return new World(codes, input, fork);
  }

  /// Gas that is just enough, or just not, for one of the instructions the whole program ran; now
  /// and then any amount.
  private List<Long> cuts(long used, Random random, boolean thorough) {
    long[] points = reached.points();
    List<Long> cuts = new ArrayList<>();
    if (thorough) {
      for (long point : points) {
        cuts.add(point);
        cuts.add(Math.max(0, point - 1));
      }
      return cuts;
    }
    for (int i = 0; i < CUTS; i++) {
      boolean anywhere = points.length == 0 || i % 4 == 3;
      long gas = anywhere ? random.nextLong(used + 1) : points[random.nextInt(points.length)];
      cuts.add(Math.max(0, gas - i % 2));
    }
    return cuts;
  }

  private Seen compare(World world, long gas, int program, boolean traced) {
    Translator.install(null);
    Seen interpreted = run(world, gas, null);
    Translator.install(translator);
    Seen translated = run(world, gas, null);
    String name =
        String.format(
            "program %d, %d gas, %s, code %s",
            program, gas, world.fork(), world.codes().stream().map(Hex::encode).toList());
    assertThat(translated).as(name).isEqualTo(interpreted);
    reached.ran(translated.halt(), gas == MAX_GAS, translator.ran());
    if (traced) {
      reached.begin(gas);
      assertThat(run(world, gas, reached)).as(name).isEqualTo(interpreted);
    }
    return translated;
  }

  private static String text(Log log) {
    return log.address() + " " + log.topics() + " " + Hex.encode(log.data());
  }

  static Seen run(World world, long gas) {
    return run(world, gas, null);
  }

  private static Seen run(World world, long gas, Tracer tracer) {
    Map<Address, byte[]> codes = new HashMap<>();
    Map<Hash32, byte[]> byHash = new HashMap<>();
    for (int i = 0; i < world.codes().size(); i++) {
      codes.put(Address.of(0x1000 + i), world.codes().get(i));
      byHash.put(Keccak.hash(world.codes().get(i)), world.codes().get(i));
    }
    StateView state =
        new StateView() {
          @Override
          public Account account(Address address) {
            byte[] code = codes.get(address);
            return code == null
                ? null
                : new Account(1, UInt256.of(5), Account.EMPTY_ROOT, Keccak.hash(code));
          }

          @Override
          public UInt256 storage(Address address, UInt256 slot) {
            return slot.equals(UInt256.ONE) ? UInt256.of(7) : UInt256.ZERO;
          }

          @Override
          public byte[] code(Hash32 hash) {
            return byHash.get(hash);
          }
        };
    BlockEnv env =
        new BlockEnv(
            UInt256.of(31337),
            Address.of(0xC0),
            1_000,
            1_700_000_000,
            30_000_000,
            UInt256.of(0x20000),
            Keccak.EMPTY,
            UInt256.of(7),
            UInt256.ONE,
            number -> Hash32.ZERO);
    Journal journal = new Journal(state);
    Machine machine = new Machine(journal, env, ForkRules.of(world.fork()), tracer);
    machine.begin(CALLER, UInt256.of(9), List.of());
    Machine.Result result =
        machine.call(CALLER, Address.of(0x1000), UInt256.ZERO, world.input(), gas);
    List<String> logs = journal.logs().stream().map(DifferentialTest::text).toList();
    long refund = journal.refund();
    journal.endTransaction(true);
    Map<String, String> changed = new TreeMap<>();
    journal
        .diff()
        .accounts()
        .forEach((address, diff) ->
            changed.put(
                address.toString(),
                diff.nonce()
                    + " "
                    + diff.balance()
                    + " "
                    + diff.codeHash()
                    + " "
                    + new TreeMap<>(diff.storage())));
    return new Seen(
        result.halt(),
        result.gasLeft(),
        Hex.encode(result.output()),
        logs,
        refund,
        changed.toString());
  }
}
