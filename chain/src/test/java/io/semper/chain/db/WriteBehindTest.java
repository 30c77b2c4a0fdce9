package io.semper.chain.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WriteBehindTest extends KeyValueStoreContract {
  private static final byte[] KEY = key('k');

  @Override
  KeyValueStore open() {
    return new WriteBehind(new MemoryStore());
  }

  /// A store whose writes wait to be let through, and may fail.
  private static final class Slow extends ForwardingStore {
    final Semaphore mayWrite = new Semaphore(0);
    final Semaphore begun = new Semaphore(0);
    final List<Boolean> synced = Collections.synchronizedList(new ArrayList<>());
    final List<Integer> sizes = Collections.synchronizedList(new ArrayList<>());
    volatile StorageException failure;

    Slow() {
      super(new MemoryStore());
    }

    @Override
    public void write(WriteBatch batch, boolean sync) {
      begun.release();
      mayWrite.acquireUninterruptibly();
      if (failure != null) {
        throw failure;
      }
      synced.add(sync);
      sizes.add(batch.size());
      super.write(batch, sync);
    }
  }

  private static WriteBatch put(int value) {
    return new WriteBatch().put(KEY, key(value));
  }

  @Test
  void whatWaitsIsSeen() {
    Slow slow = new Slow();
    WriteBehind store = new WriteBehind(slow);
    store.write(put(1).put(key('l'), key(7)), false);
    store.write(put(2), false);
    assertThat(store.get(KEY)).isEqualTo(key(2));
    assertThat(store.get(key('l'))).isEqualTo(key(7));
    store.write(new WriteBatch().delete(KEY), false);
    assertThat(store.get(KEY)).isNull();
    assertThat(slow.get(KEY)).isNull();
    slow.mayWrite.release(3);
    try (KeyValueStore.Cursor cursor = store.cursor()) {
      assertThat(cursor.seek(KEY)).isTrue();
      assertThat(cursor.key()).as("all three are applied").isEqualTo(key('l'));
    }
    assertThat(slow.synced).isNotEmpty().doesNotContain(true);
    store.close();
  }

  @Test
  void whatIsSyncedIsAppliedAfterAllBefore() throws InterruptedException {
    Slow slow = new Slow();
    WriteBehind store = new WriteBehind(slow);
    store.write(put(1), false);
    store.write(put(2), false);
    CountDownLatch done = new CountDownLatch(1);
    Thread.ofVirtual()
        .start(() -> {
          store.write(put(3), true);
          done.countDown();
        });
    slow.mayWrite.release();
    assertThat(done.await(100, TimeUnit.MILLISECONDS)).isFalse();
    slow.mayWrite.release(2);
    assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(slow.synced).endsWith(false, true).containsOnlyOnce(true);
    assertThat(slow.get(KEY)).isEqualTo(key(3));
    store.close();
  }

  @Test
  void batchesThatWaitAreBoundedInNumber() throws InterruptedException {
    Slow slow = new Slow();
    WriteBehind store = new WriteBehind(slow);
    for (int i = 0; i < WriteBehind.MAX_WAITING; i++) {
      store.write(put(i), false);
    }
    assertOneMustWait(store, slow, put(9));
  }

  @Test
  void batchesThatWaitAreBoundedInBytes() throws InterruptedException {
    Slow slow = new Slow();
    WriteBehind store = new WriteBehind(slow);
    WriteBatch large = new WriteBatch();
    byte[] mebibyte = new byte[1 << 20];
    while (large.bytes() < WriteBehind.MAX_WAITING_BYTES) {
      large.put(key('l', large.size()), mebibyte);
    }
    store.write(large, false);
    assertOneMustWait(store, slow, put(9));
  }

  private static void assertOneMustWait(WriteBehind store, Slow slow, WriteBatch batch)
      throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    Thread.ofVirtual()
        .start(() -> {
          store.write(batch, false);
          done.countDown();
        });
    assertThat(done.await(100, TimeUnit.MILLISECONDS)).isFalse();
    slow.mayWrite.release();
    assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(store.get(KEY)).isEqualTo(key(9));
    slow.mayWrite.release(WriteBehind.MAX_WAITING);
    store.close();
  }

  @Test
  void afterAFailureNothingIsWritten() {
    Slow slow = new Slow();
    WriteBehind store = new WriteBehind(slow);
    slow.failure = new StorageException("the disk is full");
    store.write(put(1), false);
    slow.mayWrite.release();
    assertThatThrownBy(() -> store.write(put(2), true))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("the disk is full");
    slow.failure = null;
    slow.mayWrite.release(9);
    assertThatThrownBy(() -> store.write(put(3), false)).isInstanceOf(StorageException.class);
    assertThatThrownBy(store::cursor).isInstanceOf(StorageException.class);
    assertThatThrownBy(store::close).isInstanceOf(StorageException.class);
    assertThat(slow.synced).isEmpty();
    assertThatThrownBy(() -> slow.get(KEY))
        .as("closed all the same")
        .hasMessageContaining("closed");
  }

  @Test
  void closingAppliesWhatWaits() throws InterruptedException {
    Slow slow = new Slow();
    WriteBehind store = new WriteBehind(slow);
    store.write(put(1), false);
    store.write(put(2), false);
    Thread closing = Thread.ofVirtual().start(store::close);
    slow.mayWrite.release(2);
    closing.join();
    assertThat(slow.sizes.stream().mapToInt(n -> n).sum()).isEqualTo(2);
  }

  @Test
  void oneAloneIsAppliedAndWhatCameMeanwhileTogether() throws InterruptedException {
    Slow slow = new Slow();
    WriteBehind store = new WriteBehind(slow);
    store.write(put(1), false);
    assertThat(slow.begun.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
    store.write(put(2).put(key('l'), key(7)), false);
    store.write(put(3), false);
    slow.mayWrite.release(2);
    store.cursor().close();
    assertThat(slow.sizes).containsExactly(1, 3);
    assertThat(slow.get(KEY)).isEqualTo(key(3));
    assertThat(slow.get(key('l'))).isEqualTo(key(7));
    store.close();
  }

  @Test
  void manyAreAppliedInOrder() {
    Slow slow = new Slow();
    WriteBehind store = new WriteBehind(slow);
    slow.mayWrite.release(2 * WriteBehind.MAX_WAITING);
    for (int i = 0; i < 2 * WriteBehind.MAX_WAITING; i++) {
      store.write(put(i), false);
    }
    store.cursor().close();
    assertThat(slow.sizes.stream().mapToInt(n -> n).sum()).isEqualTo(2 * WriteBehind.MAX_WAITING);
    assertThat(slow.get(KEY)).isEqualTo(key(2 * WriteBehind.MAX_WAITING - 1));
    store.close();
  }

  @Test
  void whoIsInterruptedWhileItWaitsWritesAllTheSame() throws InterruptedException {
    Slow slow = new Slow();
    WriteBehind store = new WriteBehind(slow);
    store.write(put(1), false);
    CountDownLatch stillInterrupted = new CountDownLatch(1);
    Thread writer =
        Thread.ofVirtual()
            .start(() -> {
              Thread.currentThread().interrupt();
              store.write(put(2), true);
              if (Thread.currentThread().isInterrupted()) {
                stillInterrupted.countDown();
              }
            });
    slow.mayWrite.release(2);
    writer.join();
    assertThat(stillInterrupted.getCount()).isZero();
    assertThat(slow.get(KEY)).isEqualTo(key(2));
    store.close();
  }
}
