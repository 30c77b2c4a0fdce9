package io.semper.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.gossip.Rpc;
import io.semper.p2p.identity.Base58;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PeerRecord;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.identity.PublicKey;
import io.semper.p2p.identity.SignedEnvelope;
import io.semper.p2p.limits.Account;
import io.semper.p2p.limits.Limits;
import io.semper.p2p.mux.Mplex;
import io.semper.p2p.mux.MuxedStream;
import io.semper.p2p.mux.Muxer;
import io.semper.p2p.mux.Yamux;
import io.semper.p2p.negotiate.Multistream;
import io.semper.p2p.protocol.Identify;
import io.semper.p2p.wire.MemoryLink;
import io.semper.p2p.wire.ProtoReader;
import io.semper.p2p.wire.ProtoWriter;
import io.semper.p2p.wire.Snappy;
import io.semper.p2p.wire.Varint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Every decoder against inputs that are nearly right: well-formed ones with bytes changed, cut out
/// and repeated. Each is refused with the one exception of decoders or accepted, and nothing else.
///
/// `-Dsemper.fuzz=10000000` sets the number of inputs for each decoder.
class DecoderFuzzTest {
  private static final int INPUTS = Integer.getInteger("semper.fuzz", 2_000);
  private static final long SEED = Long.getLong("semper.seed", 1);

  private interface Decoder {
    void decode(byte[] input) throws IOException;
  }

  private final Map<String, Decoder> decoders = new TreeMap<>();
  private final Map<String, List<byte[]>> samples = new TreeMap<>();

  private void target(String name, Decoder decoder, byte[]... sound) {
    decoders.put(name, decoder);
    samples.put(name, new ArrayList<>(List.of(sound)));
  }

  @TestFactory
  List<DynamicTest> everyDecoder() {
    PrivateKey key = PrivateKey.ed25519(new byte[32]);
    PrivateKey other = PrivateKey.secp256k1(Arrays.copyOf(new byte[] {1, 2, 3}, 32));
    Multiaddr address = Multiaddr.parse("/ip4/1.2.3.4/tcp/4001").withPeerId(key.peerId());
    Multiaddr named = Multiaddr.parse("/dns4/example.org/udp/1/quic-v1");
    byte[] record = new PeerRecord(key.peerId(), 1, List.of(address, named)).seal(key);
    byte[] text = "a text a text that repeats".repeat(40).getBytes(StandardCharsets.UTF_8);
    Identify identify =
        new Identify(
            key.publicKey().encode(),
            List.of(address, named),
            List.of("/a", "/b/1"),
            address,
            "v",
            "agent",
            record);

    target("varint", in -> Varint.read(ByteBuffer.wrap(in)), Varint.encode(1L << 40));
    target("protobuf", DecoderFuzzTest::walk, record, identify.encode());
    target("multiaddr", Multiaddr::decode, address.encode(), named.encode());
    target(
        "multiaddr text",
        in -> Multiaddr.parse(new String(in, StandardCharsets.UTF_8)),
        address.toString().getBytes(StandardCharsets.UTF_8),
        named.toString().getBytes(StandardCharsets.UTF_8));
    target("peer id", PeerId::decode, key.peerId().toBytes(), other.peerId().toBytes());
    target(
        "peer id text",
        in -> PeerId.parse(new String(in, StandardCharsets.UTF_8)),
        key.peerId().toString().getBytes(StandardCharsets.UTF_8),
        key.peerId().toCid().getBytes(StandardCharsets.UTF_8));
    target(
        "base58",
        in -> Base58.decode(new String(in, StandardCharsets.ISO_8859_1)),
        key.peerId().toString().getBytes(StandardCharsets.UTF_8));
    target("public key", PublicKey::decode, key.publicKey().encode(), other.publicKey().encode());
    target("private key", PrivateKey::decode, key.encode(), other.encode());
    target("envelope", SignedEnvelope::decode, record);
    target("identify", in -> Identify.read(flow(in)), identify.encode());
    target(
        "multistream",
        in -> Multistream.respond(flow(in), "/a"::equals),
        Multistream.opening("/a"),
        Multistream.opening("/unknown"));
    target(
        "snappy",
        in -> Snappy.decompress(in, 0, in.length, 1 << 16),
        Snappy.compress(text, 0, text.length),
        Snappy.compress(new byte[5000], 0, 5000));

    target(
        "rpc",
        Rpc::decode,
        new ProtoWriter(99)
            .message(1, new ProtoWriter(9).varint(1, 1).string(2, "topic"))
            .message(2, new ProtoWriter(9).bytes(2, text).string(4, "topic"))
            .message(
                3,
                new ProtoWriter(99)
                    .message(1, new ProtoWriter(9).string(1, "topic").bytes(2, new byte[20]))
                    .message(2, new ProtoWriter(9).bytes(1, new byte[20]))
                    .message(3, new ProtoWriter(9).string(1, "topic"))
                    .message(
                        4,
                        new ProtoWriter(9)
                            .string(1, "topic")
                            .message(2, new ProtoWriter(9).bytes(1, new byte[38]).bytes(2, record))
                            .varint(3, 60))
                    .message(5, new ProtoWriter(9).bytes(1, new byte[20])))
            .toByteArray());
    Limits limits = Limits.defaults();
    Account account = new Account(64 << 20);
    target(
        "yamux",
        in -> {
          MemoryLink.End end = flow(in);
          run(new Yamux(end, end, false, limits, account, MuxedStream::close));
        },
        concat(yamux(1, 1, 1, 0), yamux(0, 0, 1, 5), new byte[5], yamux(0, 4, 1, 0)),
        concat(yamux(0, 1, 3, 2), new byte[2], yamux(2, 1, 0, 9), yamux(1, 8, 3, 0)));
    target(
        "mplex",
        in -> {
          MemoryLink.End end = flow(in);
          run(new Mplex(end, end, limits, account, MuxedStream::close));
        },
        new byte[] {8, 0, 10, 3, 1, 2, 3, 12, 0},
        new byte[] {(byte) 0x80, 1, 1, 'a', (byte) 0x82, 1, 0, (byte) 0x86, 1, 0});

    List<DynamicTest> tests = new ArrayList<>();
    decoders.forEach(
        (name, decoder) -> tests.add(DynamicTest.dynamicTest(name, () -> run(name, decoder))));
    return tests;
  }

