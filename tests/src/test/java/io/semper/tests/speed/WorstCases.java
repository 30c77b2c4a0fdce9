package io.semper.tests.speed;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.compiler.Compilation;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.fixtures.Fixtures;
import io.semper.core.fork.Fork;
import io.semper.core.view.Account;
import io.semper.core.view.StateView;
import io.semper.evm.BlockEnv;
import io.semper.evm.Halt;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.machine.Machine;
import io.semper.evm.machine.OpTable;
import io.semper.evm.precompile.Precompile;
import io.semper.evm.precompile.Precompiles;
import io.semper.evm.state.Journal;
import io.semper.genesis.Network;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/// Each instruction and each precompiled contract driven until 30 million gas are gone, at Osaka's
/// prices, and how many million gas that is a second of processor time. A program, not a test:
/// `WorstCases [off|hot|always] [REGEX]`.
///
/// An instruction stands in a loop with its operands copied before it, chosen to make it work
/// hardest. What it reads of the state is in memory, so that its row tells bookkeeping; rows that
/// say `stored` read accounts, slots and code from a database for the first time, those with a
/// `root` take up computing it. Of a contract's published vectors the slowest counts.
public final class WorstCases {
  private static final long GAS = 30_000_000;
  private static final long WARM_UP_NANOS = 250_000_000;
  private static final int RUNS = 2;

  /// Processor time for a first look at a vector.
  private static final long SCREENING_NANOS = 6_000_000;

  /// Vectors of a contract that are measured after the first look.
  private static final int SLOWEST = 3;

  private static final int MAX_CODE_BYTES = 12_000;
  private static final Address CALLER = Address.of(0x77);
  private static final Address DRIVER = Address.of(0x1000);
  private static final Address EMPTY = Address.of(0x2000);
  private static final ForkRules RULES = ForkRules.of(Fork.OSAKA);
  private static final ThreadMXBean CLOCK = ManagementFactory.getThreadMXBean();

  private static final UInt256 ZERO = UInt256.ZERO;
  private static final UInt256 ALL = UInt256.ZERO.minus(UInt256.ONE);
  private static final UInt256 WIDE =
      UInt256.ofHex("0xfedcba98765432100123456789abcdeffedcba98765432100123456789abcdef");

  /// A divisor of three limbs: the longest division.
  private static final UInt256 THREE_LIMBS =
      UInt256.ofHex("0x8000000000000001fedcba98765432100123456789abcdef");

  private record Figure(String name, double mgasPerSecond) {}

  private WorstCases() {}

  public static void main(String[] args) {
    Compilation.valueOf(args.length > 0 ? args[0].toUpperCase(Locale.ROOT) : "OFF").start();
    Pattern wanted = Pattern.compile(args.length > 1 ? args[1] : "");
    Map<String, Double> figures = new TreeMap<>();
    programs()
        .forEach((name, code) -> {
          if (wanted.matcher(name).find()) {
            figures.put(name, speed(name, code, new byte[0]));
          }
        });
    contracts(wanted, figures);
    StoredWorld.measure(wanted, figures);
    figures.entrySet().stream()
        .map(entry -> new Figure(entry.getKey(), entry.getValue()))
        .sorted(Comparator.comparingDouble(Figure::mgasPerSecond))
        .forEach(figure ->
            System.out.printf("%-36s %9.1f Mgas/s%n", figure.name(), figure.mgasPerSecond()));
  }

