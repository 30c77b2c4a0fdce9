package io.semper.p2p.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.core.rlp.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeysTest {
  static final String P256_PRIVATE =
      "08031279307702010104203E5B1FE9712E6C314942A750BD67485DE3C1EFE85B1BFB520AE8F9AE3DFA4A4C"
          + "A00A06082A8648CE3D030107A14403420004DE3D300FA36AE0E8F5D530899D83ABAB44ABF3161F162A4BC9"
          + "01D8E6ECDA020E8B6D5F8DA30525E71D6851510C098E5C47C646A597FB4DCEC034E9F77C409E62";
  private static final String P256_PUBLIC =
      "0803125b3059301306072a8648ce3d020106082a8648ce3d03010703420004de3d300fa36ae0e8f5d53089"
          + "9d83abab44abf3161f162a4bc901d8e6ecda020e8b6d5f8da30525e71d6851510c098e5c47c646a597fb4d"
          + "cec034e9f77c409e62";

  /// The vectors of the peer id specification.
  @ParameterizedTest
  @CsvSource({
    "080112407e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d"
        + "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e,"
        + "080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e,12D3KooW",
    "0802122053DADF1D5A164D6B4ACDB15E24AA4C5B1D3461BDBD42ABEDB0A4404D56CED8FB,"
        + "08021221037777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99,16Uiu2HA",
    P256_PRIVATE + "," + P256_PUBLIC + ",Qm"
  })
  void privateKeysYieldThePublishedPublicKeys(String secret, String expected, String idPrefix) {
    PrivateKey key = PrivateKey.decode(HexFormat.of().parseHex(secret));
    assertThat(key.encode()).isEqualTo(HexFormat.of().parseHex(secret));
    assertThat(HexFormat.of().formatHex(key.publicKey().encode())).isEqualTo(expected);
    assertThat(key.peerId().toString()).startsWith(idPrefix);

    byte[] message = "what is signed".getBytes(StandardCharsets.UTF_8);
    byte[] signature = key.sign(message);
    PublicKey read = PublicKey.decode(key.publicKey().encode());
    assertThat(read.verify(message, signature)).isTrue();
    message[0] ^= 1;
    assertThat(read.verify(message, signature)).isFalse();
    assertThat(read.verify(message, new byte[0])).isFalse();
    assertThat(read.verify(message, new byte[PublicKey.MAX_SIGNATURE_BYTES + 1])).isFalse();
  }

  @Test
  void peerIdsAreReadInBothTexts() {
    PeerId id = PrivateKey.ed25519(new byte[32]).peerId();
    assertThat(PeerId.parse(id.toString())).isEqualTo(id);
    assertThat(PeerId.parse(id.toCid())).isEqualTo(id);
    assertThat(PeerId.decode(id.toBytes())).isEqualTo(id);
    // From the specification: one peer, both texts.
    assertThat(PeerId.parse("bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe"))
        .isEqualTo(PeerId.parse("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N"));
  }

  @ParameterizedTest
  @CsvSource({"''", "1", "12D3KooW0", "Qm", "bafz", "b", "x", "1111111111111111111111111111111111"})
  void otherTextsAreNoPeerIds(String text) {
    assertThatThrownBy(() -> PeerId.parse(text)).isInstanceOf(MalformedInputException.class);
  }

  /// Attack T22: a signature by a huge RSA key costs its verifier seconds.
  @Test
  void rsaKeysHaveBounds() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    var pair = generator.generateKeyPair();
    PublicKey key = PublicKey.of(KeyType.RSA, pair.getPublic().getEncoded());
    byte[] message = {1, 2, 3};
    java.security.Signature signer = java.security.Signature.getInstance("SHA256withRSA");
    signer.initSign(pair.getPrivate());
    signer.update(message);
    assertThat(key.verify(message, signer.sign())).isTrue();
    assertThat(PublicKey.decode(key.encode())).isEqualTo(key);
    assertThat(PeerId.of(key).publicKey()).isEmpty();

    for (int bits : new int[] {1024, 8193, 16384}) {
      byte[] spki = rsaKey(bits);
      assertThatThrownBy(() -> PublicKey.of(KeyType.RSA, spki))
          .isInstanceOf(MalformedInputException.class);
    }
  }

  private static byte[] rsaKey(int bits) throws Exception {
    java.math.BigInteger modulus = java.math.BigInteger.ONE.shiftLeft(bits - 1).setBit(0);
    var spec =
        new java.security.spec.RSAPublicKeySpec(modulus, java.math.BigInteger.valueOf(65537));
    return java.security.KeyFactory.getInstance("RSA").generatePublic(spec).getEncoded();
  }

  @ParameterizedTest
  @CsvSource({
    "0801121f1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce2",
    "12201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e0801",
    "080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e1801",
    "088100122" + "01ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e",
    "0804120100",
    "08021221057777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99",
    "08021221020000000000000000000000000000000000000000000000000000000000000005",
    "0801"
  })
  void publicKeysAreReadStrictly(String encoded) {
    byte[] bytes = HexFormat.of().parseHex(encoded);
    assertThatThrownBy(() -> PublicKey.decode(bytes)).isInstanceOf(MalformedInputException.class);
  }

  @Test
  void scalarsBeyondTheOrderOfTheCurveAreNoPrivateKeys() {
    for (String scalar : new String[] {"F".repeat(64), "0".repeat(64)}) {
      String start = P256_PRIVATE.substring(0, P256_PRIVATE.indexOf("3E5B1FE9"));
      String secret = start + scalar + P256_PRIVATE.substring(start.length() + 64);
      assertThatThrownBy(() -> PrivateKey.decode(HexFormat.of().parseHex(secret)))
          .isInstanceOf(MalformedInputException.class);
    }
  }

  /// Not every 32 bytes are a point of the curve. Whoever shows such bytes as its key has signed
  /// nothing.
  @Test
  void keysThatAreNoPointsVerifyNothing() {
    byte[] encoded =
        HexFormat.of()
            .parseHex("080112203b6a27bcceb6a42d8080808080808080808015771de243a63ac048a18b59da29");
    PublicKey key = PublicKey.decode(encoded);
    assertThat(key.verify(new byte[] {1}, new byte[64])).isFalse();
    assertThat(PeerId.of(key).publicKey()).contains(key);
  }

  @Test
  void sealedPeerRecordsOpenOnlyUnderTheirOwnKey() {
    PrivateKey key = PrivateKey.ed25519(new byte[32]);
    PeerRecord record =
        new PeerRecord(key.peerId(), 7, List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/4001")));
    byte[] sealed = record.seal(key);
    assertThat(PeerRecord.open(sealed)).isEqualTo(record);
    for (int i = 0; i < sealed.length; i++) {
      byte[] changed = sealed.clone();
      changed[i] ^= 4;
      try {
        assertThat(PeerRecord.open(changed)).isNotNull();
        throw new AssertionError("byte " + i + " was not signed");
      } catch (MalformedInputException expected) {
        assertThat(expected).hasMessageContaining("");
      }
    }
    PrivateKey other = PrivateKey.newEd25519(new java.security.SecureRandom());
    assertThatThrownBy(() -> record.seal(other)).isInstanceOf(IllegalArgumentException.class);
    // Another peer's record, well signed by a key that is not that peer's.
    SignedEnvelope envelope = SignedEnvelope.decode(sealed);
    byte[] forged =
        SignedEnvelope.seal(other, "libp2p-peer-record", envelope.payloadType(), envelope.payload())
            .encode();
    assertThatThrownBy(() -> PeerRecord.open(forged)).isInstanceOf(MalformedInputException.class);
  }
}
