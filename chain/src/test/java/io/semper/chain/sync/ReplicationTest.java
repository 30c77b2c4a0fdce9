package io.semper.chain.sync;

import static io.semper.chain.producer.DevChain.GWEI;
import static io.semper.chain.producer.DevChain.transfer;
import static org.assertj.core.api.Assertions.assertThat;

import io.semper.chain.importer.BlockImporter;
import io.semper.chain.pool.PoolLimits;
import io.semper.chain.producer.DevChain;
import io.semper.chain.producer.Mempool;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Transaction;
import io.semper.core.view.PoolView;
import io.semper.core.view.PoolView.Submission;
import io.semper.p2p.Host;
import io.semper.p2p.HostOptions;
import io.semper.p2p.gossip.Gossip;
import io.semper.p2p.gossip.GossipLimits;
import io.semper.p2p.gossip.GossipParameters;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.peers.Peers;
import io.semper.p2p.peers.PeersOptions;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Transactions between two nodes, over real connections.
class ReplicationTest {
  private static final long PATIENCE_SECONDS = 60;

  private final List<Fellow> all = new ArrayList<>();

  private static final class Fellow {
    final DevChain chain = new DevChain(PoolLimits.DEFAULT, null);
    final AtomicLong millis = new AtomicLong(1_800_000_000_000L);
    final BlockImporter importer = new BlockImporter(chain.ledger);
    final Peers peers;
    final Host host;
    final Gossip gossip;
    final Replication replication;

    Fellow(int number) throws IOException {
      byte[] secret = new byte[32];
      Arrays.fill(secret, (byte) number);
      PrivateKey identity = PrivateKey.ed25519(secret);
      InstantSource time = () -> Instant.ofEpochMilli(millis.get());
      Clock clock = time.withZone(ZoneOffset.UTC);
      peers = new Peers(PeersOptions.of(1, 4), clock::millis, new Random(number));
      Multiaddr anyPort = Multiaddr.parse("/ip4/127.0.0.1/tcp/0");
      host = Host.start(HostOptions.of(identity, "test").withListen(anyPort).withGate(peers));
      gossip =
          Gossip.start(
              host,
              identity,
              GossipParameters.DEFAULT,
              GOSSIP_LIMITS,
              Set.of(),
              new Random(number));
      PoolView pool =
          new Mempool(chain.pool, chain.builder, chain.ledger, chain.choices::attributes);
      replication =
          Replication.start(importer, pool, host, peers, gossip, SyncLimits.DEFAULT, clock);
    }

    void close() {
      host.close();
      replication.close();
      gossip.close();
      importer.close();
      chain.pool.close();
    }
  }

  private static final GossipLimits GOSSIP_LIMITS =
      new GossipLimits(
          12 << 20,
          8,
          64,
          1 << 17,
          128L << 20,
          4_096,
          128L << 20,
          1_024,
          32L << 20,
          32 << 20,
          4_096);

  private Fellow fellow() throws IOException {
    Fellow fellow = new Fellow(all.size() + 1);
    all.add(fellow);
    return fellow;
  }

  @AfterEach
  void close() {
    all.forEach(Fellow::close);
  }

  private static void accepted(Fellow at, Transaction transaction) {
    assertThat(at.chain.submit(transaction)).isInstanceOf(Submission.Accepted.class);
  }