  private static Map<String, byte[]> programs() {
    Map<String, byte[]> programs = new TreeMap<>();
    for (int code = 0; code < 256; code++) {
      OpTable.Row row = OpTable.row(code);
      if (row != null && row.since().compareTo(Fork.OSAKA) <= 0 && isPlain(code)) {
        programs.put(row.name(), loop(operands(code, row.in()), row));
      }
    }
    programs.put("KECCAK256 of 4096", loop(List.of(ZERO, number(4096)), OpTable.row(0x20)));
    programs.put("EXP of 2", loop(List.of(number(2), ALL), OpTable.row(0x0a)));
    programs.put("DIV by one limb", loop(List.of(ALL, number(3)), OpTable.row(0x04)));
    for (int code : new int[] {0x37, 0x39, 0x3c, 0x5e}) {
      programs.put(OpTable.row(code).name() + " of 8192", loop(longCopy(code), OpTable.row(code)));
    }
    programs.put("LOG0 of 8192", loop(List.of(ZERO, number(8192)), OpTable.row(0xa0)));
    for (int code : new int[] {0x31, 0x3b, 0x3f, 0x54, 0x5c}) {
      programs.put(OpTable.row(code).name() + " of another", another(code, 1, 0));
    }
    programs.put("EXTCODECOPY of another", another(0x3c, 1, 3));
    programs.put("SSTORE of another", another(0x55, 0, 1));
    programs.put("TSTORE of another", another(0x5d, 0, 1));
    programs.put("CALL of another", hex("6110005b6001015f5f5f5f5f855af150600356"));
    programs.put("STATICCALL", hex("5b60008080806120005afa50600056"));
    programs.put("DELEGATECALL", hex("5b60008080806120005af450600056"));
    programs.put("CALLCODE", hex("5b6000808080806120005af250600056"));
    programs.put("CALL", hex("5b6000808080806120005af150600056"));
    programs.put("CALL with value", hex("5b600080808060016120005af150600056"));
    programs.put("CREATE", hex("5b60008080f050600056"));
    programs.put("CREATE2", hex("60005b600101805f5f5ff550600256"));
    programs.put("CREATE of 49152", hex("5b61c0005f5ff050600056"));
    programs.put("JUMP", hex("5b600056"));
    programs.put("JUMPI", hex("5b6001600057"));
    programs.put("JUMPDEST", destinations());
    programs.put("JUMP, one after the other", jumps(false));
    programs.put("JUMPI, one after the other", jumps(true));
    programs.put("MCOPY of 1 MiB", hex("5f620fffe0525b620fffe060015f5e600656"));
    programs.put("CALL of itself", hex("5b5f5f5f5f5f305af1503332145f5700"));
    programs.put("CALL of itself, 8 KiB each", hex("5b6001611fe0525f5f5f5f5f305af1503332145f5700"));
    programs.put("SELFDESTRUCT in CREATE", hex("6133ff6000525b6002601e6000f050600656"));
    programs.put("REVERT in CREATE", hex("625f5ffd6000525b6003601d6000f050600756"));
    return programs;
  }

  /// Those that end a frame, jump, call or create have programs of their own.
  private static boolean isPlain(int code) {
    return switch (code) {
      case 0x00, 0x56, 0x57, 0x5b, 0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xfa, 0xfd, 0xfe, 0xff ->
          false;
      case 0x60, 0x7f, 0x80, 0x90, 0x9f -> true;
      default -> code < 0x60 || code > 0x9f;
    };
  }

  /// Top of the stack first.
  private static List<UInt256> operands(int code, int count) {
    return switch (code) {
      case 0x04, 0x05, 0x06, 0x07 -> List.of(ALL, THREE_LIMBS);
      case 0x08, 0x09 -> List.of(ALL, WIDE, THREE_LIMBS);
      case 0x0a -> List.of(WIDE, ALL);
      case 0x0b -> List.of(number(7), WIDE);
      case 0x1a, 0x1b, 0x1c, 0x1d -> List.of(number(13), WIDE);
      case 0x20, 0xa0 -> List.of(ZERO, number(32));
      case 0x31, 0x3b, 0x3f -> List.of(number(0x2000));
      case 0x35 -> List.of(ZERO);
      case 0x37, 0x39, 0x3e, 0x5e -> List.of(ZERO, ZERO, code == 0x3e ? ZERO : number(32));
      case 0x3c -> List.of(number(0x2000), ZERO, ZERO, number(32));
      case 0x40 -> List.of(number(999));
      case 0x49, 0x51, 0x54, 0x5c -> List.of(ZERO);
      case 0x52, 0x53, 0x55, 0x5d -> List.of(ZERO, WIDE);
      case 0xa1, 0xa2, 0xa3, 0xa4 -> {
        UInt256[] words = new UInt256[count];
        Arrays.fill(words, WIDE);
        words[0] = ZERO;
        words[1] = number(32);
        yield List.of(words);
      }
      default -> Collections.nCopies(count, WIDE);
    };
  }

