package io.semper.p2p.discovery;

import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Keccak;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.crypto.Signature;
import io.semper.core.fuzz.Fuzz;
import io.semper.core.rlp.RlpWriter;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.identity.PublicKey;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Datagrams, what they hold, and node records.
class DiscoveryFuzzTest {
  private static final byte[] KEY = Arrays.copyOf(new byte[] {1, 2, 3}, 32);
  private static final PublicKey PUBLIC_KEY = PrivateKey.secp256k1(KEY).publicKey();

  private static NodeRecord record() {
    TreeMap<String, byte[]> values = new TreeMap<>();
    values.put("eth2", new byte[16]);
    values.put("ip", new byte[] {127, 0, 0, 1});
    values.put("tcp", new byte[] {35, 40});
    values.put("udp", new byte[] {35, 40});
    return NodeRecord.sign(KEY, PUBLIC_KEY, 1, values);
  }

  @TestFactory
  List<DynamicTest> everyDecoder() throws Exception {
    Hash32 self = Hash32.ZERO;
    byte[] iv = new byte[Packet.IV_BYTES];
    byte[] nonce = new byte[Packet.NONCE_BYTES];
    byte[] challenge =
        Packet.associated(iv, Packet.Kind.CHALLENGE, nonce, new byte[Packet.CHALLENGE_BYTES]);
    byte[] message = Packet.associated(iv, Packet.Kind.MESSAGE, nonce, new byte[32]);
    byte[] id = {1, 2};
    byte[] encoded = record().encode();
    // What is signed: the list without its head of two bytes and the signature of 66.
    byte[] content = Arrays.copyOfRange(encoded, 68, encoded.length);
    Session session = new Session(new byte[16], new byte[16]);
    byte[] sealed = session.encrypt(nonce, new byte[9], iv);
    return List.of(
        Fuzz.of(
            "discv5 packet",
            in -> Packet.decode(self, in),
            Packet.encode(self, challenge, new byte[0]),
            Packet.encode(self, message, new byte[44])),
        Fuzz.of("discv5 message, sealed", in -> session.decrypt(nonce, in, iv), sealed),
        Fuzz.of(
            "discv5 message",
            Message::decode,
            new Message.Ping(id, 7).encode(),
            new Message.Pong(id, 7, new InetSocketAddress("127.0.0.1", 9)).encode(),
            new Message.FindNode(id, List.of(256, 255)).encode(),
            new Message.TalkRequest(id).encode(),
            new Message.TalkResponse(id).encode(),
            new Message.Nodes(id, 1, List.of(encoded, encoded)).encode()),
        Fuzz.of("node record", Fuzz.withSampled(NodeRecord::decode, NodeRecord::read), encoded),
        Fuzz.of(
            "node record in text",
            in -> NodeRecord.read(NodeRecord.bytes(new String(in, StandardCharsets.ISO_8859_1))),
            record().toString().getBytes(StandardCharsets.ISO_8859_1)),
        Fuzz.of(
            "node record, signed by who made it up",
            Fuzz.withSampled(
                DiscoveryFuzzTest::signed, in -> NodeRecord.read(withSignature(new byte[64], in))),
            content));
  }

  private static byte[] withSignature(byte[] signature, byte[] content) {
    return new RlpWriter().startList().bytes(signature).raw(content).endList().toBytes();
  }

  /// Whatever is signed, what a record says of its node can be asked for.
  private static void signed(byte[] content) {
    byte[] list = new RlpWriter().startList().raw(content).endList().toBytes();
    Signature signature = Secp256k1.sign(Keccak.hash(list), KEY);
    byte[] rs = new byte[64];
    signature.r().writeTo(rs, 0);
    signature.s().writeTo(rs, 32);
    NodeRecord record = NodeRecord.decode(withSignature(rs, content));
    record.udp();
    record.tcp();
    record.value("eth2");
  }
}
