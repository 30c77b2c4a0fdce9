package io.semper.p2p.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.identity.PrivateKey;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The published packets of the wire protocol (ethereum/devp2p, `discv5-wire-test-vectors.md`), the
/// published example of a record (EIP-778), and both with bytes changed.
class WireTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final byte[] KEY_A =
      HEX.parseHex("eef77acb6c6a6eebc5b363a475ac583ec7eccdb42b6481424c60f59aa326547f");
  private static final byte[] KEY_B =
      HEX.parseHex("66fb62bfbd66b9177a138c1e5cddbe4f7c30c343e94e68df8769459cb1cde628");
  private static final byte[] EPHEMERAL =
      HEX.parseHex("0288ef00023598499cb6c940146d050d2b1fb914198c327f76aad590bead68b6");
  private static final Hash32 A =
      Hash32.of("0xaaaa8419e9f49d0083561b48287df592939a8d19947d8c0ef88f2a4856a69fbb");
  private static final Hash32 B =
      Hash32.of("0xbbbb9d047f0488c0b5a93c1c3f2d8bafc7c8ff337024a55434a0d0555de64db9");

  private static final String PING =
      "00000000000000000000000000000000088b3d4342774649325f313964a39e55ea96c005ad52be8c"
          + "7560413a7008f16c9e6d2f43bbea8814a546b7409ce783d34c4f53245d08dab84102ed931f66d149"
          + "2acb308fa1c6715b9d139b81acbdcc";
  private static final String CHALLENGE =
      "00000000000000000000000000000000088b3d434277464933a1ccc59f5967ad1d6035f15e528627"
          + "dde75cd68292f9e6c27d6b66c8100a873fcbaed4e16b8d";
  private static final String HANDSHAKE =
      "00000000000000000000000000000000088b3d4342774649305f313964a39e55ea96c005ad521d8c"
          + "7560413a7008f16c9e6d2f43bbea8814a546b7409ce783d34c4f53245d08da4bb252012b2cba3f4f"
          + "374a90a75cff91f142fa9be3e0a5f3ef268ccb9065aeecfd67a999e7fdc137e062b2ec4a0eb92947"
          + "f0d9a74bfbf44dfba776b21301f8b65efd5796706adff216ab862a9186875f9494150c4ae06fa4d1"
          + "f0396c93f215fa4ef524f1eadf5f0f4126b79336671cbcf7a885b1f8bd2a5d839cf8";
  private static final String HANDSHAKE_WITH_RECORD =
      "00000000000000000000000000000000088b3d4342774649305f313964a39e55ea96c005ad539c8c"
          + "7560413a7008f16c9e6d2f43bbea8814a546b7409ce783d34c4f53245d08da4bb23698868350aaad"
          + "22e3ab8dd034f548a1c43cd246be98562fafa0a1fa86d8e7a3b95ae78cc2b988ded6a5b59eb83ad5"
          + "8097252188b902b21481e30e5e285f19735796706adff216ab862a9186875f9494150c4ae06fa4d1"
          + "f0396c93f215fa4ef524e0ed04c3c21e39b1868e1ca8105e585ec17315e755e6cfc4dd6cb7fd8e1a"
          + "1f55e49b4b5eb024221482105346f3c82b15fdaae36a3bb12a494683b4a3c7f2ae41306252fed847"
          + "85e2bbff3b022812d0882f06978df84a80d443972213342d04b9048fc3b1d5fcb1df0f822152eced"
          + "6da4d3f6df27e70e4539717307a0208cd208d65093ccab5aa596a34d7511401987662d8cf62b1394"
          + "71";

  private static Packet packet(String hex) {
    return Packet.decode(B, HEX.parseHex(hex));
  }

  private static byte[] read(byte[] key, Packet packet) {
    return new Session(new byte[16], key)
        .decrypt(packet.nonce(), packet.message(), packet.associated());
  }

  @Test
  void publishedMessage() {
    Packet ping = packet(PING);
    assertThat(ping.kind()).isEqualTo(Packet.Kind.MESSAGE);
    assertThat(ping.authdata()).isEqualTo(A.toBytes());
    Message said = Message.decode(read(new byte[16], ping));
    assertThat(said.requestId()).containsExactly(0, 0, 0, 1);
    assertThat(((Message.Ping) said).sequence()).isEqualTo(2);
    Session session = new Session(new byte[16], new byte[16]);
    byte[] again = session.encrypt(ping.nonce(), said.encode(), ping.associated());
    assertThat(Packet.encode(B, ping.associated(), again)).isEqualTo(HEX.parseHex(PING));
  }

  @Test
  void publishedChallenge() {
    Packet challenge = packet(CHALLENGE);
    assertThat(challenge.kind()).isEqualTo(Packet.Kind.CHALLENGE);
    assertThat(challenge.nonce()).isEqualTo(HEX.parseHex("0102030405060708090a0b0c"));
    assertThat(challenge.authdata())
        .isEqualTo(HEX.parseHex("0102030405060708090a0b0c0d0e0f100000000000000000"));
    assertThat(challenge.message()).isEmpty();
    assertThat(Packet.encode(B, challenge.associated(), new byte[0]))
        .isEqualTo(HEX.parseHex(CHALLENGE));
  }

  /// The keys, the proof of identity and the record in the published handshakes are those made
  /// here.
  @Test
  void publishedHandshakes() {
    byte[] challenge = packet(CHALLENGE).associated();
    PrivateKey ephemeral = PrivateKey.secp256k1(EPHEMERAL);
    PrivateKey b = PrivateKey.secp256k1(KEY_B);
    for (String each : List.of(HANDSHAKE, HANDSHAKE_WITH_RECORD)) {
      byte[] known = challenge.clone();
      boolean withRecord = each.equals(HANDSHAKE_WITH_RECORD);
      known[known.length - 1] = (byte) (withRecord ? 0 : 1);
      Packet packet = packet(each);
      assertThat(packet.kind()).isEqualTo(Packet.Kind.HANDSHAKE);
      Session session = Session.initiator(EPHEMERAL, b.publicKey(), A, B, known);
      assertThat(session.writes())
          .isEqualTo(
              HEX.parseHex(
                  withRecord
                      ? "53b1c075f41876423154e157470c2f48"
                      : "4f9fac6de7567d1e3b1241dffe90f662"));
      Session theirs = Session.initiator(KEY_B, ephemeral.publicKey(), A, B, known);
      assertThat(theirs.writes()).isEqualTo(session.writes());
      assertThat(theirs.reads()).isEqualTo(session.reads());
      Message ping = Message.decode(read(session.writes(), packet));
      assertThat(((Message.Ping) ping).sequence()).isEqualTo(1);
      byte[] authdata = packet.authdata();
      byte[] ephemeralKey = ephemeral.publicKey().data();
      assertThat(Arrays.copyOf(authdata, 34))
          .isEqualTo(HEX.parseHex(A.toString().substring(2) + "4021"));
      assertThat(Arrays.copyOfRange(authdata, 34, 98))
          .isEqualTo(Session.proof(KEY_A, known, ephemeralKey, B));
      assertThat(Arrays.copyOfRange(authdata, 98, 131)).isEqualTo(ephemeralKey);
      assertThat(authdata.length > 131).isEqualTo(withRecord);
      if (withRecord) {
        NodeRecord record = NodeRecord.decode(Arrays.copyOfRange(authdata, 131, authdata.length));
        assertThat(record.id()).isEqualTo(A);
        assertThat(record.sequence()).isEqualTo(1);
      }
    }
  }

  @Test
  void messages() {
    byte[] id = {1};
    InetSocketAddress seen = new InetSocketAddress("127.0.0.1", 5000);
    assertThat(new Message.Ping(id, 1).encode()).isEqualTo(HEX.parseHex("01c20101"));
    assertThat(new Message.Pong(id, 1, seen).encode())
        .isEqualTo(HEX.parseHex("02ca0101847f000001821388"));
    byte[] find = new Message.FindNode(id, List.of(256)).encode();
    assertThat(find).isEqualTo(HEX.parseHex("03c501c3820100"));
    assertThat(((Message.FindNode) Message.decode(find)).distances()).containsExactly(256);
    assertThatThrownBy(() -> Message.decode(HEX.parseHex("09c101")))
        .isInstanceOf(MalformedInputException.class);
  }

  /// EIP-778's example.
  @Test
  void publishedRecord() {
    NodeRecord record =
        NodeRecord.parse(
            "enr:-IS4QHCYrYZbAKWCBRlAy5zzaDZXJBGkcnh4MHcBFZntXNFrdvJjX04jRzjzCBOonrkTfj499SZuOh8R33Ls"
                + "8RRcy5wBgmlkgnY0gmlwhH8AAAGJc2VjcDI1NmsxoQPKY0yuDUmstAHYpMa2_oxVtw0RW_QAdpzBQA8yWM0x"
                + "OIN1ZHCCdl8");
    assertThat(record.id())
        .isEqualTo(Hash32.of("0xa448f24c6d18e575453db13171562b71999873db5b286df957af199ec94617f7"));
    assertThat(record.sequence()).isEqualTo(1);
    assertThat(record.udp()).contains(new InetSocketAddress("127.0.0.1", 30303));
    assertThat(record.tcp()).isEmpty();
    assertThat(NodeRecord.parse(record.toString()).encode()).isEqualTo(record.encode());
    byte[] encoded = record.encode();
    for (int at = 0; at < encoded.length; at++) {
      byte[] changed = encoded.clone();
      changed[at] ^= 1;
      assertThatThrownBy(() -> NodeRecord.decode(changed))
          .isInstanceOf(MalformedInputException.class);
    }
    assertThatThrownBy(() -> NodeRecord.decode(new byte[301]))
        .isInstanceOf(MalformedInputException.class);
    for (String text : List.of("", "enr:", "enr:?", "enr:" + "A".repeat(1000))) {
      assertThatThrownBy(() -> NodeRecord.parse(text)).isInstanceOf(MalformedInputException.class);
    }
  }

  @Test
  void whatIsChangedIsMalformed() {
    Random random = new Random(3);
    for (String each : List.of(PING, CHALLENGE, HANDSHAKE_WITH_RECORD)) {
      byte[] whole = HEX.parseHex(each);
      for (int i = 0; i < 3_000; i++) {
        byte[] changed = Arrays.copyOf(whole, random.nextInt(whole.length + 3));
        if (changed.length > 0) {
          changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
        }
        try {
          Packet packet = Packet.decode(B, changed);
          assertThatThrownBy(() -> read(new byte[16], packet))
              .isInstanceOf(MalformedInputException.class);
        } catch (MalformedInputException unreadable) {
          // As it should be.
        }
        byte[] noise = new byte[random.nextInt(200)];
        random.nextBytes(noise);
        try {
          assertThat(Message.decode(noise)).isNotNull();
        } catch (MalformedInputException unreadable) {
          // Nothing else may be thrown.
        }
      }
    }
  }
}
