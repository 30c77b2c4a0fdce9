package io.semper.p2p.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The certificates of the libp2p TLS specification, and what else a peer may show.
class TlsCertificateTest {
  private static final String ED25519 =
      "308201ae30820156a0030201020204499602d2300a06082a8648ce3d04030230203112301006"
          + "0355040a13096c69627032702e696f310a300806035504051301313020170d37353031303131"
          + "33303030305a180f34303936303130313133303030305a302031123010060355040a13096c69"
          + "627032702e696f310a300806035504051301313059301306072a8648ce3d020106082a8648ce"
          + "3d030107034200040c901d423c831ca85e27c73c263ba132721bb9d7a84c4f0380b2a6756fd6"
          + "01331c8870234dec878504c174144fa4b14b66a651691606d8173e55bd37e381569ea37c307a"
          + "3078060a2b0601040183a25a0101046a3068042408011220a77f1d92fedb59dddaea5a1c4abd"
          + "1ac2fbde7d7b879ed364501809923d7c11b90440d90d2769db992d5e6195dbb08e706b6651e0"
          + "24fda6cfb8846694a435519941cac215a8207792e42849cccc6cd8136c6e4bde92a58c5e08cf"
          + "d4206eb5fe0bf909300a06082a8648ce3d0403020346003043021f50f6b6c52711a881778718"
          + "238f650c9fb48943ae6ee6d28427dc6071ae55e702203625f116a7a454db9c56986c82a25682"
          + "f7248ea1cb764d322ea983ed36a31b77";
  private static final String ECDSA =
      "308201f63082019da0030201020204499602d2300a06082a8648ce3d04030230203112301006"
          + "0355040a13096c69627032702e696f310a300806035504051301313020170d37353031303131"
          + "33303030305a180f34303936303130313133303030305a302031123010060355040a13096c69"
          + "627032702e696f310a300806035504051301313059301306072a8648ce3d020106082a8648ce"
          + "3d030107034200040c901d423c831ca85e27c73c263ba132721bb9d7a84c4f0380b2a6756fd6"
          + "01331c8870234dec878504c174144fa4b14b66a651691606d8173e55bd37e381569ea381c230"
          + "81bf3081bc060a2b0601040183a25a01010481ad3081aa045f0803125b3059301306072a8648"
          + "ce3d020106082a8648ce3d03010703420004bf30511f909414ebdd3242178fd290f093a551cf"
          + "75c973155de0bb5a96fedf6cb5d52da7563e794b512f66e60c7f55ba8a3acf3dd72a801980d2"
          + "05e8a1ad29f2044730450220064ea8124774caf8f50e57f436aa62350ce652418c019df5d98a"
          + "3ac666c9386a022100aa59d704a931b5f72fb9222cb6cc51f954d04a4e2e5450f8805fe8918f"
          + "71eaae300a06082a8648ce3d04030203470030440220799395b0b6c1e940a7e4484705f610ab"
          + "51ed376f19ff9d7c16757cfbf61b8d4302206205c03fbb0f95205c779be86581d3e31c01871a"
          + "d5d1f3435bcf375cb0e5088a";
  private static final String SECP256K1 =
      "308201ba3082015fa0030201020204499602d2300a06082a8648ce3d04030230203112301006"
          + "0355040a13096c69627032702e696f310a300806035504051301313020170d37353031303131"
          + "33303030305a180f34303936303130313133303030305a302031123010060355040a13096c69"
          + "627032702e696f310a300806035504051301313059301306072a8648ce3d020106082a8648ce"
          + "3d030107034200040c901d423c831ca85e27c73c263ba132721bb9d7a84c4f0380b2a6756fd6"
          + "01331c8870234dec878504c174144fa4b14b66a651691606d8173e55bd37e381569ea3818430"
          + "8181307f060a2b0601040183a25a01010471306f0425080212210206dc6968726765b820f050"
          + "263ececf7f71e4955892776c0970542efd689d2382044630440220145e15a991961f0d08cd15"
          + "425bb95ec93f6ffa03c5a385eedc34ecf464c7a8ab022026b3109b8a3f40ef833169777eb2aa"
          + "337cfb6282f188de0666d1bcec2a4690dd300a06082a8648ce3d0403020349003046022100e1"
          + "a217eeef9ec9204b3f774a08b70849646b6a1e6b8b27f93dc00ed58545d9fe022100b00dafa5"
          + "49d0f03547878338c7b15e7502888f6d45db387e5ae6b5d46899cef0";
  private static final String FORGED =
      "308201f73082019da0030201020204499602d2300a06082a8648ce3d04030230203112301006"
          + "0355040a13096c69627032702e696f310a300806035504051301313020170d37353031303131"
          + "33303030305a180f34303936303130313133303030305a302031123010060355040a13096c69"
          + "627032702e696f310a300806035504051301313059301306072a8648ce3d020106082a8648ce"
          + "3d030107034200040c901d423c831ca85e27c73c263ba132721bb9d7a84c4f0380b2a6756fd6"
          + "01331c8870234dec878504c174144fa4b14b66a651691606d8173e55bd37e381569ea381c230"
          + "81bf3081bc060a2b0601040183a25a01010481ad3081aa045f0803125b3059301306072a8648"
          + "ce3d020106082a8648ce3d03010703420004bf30511f909414ebdd3242178fd290f093a551cf"
          + "75c973155de0bb5a96fedf6cb5d52da7563e794b512f66e60c7f55ba8a3acf3dd72a801980d2"
          + "05e8a1ad29f204473045022100bb6e03577b7cc7a3cd1558df0da2b117dfdcc0399bc2504ebe"
          + "7de6f65cade72802206de96e2a5be9b6202adba24ee0362e490641ac45c240db71fe955f2c5c"
          + "f8df6e300a06082a8648ce3d0403020348003045022100e847f267f43717358f850355bdcabb"
          + "efb2cfbf8a3c043b203a14788a092fe8db022027c1d04a2d41fd6b57a7e8b3989e470325de44"
          + "06e52e084e34a3fd56eef0d0df";
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static PeerId verify(String hex) throws CertificateException {
    X509Certificate certificate = new RawCertificate(HexFormat.of().parseHex(hex));
    return PeerId.of(TlsCertificate.verify(List.of(certificate), NOW));
  }

