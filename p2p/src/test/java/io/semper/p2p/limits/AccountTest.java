package io.semper.p2p.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// Who pays where memory runs out.
class AccountTest {
  private final Account total = new Account(100);
  private final Account large = new Account(100, total);
  private final Account small = new Account(50, total);
  private final AtomicInteger largeEnded = new AtomicInteger();
  private final AtomicInteger smallEnded = new AtomicInteger();

  AccountTest() {
    large.whenOverdrawn(largeEnded::incrementAndGet);
    small.whenOverdrawn(smallEnded::incrementAndGet);
  }

  @Test
  void nobodyHoldsMoreThanHeMay() {
    assertThat(small.tryReserve(50)).isTrue();
    assertThat(small.tryReserve(1)).isFalse();
    small.release(20);
    assertThat(small.tryReserve(20)).isTrue();
    assertThat(total.heldBytes()).isEqualTo(50);
    small.close();
    small.release(10);
    assertThat(small.tryReserve(1)).isFalse();
    assertThat(small.heldBytes() + total.heldBytes()).isZero();
  }

  @Test
  void whoHoldsMostPaysForAll() {
    assertThat(large.tryReserve(80)).isTrue();
    assertThat(small.tryReserve(30)).isTrue();
    assertThat(largeEnded).hasValue(1);
    assertThat(smallEnded).hasValue(0);
    assertThat(total.heldBytes()).isEqualTo(30);
    assertThat(large.tryReserve(1)).isFalse();
    large.close();
    large.release(80);
    assertThat(total.heldBytes()).isEqualTo(30);
  }

  @Test
  void whoWouldHoldMostIsRefused() {
    assertThat(large.tryReserve(80)).isTrue();
    assertThat(small.tryReserve(20)).isTrue();
    assertThat(large.tryReserve(1)).isFalse();
    assertThat(largeEnded.get() + smallEnded.get()).isZero();
    assertThat(total.heldBytes()).isEqualTo(100);
  }
}
