package io.semper.node;

import io.semper.chain.importer.BlockImporter;
import io.semper.chain.sync.Replication;
import io.semper.chain.sync.SyncLimits;
import io.semper.core.types.Block;
import io.semper.core.view.PoolView;
import io.semper.node.config.NetworkFile;
import io.semper.node.config.PeerSettings;
import io.semper.node.qbft.ConsensusTopic;
import io.semper.p2p.Connection;
import io.semper.p2p.Host;
import io.semper.p2p.HostListener;
import io.semper.p2p.HostOptions;
import io.semper.p2p.gossip.Gossip;
import io.semper.p2p.gossip.GossipLimits;
import io.semper.p2p.gossip.GossipParameters;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.limits.Limits;
import io.semper.p2p.peers.Peers;
import io.semper.p2p.peers.PeersOptions;
import io.semper.rpc.eth.NodeStatus.SyncProgress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The node among others: a libp2p host, whom it knows, and the ledger replicated with them.
final class PeerNetwork implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PeerNetwork.class);

  private static final int TARGET_PEERS = 16;
  private static final int MAX_PEERS = 64;

  private static final int FLOOD_BYTES = 1 << 20;
  private static final int KEEP_ALIVE_MILLIS = 3_000;
  private static final int PING_MILLIS = 5_000;
  private static final int STALL_MILLIS = 8_000;

  /// A whole block in one message, and room for what surrounds it.
  private static final GossipLimits GOSSIP_LIMITS =
      new GossipLimits(
          12 << 20,
          MAX_PEERS,
          64,
          1 << 17,
          128L << 20,
          4_096,
          128L << 20,
          1_024,
          32L << 20,
          32 << 20,
          4_096);

  private final BlockImporter importer;
  private final Host host;
  private final Peers peers;
  private final Gossip gossip;
  private final Replication replication;
  private ConsensusTopic consensus;

  private PeerNetwork(
      BlockImporter importer, Host host, Peers peers, Gossip gossip, Replication replication) {
    this.importer = importer;
    this.host = host;
    this.peers = peers;
    this.gossip = gossip;
    this.replication = replication;
  }

  /// Listens, begins to dial, and replicates.
  ///
  /// @throws UncheckedIOException where the port cannot be had or a file not be written
  static PeerNetwork start(
      PeerSettings settings,
      String clientVersion,
      BlockImporter importer,
      PoolView pool,
      Clock clock) {
    PrivateKey identity = PrivateKey.secp256k1(settings.identity());
    PeersOptions wanted =
        PeersOptions.of(TARGET_PEERS, MAX_PEERS)
            .withBootnodes(settings.bootnodes())
            .withAllowed(settings.allowed());
    Limits limits = Limits.defaults();
    GossipParameters parameters = GossipParameters.DEFAULT;
    if (importer.ledger().network().qbft() != null) {
      // A proposal goes to every validator at once. Agreement waits for a validator that can be
      // reached again: it is dialled without end, and a
      // connection over which nothing comes is given up soon.
      wanted = wanted.withFixed(withPeerId(settings.bootnodes()));
      parameters = parameters.withFloodPublish(FLOOD_BYTES);
      limits = limits.withKeepAlive(KEEP_ALIVE_MILLIS, PING_MILLIS, STALL_MILLIS);
    }
    if (settings.addressBook().isPresent()) {
      wanted = wanted.withBook(settings.addressBook().get());
    }
    Peers peers = new Peers(wanted, clock::millis, new Random());
    Host host = null;
    try {
      host =
          Host.start(
              HostOptions.of(identity, clientVersion)
                  .withListen(listenAddresses(settings))
                  .withLimits(limits)
                  .withGate(peers));
      Gossip gossip =
          Gossip.start(host, identity, parameters, GOSSIP_LIMITS, Set.of(), new SecureRandom());
      Replication replication =
          Replication.start(importer, pool, host, peers, gossip, SyncLimits.DEFAULT, clock);
      peers.start(host);
      PeerNetwork network = new PeerNetwork(importer, host, peers, gossip, replication);
      network.writeNetworkFile(settings);
      LOG.info("libp2p at {}", network.addresses());
      return network;
    } catch (IOException e) {
      if (host != null) {
        host.close();
      }
      throw new UncheckedIOException(e);
    }
  }

  private static List<Multiaddr> withPeerId(List<Multiaddr> addresses) {
    return addresses.stream().filter(address -> address.peerId().isPresent()).toList();
  }

  private static Multiaddr[] listenAddresses(PeerSettings settings) throws IOException {
    InetAddress address = InetAddress.getByName(settings.host());
    List<Multiaddr> all = new ArrayList<>();
    all.add(Multiaddr.tcp(new InetSocketAddress(address, settings.port())));
    if (settings.quicPort().isPresent()) {
      all.add(Multiaddr.quic(new InetSocketAddress(address, settings.quicPort().getAsInt())));
    }
    return all.toArray(Multiaddr[]::new);
  }

  /// Where others reach this node.
  private List<Multiaddr> addresses() {
    return host.reachableAddresses().stream()
        .map(address -> address.withPeerId(host.id()))
        .toList();
  }

  private void writeNetworkFile(PeerSettings settings) throws IOException {
    if (settings.networkFile().isEmpty() || settings.genesisFile().isEmpty()) {
      return;
    }
    List<Multiaddr> all = new ArrayList<>(addresses());
    for (Multiaddr bootnode : settings.bootnodes()) {
      boolean own = bootnode.peerId().map(host.id()::equals).orElse(false);
      if (!own && !all.contains(bootnode)) {
        all.add(bootnode);
      }
    }
    new NetworkFile(settings.genesisFile().get(), all).write(settings.networkFile().get());
  }

  /// Tells the network of a block made here.
  void announce(Block block) throws InterruptedException {
    replication.announce(block);
  }

  /// The same on a thread that must not wait: dropped where too much waits, for peers to fetch.
  void offer(Block block) {
    replication.offer(block);
  }

  /// Where validators agree. Closed with the rest.
  ConsensusTopic consensus() {
    ConsensusTopic topic = new ConsensusTopic(gossip, replication, replication.consensusTopic());
    consensus = topic;
    host.addListener(
        new HostListener() {
          @Override
          public void disconnected(Connection connection) {
            topic.disconnected(connection.peer());
          }
        });
    return topic;
  }

  int peerCount() {
    return replication.peerCount();
  }

  Optional<SyncProgress> syncing() {
    long head = importer.ledger().head().number();
    return replication.target().isPresent() && replication.target().getAsLong() > head
        ? Optional.of(new SyncProgress(0, head, replication.target().getAsLong()))
        : Optional.empty();
  }

  /// Connections end first: topics left one by one would have peers refuse this node, which may be
  /// back in a second, for a while.
  @Override
  public void close() {
    peers.close();
    host.close();
    if (consensus != null) {
      consensus.close();
    }
    replication.close();
    gossip.close();
  }
}
