package io.semper.p2p;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PeerRecord;
import io.semper.p2p.limits.Account;
import io.semper.p2p.limits.Limits;
import io.semper.p2p.limits.RateLimiter;
import io.semper.p2p.mux.MuxedStream;
import io.semper.p2p.mux.Yamux;
import io.semper.p2p.negotiate.NegotiationException;
import io.semper.p2p.protocol.Identify;
import io.semper.p2p.protocol.Perf;
import io.semper.p2p.protocol.Ping;
import io.semper.p2p.quic.QuicMuxer;
import io.semper.p2p.quic.QuicTransport;
import io.semper.p2p.security.TlsCertificate;
import io.semper.p2p.transport.TcpSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A peer of the network: it listens, dials, and serves protocols.
///
/// All calls that wait for the network block; they are meant for virtual threads.
public final class Host implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Host.class);

  /// Identify pushes of one peer that are read, a second.
  private static final int PUSHES_PER_SECOND = 2;

  private static final String QUIC = "/quic-v1";

  /// QUIC connections end when idle, and unlike Yamux their pings are ours to send.
  private static final int QUIC_PING_SECONDS = 10;

  private record Served(StreamHandler handler, int streamsPerPeer) {}

  private final HostOptions options;
  private final Limits limits;
  private final PeerId id;
  private final Upgrade upgrade;
  private final AcceptGate acceptGate;
  private final Account account;
  private final Map<String, Served> protocols = new ConcurrentHashMap<>();
  private final List<HostListener> listeners = new CopyOnWriteArrayList<>();
  private final List<ServerSocketChannel> servers = new ArrayList<>();
  private final List<Multiaddr> addresses = new CopyOnWriteArrayList<>();
  private final Map<PeerId, List<Connection>> connections = new HashMap<>();
  private final Map<PeerId, ReentrantLock> dials = new ConcurrentHashMap<>();
  private final Map<PeerId, RateLimiter> pushes = new ConcurrentHashMap<>();
  private final ScheduledThreadPoolExecutor clock;
  private QuicTransport quic;
  private int connectionCount;
  private int ticks;
  private volatile boolean closed;

  private Host(HostOptions options) {
    this.options = options;
    this.limits = options.limits();
    this.id = options.identity().peerId();
    this.upgrade =
        new Upgrade(
            options.identity(),
            TlsCertificate.create(options.identity()),
            options.securities(),
            options.earlyMuxer());
    this.acceptGate = new AcceptGate(limits);
    this.account = new Account(limits.totalBytes());
    this.clock =
        new ScheduledThreadPoolExecutor(
            1, task -> Thread.ofPlatform().daemon().name("p2p-clock").unstarted(task));
    clock.setRemoveOnCancelPolicy(true);
    handle(Identify.ID, 8, this::serveIdentify);
    handle(Identify.PUSH_ID, 2, this::servePush);
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
        host.listen(address);
      }
    } catch (IOException e) {
      host.close();
      throw e;
    }
    var _ = host.clock.scheduleWithFixedDelay(host::tick, 1, 1, TimeUnit.SECONDS);
    return host;
  }

  public PeerId id() {
    return id;
  }

  /// Where the host listens, with the ports it was given.
  public List<Multiaddr> addresses() {
    return List.copyOf(addresses);
  }

  public void addListener(HostListener listener) {
    listeners.add(listener);
  }

  /// Serves a protocol, and tells connected peers so.
  ///
  /// @param streamsPerPeer streams of one connection served at once; further ones are reset
  public void handle(String protocol, int streamsPerPeer, StreamHandler handler) {
    protocols.put(protocol, new Served(handler, streamsPerPeer));
    pushIdentify();
  }

  /// Serves a protocol no longer; streams under way go on.
  public void unhandle(String protocol) {
    if (protocols.remove(protocol) != null) {
      pushIdentify();
    }
  }

  public List<Connection> connections() {
    synchronized (connections) {
      List<Connection> all = new ArrayList<>();
      connections.values().forEach(of -> all.add(of.getLast()));
      return all;
    }
  }

  /// The connection to use for a peer, if there is any.
  public Optional<Connection> connection(PeerId peer) {
    synchronized (connections) {
      List<Connection> all = connections.get(peer);
      return all == null ? Optional.empty() : Optional.of(all.getLast());
    }
  }

  /// Opens a stream to a connected peer, see [Connection#open(String)].
  public Stream open(PeerId peer, String protocol) throws IOException {
    return connection(peer)
        .orElseThrow(() -> new IOException("not connected to " + peer))
        .open(protocol);
  }

  /// Connects to the peer the address names, or returns the connection there is.
  public Connection connect(Multiaddr address) throws IOException {
    PeerId peer =
        address.peerId().orElseThrow(() -> new IOException("address names no peer: " + address));
    return connect(peer, List.of(address));
  }

  /// Connects to a peer at the first address that answers, or returns the connection there is.
  /// Calls for the same peer at the same time share one dial.
  ///
  /// @throws IOException with what went wrong at the last address
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
      IOException last = new IOException("no address of " + peer + " can be dialled");
      for (Multiaddr address : where) {
        if (!canDial(address) || !options.gate().mayDial(peer, address)) {
          continue;
        }
        try {
          return dial(peer, address);
        } catch (IOException e) {
          last = e;
        }
      }
      throw last;
    } finally {
      if (!dial.hasQueuedThreads()) {
        dials.remove(peer, dial);
      }
      dial.unlock();
    }
  }

  private Connection dial(PeerId peer, Multiaddr address) throws IOException {
    checkOpen();
    if (address.isQuic()) {
      QuicMuxer muxer = quic().dial(address.resolve(), peer);
      return admit(muxer, address.withoutPeerId(), true);
    }
    TcpSocket socket = TcpSocket.dial(address.resolve(), limits.dialMillis());
    return upgrade(socket, peer, address.withoutPeerId());
  }

  private static boolean canDial(Multiaddr address) {
    return address.isTcp() || address.isQuic() && QuicTransport.isAvailable();
  }

  private synchronized QuicTransport quic() throws IOException {
    checkOpen();
    if (quic == null) {
      quic = new QuicTransport(TlsCertificate.create(options.identity()), limits, account);
    }
    return quic;
  }

  /// Takes in a QUIC connection, which is secured and multiplexed already.
  private Connection admit(QuicMuxer muxer, Multiaddr remote, boolean outbound)
      throws IOException {
    Connection connection =
        new Connection(
            muxer.remoteKey(),
            remote,
            outbound,
            QUIC,
            QUIC,
            true,
            limits,
            muxer.account());
    connection.attach(muxer);
    try {
      admit(connection);
    } catch (IOException e) {
      muxer.close();
      throw e;
    }
    muxer.acceptWith(stream -> serve(connection, stream));
    return connection;
  }

  private void listenQuic(Multiaddr address) throws IOException {
    InetSocketAddress bound =
        quic()
            .listen(
                address.resolve(),
                new QuicTransport.Acceptor() {
                  @Override
                  public boolean begin(InetSocketAddress from) {
                    return options.gate().mayAccept(from.getAddress())
                        && acceptGate.tryEnter(from.getAddress(), System.nanoTime());
                  }

                  @Override
                  public void ended(InetSocketAddress from, QuicMuxer muxer) {
                    acceptGate.handshakeEnded();
                    if (muxer == null) {
                      acceptGate.leave(from.getAddress());
                      return;
                    }
                    try {
                      admit(muxer, Multiaddr.quic(from), false);
                    } catch (IOException e) {
                      LOG.debug("inbound connection of {}: {}", from, e.toString());
                      acceptGate.leave(from.getAddress());
                    }
                  }
                });
    addresses.add(Multiaddr.quic(bound));
  }

  private void listen(Multiaddr address) throws IOException {
    if (address.isQuic() && QuicTransport.isAvailable()) {
      listenQuic(address);
      return;
    }
    if (!address.isTcp()) {
      throw new IOException("cannot listen at " + address);
    }
    ServerSocketChannel server = ServerSocketChannel.open();
    server.setOption(java.net.StandardSocketOptions.SO_REUSEADDR, true);
    synchronized (servers) {
      servers.add(server);
    }
    server.bind(address.resolve(), 1024);
    addresses.add(Multiaddr.tcp((InetSocketAddress) server.getLocalAddress()));
    Thread.ofVirtual().name("p2p-accept").start(() -> accept(server));
  }

  private void accept(ServerSocketChannel server) {
    while (!closed) {
      SocketChannel channel = null;
      try {
        channel = server.accept();
        InetAddress from = channel.socket().getInetAddress();
        if (from == null
            || !options.gate().mayAccept(from)
            || !acceptGate.tryEnter(from, System.nanoTime())) {
          channel.close();
          continue;
        }
        TcpSocket socket = TcpSocket.of(channel);
        Thread.ofVirtual().name("p2p-inbound").start(() -> acceptOne(socket, from));
      } catch (IOException e) {
        if (!closed) {
          LOG.debug("accepting: {}", e.getMessage());
          closeQuietly(channel);
          pause();
        }
      }
    }
  }

  /// Out of file descriptors, most likely: the loop must not spin.
  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void acceptOne(TcpSocket socket, InetAddress from) {
    try {
      upgrade(socket, null, Multiaddr.tcp(socket.remote()));
    } catch (IOException | MalformedInputException e) {
      LOG.debug("inbound connection of {}: {}", socket.remote(), e.toString());
      acceptGate.leave(from);
    } catch (RuntimeException | Error e) {
      acceptGate.leave(from);
      throw e;
    } finally {
      acceptGate.handshakeEnded();
    }
  }

  /// Secures a bare connection, takes it in, and starts its reader.
  ///
  /// @param expected the peer that was dialled; null if the connection is inbound
  private Connection upgrade(TcpSocket socket, PeerId expected, Multiaddr remote)
      throws IOException {
    boolean outbound = expected != null;
    ScheduledFuture<?> deadline =
        clock.schedule(() -> closeQuietly(socket), limits.handshakeMillis(), TimeUnit.MILLISECONDS);
    try {
      Upgrade.Result result =
          outbound ? upgrade.initiate(socket, expected) : upgrade.respond(socket);
      if (!deadline.cancel(false)) {
        throw new IOException("handshake took too long");
      }
      Connection connection =
          new Connection(
              result.channel().remoteKey(),
              remote,
              outbound,
              result.security(),
              Yamux.ID,
              result.earlyMuxer(),
              limits,
              new Account(limits.peerBytes(), account));
      connection.attach(
          new Yamux(
              result.channel(),
              socket,
              outbound,
              limits,
              connection.account(),
              stream -> serve(connection, stream)));
      admit(connection);
      return connection;
    } catch (IOException | RuntimeException e) {
      closeQuietly(socket);
      throw e;
    } finally {
      deadline.cancel(false);
    }
  }

  /// Takes a connection in and starts its reader.
  private void admit(Connection connection) throws IOException {
    PeerId peer = connection.peer();
    if (peer.equals(id) || !options.gate().mayConnect(peer, connection.isOutbound())) {
      throw new IOException("no connection wanted with " + peer);
    }
    boolean first;
    synchronized (connections) {
      checkOpen();
      if (connectionCount >= limits.connections()) {
        throw new IOException("too many connections");
      }
      connectionCount++;
      List<Connection> all = connections.computeIfAbsent(peer, p -> new ArrayList<>());
      first = all.isEmpty();
      add(all, connection);
    }
    Thread.ofVirtual().name("p2p-reader").start(() -> read(connection));
    if (first) {
      listeners.forEach(listener -> listener.connected(connection));
    }
    Thread.ofVirtual().name("p2p-identify").start(() -> identify(connection));
  }

  /// Puts the connection that survives last. Both sides choose the same: of two that were dialled
  /// from both ends, the one the smaller id dialled; of two from the same end, the newer.
  private void add(List<Connection> all, Connection added) {
    if (all.isEmpty()) {
      all.add(added);
      return;
    }
    Connection present = all.getLast();
    boolean smaller = id.compareTo(added.peer()) < 0;
    boolean keepsPresent =
        present.isOutbound() != added.isOutbound() && present.isOutbound() == smaller;
    all.add(keepsPresent ? all.size() - 1 : all.size(), added);
    (keepsPresent ? added : present).replaced(System.nanoTime());
  }

  private void read(Connection connection) {
    try {
      connection.muxer().run();
    } finally {
      connection.account().close();
      boolean last;
      synchronized (connections) {
        connectionCount--;
        List<Connection> all = connections.get(connection.peer());
        all.remove(connection);
        last = all.isEmpty();
        if (last) {
          connections.remove(connection.peer());
          pushes.remove(connection.peer());
        }
      }
      if (!connection.isOutbound()) {
        leave(connection);
      }
      LOG.debug("connection {} ended: {}", connection, connection.closedBecause().orElse(""));
      if (last) {
        listeners.forEach(listener -> listener.disconnected(connection));
      }
    }
  }

  private void leave(Connection connection) {
    try {
      acceptGate.leave(connection.remoteAddress().resolve().getAddress());
    } catch (IOException e) {
      throw new IllegalStateException("an inbound connection has an IP address", e);
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
      served.handler().handle(stream);
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
    } finally {
      if (protocol != null) {
        connection.endServing(protocol);
      }
    }
  }

  // Identify.

  private void identify(Connection connection) {
    try {
      Stream stream = connection.open(Identify.ID);
      try {
        stream.timeoutMillis(limits.identifyMillis());
        learn(connection, Identify.read(stream));
      } finally {
        stream.close();
      }
    } catch (IOException | MalformedInputException e) {
      LOG.debug("identify with {}: {}", connection, e.toString());
    }
  }

  private void learn(Connection connection, Identify told) {
    if (told.publicKey() != null && !Arrays.equals(told.publicKey(), connection.key().encode())) {
      throw new MalformedInputException("identify with another key than the connection's", 0);
    }
    connection.identity(told);
    listeners.forEach(listener -> listener.identified(connection));
  }

  private void serveIdentify(Stream stream) throws IOException {
    stream.timeoutMillis(limits.identifyMillis());
    byte[] message = told(stream.connection()).encode();
    stream.writeLast(message, 0, message.length);
  }

  private void servePush(Stream stream) throws IOException {
    stream.timeoutMillis(limits.identifyMillis());
    Connection connection = stream.connection();
    RateLimiter rate =
        pushes.computeIfAbsent(
            connection.peer(),
            p -> new RateLimiter(PUSHES_PER_SECOND, 10 * PUSHES_PER_SECOND, System.nanoTime()));
    synchronized (rate) {
      if (!rate.tryTake(System.nanoTime())) {
        throw new IOException("identify pushes without end");
      }
    }
    Identify push = Identify.read(stream);
    Identify before = connection.identity().orElse(push);
    learn(
        connection,
        new Identify(
            push.publicKey() == null ? before.publicKey() : push.publicKey(),
            push.addresses().isEmpty() ? before.addresses() : push.addresses(),
            push.protocols().isEmpty() ? before.protocols() : push.protocols(),
            push.observedAddress() == null ? before.observedAddress() : push.observedAddress(),
            push.protocolVersion().isEmpty() ? before.protocolVersion() : push.protocolVersion(),
            push.agentVersion().isEmpty() ? before.agentVersion() : push.agentVersion(),
            push.signedRecord() == null ? before.signedRecord() : push.signedRecord()));
  }

  private void pushIdentify() {
    for (Connection connection : connections()) {
      Optional<Identify> identity = connection.identity();
      if (identity.isPresent() && identity.get().protocols().contains(Identify.PUSH_ID)) {
        Thread.ofVirtual().name("p2p-push").start(() -> push(connection));
      }
    }
  }

  private void push(Connection connection) {
    try {
      Stream stream = connection.open(Identify.PUSH_ID);
      stream.timeoutMillis(limits.identifyMillis());
      byte[] message = told(connection).encode();
      stream.writeLast(message, 0, message.length);
      stream.close();
    } catch (IOException e) {
      LOG.debug("identify push to {}: {}", connection, e.toString());
    }
  }

  /// What we tell a peer about ourselves.
  private Identify told(Connection connection) {
    List<Multiaddr> where = addresses();
    byte[] record = new PeerRecord(id, System.currentTimeMillis(), where).seal(options.identity());
    return new Identify(
        options.identity().publicKey().encode(),
        where,
        protocols.keySet().stream().sorted().toList(),
        connection.remoteAddress(),
        options.protocolVersion(),
        options.agentVersion(),
        record);
  }

  /// Pings a connected peer once, over a stream of its own.
  ///
  /// @return nanoseconds until the answer
  public long ping(PeerId peer) throws IOException {
    Stream stream = open(peer, Ping.ID);
    try {
      stream.timeoutMillis(limits.pingMillis());
      return Ping.ping(stream, RandomGenerator.getDefault());
    } finally {
      stream.close();
    }
  }

  /// Ends all connections of a peer.
  public void disconnect(PeerId peer) {
    List<Connection> all;
    synchronized (connections) {
      all = List.copyOf(connections.getOrDefault(peer, List.of()));
    }
    all.forEach(Connection::close);
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
    List<Connection> all = new ArrayList<>();
    synchronized (connections) {
      connections.values().forEach(all::addAll);
    }
    for (Connection connection : all) {
      connection.muxer().tick(now);
      connection.closeIfReplaced(now);
      if (ticks % QUIC_PING_SECONDS == 0 && connection.muxerName().equals(QUIC)) {
        Thread.ofVirtual().name("p2p-ping").start(() -> keepAlive(connection));
      }
    }
    ticks++;
  }

  private void keepAlive(Connection connection) {
    try (Stream stream = connection.open(Ping.ID)) {
      stream.timeoutMillis(limits.pingMillis());
      Ping.ping(stream, RandomGenerator.getDefault());
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
    return acceptGate.handshakes();
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new IOException("the host is closed");
    }
  }

  /// Stops listening and ends all connections.
  @Override
  public void close() {
    List<Connection> all = new ArrayList<>();
    synchronized (connections) {
      closed = true;
      connections.values().forEach(all::addAll);
    }
    synchronized (servers) {
      servers.forEach(Host::closeQuietly);
    }
    all.forEach(Connection::close);
    synchronized (this) {
      if (quic != null) {
        quic.close();
      }
    }
    clock.shutdownNow();
  }

  private static void closeQuietly(java.io.Closeable closeable) {
    try {
      if (closeable != null) {
        closeable.close();
      }
    } catch (IOException e) {
      LOG.debug("closing: {}", e.getMessage());
    }
  }
}
