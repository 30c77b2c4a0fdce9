package io.semper.evm.machine;

import io.semper.evm.fork.ForkRules;
import io.semper.evm.state.Code;

/// What of one contract's code is translated for one fork's rules, by the instruction entered.
///
/// Read without locks by executing threads: a look-up may miss a region just added, never see half
/// of one, because regions are immutable.
public final class Regions {
  /// Most places of one contract that have a region, or may get one when more was visited.
  public static final int MAX_REGIONS = 512;

  static volatile Translator translator;

  private final ForkRules rules;
  private final byte[] known;

  /// By instruction: 1 where a jump was seen to arrive or a branch to go on. Written by executing
  /// threads without order; it only guides what is worth translating.
  final byte[] visited;

  private final short[] index;
  private final Region[] regions = new Region[MAX_REGIONS + 1];
  private final int[][] leftOut = new int[MAX_REGIONS + 1][];
  private int count;

  private static final byte ENTERED = 1;
  private static final byte REFUSED = 2;

  private volatile boolean used;

  private Regions(Code code, ForkRules rules) {
    this.rules = rules;
    known = new byte[code.length() + 1];
    visited = new byte[code.length() + 1];
    index = new short[code.length() + 1];
  }

  /// The code's translation for the rules, or `null` where nothing of it is translated.
  public static Regions of(Code code, ForkRules rules) {
    return code.derived() instanceof Regions found && found.rules == rules ? found : null;
  }

  /// The same, begun where there is none; a translation for other rules is dropped.
  public static Regions begin(Code code, ForkRules rules) {
    synchronized (code) {
      Regions found = of(code, rules);
      if (found == null) {
        found = new Regions(code, rules);
        code.derive(found);
      }
      return found;
    }
  }

  /// Whether execution at `pc` is translated.
  boolean has(int pc) {
    return known[pc] == ENTERED;
  }

  /// The region entered at `pc`, or `null`.
  Region at(int pc) {
    return pc < index.length ? regions[index[pc]] : null;
  }

  /// Notes that something here was run.
  void markUsed() {
    if (!used) {
      used = true;
    }
  }

  /// Whether something here was run since this was last asked.
  public boolean takeUsed() {
    boolean was = used;
    used = false;
    return was;
  }

  /// Whether interpreted control was seen to come to `pc` from a jump or past a branch.
  public boolean wasVisited(int pc) {
    return pc < visited.length && visited[pc] != 0;
  }

  /// Notes that interpreted control comes to `pc` from a region.
  void markVisited(int pc) {
    if (pc < visited.length) {
      visited[pc] = 1;
    }
  }

  /// Whether `pc` was decided on: translated as far as control was seen to go, or found not worth
  /// it.
  public boolean isDecided(int pc) {
    if (pc >= known.length) {
      return true; // within what a PUSH at the end of the code lacks
    }
    if (known[pc] == 0) {
      return false;
    }
    int[] edges = leftOut[index[pc]];
    if (edges != null) {
      for (int edge : edges) {
        if (wasVisited(edge)) {
          return false;
        }
      }
    }
    return true;
  }

  /// Adds what was translated from `pc` on; what was there before stays where nothing new is given.
  /// To be called by one thread at a time.
  ///
  /// @param region `null` where there is nothing to gain
  /// @param leftOut instructions that the region is left to since control was not seen to come
  ///   there: where it does, `pc` is to be decided anew
  public synchronized void add(int pc, Region region, int... leftOut) {
    if (index[pc] == 0 && (region != null || leftOut.length > 0) && count < MAX_REGIONS) {
      index[pc] = (short) ++count;
    }
    int place = index[pc];
    if (place != 0) {
      this.leftOut[place] = leftOut;
      if (region != null) {
        regions[place] = region;
      }
    }
    known[pc] = regions[place] == null ? REFUSED : ENTERED;
  }
}
