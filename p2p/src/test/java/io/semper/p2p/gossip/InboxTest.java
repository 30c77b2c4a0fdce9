package io.semper.p2p.gossip;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class InboxTest {
  private final Inbox inbox = new Inbox(2);
  private final List<String> run = new ArrayList<>();

  private Runnable event(String name) {
    return () -> run.add(name);
  }

  /// A full inbox costs the router's thread one turn, however much is in it.
  @Test
  void allIsTakenAtOnceInItsOrder() throws InterruptedException {
    inbox.addFromPeer(event("a"));
    inbox.add(event("b"));
    inbox.addFromPeer(event("c"));
    inbox.add(event("d"));
    inbox.take(0).forEach(Runnable::run);
    assertThat(run).containsExactly("a", "b", "c", "d");
    assertThat(inbox.take(0)).isEmpty();
  }

  @Test
  void peersWaitWhileThereIsTooMuchOfThem() throws InterruptedException {
    inbox.addFromPeer(event("a"));
    inbox.addFromPeer(event("b"));
    CountDownLatch added = new CountDownLatch(1);
    Thread peer =
        Thread.ofVirtual()
            .start(() -> {
              try {
                inbox.addFromPeer(event("c"));
                added.countDown();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    // What is no peer's does not wait.
    inbox.add(event("d"));
    assertThat(added.await(50, TimeUnit.MILLISECONDS)).isFalse();
    assertThat(inbox.take(0)).hasSize(3);
    peer.join();
    assertThat(inbox.take(1_000)).hasSize(1);
  }

  @Test
  void nobodyWaitsOnceItIsClosed() throws InterruptedException {
    inbox.addFromPeer(event("a"));
    inbox.addFromPeer(event("b"));
    inbox.close();
    inbox.addFromPeer(event("c"));
    inbox.add(event("d"));
    assertThat(inbox.take(60_000)).isEmpty();
  }
}
