package io.semper.evm.machine;

import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Limbs;
import io.semper.core.types.Log;
import io.semper.evm.Halt;
import java.util.Arrays;
import java.util.List;

/// LOG0 to LOG4 (Yellow Paper, appendix H.2, a0s).
final class Logs {
  private static final int TOPIC_GAS = 375;
  private static final int BYTE_GAS = 8;

  private Logs() {}

  static void define(OpTable t) {
    for (int n = 0; n <= 4; n++) {
      t.op(0xA0 + n, "LOG" + n, 2 + n, 0, 375 + TOPIC_GAS * n);
    }
  }

  /// Stack: offset, length, topics.
  static long log(Frame f, long[] s, int top, int topicCount, long gas) {
    if (f.isStatic) {
      return f.fail(Halt.STATIC_WRITE);
    }
    int length = top - 4;
    gas = MemoryOps.touchRange(f, s, top, length, gas);
    if (gas < 0) {
      return gas;
    }
    gas -= BYTE_GAS * s[length];
    if (gas < 0) {
      return gas;
    }
    byte[] data = Frame.NOTHING;
    if (!Limbs.isZero(s, length)) {
      int from = (int) s[top];
      data = Arrays.copyOfRange(f.memory, from, from + (int) s[length]);
    }
    Hash32[] topics = new Hash32[topicCount];
    for (int i = 0; i < topicCount; i++) {
      int at = top - 8 - 4 * i;
      topics[i] = Hash32.of(s[at + 3], s[at + 2], s[at + 1], s[at]);
    }
    Machine m = f.machine;
    Log log = new Log(f.self.address(), List.of(topics), data);
    if (m.tracer != null) {
      m.tracer.log(log, m.journal.logCount());
    }
    m.journal.addLog(log);
    return gas;
  }
}