  /// What gossip loses, for whatever reason, is taken over from the pool of who has it.
  @Test
  void whatGossipLosesArrivesAllTheSame() throws Exception {
    Fellow a = fellow();
    Fellow b = fellow();
    CountDownLatch first = new CountDownLatch(1);
    CountDownLatch second = new CountDownLatch(1);
    b.chain.pool.onPending(t -> (t.nonce() == 0 ? first : second).countDown());
    accepted(a, transfer(0, 0, UInt256.ONE, GWEI));
    b.host.connect(a.host.id(), a.host.reachableAddresses());
    assertThat(first.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();

    a.gossip.close();
    accepted(a, transfer(0, 1, UInt256.ONE, GWEI));
    b.millis.addAndGet(3_600_000);
    b.replication.refresh();
    assertThat(second.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  /// A transaction that waits for one nobody has is known to all, so that it goes on at once when
  /// that comes, whoever brings it.
  @Test
  void whatWaitsBehindAGapSpreads() throws Exception {
    Fellow a = fellow();
    Fellow b = fellow();
    CountDownLatch fetched = new CountDownLatch(1);
    CountDownLatch gossiped = new CountDownLatch(1);
    b.chain.pool.onTaken(t -> (t.nonce() == 2 ? fetched : gossiped).countDown());
    accepted(a, transfer(0, 2, UInt256.ONE, GWEI));
    b.host.connect(a.host.id(), a.host.reachableAddresses());
    assertThat(fetched.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();

    accepted(a, transfer(0, 1, UInt256.ONE, GWEI));
    assertThat(gossiped.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  private interface Asked {
    void accept(List<Hash32> hashes) throws PeerException, InterruptedException;
  }

  private static TransactionGossip.PoolPeer peer(DevChain of, List<Hash32> told, Asked asked) {
    return new TransactionGossip.PoolPeer() {
      @Override
      public List<Hash32> pooled() {
        return told;
      }

      @Override
      public List<byte[]> transactions(List<Hash32> hashes)
          throws PeerException, InterruptedException {
        asked.accept(List.copyOf(hashes));
        return hashes.stream().map(h -> of.pool.transaction(h).orElseThrow().encode()).toList();
      }
    };
  }

  /// After a start all peers tell of the same transactions. Each is brought by one of them.
  @Test
  void whatOnePeerIsBringingIsNotAskedOfAnother() throws Exception {
    DevChain theirs = new DevChain(PoolLimits.DEFAULT, null);
    List<Hash32> told = new ArrayList<>();
    for (int nonce = 0; nonce < 7; nonce++) {
      Transaction transaction = transfer(0, nonce, UInt256.ONE, GWEI);
      theirs.submit(transaction);
      told.add(transaction.hash());
    }
    DevChain ours = new DevChain(PoolLimits.DEFAULT, null);
    PoolView pool = new Mempool(ours.pool, ours.builder, ours.ledger, ours.choices::attributes);
    SyncLimits limits = new SyncLimits(8, 3, 8, 4 << 20, 4, 1 << 20, 16, 5_000);
    TransactionGossip gossip = new TransactionGossip(pool, limits, Clock.systemUTC());
    List<Hash32> ofOther = new ArrayList<>();
    TransactionGossip.PoolPeer other = peer(theirs, told, ofOther::addAll);
    List<Hash32> ofOne = new ArrayList<>();
    Asked first =
        hashes -> {
          if (ofOne.isEmpty()) {
            ofOne.addAll(hashes);
            gossip.fetchFrom(other, new HashMap<>()); // while this one has not answered yet
          } else {
            ofOne.addAll(hashes);
          }
        };
    gossip.fetchFrom(peer(theirs, told, first), new HashMap<>());
    assertThat(ofOne).containsExactlyElementsOf(told.subList(0, 3));
    assertThat(ofOther).containsExactlyElementsOf(told.subList(3, 7));
    assertThat(ours.pool.size()).isEqualTo(7);
  }

  /// Where more wait than are told of, those are told that can be in the next block.
  @Test
  void theFirstOfEachSenderAreToldFirst() {
    DevChain chain = new DevChain(PoolLimits.DEFAULT, null);
    Set<Hash32> next = new HashSet<>();
    for (int sender = 0; sender < 4; sender++) {
      for (long nonce = 0; nonce < 3; nonce++) {
        Transaction transaction = transfer(sender, nonce, UInt256.ONE, GWEI);
        chain.submit(transaction);
        if (nonce < 2) {
          next.add(transaction.hash());
        }
      }
    }
    PoolView pool = new Mempool(chain.pool, chain.builder, chain.ledger, chain.choices::attributes);
    SyncLimits limits = new SyncLimits(8, 3, 8, 4 << 20, 4, 1 << 20, 16, 5_000);
    assertThat(new ChainAnswers(chain.ledger, pool, limits).pooled())
        .containsExactlyInAnyOrderElementsOf(next);
  }
}