  private static List<UInt256> longCopy(int code) {
    return code == 0x3c
        ? List.of(number(0x2000), ZERO, ZERO, number(8192))
        : List.of(ZERO, code == 0x5e ? number(1) : ZERO, number(8192));
  }

  /// The operands once, then copies of them and the instruction, again and again.
  private static byte[] loop(List<UInt256> operands, OpTable.Row row) {
    ByteArrayOutputStream code = new ByteArrayOutputStream();
    for (int i = operands.size() - 1; i >= 0; i--) {
      push(code, operands.get(i));
    }
    int start = code.size();
    code.write(0x5b);
    while (code.size() < MAX_CODE_BYTES) {
      if (row.code() >= 0x60 && row.code() <= 0x7f) {
        code.write(row.code());
        code.writeBytes(new byte[row.code() - 0x5f]);
        code.write(0x50);
      } else if (row.code() == 0x80) {
        code.write(0x80);
        code.write(0x50);
      } else if (row.code() >= 0x90 && row.code() <= 0x9f) {
        code.write(row.code());
      } else {
        for (int i = 0; i < row.in(); i++) {
          code.write(0x80 + row.in() - 1);
        }
        code.write(row.code());
        for (int i = 0; i < row.out(); i++) {
          code.write(0x50);
        }
      }
    }
    code.write(0x61);
    code.write(start >>> 8);
    code.write(start);
    code.write(0x56);
    return code.toByteArray();
  }

  /// A counter on the stack is the first operand; constants follow.
  private static byte[] another(int opcode, int out, int constants) {
    ByteArrayOutputStream code = new ByteArrayOutputStream();
    code.writeBytes(hex("611000"));
    code.write(0x5b);
    code.writeBytes(hex("600101"));
    for (int i = 0; i < constants; i++) {
      code.writeBytes(hex("6020"));
    }
    code.write(0x80 + constants);
    code.write(opcode);
    for (int i = 0; i < out && opcode != 0x3c; i++) {
      code.write(0x50);
    }
    code.writeBytes(hex("600356"));
    return code.toByteArray();
  }

  private static byte[] destinations() {
    byte[] code = filled(Network.CONTRACT_SIZE_LIMIT_BYTES, 0x5b);
    code[code.length - 3] = 0x60;
    code[code.length - 2] = 0;
    code[code.length - 1] = 0x56;
    return code;
  }

  /// A contract full of jumps to the next one, and back from the last to the first.
  ///
  /// @param branches whether they ask for a condition
  private static byte[] jumps(boolean branches) {
    ByteArrayOutputStream code = new ByteArrayOutputStream();
    int length = branches ? 6 : 5;
    int count = Network.CONTRACT_SIZE_LIMIT_BYTES / length;
    for (int i = 0; i < count; i++) {
      int next = (i + 1) % count * length;
      code.write(0x5b);
      if (branches) {
        code.write(0x5a);
      }
      code.write(0x61);
      code.write(next >>> 8);
      code.write(next);
      code.write(branches ? 0x57 : 0x56);
    }
    return code.toByteArray();
  }

  private static void push(ByteArrayOutputStream code, UInt256 word) {
    code.write(0x7f);
    byte[] bytes = new byte[32];
    word.writeTo(bytes, 0);
    code.writeBytes(bytes);
  }

  private static UInt256 number(long value) {
    return UInt256.of(value);
  }

  static byte[] hex(String digits) {
    return Hex.decode("0x" + digits);
  }

