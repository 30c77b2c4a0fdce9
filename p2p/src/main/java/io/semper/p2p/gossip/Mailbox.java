package io.semper.p2p.gossip;

import io.semper.p2p.identity.PeerId;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The messages accepted and not yet taken by one topic's subscriber, with the thread that hands
/// them over.
final class Mailbox {
  private static final Logger LOG = LoggerFactory.getLogger(Mailbox.class);

  private record Letter(PeerId from, GossipMessage message) {}

  private final Subscriber subscriber;
  private final Deque<Letter> letters = new ArrayDeque<>();
  private long bytes;
  private long dropped;
  private boolean closed;

  Mailbox(String topic, Subscriber subscriber) {
    this.subscriber = subscriber;
    Thread.ofVirtual().name("gossip-deliver-" + topic).start(this::run);
  }

  synchronized void put(PeerId from, GossipMessage message) {
    if (closed
        || letters.size() >= Gossip.MAX_UNDELIVERED
        || bytes + message.encodedBytes() > Gossip.MAX_UNDELIVERED_BYTES) {
      dropped++;
      return;
    }
    letters.add(new Letter(from, message));
    bytes += message.encodedBytes();
    notifyAll();
  }

  private synchronized Letter take() throws InterruptedException {
    while (letters.isEmpty() && !closed) {
      wait();
    }
    Letter letter = closed ? null : letters.remove();
    if (letter != null) {
      bytes -= letter.message.encodedBytes();
    }
    return letter;
  }

  private void run() {
    try {
      for (Letter letter; (letter = take()) != null; ) {
        subscriber.deliver(letter.from, letter.message);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      close();
      LOG.error("a subscriber failed and gets no more messages", e);
      throw e;
    }
  }

  synchronized void close() {
    closed = true;
    letters.clear();
    notifyAll();
  }

  synchronized long dropped() {
    return dropped;
  }
}
