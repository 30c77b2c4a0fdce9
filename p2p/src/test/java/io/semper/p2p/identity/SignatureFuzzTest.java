package io.semper.p2p.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.fuzz.Fuzz;
import io.semper.core.rlp.MalformedInputException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Signatures of peers, and what is signed.
class SignatureFuzzTest {
  private static final byte[] MESSAGE = {1, 2, 3};
  private static final PrivateKey ED25519 = PrivateKey.ed25519(new byte[32]);
  private static final PrivateKey SECP256K1 =
      PrivateKey.secp256k1(Arrays.copyOf(new byte[] {1, 2, 3}, 32));

  private static final PrivateKey P256 =
      PrivateKey.decode(HexFormat.of().parseHex(KeysTest.P256_PRIVATE));

  /// There is one way to write a signature.
  private static void thereAndBack(byte[] in) {
    byte[] rs = DerSignature.decode(in);
    if (rs == null) {
      throw new MalformedInputException("no signature", 0);
    }
    assertThat(DerSignature.encode(rs)).isEqualTo(in);
  }

  private static void verified(byte[] in) {
    for (PrivateKey key : List.of(SECP256K1, ED25519, P256)) {
      key.publicKey().verify(MESSAGE, in);
    }
  }

  @TestFactory
  List<DynamicTest> everyDecoder() {
    Multiaddr address = Multiaddr.parse("/ip4/1.2.3.4/tcp/4001").withPeerId(ED25519.peerId());
    Multiaddr named = Multiaddr.parse("/dns4/example.org/udp/1/quic-v1");
    byte[] record = new PeerRecord(ED25519.peerId(), 1, List.of(address, named)).seal(ED25519);
    return List.of(
        Fuzz.of(
            "signature",
            Fuzz.withSampled(SignatureFuzzTest::verified, SignatureFuzzTest::thereAndBack),
            SECP256K1.sign(MESSAGE),
            SECP256K1.sign(new byte[9])),
        Fuzz.of(
            "peer record",
            Fuzz.withSampled(PeerRecord::open, in -> PeerRecord.read(SignedEnvelope.decode(in))),
            record));
  }
}
