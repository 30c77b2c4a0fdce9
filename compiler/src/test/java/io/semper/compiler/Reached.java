package io.semper.compiler;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.Fork;
import io.semper.evm.Halt;
import io.semper.evm.machine.OpTable;
import io.semper.evm.trace.Tracer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// Counts what random programs come to: which instructions, frames and endings, and where gas ran
/// out. Executions are watched only where that is asked for; all are counted by how they ended.
final class Reached implements Tracer {
  /// Instructions of one execution whose gas is remembered.
  private static final int MAX_POINTS = 1_000;

  /// Opcodes of subjects that the table has a line for.
  private static final Map<String, int[]> SUBJECTS =
      Map.of(
          "arithmetic", range(0x01, 0x20),
          "accounts, block", concat(range(0x30, 0x36), range(0x3A, 0x3D), range(0x3F, 0x4B)),
          "memory", concat(range(0x51, 0x54), range(0x37, 0x3A), new int[] {0x20, 0x3E, 0x5E}),
          "storage", new int[] {0x54, 0x55, 0x5C, 0x5D},
          "jumps", new int[] {0x56, 0x57},
          "stack", range(0x5F, 0xA0),
          "logs", range(0xA0, 0xA5),
          "calls", new int[] {0xF1, 0xF2, 0xF4, 0xFA},
          "creations", new int[] {0xF0, 0xF5});

  /// Endings that a program has to be lucky to come to.
  private static final Set<Halt> RARE =
      Set.of(
          Halt.GAS_UINT_OVERFLOW,
          Halt.DEPTH,
          Halt.NONCE_OVERFLOW,
          Halt.CODE_SIZE,
          Halt.INITCODE_SIZE,
          Halt.INVALID_CODE,
          Halt.CODE_STORE_OUT_OF_GAS,
          Halt.CONTRACT_COLLISION,
          Halt.PRECOMPILE_FAILURE,
          Halt.STACK_OVERFLOW,
          Halt.TIMEOUT);

  private final Map<Halt, Long> endings = new EnumMap<>(Halt.class);
  private final Map<Halt, Long> wholeEndings = new EnumMap<>(Halt.class);
  private final Map<Halt, Long> frameEndings = new EnumMap<>(Halt.class);
  private final Map<String, Long> frames = new TreeMap<>();
  private final long[] executed = new long[256];
  private final long[] outOfGas = new long[256];
  private long outOfGasNested;
  private long runs;
  private long translatedRuns;
  private int deepest;

  // Of the execution that is being watched.
  private final long[] points = new long[MAX_POINTS];
  private int count;
  private long given;
  private int opcode;
  private int depth;
  private long gas;

  private static int[] range(int from, int to) {
    return IntStream.range(from, to).toArray();
  }

  private static int[] concat(int[]... parts) {
    return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
  }

  /// Counts an execution.
  ///
  /// @param whole whether it had all the gas there is
  /// @param translated whether any of its code was
  void ran(Halt halt, boolean whole, boolean translated) {
    (whole ? wholeEndings : endings).merge(halt, 1L, Long::sum);
    runs++;
    translatedRuns += translated ? 1 : 0;
  }

  /// An execution begins that this watches.
  void begin(long gas) {
    given = gas;
    count = 0;
  }

  @Override
  public void step(Step frame, int pc, int opcode, long gas) {
    this.opcode = opcode;
    this.gas = gas;
    depth = frame.depth();
    deepest = Math.max(deepest, depth);
    executed[opcode]++;
  }

  @Override
  public void stepEnd(long cost, Halt halt) {
    if (depth == 1 && count < MAX_POINTS) {
      points[count++] = Math.min(given, given - gas + cost);
    }
    if (halt == Halt.OUT_OF_GAS) {
      outOfGas[opcode]++;
      outOfGasNested += depth > 1 ? 1 : 0;
    }
  }

  @Override
  public void enter(
      int depth, String kind, Address from, Address to, UInt256 value, byte[] input, long gas) {
    frames.merge(kind, 1L, Long::sum);
  }

  @Override
  public void exit(int depth, Halt halt, long gasUsed, byte[] output) {
    frameEndings.merge(halt, 1L, Long::sum);
  }

  /// What the execution last watched had used after each instruction of its first frame.
  long[] points() {
    return Arrays.copyOf(points, count);
  }

  /// Programs that did, given all gas.
  long endedRegularly() {
    return wholeEndings.getOrDefault(Halt.NONE, 0L);
  }

  long ranOutOfGas() {
    return endings.getOrDefault(Halt.OUT_OF_GAS, 0L);
  }

  /// Watched executions whose inner frames did, each of them counted.
  long ranOutOfGasInside() {
    return outOfGasNested;
  }

  long runs() {
    return runs;
  }

  long translatedRuns() {
    return translatedRuns;
  }

  /// What is there to be reached and was not: instructions, those among them that can run out of
  /// gas and did not, endings of frames.
  List<String> missing() {
    List<String> missing = new ArrayList<>();
    for (int op = 0; op < 256; op++) {
      OpTable.Row row = OpTable.row(op);
      if (row == null || row.since().compareTo(Fork.OSAKA) > 0) {
        continue;
      }
      if (executed[op] == 0) {
        missing.add(row.name());
      } else if (row.gas() > 0 && outOfGas[op] == 0) {
        missing.add(row.name() + " out of gas");
      }
    }
    for (Halt halt : Halt.values()) {
      if (!RARE.contains(halt) && !frameEndings.containsKey(halt)) {
        missing.add("a frame that ends by " + halt);
      }
    }
    return missing;
  }

  String table() {
    StringBuilder out = new StringBuilder();
    line(out, "executions", "%,d, in %,d of them translated code ran", runs, translatedRuns);
    line(out, "programs ended by", "%s", wholeEndings);
    line(out, "with less gas by", "%s", endings);
    line(out, "frames of those watched", "%s, deepest %d", frames, deepest);
    line(out, "which ended by", "%s", frameEndings);
    new TreeMap<>(SUBJECTS)
        .forEach((subject, opcodes) ->
            line(
                out,
                subject,
                "%,d executed, %,d out of gas; fewest %s",
                sum(executed, opcodes),
                sum(outOfGas, opcodes),
                fewest(opcodes)));
    line(out, "out of gas in inner frames", "%,d", outOfGasNested);
    line(out, "never reached", "%s", missing());
    return out.toString();
  }

  private static void line(StringBuilder out, String what, String format, Object... values) {
    out.append(String.format("%-28s", what)).append(String.format(format, values)).append('\n');
  }

  private static long sum(long[] counts, int[] opcodes) {
    return Arrays.stream(opcodes).mapToLong(op -> counts[op]).sum();
  }

  /// The instruction of a subject that was executed least often.
  private String fewest(int[] opcodes) {
    int least =
        Arrays.stream(opcodes)
            .filter(op -> OpTable.row(op) != null)
            .boxed()
            .min((a, b) -> Long.compare(executed[a], executed[b]))
            .orElseThrow();
    return OpTable.name(least) + " " + executed[least];
  }
}
