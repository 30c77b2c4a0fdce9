package io.semper.p2p.security;

import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PublicKey;
import io.semper.p2p.wire.Duplex;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;

/// The libp2p TLS handshake (`/tls/1.0.0`): TLS 1.3 by the JDK, both sides with a [TlsCertificate],
/// no server name, the stream multiplexer by ALPN.
public final class Tls {
  public static final String ID = "/tls/1.0.0";

  /// Offered last in ALPN: the multiplexer is to be agreed on afterwards.
  private static final String NO_MUXER = "libp2p";

  private static final String[] SUITES = {
    "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"
  };

  static {
    HandshakeCertificates.install();
  }

  private Tls() {}

  /// The dialling side.
  ///
  /// @param expected the peer that must answer, or null for any
  public static SecureChannel initiate(
      Duplex raw, TlsCertificate own, PeerId expected, List<String> muxers) throws IOException {
    return handshake(raw, own, expected, muxers, true);
  }

  /// The listening side.
  public static SecureChannel respond(Duplex raw, TlsCertificate own, List<String> muxers)
      throws IOException {
    return handshake(raw, own, null, muxers, false);
  }

  private static SecureChannel handshake(
      Duplex raw, TlsCertificate own, PeerId expected, List<String> muxers, boolean client)
      throws IOException {
    PeerCertificates check = new PeerCertificates(expected);
    SSLEngine engine;
    try {
      // A context for each connection: none can resume the session of another.
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(new KeyManager[] {new OwnKey(own)}, new TrustManager[] {check}, null);
      engine = context.createSSLEngine();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK lacks TLS 1.3", e);
    }
    engine.setUseClientMode(client);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(new String[] {"TLSv1.3"});
    parameters.setCipherSuites(SUITES);
    if (!client) {
      parameters.setNeedClientAuth(true);
    }
    String[] names = new String[muxers.size() + 1];
    muxers.toArray(names);
    names[muxers.size()] = NO_MUXER;
    parameters.setApplicationProtocols(names);
    engine.setSSLParameters(parameters);
    if (!client) {
      engine.setHandshakeApplicationProtocolSelector((e, offered) ->
          offered.stream()
              .filter(List.of(names)::contains)
              .findFirst()
              .orElse(offered.isEmpty() ? "" : null));
    }

    TlsChannel channel = new TlsChannel(raw, engine);
    try {
      channel.handshake();
    } catch (IOException e) {
      throw new HandshakeException("TLS handshake: " + e.getMessage(), e);
    }
    if (check.key() == null) {
      throw new HandshakeException("the peer showed no certificate");
    }
    String chosen = engine.getApplicationProtocol();
    boolean early = chosen != null && muxers.contains(chosen);
    channel.established(check.key(), early ? Optional.of(chosen) : Optional.empty());
    return channel;
  }

  /// Always our one certificate.
  private static final class OwnKey extends X509ExtendedKeyManager {
    private static final String ALIAS = "own";
    private final TlsCertificate own;

    OwnKey(TlsCertificate own) {
      this.own = own;
    }

    @Override
    public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
      return List.of(types).contains("EC") ? ALIAS : null;
    }

    @Override
    public String chooseEngineServerAlias(String type, Principal[] issuers, SSLEngine engine) {
      return type.equals("EC") ? ALIAS : null;
    }

