package io.semper.p2p.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.core.rlp.MalformedInputException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MultiaddrTest {
  @ParameterizedTest
  @CsvSource({
    "/ip4/127.0.0.1/tcp/4001,047f000001060fa1",
    "/ip4/1.2.3.4/udp/80/quic-v1,0401020304910200" + "50cd03",
    "/ip6/2001:8a0:7ac5:4201:3ac9:86ff:fe31:7095/tcp/443,"
        + "29200108a07ac542013ac986fffe3170950601bb",
    "/ip6/::1/tcp/1,2900000000000000000000000000000001060001",
    "/dns4/example.org/tcp/1,360b6578616d706c652e6f7267060001",
    "/ip6/::ffff:1.2.3.4/tcp/1,2900000000000000000000ffff01020304060001"
  })
  void textAndBytes(String text, String encoded) {
    Multiaddr address = Multiaddr.parse(text);
    assertThat(HexFormat.of().formatHex(address.encode())).isEqualTo(encoded);
    assertThat(Multiaddr.decode(address.encode())).isEqualTo(address);
    assertThat(Multiaddr.parse(address.toString())).isEqualTo(address);
  }

  @Test
  void thePeerStandsAtTheEnd() {
    PeerId id = PrivateKey.ed25519(new byte[32]).peerId();
    Multiaddr bare = Multiaddr.parse("/ip4/127.0.0.1/tcp/4001");
    Multiaddr full = bare.withPeerId(id);
    assertThat(full.peerId()).contains(id);
    assertThat(full.toString()).isEqualTo("/ip4/127.0.0.1/tcp/4001/p2p/" + id);
    assertThat(Multiaddr.parse("/ip4/127.0.0.1/tcp/4001/ipfs/" + id)).isEqualTo(full);
    assertThat(full.withoutPeerId()).isEqualTo(bare);
    assertThat(bare.peerId()).isEmpty();
    assertThat(full.isTcp()).isTrue();
    assertThat(full.isQuic()).isFalse();
    assertThat(Multiaddr.parse("/ip4/1.2.3.4/udp/9/quic-v1").isQuic()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "/", "ip4/1.2.3.4", "/ip4", "/ip4/localhost/tcp/1", "/ip4/1.2.3/tcp/1",
            "/ip4/1.2.3.4.5",
        "/ip4/256.1.1.1", "/ip6/1.2.3.4", "/ip6/fe80", "/tcp/65536", "/tcp/-1", "/tcp/x", "/foo/1",
        "/dns/", "/p2p/abc", "//", "/ip4/1.2.3.4//tcp/1"
      })
  void otherTextsAreRefused(String text) {
    assertThatThrownBy(() -> Multiaddr.parse(text)).isInstanceOf(MalformedInputException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "04",
        "047f0000",
        "06",
        "0600",
        "3500",
        "3505616263",
        "35ffffffffffffffff7f61",
        "a503",
        "a50300",
        "ff7f",
        "0700",
        "8400" + "7f000001"
      })
  void otherBytesAreRefused(String encoded) {
    byte[] bytes = HexFormat.of().parseHex(encoded);
    assertThatThrownBy(() -> Multiaddr.decode(bytes)).isInstanceOf(MalformedInputException.class);
  }
}
