package io.semper.node.local;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// When each block was first seen at any node, asked in turn many times a second.
public final class HeadWatch implements AutoCloseable {
  private static final Duration ANSWER = Duration.ofMillis(500);
  private static final long TURN_MILLIS = 25;

  private final List<NodeProcess> nodes;
  private final TreeMap<Long, Long> seen = new TreeMap<>();
  private final Thread thread;

  private HeadWatch(List<NodeProcess> nodes) {
    this.nodes = List.copyOf(nodes);
    thread = Thread.ofVirtual().name("head-watch").start(this::run);
  }

  public static HeadWatch start(List<NodeProcess> nodes) {
    return new HeadWatch(nodes);
  }

  private void run() {
    try {
      while (true) {
        for (NodeProcess node : nodes) {
          see(node.head(ANSWER));
          Thread.sleep(TURN_MILLIS);
        }
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void see(long head) {
    if (head >= 0 && (seen.isEmpty() || head > seen.lastKey())) {
      seen.put(head, System.nanoTime());
    }
  }

  /// The highest block seen, -1 for none.
  public synchronized long highest() {
    return seen.isEmpty() ? -1 : seen.lastKey();
  }

  /// When each block was seen, by its number, as of `System.nanoTime()`. Of several made between
  /// two looks only the newest is there.
  public synchronized TreeMap<Long, Long> seen() {
    return new TreeMap<>(seen);
  }

  /// When a block was there, also one that was not seen itself.
  public static long arrival(TreeMap<Long, Long> seen, long number) {
    Map.Entry<Long, Long> at = seen.ceilingEntry(number);
    return at == null ? Long.MAX_VALUE : at.getValue();
  }

  /// Milliseconds from the block before to each that was seen from one moment to another, in order
  /// of size.
  ///
  /// @param fromNanos as of `System.nanoTime()`
  public synchronized List<Long> gapsMillis(long fromNanos, long toNanos) {
    List<Long> gaps = new ArrayList<>();
    Map.Entry<Long, Long> before = null;
    for (Map.Entry<Long, Long> entry : seen.entrySet()) {
      if (before != null && entry.getValue() >= fromNanos && entry.getValue() <= toNanos) {
        long blocks = entry.getKey() - before.getKey();
        long millis = (entry.getValue() - before.getValue()) / 1_000_000;
        for (long i = 0; i < blocks; i++) {
          gaps.add(millis / blocks);
        }
      }
      before = entry;
    }
    Collections.sort(gaps);
    return gaps;
  }

  /// The value below which so many hundredths of them lie; 0 of none.
  public static long percentile(List<Long> sorted, double percent) {
    if (sorted.isEmpty()) {
      return 0;
    }
    int index = (int) Math.ceil(percent / 100 * sorted.size()) - 1;
    return sorted.get(Math.max(0, index));
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
