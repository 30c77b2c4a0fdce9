package io.semper.node.light;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.p2p.gossip.GossipMessage;
import io.semper.p2p.gossip.MessageId;
import io.semper.p2p.wire.Snappy;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// The beacon chain's names for messages.
class BeaconGossipTest {
  private static final String TOPIC = "/eth2/01020304/light_client_finality_update/ssz_snappy";

  private static MessageId id(byte[] data) {
    return BeaconGossip.id(GossipMessage.unsigned(TOPIC, data));
  }

  /// Attack T47: one content, compressed in several ways or by copies of nothing but itself.
  @Test
  void aContentHasOneNameHoweverItIsCompressed() {
    byte[] content = new byte[8];
    Arrays.fill(content, (byte) 'a');
    byte[] literal = HexFormat.of().parseHex("081c" + "61".repeat(8));
    byte[] copied = HexFormat.of().parseHex("0800610d01");
    byte[] usual = Snappy.compress(content, 0, content.length);
    assertThat(id(literal)).isEqualTo(id(copied)).isEqualTo(id(usual));
    assertThat(id(literal).bytes()).hasSize(20);
    // What does not decompress has the name of its bytes.
    assertThat(id(content)).isNotEqualTo(id(literal));
    assertThat(id(new byte[] {1, 2, 3})).isNotEqualTo(id(new byte[] {1, 2, 4}));
  }
}