    @Override
    public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
      return ALIAS;
    }

    @Override
    public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
      return ALIAS;
    }

    @Override
    public String[] getClientAliases(String type, Principal[] issuers) {
      return new String[] {ALIAS};
    }

    @Override
    public String[] getServerAliases(String type, Principal[] issuers) {
      return new String[] {ALIAS};
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return new X509Certificate[] {own.certificate()};
    }

    @Override
    public java.security.PrivateKey getPrivateKey(String alias) {
      return own.key();
    }
  }

  /// A TLS session over a flow of bytes.
  @SuppressWarnings("ByteBufferBackingArray")
  private static final class TlsChannel implements SecureChannel {
    private static final int IDLE_BYTES = 1024;
    private static final int RECORD_HEADER_BYTES = 5;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Duplex raw;
    private final SSLEngine engine;
    private final Object writing = new Object();
    private PublicKey remoteKey;
    private Optional<String> muxer = Optional.empty();

    /// Room that holds any record decrypted.
    private int recordBytes;

    private final byte[] small = new byte[IDLE_BYTES];

    /// Received and not looked at, from position to limit.
    private ByteBuffer in = ByteBuffer.wrap(small).limit(0);

    /// Decrypted and not read.
    private ByteBuffer plain = NOTHING;

    private int lastRead;
    private boolean ended;
    private volatile boolean answering;

    TlsChannel(Duplex raw, SSLEngine engine) {
      this.raw = raw;
      this.engine = engine;
    }

    void established(PublicKey key, Optional<String> agreed) {
      remoteKey = key;
      muxer = agreed;
      recordBytes = engine.getSession().getApplicationBufferSize();
    }

    void handshake() throws IOException {
      engine.beginHandshake();
      while (true) {
        switch (engine.getHandshakeStatus()) {
          case NEED_WRAP -> wrapAndSend(NOTHING.duplicate());
          case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
            if (!unwrap(plainBuffer())) {
              throw new EOFException("ended within the handshake");
            }
          }
          case NEED_TASK -> runTasks();
          case FINISHED, NOT_HANDSHAKING -> {
            return;
          }
        }
      }
    }

    private void runTasks() {
      for (Runnable task; (task = engine.getDelegatedTask()) != null; ) {
        HandshakeCertificates.run(task);
      }
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      while (!plain.hasRemaining()) {
        if (length >= recordBytes) {
          // A whole record fits: it is decrypted to where it is wanted, and so are those behind it
          // that have arrived.
          ByteBuffer target = ByteBuffer.wrap(into, offset, length);
          if (!unwrap(target)) {
            return -1;
          }
          while (target.remaining() >= recordBytes && holdsRecord() && unwrap(target)) {
            // One more.
          }
          int n = target.position() - offset;
          if (n > 0) {
            return n;
          }
        } else {
          ByteBuffer target = plainBuffer();
          if (!unwrap(target)) {
            return -1;
          }
          target.flip();
          plain = target;
        }
      }
      int n = Math.min(length, plain.remaining());
      plain.get(into, offset, n);
      if (!plain.hasRemaining()) {
        BufferPool.give(plain.array());
        plain = NOTHING;
      }
      return n;
    }

    /// Whether a record has arrived whole.
    private boolean holdsRecord() {
      int at = in.position();
      return in.remaining() >= RECORD_HEADER_BYTES
          && in.remaining() >= RECORD_HEADER_BYTES + (in.getShort(at + 3) & 0xffff);
    }

    private static ByteBuffer plainBuffer() {
      return ByteBuffer.wrap(BufferPool.take());
    }

    /// Unwraps one record into `target`, which may then still be empty.
    ///
    /// @return false at the end
    private boolean unwrap(ByteBuffer target) throws IOException {
      while (true) {
        SSLEngineResult result = engine.unwrap(in, target);
        switch (result.getStatus()) {
          case BUFFER_UNDERFLOW -> {
            if (!receive()) {
              return false;
            }
          }
          case BUFFER_OVERFLOW -> throw new IOException("TLS record larger than allowed");
          case CLOSED -> {
            ended = true;
            return false;
          }
          case OK -> {
            switch (result.getHandshakeStatus()) {
              case NEED_TASK -> runTasks();
              case NEED_WRAP -> answer();
              case FINISHED, NOT_HANDSHAKING, NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {}
            }
            return true;
          }
        }
      }
    }

    /// A change of keys after the handshake wants an answer. The reader must not wait for it.
    private void answer() {
      if (remoteKey == null || answering) {
        return;
      }
      answering = true;
      Thread.ofVirtual()
          .start(() -> {
            try {
              synchronized (writing) {
                if (engine.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NEED_WRAP) {
                  wrapAndSend(NOTHING.duplicate());
                }
              }
            } catch (IOException e) {
              // The connection is gone; its reader finds out by itself.
            } finally {
              answering = false;
            }
          });
    }

    /// Receives more bytes after those there are.
    private boolean receive() throws IOException {
      if (ended) {
        return false;
      }
      int held = in.remaining();
      if (in.array() != small && held == 0 && raw.available() == 0 && lastRead < IDLE_BYTES) {
        BufferPool.give(in.array());
        in = ByteBuffer.wrap(small).limit(0);
      } else if (in.array() == small && (held == small.length || lastRead == small.length)) {
        byte[] large = BufferPool.take();
        in.get(large, 0, held);
        in = ByteBuffer.wrap(large).limit(held);
      }
      in.compact();
      int n = raw.read(in.array(), held, in.capacity() - held);
      lastRead = Math.max(n, 0);
      in.position(0).limit(held + lastRead);
      if (n < 0) {
        ended = true;
        return false;
      }
      return true;
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      synchronized (writing) {
        wrapAndSend(ByteBuffer.wrap(from, offset, length));
      }
    }

    @Override
    public void write(byte[] head, byte[] from, int offset, int length) throws IOException {
      synchronized (writing) {
        wrapAndSend(ByteBuffer.wrap(head), ByteBuffer.wrap(from, offset, length));
      }
    }

    private void wrapAndSend(ByteBuffer... sources) throws IOException {
      byte[] out = BufferPool.take();
      try {
        ByteBuffer target = ByteBuffer.wrap(out);
        do {
          if (target.remaining() < engine.getSession().getPacketBufferSize()) {
            raw.write(out, 0, target.position());
            target.clear();
          }
          SSLEngineResult result = engine.wrap(sources, target);
          if (result.getStatus() != SSLEngineResult.Status.OK) {
            // A refusal of ours is an alert that still has to leave.
            raw.write(out, 0, target.position());
            throw new IOException("TLS session is " + result.getStatus());
          }
        } while (sources[sources.length - 1].hasRemaining());
        raw.write(out, 0, target.position());
      } finally {
        BufferPool.give(out);
      }
    }

    @Override
    public int available() {
      return plain.remaining();
    }

    @Override
    public PublicKey remoteKey() {
      return remoteKey;
    }

    @Override
    public Optional<String> muxer() {
      return muxer;
    }
  }
}
