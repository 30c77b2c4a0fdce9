package io.semper.compiler;

import io.semper.compiler.RegionCompiler.Translation;
import io.semper.core.bytes.Hash32;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.machine.Regions;
import io.semper.evm.machine.Translator;
import io.semper.evm.state.Code;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;

/// Translates what executions are often seen at, on a thread of its own.
///
/// Executions report where they are every [#PERIOD] jumps, which makes them a sampling profiler.
/// The first report of a contract makes the interpreter note where its jumps go; a place reported
/// [#SIGHTINGS] times is then worth a region, made of what was visited, and again when control left
/// that region for where it had not been before. Reports that find the queue full are dropped: what
/// is hot is reported again.
final class HotCode implements Translator {
  /// A prime: a loop that takes the same number of jumps in each round is seen at all of them.
  static final int PERIOD = 1_021;

  static final int SIGHTINGS = 2;

  /// Reports that wait to be looked at.
  static final int QUEUE = 64;

  /// Places seen but not often enough; all are forgotten when there are more.
  static final int MAX_SEEN = 4_096;

  /// Contracts that are watched or translated.
  static final int MAX_CONTRACTS = 512;

  /// Bytes of generated classes kept; beyond, the contracts not run for longest lose theirs.
  static final long MAX_BYTES = 64L << 20;

  /// Classes generated for one contract, those that others replaced among them: its share of the
  /// whole, and what ends the making of ever larger ones.
  static final int MAX_CODE_BYTES = 2 << 20;

  private final ArrayBlockingQueue<Place> queue = new ArrayBlockingQueue<>(QUEUE);
  private final long maxBytes;
  private final int maxCodeBytes;

  // Of the translating thread.
  private final Map<Place, Integer> seen = new HashMap<>();
  private final ArrayDeque<Holding> holdings = new ArrayDeque<>();
  private final Map<Regions, Holding> holdingOf = new HashMap<>();
  private long bytes;

  private record Place(Hash32 hash, ForkRules rules, int pc, Code code) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Place p && p.pc == pc && p.rules == rules && p.hash.equals(hash);
    }

    @Override
    public int hashCode() {
      return 31 * hash.hashCode() + pc;
    }
  }

  /// What one contract's classes take.
  private static final class Holding {
    final Code code;
    final Regions regions;
    long bytes;

    Holding(Code code, Regions regions) {
      this.code = code;
      this.regions = regions;
    }
  }

  HotCode() {
    this(MAX_BYTES, MAX_CODE_BYTES);
  }

  HotCode(long maxBytes, int maxCodeBytes) {
    this.maxBytes = maxBytes;
    this.maxCodeBytes = maxCodeBytes;
  }

  /// Begins to translate; the thread ends with the process.
  void start() {
    Thread.ofPlatform().daemon().name("translator").start(this::translateForever);
  }

  @Override
  public int interval() {
    return PERIOD - 1;
  }

  @Override
  public void seen(Code code, ForkRules rules, int pc) {
    if (code.hash() == null) {
      return; // initialisation code runs once
    }
    Regions regions = Regions.of(code, rules);
    if (regions == null || !regions.isDecided(pc)) {
      queue.offer(new Place(code.hash(), rules, pc, code));
    }
  }

  private void translateForever() {
    try {
      while (true) {
        look(queue.take());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Looks at the reports that wait.
  void lookAtAll() {
    for (Place place = queue.poll(); place != null; place = queue.poll()) {
      look(place);
    }
  }

  private void look(Place place) {
    Regions regions = Regions.begin(place.code(), place.rules());
    if (regions.isDecided(place.pc())) {
      return;
    }
    Holding holding = holdingOf.get(regions);
    if (holding == null) {
      holding = new Holding(place.code(), regions);
      holdingOf.put(regions, holding);
      holdings.add(holding);
      evict();
    }
    if (seen.merge(place, 1, Integer::sum) < SIGHTINGS) {
      if (seen.size() > MAX_SEEN) {
        seen.clear();
      }
      return;
    }
    seen.remove(place);
    if (holding.bytes >= maxCodeBytes) {
      regions.add(place.pc(), null);
      return;
    }
    Translation made =
        RegionCompiler.translate(
            place.code(),
            place.rules(),
            place.pc(),
            regions::wasVisited,
            RegionCompiler.MIN_INSTRUCTIONS);
    regions.add(place.pc(), made.region(), made.leftOut());
    holding.bytes += made.bytes();
    bytes += made.bytes();
    evict();
  }

  /// Takes from contracts that were not run since they were last looked at, oldest first; in the
  /// second round from any.
  private void evict() {
    int spared = holdings.size();
    while (bytes > maxBytes || holdings.size() > MAX_CONTRACTS) {
      Holding oldest = holdings.poll();
      if (oldest.regions.takeUsed() && spared-- > 0) {
        holdings.add(oldest);
      } else {
        holdingOf.remove(oldest.regions);
        bytes -= oldest.bytes;
        oldest.code.drop(oldest.regions);
      }
    }
  }

  /// Bytes of the classes in use.
  long bytes() {
    return bytes;
  }

  /// Contracts that are watched or translated.
  int contracts() {
    return holdings.size();
  }
}
