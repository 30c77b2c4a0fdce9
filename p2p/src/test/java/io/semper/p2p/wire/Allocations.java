package io.semper.p2p.wire;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/// What code allocates, by the Java machine's own count.
public final class Allocations {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Allocations() {}

  /// Bytes that one run of `code` takes from the heap on the present thread, which is a platform
  /// thread. It has run once before, so that nothing is loaded meanwhile.
  public static long of(Runnable code) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    code.run();
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }
}
