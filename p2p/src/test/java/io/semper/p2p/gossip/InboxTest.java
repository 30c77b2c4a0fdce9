package io.semper.p2p.gossip;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PrivateKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class InboxTest {
  private static final List<PeerId> PEERS =
      IntStream.range(0, 9).mapToObj(i -> PrivateKey.ed25519(seed(i)).peerId()).toList();

  private final Inbox inbox = new Inbox(2 * 8);
  private final List<String> run = new ArrayList<>();

  private static byte[] seed(int i) {
    byte[] seed = new byte[32];
    seed[0] = (byte) i;
    return seed;
  }

  private Runnable event(String name) {
    return () -> run.add(name);
  }

  /// A full inbox costs the router's thread one turn, however much is in it.
  @Test
  void allIsTakenAtOnceInItsOrder() throws InterruptedException {
    inbox.addFromPeer(PEERS.get(0), event("a"));
    inbox.add(event("b"));
    inbox.addFromPeer(PEERS.get(1), event("c"));
    inbox.add(event("d"));
    inbox.take(0).forEach(Runnable::run);
    assertThat(run).containsExactly("a", "b", "c", "d");
    assertThat(inbox.take(0)).isEmpty();
  }

  private CountDownLatch added(PeerId peer) {
    CountDownLatch added = new CountDownLatch(1);
    Thread.ofVirtual()
        .start(() -> {
          try {
            inbox.addFromPeer(peer, event("late"));
            added.countDown();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    return added;
  }

  @Test
  void peersWaitWhileThereIsTooMuchOfThem() throws InterruptedException {
    for (PeerId peer : PEERS.subList(0, 8)) {
      inbox.addFromPeer(peer, event("a"));
      inbox.addFromPeer(peer, event("b"));
    }
    CountDownLatch ninth = added(PEERS.get(8));
    // What is no peer's does not wait.
    inbox.add(event("here"));
    assertThat(ninth.await(50, TimeUnit.MILLISECONDS)).isFalse();
    assertThat(inbox.take(0)).hasSize(17);
    assertThat(ninth.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(inbox.take(0)).hasSize(1);
  }

  @Test
  void aPeerKeepsNoOtherOut() throws InterruptedException {
    inbox.addFromPeer(PEERS.get(0), event("a"));
    inbox.addFromPeer(PEERS.get(0), event("b"));
    CountDownLatch third = added(PEERS.get(0));
    inbox.addFromPeer(PEERS.get(1), event("c"));
    assertThat(third.await(50, TimeUnit.MILLISECONDS)).isFalse();
    assertThat(inbox.take(0)).hasSize(3);
    assertThat(third.await(60, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void nobodyWaitsOnceItIsClosed() throws InterruptedException {
    inbox.addFromPeer(PEERS.get(0), event("a"));
    inbox.addFromPeer(PEERS.get(0), event("b"));
    inbox.close();
    inbox.addFromPeer(PEERS.get(0), event("c"));
    inbox.add(event("d"));
    assertThat(inbox.take(60_000)).isEmpty();
  }
}
