package io.semper.p2p.quic;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.ssl.ClientAuth;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PublicKey;
import io.semper.p2p.limits.Account;
import io.semper.p2p.limits.Limits;
import io.semper.p2p.security.PeerCertificates;
import io.semper.p2p.security.TlsCertificate;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/// Dials and accepts QUIC connections.
// netty reports what went wrong to the handlers as well.
@SuppressWarnings("FutureReturnValueIgnored")
public final class QuicTransport implements AutoCloseable {
  private static final String ALPN = "libp2p";

  /// Windows at first; quiche doubles them while what comes is read fast. What is not read costs
  /// more memory than it has bytes, many times more if it comes in small frames.
  private static final long CONNECTION_WINDOW_BYTES = 512 << 10;

  private static final long STREAM_WINDOW_BYTES = 256 << 10;
  private static final long IDLE_SECONDS = 30;

  /// Told of connections that peers have dialled, and of those that ended before they stood.
  public interface Acceptor {
    /// Whether a handshake may begin. Called on the event loop: must not block.
    boolean begin(InetSocketAddress from);

    /// The handshake of a connection that was let begin has ended.
    ///
    /// @param connection null if it failed
    void ended(InetSocketAddress from, QuicMuxer connection);
  }

  private final TlsCertificate own;
  private final Limits limits;
  private final Account total;
  private final EventLoopGroup loop = DatagramSockets.loop();
  private final List<Channel> sockets = new ArrayList<>();

  /// @param total the account of all connections together
  public QuicTransport(TlsCertificate own, Limits limits, Account total) {
    this.total = total;
    this.own = own;
    this.limits = limits;
  }

  /// Whether there is a native library for this platform.
  public static boolean isAvailable() {
    return Quic.isAvailable();
  }

  private <B extends QuicCodecBuilder<B>> B bounded(B builder) {
    return builder
        .maxIdleTimeout(IDLE_SECONDS, TimeUnit.SECONDS)
        .initialMaxData(CONNECTION_WINDOW_BYTES)
        .initialMaxStreamDataBidirectionalLocal(STREAM_WINDOW_BYTES)
        .initialMaxStreamDataBidirectionalRemote(STREAM_WINDOW_BYTES)
        .initialMaxStreamsBidirectional(limits.inboundStreams())
        .initialMaxStreamsUnidirectional(0)
        .maxSendUdpPayloadSize(DatagramSockets.MAX_DATAGRAM_BYTES)
        .maxRecvUdpPayloadSize(DatagramSockets.MAX_DATAGRAM_BYTES)
        .activeMigration(false);
  }

  /// Listens.
  ///
  /// @return the address with the port it was given
  public InetSocketAddress listen(InetSocketAddress address, Acceptor acceptor) throws IOException {
    QuicSslContext context =
        QuicSslContextBuilder.forServer(own.key(), null, own.certificate())
            .trustManager(new PeerCertificates(null))
            .clientAuth(ClientAuth.REQUIRE)
            .applicationProtocols(ALPN)
            .build();
    AddressTokens tokens = new AddressTokens();
    ChannelHandler codec =
        bounded(new QuicServerCodecBuilder())
            .sslContext(context)
            .tokenHandler(tokens)
            .handler(
                new ChannelInitializer<QuicChannel>() {
                  @Override
                  protected void initChannel(QuicChannel channel) {
                    accept(channel, acceptor, tokens);
                  }
                })
            .option(
                QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, DatagramSockets.segments())
            .streamHandler(new QuicMuxer.InboundStreams())
            .build();
    Channel socket = bind(address, codec);
    synchronized (sockets) {
      sockets.add(socket);
    }
    return (InetSocketAddress) socket.localAddress();
  }