  /// Every vector that ends well, under the contract its file is about.
  private static void contracts(Pattern wanted, Map<String, Double> figures) {
    Map<String, Integer> files =
        Map.ofEntries(
            Map.entry("ecRecover", 1),
            Map.entry("modexp_eip7883", 5),
            Map.entry("bn256Add", 6),
            Map.entry("bn256ScalarMul", 7),
            Map.entry("bn256Pairing", 8),
            Map.entry("blake2F", 9),
            Map.entry("pointEvaluation", 0x0a),
            Map.entry("blsG1Add", 0x0b),
            Map.entry("blsG1Mul", 0x0c),
            Map.entry("blsG1MultiExp", 0x0c),
            Map.entry("blsG2Add", 0x0d),
            Map.entry("blsG2Mul", 0x0e),
            Map.entry("blsG2MultiExp", 0x0e),
            Map.entry("blsPairing", 0x0f),
            Map.entry("blsMapG1", 0x10),
            Map.entry("blsMapG2", 0x11),
            Map.entry("p256Verify", 0x100));
    for (int bytes : new int[] {0, 32, 1024, 65_536}) {
      for (int number : new int[] {2, 3, 4}) {
        contract(number, " of " + bytes, new byte[bytes], wanted, figures);
      }
    }
    Map<Integer, List<Vector>> vectors = new TreeMap<>();
    Fixtures.readJson(
        "precompiles.tar.xz",
        name -> files.containsKey(kind(name)),
        (name, list) -> {
          int number = files.get(kind(name));
          for (JsonNode vector : list) {
            byte[] input = Hex.decode(vector.get("Input").asText());
            vectors.computeIfAbsent(number, n -> new ArrayList<>()).add(new Vector(input, 0));
          }
        });
    vectors.put(5, new ArrayList<>(vectors.get(5)));
    vectors.get(5).addAll(exponentiations());
    vectors.forEach((number, list) -> {
      Precompile precompile = Precompiles.at(Fork.OSAKA, Address.of(number));
      if (!wanted.matcher("contract " + precompile.name() + ", worst vector").find()) {
        return;
      }
      list.stream()
          .map(vector -> new Vector(vector.input(), screened(precompile, vector.input())))
          .sorted(Comparator.comparingDouble(Vector::mgasPerSecond))
          .limit(SLOWEST)
          .forEach(vector -> contract(number, ", worst vector", vector.input(), wanted, figures));
    });
  }

  /// @param mgasPerSecond what a first look at it says
  private record Vector(byte[] input, double mgasPerSecond) {}

  /// Moduli of every shape that decides how to compute, exponents of every length that decides on
  /// the price.
  private static List<Vector> exponentiations() {
    List<Vector> vectors = new ArrayList<>();
    for (int size : new int[] {8, 16, 24, 32, 33, 40, 64, 96, 128, 192, 256, 384, 512, 768, 1024}) {
      byte[] odd = filled(size, 0xA7);
      byte[] even = odd.clone();
      even[size - 1] = 0x06;
      byte[] half = odd.clone();
      Arrays.fill(half, size / 2, size, (byte) 0);
      byte[] power = new byte[size];
      power[0] = (byte) 0x80;
      byte[] base = filled(size, 0xE3);
      for (byte[] modulus : List.of(odd, even, half, power, filled(size, 0xFF))) {
        for (int bits : new int[] {1, 2, 8, 16, 17, 32, 128, 248, 256, 257, 512, 1024, 8192}) {
          byte[] exponent = BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE).toByteArray();
          ByteArrayOutputStream input = new ByteArrayOutputStream();
          for (int length : new int[] {size, exponent.length, size}) {
            input.writeBytes(number(length).toBytes());
          }
          input.writeBytes(base);
          input.writeBytes(exponent);
          input.writeBytes(modulus);
          vectors.add(new Vector(input.toByteArray(), 0));
        }
      }
    }
    return vectors;
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  /// Million gas a second of the contract alone.
  private static double screened(Precompile precompile, byte[] input) {
    long price = precompile.gas(input, Fork.OSAKA);
    if (price > GAS) {
      return Double.MAX_VALUE;
    }
    for (long nanos = SCREENING_NANOS / 2; ; nanos *= 2) {
      long begin = CLOCK.getCurrentThreadCpuTime();
      long end = begin;
      int runs = 0;
      for (; end - begin < nanos; runs++, end = CLOCK.getCurrentThreadCpuTime()) {
        precompile.run(input);
      }
      if (nanos >= SCREENING_NANOS) {
        return price * runs * 1e3 / (end - begin);
      }
    }
  }

