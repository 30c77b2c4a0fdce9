package io.semper.p2p.security;

import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PublicKey;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/// Verifies the other side's certificate and remembers whose it is.
public final class PeerCertificates extends X509ExtendedTrustManager {
  private final PeerId expected;
  private volatile PublicKey key;
  private volatile Runnable whenRefused = () -> {};

  /// @param expected the peer that must show its certificate, or null for any
  public PeerCertificates(PeerId expected) {
    this.expected = expected;
  }

  /// Whose the certificate was; null before one was verified.
  public PublicKey key() {
    return key;
  }

  /// Runs when a certificate is refused, within the handshake.
  public void whenRefused(Runnable then) {
    whenRefused = then;
  }

  private void check(X509Certificate[] chain) throws CertificateException {
    try {
      verify(chain);
    } catch (CertificateException e) {
      whenRefused.run();
      throw e;
    }
  }

  private void verify(X509Certificate[] chain) throws CertificateException {
    PublicKey found = TlsCertificate.verify(List.of(chain), Instant.now());
    PeerId peer = PeerId.of(found);
    if (expected != null && !expected.equals(peer)) {
      throw new CertificateException("dialled " + expected + " and reached " + peer);
    }
    key = found;
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
