package io.semper.node.qbft;

import io.semper.chain.qbft.MessageCodec;
import io.semper.chain.qbft.QbftEngine;
import io.semper.chain.qbft.Transport;
import io.semper.chain.sync.Replication;
import io.semper.core.bytes.Address;
import io.semper.p2p.gossip.Gossip;
import io.semper.p2p.gossip.GossipMessage;
import io.semper.p2p.gossip.Publication;
import io.semper.p2p.gossip.Topic;
import io.semper.p2p.gossip.TopicScore;
import io.semper.p2p.gossip.Verdict;
import io.semper.p2p.identity.PeerId;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Consensus over gossip: validators share a topic, by which a message reaches also those that are
/// not connected with its author.
///
/// Its messages are known by publisher and number, not by content: what consensus sends again has
/// to arrive again. Blocks do not travel here: who is behind catches up as every node does.
public final class ConsensusTopic implements Transport, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConsensusTopic.class);

  /// Messages waiting to be published; more are dropped, since all that matters is sent again.
  private static final int MAX_WAITING = 1_024;

  private final Gossip gossip;
  private final Replication replication;
  private final Topic topic;
  private final BlockingQueue<byte[]> outgoing = new ArrayBlockingQueue<>(MAX_WAITING);
  private final Thread publisher;
  private volatile QbftEngine engine;

  /// @param name of the topic
  public ConsensusTopic(Gossip gossip, Replication replication, String name) {
    this.gossip = gossip;
    this.replication = replication;
    topic = Topic.signed(name, MessageCodec.MAX_BYTES, TopicScore.DEFAULT);
    publisher = Thread.ofVirtual().name("consensus-publish").start(this::publish);
  }

  /// Takes part: what comes in goes to the engine from now on.
  public void join(QbftEngine joined) {
    engine = joined;
    gossip.subscribe(topic, this::validate, (from, message) -> {});
  }

  private Verdict validate(PeerId from, GossipMessage message) {
    // The policy of the topic has seen to it that there is an author.
    PeerId author = PeerId.decode(message.from());
    return switch (engine.receive(message.data(), author)) {
      case TAKEN -> Verdict.ACCEPT;
      case DROPPED -> Verdict.IGNORE;
      case MALFORMED -> Verdict.REJECT;
    };
  }

  /// The last connection with a peer has ended.
  public void disconnected(PeerId peer) {
    QbftEngine joined = engine;
    if (joined != null) {
      joined.lost(peer);
    }
  }

  @Override
  public void broadcast(byte[] message) {
    if (!outgoing.offer(message)) {
      LOG.debug("a consensus message is dropped: {} wait", MAX_WAITING);
    }
  }

  private void publish() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        Publication published = gossip.publish(topic.name(), outgoing.take());
        LOG.trace("consensus message: {}", published);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IllegalStateException gossipClosed) {
      LOG.debug("consensus messages end: {}", gossipClosed.getMessage());
    }
  }

  /// Who is behind has asked everybody how far they are, or will.
  @Override
  public void help(Address validator, long fromNumber) {
    replication.refresh();
  }

  @Override
  public void requestBlocks(Address validator, long fromNumber) {
    replication.refresh();
  }

  @Override
  public void close() {
    publisher.interrupt();
    if (engine != null) {
      gossip.unsubscribe(topic.name());
    }
  }
}