  private static void contract(
      int number, String what, byte[] input, Pattern wanted, Map<String, Double> figures) {
    Precompile precompile = Precompiles.at(Fork.OSAKA, Address.of(number));
    String name = "contract " + precompile.name() + what;
    if (!wanted.matcher(name).find() || precompile.gas(input, Fork.OSAKA) > GAS) {
      return;
    }
    // All gas is passed on: a call that takes more than a 64th of it leaves the rest to this frame.
    String call = "365f5f375b5f5f365f61" + String.format("%04x", number) + "5afa50600456";
    double speed = speed(name, hex(call), input);
    figures.merge(name, speed, Math::min);
  }

  private static String kind(String path) {
    return path.substring(path.lastIndexOf('/') + 1).replace(".json", "");
  }

  /// Million gas a second of processor time, the best of some runs after a warm-up.
  private static double speed(String name, byte[] code, byte[] input) {
    return speed(name, () -> run(state(code), DRIVER, input));
  }

  /// @param run returns the gas it used
  static double speed(String name, LongSupplier run) {
    long begin = CLOCK.getCurrentThreadCpuTime();
    do {
      run.getAsLong();
    } while (CLOCK.getCurrentThreadCpuTime() - begin < WARM_UP_NANOS);
    double best = 0;
    for (int i = 0; i < RUNS; i++) {
      long before = CLOCK.getCurrentThreadCpuTime();
      long used = run.getAsLong();
      best = Math.max(best, used * 1e3 / (CLOCK.getCurrentThreadCpuTime() - before));
    }
    System.err.printf("%s: %.1f%n", name, best);
    return best;
  }

  private static long run(StateView state, Address contract, byte[] input) {
    return run(new Journal(state), contract, input);
  }

  /// Calls a contract with all the gas of a block, which must be used up but for what a loop's last
  /// round leaves.
  static long run(Journal journal, Address contract, byte[] input) {
    Machine machine = new Machine(journal, ENV, RULES, null);
    machine.begin(CALLER, number(9), List.of());
    Machine.Result result = machine.call(CALLER, contract, ZERO, input, GAS);
    boolean ended = result.halt() == Halt.NONE && result.gasLeft() < GAS / 100;
    if (!ended && result.halt() != Halt.OUT_OF_GAS) {
      throw new IllegalStateException(result.halt() + " of " + contract);
    }
    return GAS - result.gasLeft();
  }

  private static final BlockEnv ENV =
      new BlockEnv(
          UInt256.of(31337),
          Address.of(0xC0),
          1_000,
          1_700_000_000,
          GAS,
          UInt256.of(0x20000),
          Keccak.EMPTY,
          UInt256.of(7),
          UInt256.ONE,
          number -> Hash32.ZERO);

  private static StateView state(byte[] code) {
    Map<Hash32, byte[]> codes = new HashMap<>();
    Hash32 hash = Keccak.hash(code);
    codes.put(hash, code);
    Account driver = new Account(1, WIDE, Account.EMPTY_ROOT, hash);
    Account other = new Account(1, UInt256.ONE, Account.EMPTY_ROOT, Keccak.EMPTY);
    return new StateView() {
      @Override
      public Account account(Address address) {
        return address.equals(DRIVER) ? driver : address.equals(EMPTY) ? other : null;
      }

      @Override
      public UInt256 storage(Address address, UInt256 slot) {
        return ZERO;
      }

      @Override
      public byte[] code(Hash32 wanted) {
        return codes.get(wanted);
      }
    };
  }
}
