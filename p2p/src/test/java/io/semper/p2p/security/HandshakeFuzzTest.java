package io.semper.p2p.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.fuzz.Fuzz;
import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.wire.ProtoWriter;
import io.semper.p2p.wire.Replay;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// What a stranger says before it is known who he is.
class HandshakeFuzzTest {
  private static final PrivateKey KEY = PrivateKey.ed25519(new byte[32]);
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static void refuse(CertificateException e) {
    throw new MalformedInputException(String.valueOf(e.getMessage()), 0);
  }

  private static void certificate(byte[] in) {
    try {
      X509Certificate read = new RawCertificate(in);
      read.checkValidity(java.util.Date.from(NOW));
    } catch (CertificateException e) {
      refuse(e);
    }
  }

  private static void proof(byte[] in) {
    try {
      TlsCertificate.verify(List.of(new RawCertificate(in)), NOW);
    } catch (CertificateException e) {
      refuse(e);
    }
  }

  private static void bareProof(byte[] in) {
    try {
      RawCertificate read = new RawCertificate(in);
      read.getCriticalExtensionOIDs();
      TlsCertificate.proof(read);
    } catch (CertificateException e) {
      refuse(e);
    }
  }

  private static void payload(byte[] in) throws IOException {
    Noise.readPayload(in);
  }

  /// Who dials speaks first.
  private static void firstMessage(byte[] in) throws IOException {
    assertThat(Noise.readFirst(new Replay(in))).hasSize(32);
  }

  /// The same with its answer, for which keys are made and agreed on.
  private static void firstMessageAnswered(byte[] in) throws IOException {
    Noise.respond(new Replay(in), KEY, List.of());
  }

  private static void der(byte[] in) {
    walk(new Der.Reader(in), 0);
  }

  private static void walk(Der.Reader in, int depth) {
    while (in.hasMore()) {
      if (depth < 5 && in.isNext(Der.SEQUENCE)) {
        walk(new Der.Reader(in.next(Der.SEQUENCE)), depth + 1);
      } else {
        in.skip();
      }
    }
  }

  @TestFactory
  List<DynamicTest> everyDecoder() throws Exception {
    byte[] own = TlsCertificate.create(KEY, NOW).certificate().getEncoded();
    byte[] payload =
        new ProtoWriter(99)
            .bytes(1, KEY.publicKey().encode())
            .bytes(2, new byte[64])
            .message(4, new ProtoWriter(20).string(2, "/yamux/1.0.0").string(2, "/mplex/6.7.0"))
            .toByteArray();
    byte[] first = new byte[34];
    first[1] = 32;
    first[2] = 9;
    return List.of(
        Fuzz.of(
            "Noise's first message",
            Fuzz.withSampled(
                HandshakeFuzzTest::firstMessageAnswered, HandshakeFuzzTest::firstMessage),
            first),
        Fuzz.of("DER", HandshakeFuzzTest::der, own),
        Fuzz.of("certificate", HandshakeFuzzTest::certificate, own),
        Fuzz.of(
            "certificate and its proof",
            Fuzz.withSampled(HandshakeFuzzTest::proof, HandshakeFuzzTest::bareProof),
            own),
        Fuzz.of("Noise payload", HandshakeFuzzTest::payload, payload));
  }
}
