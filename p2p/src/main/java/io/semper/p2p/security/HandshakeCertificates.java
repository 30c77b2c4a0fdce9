package io.semper.p2p.security;

import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.Security;
import java.security.cert.CRL;
import java.security.cert.CRLException;
import java.security.cert.CertPath;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateFactorySpi;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;

/// Lets the JDK's TLS read the certificates of libp2p peers, within their handshakes only.
///
/// The JDK's TLS has no other place at which certificates could be read differently than the list
/// of security providers, which is one for the whole process. So this provider stands first in it
/// and passes everything on to the JDK's own reader, unless the call comes from within [#run].
final class HandshakeCertificates extends Provider {
  private static final long serialVersionUID = 1L;
  private static final String NAME = "SemperP2p";
  private static final ScopedValue<Boolean> HANDSHAKE = ScopedValue.newInstance();

  private HandshakeCertificates() {
    super(NAME, "1", "X.509 certificates of libp2p peers");
    putService(
        new Service(
            this, "CertificateFactory", "X.509", Factory.class.getName(), List.of("X509"), null) {
          @Override
          public Object newInstance(Object parameter) {
            return new Factory();
          }
        });
  }

  static synchronized void install() {
    if (Security.getProvider(NAME) == null) {
      Security.insertProviderAt(new HandshakeCertificates(), 1);
    }
  }

  /// Runs a step of a libp2p handshake.
  static void run(Runnable step) {
    ScopedValue.where(HANDSHAKE, true).run(step);
  }

  /// Reads certificates: in a handshake as [RawCertificate], else as the JDK does.
  static final class Factory extends CertificateFactorySpi {
    private CertificateFactory jdk() {
      try {
        return CertificateFactory.getInstance("X.509", "SUN");
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("the JDK reads X.509 certificates", e);
      }
    }

    @Override
    public Certificate engineGenerateCertificate(InputStream in) throws CertificateException {
      if (!HANDSHAKE.isBound()) {
        return jdk().generateCertificate(in);
      }
      try {
        return new RawCertificate(in.readNBytes(RawCertificate.MAX_BYTES + 1));
      } catch (IOException e) {
        throw new CertificateException(e);
      }
    }

    @Override
    public Collection<? extends Certificate> engineGenerateCertificates(InputStream in)
        throws CertificateException {
      return jdk().generateCertificates(in);
    }

    @Override
    public CertPath engineGenerateCertPath(InputStream in) throws CertificateException {
      return jdk().generateCertPath(in);
    }

    @Override
    public CertPath engineGenerateCertPath(InputStream in, String encoding)
        throws CertificateException {
      return jdk().generateCertPath(in, encoding);
    }

    @Override
    public CertPath engineGenerateCertPath(List<? extends Certificate> certificates)
        throws CertificateException {
      return jdk().generateCertPath(certificates);
    }

    @Override
    public Iterator<String> engineGetCertPathEncodings() {
      return jdk().getCertPathEncodings();
    }

    @Override
    public CRL engineGenerateCRL(InputStream in) throws CRLException {
      return jdk().generateCRL(in);
    }

    @Override
    public Collection<? extends CRL> engineGenerateCRLs(InputStream in) throws CRLException {
      return jdk().generateCRLs(in);
    }
  }
}
