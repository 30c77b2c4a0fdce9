package io.semper.p2p;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.limits.Account;
import io.semper.p2p.limits.Limits;
import io.semper.p2p.mux.MuxedStream;
import io.semper.p2p.mux.Yamux;
import io.semper.p2p.negotiate.NegotiationException;
import io.semper.p2p.protocol.Identify;
import io.semper.p2p.protocol.Perf;
import io.semper.p2p.protocol.Ping;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A peer of the network: it listens, dials, and serves protocols.
///
/// All calls that wait for the network block; they are meant for virtual threads.
public final class Host implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Host.class);

  /// QUIC connections end when idle and dead ones over mplex never do; unlike Yamux neither has
  /// pings of its own.
  private static final int PING_SECONDS = 10;

  private record Served(StreamHandler handler, int streamsPerPeer) {}

  private final HostOptions options;
  private final Limits limits;
  private final PeerId id;
  private final Account account;
  private final Map<String, Served> protocols = new ConcurrentHashMap<>();
  private final List<HostListener> listeners = new CopyOnWriteArrayList<>();
  private final List<Multiaddr> addresses = new CopyOnWriteArrayList<>();
  private final Connections connections;

  /// Held while listeners are told that a peer has come or gone: they hear of it in the order in
  /// which it happens, also where a peer comes back at once. Whether a peer may come is asked under
  /// it too: two at once would both find the last place free.
  private final ReentrantLock telling = new ReentrantLock();

  private final Map<PeerId, ReentrantLock> dials = new ConcurrentHashMap<>();
  private final ScheduledThreadPoolExecutor clock;
  private final Transports transports;
  private final Identification identification;

  /// Virtual, as the readers are: where these do not get to run, no time passes by which peers
  /// would be held for silent.
  private final Thread ticker = Thread.ofVirtual().name("p2p-ticks").unstarted(this::ticks);

  private int ticks;

  private Host(HostOptions options) {
    this.options = options;
    this.limits = options.limits();
    this.id = options.identity().peerId();
    this.account = new Account(limits.totalBytes());
    this.connections = new Connections(id, limits);
    this.clock =
        new ScheduledThreadPoolExecutor(
            1, task -> Thread.ofPlatform().daemon().name("p2p-clock").unstarted(task));
    clock.setRemoveOnCancelPolicy(true);
    this.transports = new Transports(options, account, clock, this::admit, this::serve);
    this.identification =
        new Identification(
            options,
            this::reachableAddresses,
            () -> protocols.keySet().stream().sorted().toList(),
            connection -> listeners.forEach(listener -> listener.identified(connection)));
    handle(Identify.ID, 8, identification::serve);
    handle(Identify.PUSH_ID, 2, identification::servePush);
    handle(Ping.ID, Ping.MAX_STREAMS, Ping::serve);
    if (options.perf()) {
      handle(Perf.ID, 4, Perf::serve);
    }
  }

  /// Starts to listen; connections are served from now on.
  public static Host start(HostOptions options) throws IOException {
    Host host = new Host(options);
    try {
      for (Multiaddr address : options.listen()) {
        host.addresses.add(host.transports.listen(address));
      }
    } catch (IOException e) {
      host.close();
      throw e;
    }
    host.ticker.start();
    return host;
  }

  public PeerId id() {
    return id;
  }

  /// Where the host listens, with the ports it was given.
  public List<Multiaddr> addresses() {
    return List.copyOf(addresses);
  }

  /// Where others may reach the host: as [#addresses], but for a host that listens at all addresses
  /// of its machine each of them.
  public List<Multiaddr> reachableAddresses() {
    return addresses.stream().flatMap(address -> LocalAddresses.of(address).stream()).toList();
  }

  public void addListener(HostListener listener) {
    listeners.add(listener);
  }

  /// Serves a protocol, and tells connected peers so.
  ///
  /// @param streamsPerPeer streams of one connection served at once; further ones are reset
  public void handle(String protocol, int streamsPerPeer, StreamHandler handler) {
    protocols.put(protocol, new Served(handler, streamsPerPeer));
    identification.push(connections());
  }

  /// Serves a protocol no longer; streams under way go on.
  public void unhandle(String protocol) {
    if (protocols.remove(protocol) != null) {
      identification.push(connections());
    }
  }

  public List<Connection> connections() {
    return connections.used();
  }

  /// The connection to use for a peer, if there is any.
  public Optional<Connection> connection(PeerId peer) {
    return connections.used(peer);
  }

  /// Opens a stream to a connected peer, see [Connection#open(String)].
  public Stream open(PeerId peer, String protocol) throws IOException {
    return connected(peer).open(protocol);
  }

  private Connection connected(PeerId peer) throws IOException {
    return connection(peer).orElseThrow(() -> new IOException("not connected to " + peer));
  }

  /// Connects to the peer the address names, or returns the connection there is.
  public Connection connect(Multiaddr address) throws IOException {
    PeerId peer =
        address.peerId().orElseThrow(() -> new IOException("address names no peer: " + address));
    return connect(peer, List.of(address));
  }

  /// Connects to a peer at the first address that answers, or returns the connection there is.
  /// Several addresses are dialled at the same time, QUIC first, at most [Dial#MAX_ADDRESSES].
  /// Calls for the same peer at the same time share one dial.
  ///
  /// @throws IOException that names the peer, where it was dialled, and what went wrong last
  public Connection connect(PeerId peer, List<Multiaddr> where) throws IOException {
    if (peer.equals(id)) {
      throw new IOException("that is this host itself");
    }
    ReentrantLock dial = dials.computeIfAbsent(peer, p -> new ReentrantLock());
    dial.lock();
    try {
      Optional<Connection> present = connection(peer);
      if (present.isPresent()) {
        return present.get();
      }
      List<Multiaddr> wanted =
          where.stream()
              .filter(Transports::canDial)
              .filter(address -> options.gate().mayDial(peer, address))
              .toList();
      return new Dial(
              peer,
              wanted,
              (address, admission) -> transports.dial(peer, address, admission),
              this::admit)
          .run();
    } finally {
      if (!dial.hasQueuedThreads()) {
        dials.remove(peer, dial);
      }
      dial.unlock();
    }
  }

  /// Takes a connection in and starts its reader.
  private void admit(Connection connection) throws IOException {
    PeerId peer = connection.peer();
    telling.lock();
    try {
      if (peer.equals(id) || !options.gate().mayConnect(peer, connection.isOutbound())) {
        throw new IOException("no connection wanted with " + peer);
      }
      boolean first = connections.add(connection, System.nanoTime());
      try {
        if (first) {
          listeners.forEach(listener -> listener.connected(connection));
        }
      } finally {
        // Whatever listeners do: it is the reader that takes the connection out again.
        Thread.ofVirtual().name("p2p-reader").start(() -> read(connection));
      }
    } finally {
      telling.unlock();
    }
    Thread.ofVirtual().name("p2p-identify").start(() -> identification.ask(connection));
  }

  private void read(Connection connection) {
    try {
      connection.muxer().run();
    } finally {
      connection.account().close();
      transports.ended(connection);
      LOG.debug("connection {} ended: {}", connection, connection.closedBecause().orElse(""));
      telling.lock();
      try {
        if (connections.remove(connection)) {
          listeners.forEach(listener -> listener.disconnected(connection));
        }
      } finally {
        telling.unlock();
      }
    }
  }

  private void serve(Connection connection, MuxedStream muxed) {
    Thread.ofVirtual().name("p2p-stream").start(() -> serveNow(connection, muxed));
  }

  private void serveNow(Connection connection, MuxedStream muxed) {
    String protocol = null;
    try {
      Stream stream =
          Stream.respond(muxed, connection, limits.negotiateMillis(), protocols::containsKey);
      Served served = protocols.get(stream.protocol());
      if (served == null || !connection.beginServing(stream.protocol(), served.streamsPerPeer())) {
        muxed.reset(0);
        return;
      }
      protocol = stream.protocol();
      try {
        served.handler().handle(stream);
      } finally {
        // Before the peer hears of the end, since then it may open the next.
        connection.endServing(protocol);
      }
      stream.close();
    } catch (NegotiationException e) {
      // Ended and not reset, so that the peer still reads the refusal.
      LOG.debug("stream of {}: {}", connection, e.getMessage());
      muxed.close();
    } catch (IOException | MalformedInputException e) {
      LOG.debug("stream {} of {}: {}", protocol, connection, e.toString());
      muxed.reset(0);
    } catch (RuntimeException | Error e) {
      LOG.error("serving {} to {}", protocol, connection, e);
      muxed.reset(0);
      throw e;
    }
  }

  /// Pings a connected peer once, over a stream of its own.
  ///
  /// @return nanoseconds until the answer
  public long ping(PeerId peer) throws IOException {
    return connected(peer).ping();
  }

  /// Ends all connections of a peer.
  public void disconnect(PeerId peer) {
    connections.all(peer).forEach(Connection::close);
  }

  private void ticks() {
    try {
      while (true) {
        TimeUnit.SECONDS.sleep(1);
        tick();
      }
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    }
  }

  private void tick() {
    try {
      tickAll();
    } catch (RuntimeException e) {
      // Thrown on, it would stop the clock of all connections.
      LOG.error("keeping connections alive", e);
    }
  }

  private void tickAll() {
    long now = System.nanoTime();
    for (Connection connection : connections.all()) {
      connection.muxer().tick(now);
      connection.closeIfReplaced(now);
      if (ticks % PING_SECONDS == 0 && !connection.muxerName().equals(Yamux.ID)) {
        Thread.ofVirtual().name("p2p-ping").start(() -> keepAlive(connection));
      }
    }
    ticks++;
  }

  private void keepAlive(Connection connection) {
    try {
      connection.ping();
    } catch (NegotiationException answered) {
      LOG.debug("{} does not know pings, but it answers", connection.peer());
    } catch (IOException e) {
      connection.fail("a ping was not answered: " + e.getMessage());
    }
  }

  /// Bytes buffered for all peers together.
  public long heldBytes() {
    return account.heldBytes();
  }

  /// Inbound connections whose handshake is under way.
  public int pendingHandshakes() {
    return transports.pendingHandshakes();
  }

  /// Stops listening and ends all connections.
  @Override
  public void close() {
    connections.close();
    connections.all().forEach(Connection::close);
    transports.close();
    ticker.interrupt();
    clock.shutdownNow();
  }
}