  private void accept(QuicChannel channel, Acceptor acceptor, AddressTokens tokens) {
    InetSocketAddress from = (InetSocketAddress) channel.remoteSocketAddress();
    if (!acceptor.begin(from)) {
      channel.close();
      return;
    }
    tokens.began();
    QuicMuxer connection = connection(channel, from, null);
    AtomicBoolean ended = new AtomicBoolean();
    Consumer<QuicMuxer> end =
        result -> {
          if (!ended.getAndSet(true)) {
            tokens.ended();
            Thread.ofVirtual().start(() -> acceptor.ended(from, result));
          }
        };
    // A connection that never became active closes without becoming inactive.
    channel.closeFuture().addListener(closed -> end.accept(null));
    channel
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelActive(ChannelHandlerContext context) {
                try {
                  connection.established(remoteKey(channel));
                  end.accept(connection);
                } catch (IOException e) {
                  channel.close();
                }
              }
            },
            connection.events());
    channel
        .eventLoop()
        .schedule(
            () -> {
              if (connection.remoteKey() == null) {
                channel.close();
              }
            },
            limits.handshakeMillis(),
            TimeUnit.MILLISECONDS);
  }

  private QuicMuxer connection(QuicChannel channel, InetSocketAddress remote, Channel socket) {
    return new QuicMuxer(channel, remote, limits, new Account(limits.peerBytes(), total), socket);
  }

  private Channel bind(InetSocketAddress address, ChannelHandler codec) throws IOException {
    return await(
            DatagramSockets.bootstrap(loop).handler(codec).bind(address),
            limits.dialMillis(),
            "binding")
        .channel();
  }

  /// Dials from a socket of its own, which is closed with the connection.
  public QuicMuxer dial(InetSocketAddress address, PeerId expected) throws IOException {
    PeerCertificates certificates = new PeerCertificates(expected);
    QuicSslContext context =
        QuicSslContextBuilder.forClient()
            .keyManager(own.key(), null, own.certificate())
            .trustManager(certificates)
            .applicationProtocols(ALPN)
            .endpointIdentificationAlgorithm(null)
            .build();
    ChannelHandler codec = bounded(new QuicClientCodecBuilder()).sslContext(context).build();
    Channel socket = bind(new InetSocketAddress(0), codec);
    try {
      AtomicReference<QuicMuxer> connection = new AtomicReference<>();
      var dialled =
          QuicChannel.newBootstrap(socket)
              .handler(
                  new ChannelInitializer<QuicChannel>() {
                    @Override
                    protected void initChannel(QuicChannel channel) {
                      // The codec goes on without a word until the handshake's time is up.
                      certificates.whenRefused(() -> channel.eventLoop().execute(channel::close));
                      connection.set(connection(channel, address, socket));
                      channel.pipeline().addLast(connection.get().events());
                    }
                  })
              .option(
                  QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, DatagramSockets.segments())
              .streamHandler(new QuicMuxer.InboundStreams())
              .remoteAddress(address)
              .connect();
      QuicChannel channel = await(dialled, limits.dialMillis(), "dialling").getNow();
      connection.get().established(remoteKey(channel));
      return connection.get();
    } catch (IOException | RuntimeException | Error e) {
      socket.close();
      throw e;
    }
  }

  private static PublicKey remoteKey(QuicChannel channel) throws IOException {
    try {
      List<X509Certificate> chain = new ArrayList<>();
      for (Certificate certificate : channel.sslEngine().getSession().getPeerCertificates()) {
        chain.add((X509Certificate) certificate);
      }
      return TlsCertificate.verify(chain, Instant.now());
    } catch (CertificateException e) {
      throw new IOException("certificate: " + e.getMessage(), e);
    }
  }

  static <F extends io.netty.util.concurrent.Future<?>> F await(F future, int millis, String what)
      throws IOException {
    try {
      future.get(millis, TimeUnit.MILLISECONDS);
      return future;
    } catch (TimeoutException e) {
      future.cancel(false);
      throw new IOException(what + " took longer than " + millis + " ms", e);
    } catch (ExecutionException e) {
      throw new IOException(what + ": " + e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(what + " was interrupted");
    }
  }

  @Override
  public void close() {
    synchronized (sockets) {
      sockets.forEach(Channel::close);
    }
    loop.shutdownGracefully(100, 2_000, TimeUnit.MILLISECONDS);
  }
}
