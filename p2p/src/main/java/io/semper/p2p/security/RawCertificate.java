package io.semper.p2p.security;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.identity.PublicKey;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.Principal;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;

/// An X.509 certificate read for what the libp2p handshake asks of it.
///
/// The JDK's own reader refuses certificates without a name of the issuer, and js-libp2p makes
/// such. Names mean nothing here and are not looked at.
@SuppressWarnings("JavaUtilDate")
final class RawCertificate extends X509Certificate {
  private static final long serialVersionUID = 1L;

  static final int MAX_BYTES = 16 << 10;
  private static final byte VERSION_3 = 2;
  private static final int MAX_EXTENSIONS = 32;

  /// Signature algorithms by the content of their object ids.
  private static final Map<String, String> SIGNATURES =
      Map.of(
          "2a8648ce3d040302", "SHA256withECDSA",
          "2a8648ce3d040303", "SHA384withECDSA",
          "2a8648ce3d040304", "SHA512withECDSA",
          "2b6570", "Ed25519",
          "2a864886f70d01010b", "SHA256withRSA");

  private static final Map<String, String> KEYS =
      Map.of("2a8648ce3d0201", "EC", "2b6570", "Ed25519", "2a864886f70d010101", "RSA");

  private final byte[] encoded;
  private final transient byte[] body;
  private final transient String signatureAlgorithm;
  private final transient byte[] signature;
  private final transient Date notBefore;
  private final transient Date notAfter;
  private final transient java.security.PublicKey key;
  private final transient Map<String, byte[]> extensions = new HashMap<>();
  private final transient Set<String> critical = new HashSet<>();

  RawCertificate(byte[] der) throws CertificateParsingException {
    if (der.length > MAX_BYTES) {
      throw new CertificateParsingException("certificate of " + der.length + " bytes");
    }
    encoded = der.clone();
    try {
      Der.Reader outer = new Der.Reader(der);
      Der.Reader whole = new Der.Reader(outer.next(Der.SEQUENCE));
      outer.end();
      body = whole.nextWhole(Der.SEQUENCE);
      signatureAlgorithm = algorithm(whole.next(Der.SEQUENCE), SIGNATURES);
      byte[] bits = whole.next(Der.BIT_STRING);
      whole.end();
      if (bits.length == 0 || bits[0] != 0) {
        throw new CertificateParsingException("signature of odd bits");
      }
      signature = Arrays.copyOfRange(bits, 1, bits.length);

      Der.Reader in = new Der.Reader(new Der.Reader(body).next(Der.SEQUENCE));
      if (!Arrays.equals(new Der.Reader(in.next(0xa0)).next(Der.INTEGER), new byte[] {VERSION_3})) {
        throw new CertificateParsingException("not version 3");
      }
      in.next(Der.INTEGER);
      if (!algorithm(in.next(Der.SEQUENCE), SIGNATURES).equals(signatureAlgorithm)) {
        throw new CertificateParsingException("two signature algorithms");
      }
      in.next(Der.SEQUENCE);
      Der.Reader validity = new Der.Reader(in.next(Der.SEQUENCE));
      notBefore = time(validity);
      notAfter = time(validity);
      in.next(Der.SEQUENCE);
      key = key(in.nextWhole(Der.SEQUENCE));
      while (in.hasMore() && !in.isNext(0xa3)) {
        in.skip();
      }
      if (in.hasMore()) {
        readExtensions(new Der.Reader(new Der.Reader(in.next(0xa3)).next(Der.SEQUENCE)));
      }
      in.end();
    } catch (MalformedInputException | DateTimeException e) {
      throw new CertificateParsingException("certificate: " + e.getMessage(), e);
    }
  }

  private void readExtensions(Der.Reader in) throws CertificateParsingException {
    while (in.hasMore()) {
      Der.Reader extension = new Der.Reader(in.next(Der.SEQUENCE));
      String oid = dotted(extension.next(Der.OBJECT_ID));
      if (extension.isNext(Der.BOOLEAN)
          && !Arrays.equals(extension.next(Der.BOOLEAN), new byte[1])) {
        critical.add(oid);
      }
      if (extensions.put(oid, extension.next(Der.OCTET_STRING)) != null
          || extensions.size() > MAX_EXTENSIONS) {
        throw new CertificateParsingException("extension " + oid + " twice, or too many");
      }
      extension.end();
    }
  }

  private static String algorithm(byte[] identifier, Map<String, String> known)
      throws CertificateParsingException {
    String oid = HexFormat.of().formatHex(new Der.Reader(identifier).next(Der.OBJECT_ID));
    String name = known.get(oid);
    if (name == null) {
      throw new CertificateParsingException("unknown algorithm " + oid);
    }
    return name;
  }