  /// A session to its end, which is a refusal unless the other side chose it.
  private static void run(Muxer session) throws IOException {
    session.run();
    if (!session.closedBecause().equals("the peer closed the connection")) {
      throw new IOException(session.closedBecause());
    }
  }

  private static byte[] yamux(int type, int flags, int id, int length) {
    return ByteBuffer.allocate(12)
        .put((byte) 0)
        .put((byte) type)
        .putShort((short) flags)
        .putInt(id)
        .putInt(length)
        .array();
  }

  private static byte[] concat(byte[]... parts) {
    byte[] all = {};
    for (byte[] part : parts) {
      byte[] longer = Arrays.copyOf(all, all.length + part.length);
      System.arraycopy(part, 0, longer, all.length, part.length);
      all = longer;
    }
    return all;
  }

  private void run(String name, Decoder decoder) {
    Random random = new Random(SEED);
    List<byte[]> sound = samples.get(name);
    int refused = 0;
    for (int i = 0; i < INPUTS; i++) {
      byte[] input = mutate(sound.get(random.nextInt(sound.size())), random);
      try {
        decoder.decode(input);
      } catch (MalformedInputException | IOException expected) {
        refused++;
      } catch (RuntimeException | Error e) {
        throw new AssertionError(
            name + " fails at " + java.util.HexFormat.of().formatHex(input), e);
      }
    }
    assertThat(refused).as("inputs that were refused").isPositive();
  }

  private static byte[] mutate(byte[] sound, Random random) {
    byte[] input = sound.clone();
    for (int changes = random.nextInt(4); changes >= 0; changes--) {
      if (input.length == 0) {
        break;
      }
      int at = random.nextInt(input.length);
      switch (random.nextInt(5)) {
        case 0 -> input[at] = (byte) random.nextInt();
        case 1 -> input[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> input = Arrays.copyOf(input, at);
        case 3 -> {
          byte[] longer = Arrays.copyOf(input, input.length + random.nextInt(40));
          System.arraycopy(
              input, at, longer, longer.length - (input.length - at), input.length - at);
          input = longer;
        }
        default -> {
          int n = random.nextInt(input.length - at) + 1;
          byte[] shorter = Arrays.copyOf(input, input.length - n);
          System.arraycopy(input, at + n, shorter, at, input.length - at - n);
          input = shorter;
        }
      }
    }
    return input;
  }

  private static void walk(byte[] input) {
    walk(new ProtoReader(input), 0);
  }

  private static void walk(ProtoReader in, int depth) {
    while (in.next()) {
      if (in.wireType() == ProtoReader.BYTES && depth < 5 && in.field() % 2 == 1) {
        walk(in.message(), depth + 1);
      } else {
        in.skip();
      }
    }
  }

  /// A flow that holds the input and takes what is written.
  private static MemoryLink.End flow(byte[] input) throws IOException {
    MemoryLink link = new MemoryLink(Math.max(64 << 10, input.length));
    link.left().write(input);
    link.left().finish();
    return link.right();
  }
}
