package io.semper.chain.ethash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.core.bytes.Hash32;
import io.semper.core.types.Header;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ProofsAheadTest {
  private final AtomicInteger evaluated = new AtomicInteger();

  private Ethash.Proof evaluate(Header header) {
    evaluated.incrementAndGet();
    return new Ethash.Proof(header.hash(), Hash32.ZERO);
  }

  private static Header header(int number) {
    return Header.builder().number(number).build();
  }

  @Test
  void each_header_started_is_evaluated_once_and_taken_once() {
    ProofsAhead ahead = new ProofsAhead(this::evaluate);
    for (int number = 0; number < 100; number++) {
      ahead.start(header(number));
      ahead.start(header(number));
    }
    for (int number = 0; number < 100; number++) {
      Header header = header(number);
      assertThat(ahead.take(header)).contains(new Ethash.Proof(header.hash(), Hash32.ZERO));
      assertThat(ahead.take(header)).isEmpty();
    }
    assertThat(evaluated).hasValue(100);
  }

  @Test
  void who_asks_does_not_wait_for_threads_that_are_busy() {
    CountDownLatch end = new CountDownLatch(1);
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
    ProofsAhead ahead =
        new ProofsAhead(header -> {
          if (header.number() < threads) {
            awaitUninterrupted(end);
          }
          return evaluate(header);
        });
    for (int number = 0; number <= threads; number++) {
      ahead.start(header(number));
    }
    assertThat(ahead.take(header(threads))).isPresent();
    end.countDown();
  }

  @Test
  void headers_never_asked_for_make_room() {
    ProofsAhead ahead = new ProofsAhead(this::evaluate);
    for (int number = 0; number < 2 * ProofsAhead.MAX_STARTED; number++) {
      ahead.start(header(number));
    }
    assertThat(ahead.startedCount()).isEqualTo(ProofsAhead.MAX_STARTED);
    assertThat(ahead.take(header(0))).isEmpty();
    assertThat(ahead.take(header(2 * ProofsAhead.MAX_STARTED - 1))).isPresent();
  }

  @Test
  void a_bug_reaches_who_asks() {
    ProofsAhead ahead =
        new ProofsAhead(header -> {
          throw new IllegalArgumentException("bug");
        });
    ahead.start(header(1));
    assertThatThrownBy(() -> ahead.take(header(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasRootCauseMessage("bug");
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
