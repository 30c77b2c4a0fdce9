package io.semper.node.light;

import io.semper.core.rlp.MalformedInputException;
import io.semper.lightclient.LightClient;
import io.semper.lightclient.beacon.BeaconSource;
import io.semper.lightclient.beacon.ConsensusNetwork;
import io.semper.p2p.discovery.Discovery;
import io.semper.p2p.discovery.NodeRecord;
import io.semper.p2p.identity.Multiaddr;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/// Looks for beacon nodes that nobody has named: those of the chain's present fork that speak
/// libp2p over TCP. Few of them have room for one more and serve light clients, so they are tried
/// until some do.
public final class BeaconSearch implements AutoCloseable {
  /// Sources of a client at most where they are searched for.
  private static final int MOST_SOURCES = 16;

  /// Sources that answer, with which the search rests.
  private static final int ENOUGH = 4;

  /// Nodes found and not yet tried.
  private static final int MAX_WAITING = 256;

  private static final long PAUSE_MILLIS = 2_000;

  private final ConsensusNetwork network;
  private final BeaconLink link;
  private final LongSupplier wallMillis;
  private final BlockingQueue<Multiaddr> waiting = new LinkedBlockingQueue<>(MAX_WAITING);
  private volatile BooleanSupplier enough = () -> false;
  private final Discovery discovery;
  private Thread feeder;

  /// @param wallMillis milliseconds since 1970
  BeaconSearch(
      ConsensusNetwork network,
      BeaconLink link,
      List<NodeRecord> bootnodes,
      LongSupplier wallMillis)
      throws IOException {
    this.network = network;
    this.link = link;
    this.wallMillis = wallMillis;
    discovery =
        Discovery.start(
            BeaconLink.newScalar(),
            new InetSocketAddress(0),
            bootnodes,
            new SecureRandom(),
            () -> waiting.remainingCapacity() > 0 && !enough.getAsBoolean(),
            this::found);
  }

  /// The bootnodes of a public network; none of others.
  public static List<NodeRecord> publicBootnodes(String network) {
    if (!network.matches("[a-z]+")) {
      return List.of();
    }
    try (InputStream in = BeaconSearch.class.getResourceAsStream(network + ".enr")) {
      return in == null
          ? List.of()
          : new String(in.readAllBytes(), StandardCharsets.US_ASCII)
              .lines()
              .map(NodeRecord::parse)
              .toList();
    } catch (IOException | MalformedInputException e) {
      throw new IllegalStateException("bootnodes of " + network, e);
    }
  }

  private void found(NodeRecord record) {
    int present = network.digestAtMillis(wallMillis.getAsLong());
    boolean ours =
        record
            .value("eth2")
            .filter(forks -> forks.length >= Integer.BYTES)
            .filter(forks -> ByteBuffer.wrap(forks).getInt() == present)
            .isPresent();
    if (ours) {
      record.tcp().ifPresent(waiting::offer);
    }
  }

  /// The next node found, `null` where there is none in time.
  BeaconSource next(long millis) throws InterruptedException {
    Multiaddr address = waiting.poll(millis, TimeUnit.MILLISECONDS);
    return address == null ? null : link.peer(address);
  }

  /// Has a client ask nodes that are found, until enough answer, and again when they do no more.
  void feed(LightClient client) {
    enough =
        () ->
            client.consensus().stream()
                    .filter(each -> !each.banned() && each.problem() == null)
                    .count()
                >= ENOUGH;
    feeder = Thread.ofVirtual().name("beacon-search").start(() -> feedForEver(client));
  }

  private void feedForEver(LightClient client) {
    try {
      BeaconSource next = null;
      while (true) {
        if (!enough.getAsBoolean()) {
          next = next == null ? next(PAUSE_MILLIS) : next;
          next = next != null && client.addConsensus(next, MOST_SOURCES) ? null : next;
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException closing) {
      // It ends with whoever asked for it.
    }
  }

  @Override
  public void close() {
    if (feeder != null) {
      feeder.interrupt();
    }
    discovery.close();
  }
}
