package io.semper.p2p;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.limits.Account;
import io.semper.p2p.limits.Limits;
import io.semper.p2p.mux.Mplex;
import io.semper.p2p.mux.MuxedStream;
import io.semper.p2p.mux.Muxer;
import io.semper.p2p.mux.Yamux;
import io.semper.p2p.quic.QuicMuxer;
import io.semper.p2p.quic.QuicTransport;
import io.semper.p2p.security.TlsCertificate;
import io.semper.p2p.transport.TcpSocket;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Listens and dials, over TCP and QUIC. What comes of it is secured, multiplexed, and given to the
/// host.
final class Transports implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Transports.class);

  static final String QUIC = "/quic-v1";

  /// What the host does with a connection.
  interface Admission {
    /// @throws IOException if it is not wanted; it is closed then
    void admit(Connection connection) throws IOException;
  }

  private final HostOptions options;
  private final Limits limits;
  private final Supplier<TlsCertificate> certificate;
  private final Upgrade upgrade;
  private final AcceptGate acceptGate;
  private final Account account;
  private final ScheduledThreadPoolExecutor clock;
  private final Admission inbound;
  private final BiConsumer<Connection, MuxedStream> acceptor;
  private final List<ServerSocketChannel> servers = new ArrayList<>();
  private QuicTransport quic;
  private volatile boolean closed;

  /// @param account of all connections together
  /// @param clock ends handshakes that take too long
  /// @param inbound of connections that peers have dialled
  /// @param acceptor given the streams that peers open; must not block
  Transports(
      HostOptions options,
      Account account,
      ScheduledThreadPoolExecutor clock,
      Admission inbound,
      BiConsumer<Connection, MuxedStream> acceptor) {
    this.options = options;
    this.limits = options.limits();
    this.certificate = TlsCertificate.onFirstUse(options.identity());
    this.upgrade = Upgrade.of(options, certificate);
    this.acceptGate = new AcceptGate(limits);
    this.account = account;
    this.clock = clock;
    this.inbound = inbound;
    this.acceptor = acceptor;
  }

  static boolean canDial(Multiaddr address) {
    return address.isTcp() || address.isQuic() && QuicTransport.isAvailable();
  }

  /// @param address without the peer's id
  Connection dial(PeerId peer, Multiaddr address, Admission admission) throws IOException {
    checkOpen();
    InetSocketAddress where = address.resolve();
    return address.isQuic()
        ? admit(quic().dial(where, peer), address, true, admission)
        : upgrade(TcpSocket.dial(where, limits.dialMillis()), peer, address, admission);
  }

  /// Listens from now on.
  ///
  /// @return the address with the port it was given
  Multiaddr listen(Multiaddr address) throws IOException {
    if (address.isQuic() && QuicTransport.isAvailable()) {
      return Multiaddr.quic(quic().listen(address.resolve(), new QuicAcceptor()));
    }
    if (!address.isTcp()) {
      throw new IOException("cannot listen at " + address);
    }
    ServerSocketChannel server = ServerSocketChannel.open();
    server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    synchronized (servers) {
      servers.add(server);
    }
    server.bind(address.resolve(), 1024);
    Thread.ofVirtual().name("p2p-accept").start(() -> accept(server));
    return Multiaddr.tcp((InetSocketAddress) server.getLocalAddress());
  }

  // TCP.

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
      upgrade(socket, null, Multiaddr.tcp(socket.remote()), inbound);
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

  /// Secures a bare connection and has it admitted.
  ///
  /// @param expected the peer that was dialled; null if the connection is inbound
  private Connection upgrade(
      TcpSocket socket, PeerId expected, Multiaddr remote, Admission admission) throws IOException {
    boolean outbound = expected != null;
    ScheduledFuture<?> deadline = deadline(socket);
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
              result.muxer(),
              result.earlyMuxer(),
              limits,
              new Account(limits.peerBytes(), account));
      connection.attach(muxer(result, socket, connection));
      admission.admit(connection);
      return connection;
    } catch (IOException | RuntimeException | Error e) {
      closeQuietly(socket);
      throw e;
    } finally {
      deadline.cancel(false);
    }
  }

  private ScheduledFuture<?> deadline(TcpSocket socket) throws IOException {
    try {
      return clock.schedule(
          () -> closeQuietly(socket), limits.handshakeMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      closeQuietly(socket);
      throw new IOException("the host is closed", e);
    }
  }

  private Muxer muxer(Upgrade.Result result, TcpSocket socket, Connection connection) {
    Consumer<MuxedStream> accept = stream -> acceptor.accept(connection, stream);
    return result.muxer().equals(Mplex.ID)
        ? new Mplex(result.channel(), socket, limits, connection.account(), accept)
        : new Yamux(
            result.channel(),
            socket,
            connection.isOutbound(),
            limits,
            connection.account(),
            accept);
  }

  // QUIC.

  private synchronized QuicTransport quic() throws IOException {
    checkOpen();
    if (quic == null) {
      quic = new QuicTransport(certificate.get(), limits, account);
    }
    return quic;
  }

  /// Has a QUIC connection admitted, which is secured and multiplexed already.
  private Connection admit(QuicMuxer muxer, Multiaddr remote, boolean outbound, Admission admission)
      throws IOException {
    Connection connection =
        new Connection(
            muxer.remoteKey(), remote, outbound, QUIC, QUIC, true, limits, muxer.account());
    connection.attach(muxer);
    try {
      admission.admit(connection);
    } catch (IOException | RuntimeException | Error e) {
      muxer.close();
      throw e;
    }
    muxer.acceptWith(stream -> acceptor.accept(connection, stream));
    return connection;
  }

  private final class QuicAcceptor implements QuicTransport.Acceptor {
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
        admit(muxer, Multiaddr.quic(from), false, inbound);
      } catch (IOException e) {
        LOG.debug("inbound connection of {}: {}", from, e.toString());
        acceptGate.leave(from.getAddress());
      } catch (RuntimeException | Error e) {
        acceptGate.leave(from.getAddress());
        throw e;
      }
    }
  }

  /// A connection that was admitted has ended.
  void ended(Connection connection) {
    if (!connection.isOutbound()) {
      try {
        acceptGate.leave(connection.remoteAddress().resolve().getAddress());
      } catch (IOException e) {
        throw new IllegalStateException("an inbound connection has an IP address", e);
      }
    }
  }

  /// Inbound connections whose handshake is under way.
  int pendingHandshakes() {
    return acceptGate.handshakes();
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new IOException("the host is closed");
    }
  }

  /// Listens no more and ends QUIC; connections over TCP are ended by whoever has them.
  @Override
  public void close() {
    closed = true;
    synchronized (servers) {
      servers.forEach(Transports::closeQuietly);
    }
    synchronized (this) {
      if (quic != null) {
        quic.close();
      }
    }
  }

  private static void closeQuietly(Closeable closeable) {
    try {
      if (closeable != null) {
        closeable.close();
      }
    } catch (IOException e) {
      LOG.debug("closing: {}", e.getMessage());
    }
  }
}
