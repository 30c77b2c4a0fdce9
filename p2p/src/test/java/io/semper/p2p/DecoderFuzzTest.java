package io.semper.p2p;

import io.semper.core.fuzz.Fuzz;
import io.semper.p2p.identity.Base58;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.Multihash;
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
import io.semper.p2p.protocol.Delimited;
import io.semper.p2p.protocol.Identify;
import io.semper.p2p.wire.ProtoReader;
import io.semper.p2p.wire.ProtoWriter;
import io.semper.p2p.wire.Replay;
import io.semper.p2p.wire.Snappy;
import io.semper.p2p.wire.Varint;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// The decoders that other packages may call. Those of one package alone are tried beside it, in
/// its own `*FuzzTest`.
class DecoderFuzzTest {
  private static final PrivateKey KEY = PrivateKey.ed25519(new byte[32]);
  private static final PrivateKey OTHER =
      PrivateKey.secp256k1(Arrays.copyOf(new byte[] {1, 2, 3}, 32));
  private static final Multiaddr ADDRESS =
      Multiaddr.parse("/ip4/1.2.3.4/tcp/4001").withPeerId(KEY.peerId());
  private static final Multiaddr NAMED = Multiaddr.parse("/dns4/example.org/udp/1/quic-v1");
  private static final Multiaddr IP6 = Multiaddr.parse("/ip6/2001:db8::1.2.3.4/tcp/9");
  private static final byte[] RECORD =
      new PeerRecord(KEY.peerId(), 1, List.of(ADDRESS, NAMED)).seal(KEY);

  private static byte[] utf8(Object text) {
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] in) {
    return new String(in, StandardCharsets.UTF_8);
  }

  @TestFactory
  List<DynamicTest> identity() {
    PrivateKey p256 =
        PrivateKey.decode(
            java.util.HexFormat.of()
                .parseHex(
                    "08031279307702010104203e5b1fe9712e6c314942a750bd67485de3c1efe85b1bfb520ae8f9ae"
                        + "3dfa4a4ca00a06082a8648ce3d030107a14403420004de3d300fa36ae0e8f5d530899d83"
                        + "abab44abf3161f162a4bc901d8e6ecda020e8b6d5f8da30525e71d6851510c098e5c47c6"
                        + "46a597fb4dcec034e9f77c409e62"));
    PublicKey p256Public = p256.publicKey();
    return List.of(
        Fuzz.of("multiaddr", Multiaddr::decode, ADDRESS.encode(), NAMED.encode(), IP6.encode()),
        Fuzz.of(
            "multiaddr in text",
            in -> Multiaddr.parse(text(in)),
            utf8(ADDRESS),
            utf8(NAMED),
            utf8(IP6)),
        Fuzz.of("multihash", Multihash::decode, KEY.peerId().toBytes(), p256.peerId().toBytes()),
        Fuzz.of("peer id", PeerId::decode, KEY.peerId().toBytes(), p256.peerId().toBytes()),
        Fuzz.of(
            "peer id in text",
            in -> PeerId.parse(text(in)),
            utf8(KEY.peerId()),
            utf8(KEY.peerId().toCid()),
            utf8(p256.peerId())),
        Fuzz.of("base58", in -> Base58.decode(text(in)), utf8(KEY.peerId())),
        Fuzz.of(
            "public key",
            PublicKey::decode,
            KEY.publicKey().encode(),
            OTHER.publicKey().encode(),
            p256Public.encode()),
        Fuzz.of("private key", PrivateKey::decode, KEY.encode(), OTHER.encode(), p256.encode()),
        Fuzz.of("envelope", SignedEnvelope::decode, RECORD));
  }

  @TestFactory
  List<DynamicTest> wire() {
    byte[] text = utf8("a text a text that repeats".repeat(40));
    byte[] number = Varint.encode(1L << 18);
    byte[] nested =
        new ProtoWriter(99)
            .message(
                1, new ProtoWriter(9).varint(1, 1).message(3, new ProtoWriter(9).string(2, "a")))
            .string(2, "text")
            .varint(7, -1)
            .toByteArray();
    return List.of(
        Fuzz.of("varint", in -> Varint.read(ByteBuffer.wrap(in)), number),
        Fuzz.of(
            "varint of a stream", in -> Varint.read(new ByteArrayInputStream(in), 1 << 20), number),
        Fuzz.of("delimited", in -> Delimited.read(new Replay(in), 1 << 20), Delimited.encode(text)),
        Fuzz.of("protobuf", in -> walk(new ProtoReader(in), 0), nested),
        Fuzz.of(
            "snappy",
            in -> Snappy.decompress(in, 0, in.length, 1 << 16),
            Snappy.compress(text, 0, text.length),
            Snappy.compress(new byte[5000], 0, 5000)));
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

  @TestFactory
  List<DynamicTest> protocols() {
    Identify identify =
        new Identify(
            KEY.publicKey().encode(),
            List.of(ADDRESS, NAMED),
            List.of("/a", "/b/1"),
            ADDRESS,
            "v",
            "agent",
            RECORD);
    byte[] answer = Multistream.opening("/a");
    return List.of(
        Fuzz.of("identify", in -> Identify.read(new Replay(in)), identify.encode()),
        Fuzz.of(
            "multistream proposals",
            in -> Multistream.respond(new Replay(in), "/a"::equals),
            Multistream.opening("/a")),
        Fuzz.of(
            "multistream answers",
            in -> Multistream.propose(new Replay(in), List.of("/b", "/a")),
            concat(Arrays.copyOf(answer, 20), new byte[] {3, 'n', 'a', '\n', 3, '/', 'a', '\n'})));
  }

  @TestFactory
  List<DynamicTest> multiplexers() {
    Limits limits = Limits.defaults();
    List<DynamicTest> tests = new ArrayList<>();
    for (boolean dialer : new boolean[] {true, false}) {
      int id = dialer ? 2 : 1;
      tests.add(
          Fuzz.of(
              dialer ? "yamux, dialling" : "yamux, listening",
              in -> {
                Replay end = new Replay(in);
                Account account = new Account(16 << 20);
                run(new Yamux(end, end, dialer, limits, account, MuxedStream::close));
              },
              concat(
                  yamux(1, 1, id, 0),
                  yamux(0, 0, id, 5),
                  new byte[5],
                  yamux(1, 0, id, 70_000),
                  yamux(0, 4, id, 0)),
              concat(
                  yamux(0, 1, id + 2, 2),
                  new byte[2],
                  yamux(2, 1, 0, 9),
                  yamux(1, 8, id + 2, 0),
                  yamux(0, 5, id, 0))));
    }
    tests.add(
        Fuzz.of(
            "mplex",
            in -> {
              Replay end = new Replay(in);
              run(new Mplex(end, end, limits, new Account(16 << 20), MuxedStream::close));
            },
            new byte[] {8, 0, 10, 3, 1, 2, 3, 12, 0},
            new byte[] {(byte) 0x80, 1, 1, 'a', (byte) 0x82, 1, 0, (byte) 0x86, 1, 0}));
    return tests;
  }

  /// A session to its end, which is a refusal unless the other side chose it.
  private static void run(Muxer session) throws IOException {
    session.run();
    if (!session.closedBecause().equals("the peer closed the connection")) {
      throw new EOFException(session.closedBecause());
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
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
