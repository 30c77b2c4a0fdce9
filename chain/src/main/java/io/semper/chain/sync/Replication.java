package io.semper.chain.sync;

import io.semper.chain.importer.BlockImporter;
import io.semper.chain.importer.Ledger;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Transaction;
import io.semper.core.view.ChainView.Subscription;
import io.semper.core.view.PoolView;
import io.semper.p2p.Connection;
import io.semper.p2p.Host;
import io.semper.p2p.HostListener;
import io.semper.p2p.gossip.Gossip;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.peers.Peers;
import io.semper.p2p.reqresp.Protocol;
import io.semper.p2p.reqresp.RequestLimits;
import io.semper.p2p.reqresp.Requests;
import io.semper.p2p.reqresp.Responder;
import java.time.Clock;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps a ledger equal to those of the peers of a host: serves what they ask, catches up with
/// them, follows them by gossip, passes on what is new here.
public final class Replication implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Replication.class);

  /// How often peers tell each other their status; new blocks tell it sooner.
  private static final long STATUS_MILLIS = 5_000;

  /// A peer is asked for what waits in its pool no more often. Gossip is quicker, and may lose what
  /// it was told while a connection began or ended.
  private static final long POOL_MILLIS = 5_000;

  /// Blocks and transactions of our own waiting to be published. Beyond it transactions are
  /// dropped: peers take them over from the pool.
  private static final int MAX_OUTGOING = 8_192;

  private static final long CLOSE_MILLIS = 1_000;

  private final Ledger ledger;
  private final Header genesis;
  private final PoolView pool;
  private final Host host;
  private final Peers peers;
  private final long answerBytes;
  private final Gossip gossip;
  private final Clock clock;
  private final Requests requests;
  private final Protocols protocols;
  private final PeerSet peerSet;
  private final BlockGossip blocks;
  private final TransactionGossip transactions;
  private final RangeSync rangeSync;
  private final Subscription taken;
  private final Map<PeerId, Thread> acquaintances = new ConcurrentHashMap<>();
  private final BlockingQueue<Outgoing> outgoing = new ArrayBlockingQueue<>(MAX_OUTGOING);
  private final Object refreshing = new Object();
  private final Thread publisher;
  private volatile boolean closed;

  private record Outgoing(String topic, byte[] data) {}

  private Replication(
      BlockImporter importer,
      PoolView pool,
      Host host,
      Peers peers,
      Gossip gossip,
      SyncLimits limits,
      Clock clock) {
    this.pool = pool;
    this.host = host;
    this.peers = peers;
    answerBytes = limits.responseBytes();
    this.gossip = gossip;
    ledger = importer.ledger();
    genesis = ledger.network().genesis();
    protocols = Protocols.of(genesis.hash(), limits);
    requests = new Requests(host, RequestLimits.defaults());
    peerSet = new PeerSet(limits.peers(), clock);
    blocks = new BlockGossip(importer, peerSet, clock);
    transactions = new TransactionGossip(pool, limits, clock);
    this.clock = clock;
    serve(new ChainAnswers(ledger, pool, limits));
    gossip.subscribe(protocols.blockTopic(), blocks, blocks);
    gossip.subscribe(protocols.transactionTopic(), transactions, (from, taken) -> {});
    // Also what waits behind a gap: who has all of an account's transactions when the gap closes
    // needs no hop of the network for each of them, and loses none with the one that took it.
    taken = pool.onTaken(this::offer);
    publisher = Thread.ofVirtual().name("publish").start(this::publish);
    rangeSync = new RangeSync(importer, peerSet, limits);
    host.addListener(new Listener());
    host.connections().forEach(connection -> acquaint(connection.peer()));
  }

  /// Starts to replicate with every peer of the host that has the same genesis block.
  ///
  /// @param gossip of the same host, whose limits admit messages of 12 MiB
  public static Replication start(
      BlockImporter importer,
      PoolView pool,
      Host host,
      Peers peers,
      Gossip gossip,
      SyncLimits limits,
      Clock clock) {
    return new Replication(importer, pool, host, peers, gossip, limits, clock);
  }

  /// Tells the network of a block made and imported here.
  public void announce(Block block) throws InterruptedException {
    outgoing.put(new Outgoing(protocols.blockTopic().name(), block.encode()));
  }

  /// The same without waiting: dropped where too much waits, for peers to fetch.
  public void offer(Block block) {
    if (!outgoing.offer(new Outgoing(protocols.blockTopic().name(), block.encode()))) {
      LOG.debug("block {} is not announced", block.header().number());
    }
  }

  /// The name of the topic on which the validators of this network agree.
  public String consensusTopic() {
    return protocols.consensusTopic();
  }

  /// Peers of this network.
  public int peerCount() {
    return peerSet.size();
  }

  /// The block being caught up with; empty while nobody known is ahead.
  public OptionalLong target() {
    return rangeSync.target();
  }

  private void offer(Transaction transaction) {
    pool.transaction(transaction.hash())
        .ifPresent(pooled ->
            outgoing.offer(new Outgoing(protocols.transactionTopic().name(), pooled.encode())));
  }

  private void publish() {
    try {
      while (!closed) {
        Outgoing next = outgoing.take();
        gossip.publish(next.topic(), next.data());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IllegalStateException gossipClosed) {
      LOG.debug("publishing ends: {}", gossipClosed.getMessage());
    }
  }

  // ---- Serving

  private void serve(ChainAnswers answers) {
    requests.serve(
        protocols.status(),
        (peer, theirs, answer) -> {
          answer.send(status());
          if (acquaintances.containsKey(peer)) {
            learn(networkPeer(peer), theirs);
          }
        });
    requests.serve(protocols.headers(), each(answers::headers));
    requests.serve(protocols.bodies(), each(answers::bodies));
    requests.serve(protocols.receipts(), each(answers::receipts));
    requests.serve(protocols.transactions(), each(answers::transactions));
    requests.serve(protocols.pool(), (peer, empty, answer) -> answer.send(answers.pooled()));
  }

  private static <Q, A> Responder<Q, A> each(Function<Q, Iterator<A>> answers) {
    return (peer, question, answer) -> {
      for (Iterator<A> items = answers.apply(question); items.hasNext(); ) {
        answer.send(items.next());
      }
    };
  }

  private Status status() {
    return Status.of(ledger, genesis);
  }

  // ---- Peers

  private final class Listener implements HostListener {
    @Override
    public void connected(Connection connection) {
      acquaint(connection.peer());
    }

    @Override
    public void disconnected(Connection connection) {
      Thread thread = acquaintances.remove(connection.peer());
      if (thread != null) {
        thread.interrupt();
      }
    }
  }

  private void acquaint(PeerId peer) {
    acquaintances.computeIfAbsent(
        peer,
        p -> Thread.ofVirtual().name("status " + p).start(() -> keepAcquainted(networkPeer(p))));
  }

  private NetworkPeer networkPeer(PeerId peer) {
    return new NetworkPeer(peer, requests, protocols, peers, answerBytes);
  }

  /// Asks a peer how far it is and what waits in its pool, while it is connected.
  private void keepAcquainted(NetworkPeer peer) {
    long poolAskedAt = Long.MIN_VALUE / 2;
    Map<Hash32, Long> refused = new HashMap<>();
    try {
      while (!closed) {
        try {
          boolean ours = learn(peer, peer.status(status()));
          long now = clock.millis();
          if (ours && Math.abs(now - poolAskedAt) >= POOL_MILLIS) {
            transactions.fetchFrom(peer, refused);
            poolAskedAt = now;
          }
        } catch (PeerException e) {
          peerSet.failed(peer, e);
        }
        awaitRefresh();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      peerSet.remove(peer);
    }
  }

  private void awaitRefresh() throws InterruptedException {
    synchronized (refreshing) {
      refreshing.wait(STATUS_MILLIS);
    }
  }

  /// Asks every peer now how far it is.
  public void refresh() {
    synchronized (refreshing) {
      refreshing.notifyAll();
    }
  }

  /// @return whether the peer is of our network
  private boolean learn(NetworkPeer peer, Status theirs) {
    String incompatibility = theirs.incompatibility(status());
    if (incompatibility != null) {
      LOG.debug("peer {}: {}", peer, incompatibility);
      return false;
    }
    return peerSet.update(peer, theirs);
  }

  /// Stops following and serving; the host stays.
  @Override
  public void close() {
    closed = true;
    taken.close();
    rangeSync.close();
    publisher.interrupt();
    acquaintances.values().forEach(Thread::interrupt);
    gossip.unsubscribe(protocols.blockTopic().name());
    gossip.unsubscribe(protocols.transactionTopic().name());
    for (Protocol<?, ?> served :
        new Protocol<?, ?>[] {
          protocols.status(),
          protocols.headers(),
          protocols.bodies(),
          protocols.receipts(),
          protocols.transactions(),
          protocols.pool()
        }) {
      host.unhandle(served.id());
    }
    blocks.close();
    try {
      publisher.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
