package io.semper.p2p.security;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.identity.PublicKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/// The certificate of the libp2p TLS handshake: self-signed by a throw-away P-256 key, with an
/// extension in which the identity key signs that key.
///
/// @param key of the certificate, not of the peer
public record TlsCertificate(X509Certificate certificate, java.security.PrivateKey key) {
  private static final String OID = "1.3.6.1.4.1.53594.1.1";
  private static final byte[] OID_DER = HexFormat.of().parseHex("060a2b0601040183a25a0101");
  private static final byte[] ECDSA_SHA256 = HexFormat.of().parseHex("300a06082a8648ce3d040302");
  private static final byte[] SIGNATURE_PREFIX =
      "libp2p-tls-handshake:".getBytes(StandardCharsets.US_ASCII);

  /// Extensions that may be critical: key usage, basic constraints, extended key usage, ours.
  private static final Set<String> KNOWN_EXTENSIONS =
      Set.of("2.5.29.15", "2.5.29.19", "2.5.29.37", OID);

  /// How long before now a certificate begins to be valid, for clocks that differ.
  private static final long CLOCK_SKEW_SECONDS = 3600;

  private static final long LIFETIME_SECONDS = 100L * 365 * 24 * 3600;

  /// A new certificate for the peer, of a new key.
  public static TlsCertificate create(PrivateKey identity) {
    return create(identity, Instant.now());
  }

  /// The same, made when it is first asked for: that takes a tenth of a second in a process that
  /// has just begun, and many peers want no TLS.
  public static Supplier<TlsCertificate> onFirstUse(PrivateKey identity) {
    return new Supplier<>() {
      private TlsCertificate made;

      @Override
      public synchronized TlsCertificate get() {
        if (made == null) {
          made = create(identity);
        }
        return made;
      }
    };
  }

  static TlsCertificate create(PrivateKey identity, Instant now) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair pair = generator.generateKeyPair();
      byte[] spki = pair.getPublic().getEncoded();
      byte[] proof =
          Der.of(
              Der.SEQUENCE,
              Der.of(Der.OCTET_STRING, identity.publicKey().encode()),
              Der.of(Der.OCTET_STRING, identity.sign(concat(SIGNATURE_PREFIX, spki))));
      byte[] extension = Der.of(Der.SEQUENCE, OID_DER, Der.of(Der.OCTET_STRING, proof));
      byte[] serial = new byte[8];
      new SecureRandom().nextBytes(serial);
      byte[] name = name();
      byte[] body =
          Der.of(
              Der.SEQUENCE,
              Der.of(0xa0, Der.of(Der.INTEGER, new byte[] {2})),
              Der.of(Der.INTEGER, concat(new byte[] {1}, serial)),
              ECDSA_SHA256,
              name,
              Der.of(
                  Der.SEQUENCE,
                  time(now.minusSeconds(CLOCK_SKEW_SECONDS)),
                  time(now.plusSeconds(LIFETIME_SECONDS))),
              name,
              spki,
              Der.of(0xa3, Der.of(Der.SEQUENCE, extension)));
      Signature signer = Signature.getInstance("SHA256withECDSA");
      signer.initSign(pair.getPrivate());
      signer.update(body);
      byte[] signature = concat(new byte[1], signer.sign());
      byte[] der = Der.of(Der.SEQUENCE, body, ECDSA_SHA256, Der.of(Der.BIT_STRING, signature));
      return new TlsCertificate(new RawCertificate(der), pair.getPrivate());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK cannot make a P-256 certificate", e);
    }
  }

  /// An organisation name, as certificates must have a subject.
  private static byte[] name() {
    byte[] organisation = HexFormat.of().parseHex("060355040a");
    byte[] text = Der.of(0x13, "libp2p.io".getBytes(StandardCharsets.US_ASCII));
    return Der.of(Der.SEQUENCE, Der.of(0x31, Der.of(Der.SEQUENCE, organisation, text)));
  }

  /// GeneralizedTime; UTCTime where the year is before 2050, as X.509 wants it.
  private static byte[] time(Instant instant) {
    var utc = instant.atZone(ZoneOffset.UTC);
    boolean early = utc.getYear() < 2050;
    String pattern = early ? "yyMMddHHmmss'Z'" : "yyyyMMddHHmmss'Z'";
    String text = DateTimeFormatter.ofPattern(pattern).format(utc);
    return Der.of(early ? 0x17 : 0x18, text.getBytes(StandardCharsets.US_ASCII));
  }

  /// Checks a peer's certificates and returns the identity key they prove.
  ///
  /// @throws CertificateException saying what is wrong
  public static PublicKey verify(List<X509Certificate> chain, Instant now)
      throws CertificateException {
    if (chain.size() != 1) {
      throw new CertificateException(chain.size() + " certificates instead of one");
    }
    RawCertificate certificate = new RawCertificate(chain.get(0).getEncoded());
    certificate.checkValidity(Date.from(now));
    if (!KNOWN_EXTENSIONS.containsAll(certificate.getCriticalExtensionOIDs())) {
      throw new CertificateException(
          "unknown critical extension among " + certificate.getCriticalExtensionOIDs());
    }
    Proof proof = proof(certificate);
    try {
      certificate.verify(certificate.getPublicKey());
    } catch (GeneralSecurityException e) {
      throw new CertificateException("not signed by its own key", e);
    }
    byte[] signed = concat(SIGNATURE_PREFIX, certificate.getPublicKey().getEncoded());
    if (!proof.key.verify(signed, proof.signature)) {
      throw new CertificateException("certificate key is not signed by the identity key");
    }
    return proof.key;
  }

  /// What the extension says: the peer's key, and its signature of the certificate's.
  record Proof(PublicKey key, byte[] signature) {}

  static Proof proof(RawCertificate certificate) throws CertificateException {
    byte[] extension = certificate.extension(OID);
    if (extension == null) {
      throw new CertificateException("no libp2p extension");
    }
    try {
      Der.Reader value = new Der.Reader(extension);
      Der.Reader proof = new Der.Reader(value.next(Der.SEQUENCE));
      value.end();
      PublicKey key = PublicKey.decode(proof.next(Der.OCTET_STRING));
      byte[] signature = proof.next(Der.OCTET_STRING);
      proof.end();
      return new Proof(key, signature);
    } catch (MalformedInputException e) {
      throw new CertificateException("libp2p extension: " + e.getMessage(), e);
    }
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] out = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, out, first.length, second.length);
    return out;
  }
}
