package io.semper.evm.machine;

import java.util.concurrent.ArrayBlockingQueue;

/// Frames that no execution uses just now, so that a call from outside need not have their stacks
/// and memories allocated and cleared anew: a call of a few instructions takes longer for that than
/// to run, and one that grows memory to megabytes a quarter longer.
final class FramePool {
  /// Executions whose frames are kept.
  static final int MAX_SETS = Math.min(4, Runtime.getRuntime().availableProcessors());

  /// Frames kept of one execution, from its outermost on.
  static final int MAX_FRAMES = 16;

  /// Bytes of memory kept of all of them.
  static final int MAX_MEMORY = 5 << 20;

  private static final ArrayBlockingQueue<Frame[]> SETS = new ArrayBlockingQueue<>(MAX_SETS);

  private FramePool() {}

  /// Frames by depth, `null` where there is none yet.
  static Frame[] take() {
    Frame[] frames = SETS.poll();
    return frames == null ? new Frame[Calls.MAX_DEPTH + 1] : frames;
  }

  /// @param used frames that the execution had
  static void give(Frame[] frames, int used) {
    int memory = 0;
    for (int depth = 0; depth < Math.max(used, MAX_FRAMES); depth++) {
      Frame frame = frames[depth];
      if (frame == null) {
        continue;
      }
      if (depth >= MAX_FRAMES) {
        frames[depth] = null;
        continue;
      }
      frame.release(MAX_MEMORY - memory);
      memory += frame.memory.length;
    }
    SETS.offer(frames);
  }
}