  @Test
  void publishedCertificatesProveTheirPeers() throws Exception {
    assertThat(verify(ED25519).toString())
        .isEqualTo("12D3KooWM6CgA9iBFZmcYAHA6A2qvbAxqfkmrYiRQuz3XEsk4Ksv");
    assertThat(verify(ECDSA).toString())
        .isEqualTo("QmfXbAwNjJLXfesgztEHe8HwgVDCMMpZ9Eax1HYq6hn9uE");
    assertThat(verify(SECP256K1).toString())
        .isEqualTo("16Uiu2HAkutTMoTzDw1tCvSRtu6YoixJwS46S1ZFxW8hSx9fWHiPs");
  }

  @Test
  void theForgedOneProvesNothing() {
    assertThatThrownBy(() -> verify(FORGED))
        .isInstanceOf(CertificateException.class)
        .hasMessageContaining("not signed by the identity key");
  }

  @Test
  void ownCertificatesAreReadByTheJdkToo() throws Exception {
    PrivateKey key = PrivateKey.secp256k1(HexFormat.of().parseHex("01".repeat(32)));
    X509Certificate own = TlsCertificate.create(key, NOW).certificate();
    assertThat(PeerId.of(TlsCertificate.verify(List.of(own), NOW))).isEqualTo(key.peerId());
    X509Certificate read =
        (X509Certificate)
            java.security.cert.CertificateFactory.getInstance("X.509", "SUN")
                .generateCertificate(new java.io.ByteArrayInputStream(own.getEncoded()));
    read.verify(read.getPublicKey());
    assertThat(PeerId.of(TlsCertificate.verify(List.of(read), NOW))).isEqualTo(key.peerId());
    assertThat(read.getNotAfter()).isEqualTo(own.getNotAfter());
  }

  /// T24: outside their time, several at once, or none.
  @Test
  void otherwiseSoundCertificatesAreRefused() {
    PrivateKey key = PrivateKey.ed25519(new byte[32]);
    X509Certificate own = TlsCertificate.create(key, NOW).certificate();
    assertThatThrownBy(() -> TlsCertificate.verify(List.of(own), NOW.minusSeconds(86_400)))
        .isInstanceOf(CertificateException.class);
    assertThatThrownBy(
            () -> TlsCertificate.verify(List.of(own), NOW.plusSeconds(200L * 365 * 86_400)))
        .isInstanceOf(CertificateException.class);
    assertThatThrownBy(() -> TlsCertificate.verify(List.of(own, own), NOW))
        .hasMessageContaining("2 certificates");
    assertThatThrownBy(() -> TlsCertificate.verify(List.of(), NOW))
        .isInstanceOf(CertificateException.class);
  }

  /// Whatever bit is changed, the certificate proves nothing, or what it did.
  @Test
  void changedCertificatesProveNothingElse() throws Exception {
    byte[] sound = HexFormat.of().parseHex(ED25519);
    PeerId peer = verify(ED25519);
    int refused = 0;
    for (int i = 0; i < sound.length; i++) {
      byte[] changed = sound.clone();
      changed[i] ^= (byte) (1 << i % 8);
      try {
        assertThat(verify(HexFormat.of().formatHex(changed))).isEqualTo(peer);
      } catch (CertificateException expected) {
        refused++;
      }
    }
    assertThat(refused).isEqualTo(sound.length);
  }
}