  private static java.security.PublicKey key(byte[] spki) throws CertificateParsingException {
    String algorithm =
        algorithm(new Der.Reader(new Der.Reader(spki).next(Der.SEQUENCE)).next(Der.SEQUENCE), KEYS);
    java.security.PublicKey key;
    try {
      key = KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(spki));
    } catch (GeneralSecurityException e) {
      throw new CertificateParsingException("public key: " + e.getMessage(), e);
    }
    if (key instanceof RSAPublicKey rsa
        && (rsa.getModulus().bitLength() > PublicKey.MAX_RSA_BITS
            || rsa.getPublicExponent().bitLength() > 64)) {
      throw new CertificateParsingException("RSA key too large");
    }
    return key;
  }

  private static Date time(Der.Reader in) {
    boolean utc = in.isNext(Der.UTC_TIME);
    byte[] bytes = in.next(utc ? Der.UTC_TIME : Der.GENERALIZED_TIME);
    String text = new String(bytes, StandardCharsets.US_ASCII);
    if (utc) {
      // Two digits of a year are between 1950 and 2049.
      text = (text.compareTo("50") < 0 ? "20" : "19") + text;
    }
    LocalDateTime time =
        LocalDateTime.parse(text, DateTimeFormatter.ofPattern("uuuuMMddHHmmss'Z'"));
    return Date.from(time.toInstant(ZoneOffset.UTC));
  }

  private static String dotted(byte[] oid) throws CertificateParsingException {
    if (oid.length == 0) {
      throw new CertificateParsingException("empty object id");
    }
    StringBuilder out = new StringBuilder();
    out.append((oid[0] & 0xff) / 40).append('.').append((oid[0] & 0xff) % 40);
    long value = 0;
    for (int i = 1; i < oid.length; i++) {
      value = value << 7 | oid[i] & 0x7f;
      if (value > Integer.MAX_VALUE) {
        throw new CertificateParsingException("object id out of range");
      }
      if (oid[i] >= 0) {
        out.append('.').append(value);
        value = 0;
      }
    }
    return out.toString();
  }

  /// The content of an extension, or null.
  byte[] extension(String oid) {
    return extensions.get(oid);
  }

  @Override
  public void checkValidity() throws CertificateExpiredException, CertificateNotYetValidException {
    checkValidity(new Date());
  }

  @Override
  public void checkValidity(Date date)
      throws CertificateExpiredException, CertificateNotYetValidException {
    if (date.before(notBefore)) {
      throw new CertificateNotYetValidException("valid from " + notBefore);
    }
    if (date.after(notAfter)) {
      throw new CertificateExpiredException("valid to " + notAfter);
    }
  }

  @Override
  public void verify(java.security.PublicKey by)
      throws CertificateException,
          NoSuchAlgorithmException,
          InvalidKeyException,
          SignatureException {
    Signature verifier = Signature.getInstance(signatureAlgorithm);
    verifier.initVerify(by);
    verifier.update(body);
    if (!verifier.verify(signature)) {
      throw new SignatureException("wrong signature");
    }
  }

  @Override
  public void verify(java.security.PublicKey by, String provider)
      throws CertificateException,
          NoSuchAlgorithmException,
          InvalidKeyException,
          SignatureException {
    verify(by);
  }

  @Override
  public java.security.PublicKey getPublicKey() {
    return key;
  }

  @Override
  public byte[] getEncoded() throws CertificateEncodingException {
    return encoded.clone();
  }

  @Override
  public Set<String> getCriticalExtensionOIDs() {
    return critical;
  }

  @Override
  public Set<String> getNonCriticalExtensionOIDs() {
    Set<String> others = new HashSet<>(extensions.keySet());
    others.removeAll(critical);
    return others;
  }

  @Override
  public byte[] getExtensionValue(String oid) {
    byte[] content = extensions.get(oid);
    return content == null ? null : Der.of(Der.OCTET_STRING, content);
  }

  @Override
  public boolean hasUnsupportedCriticalExtension() {
    return false;
  }

  @Override
  public int getVersion() {
    return 3;
  }

  @Override
  public Date getNotBefore() {
    return notBefore;
  }

  @Override
  public Date getNotAfter() {
    return notAfter;
  }

  @Override
  public byte[] getTBSCertificate() {
    return body.clone();
  }

  @Override
  public byte[] getSignature() {
    return signature.clone();
  }

  @Override
  public String getSigAlgName() {
    return signatureAlgorithm;
  }

  @Override
  public int getBasicConstraints() {
    return -1;
  }

  @Override
  public String toString() {
    return "libp2p certificate of a " + key.getAlgorithm() + " key";
  }

  // Nothing asks for these: they are names, numbers and usages without meaning in libp2p.

  @Override
  public BigInteger getSerialNumber() {
    throw new UnsupportedOperationException();
  }

  @Override
  @Deprecated
  public Principal getIssuerDN() {
    throw new UnsupportedOperationException();
  }

  @Override
  @Deprecated
  public Principal getSubjectDN() {
    throw new UnsupportedOperationException();
  }

  @Override
  public String getSigAlgOID() {
    throw new UnsupportedOperationException();
  }

  @Override
  public byte[] getSigAlgParams() {
    return null;
  }

  @Override
  public boolean[] getIssuerUniqueID() {
    return null;
  }

  @Override
  public boolean[] getSubjectUniqueID() {
    return null;
  }

  @Override
  public boolean[] getKeyUsage() {
    return null;
  }
}
