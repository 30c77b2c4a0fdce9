package io.semper.p2p.peers;

import io.semper.core.fuzz.Fuzz;
import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerRecord;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.protocol.Delimited;
import io.semper.p2p.wire.Replay;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// What peers, name servers and files say about peers.
class PeersFuzzTest {
  private static final PrivateKey KEY = PrivateKey.ed25519(new byte[32]);
  private static final Multiaddr ADDRESS = Multiaddr.parse("/ip4/192.0.2.1/tcp/4001");
  private static final Multiaddr NAME = Multiaddr.parse("/dnsaddr/example.org");

  private static String text(byte[] in) {
    return new String(in, StandardCharsets.UTF_8);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void refuseNothing(List<?> found) {
    if (found.isEmpty()) {
      throw new MalformedInputException("nothing was found", 0);
    }
  }

  private static void lines(byte[] in) {
    Bans bans = new Bans();
    AddressBook book = new AddressBook(Optional.empty(), bans);
    book.read(text(in), 0);
    refuseNothing(bans.peers.size() + bans.addresses.size() > 0 ? List.of(bans) : book.all());
  }

  private static void records(byte[] in) {
    refuseNothing(new DnsAddresses(name -> List.of(text(in))).resolve(NAME));
  }

  @TestFactory
  List<DynamicTest> everyDecoder() {
    byte[] sealed = Delimited.encode(new PeerRecord(KEY.peerId(), 1, List.of(ADDRESS)).seal(KEY));
    byte[] two = Arrays.copyOf(sealed, 2 * sealed.length);
    System.arraycopy(sealed, 0, two, sealed.length, sealed.length);
    String line = KEY.peerId() + " " + ADDRESS + " /dns4/example.org/udp/9/quic-v1";
    return List.of(
        Fuzz.of(
            "answer of peers",
            Fuzz.withSampled(
                in -> PeerExchange.read(new Replay(in)), in -> PeerExchange.sealed(new Replay(in))),
            sealed,
            two),
        Fuzz.of(
            "address book",
            PeersFuzzTest::lines,
            utf8(line),
            utf8(line + "\n" + line),
            utf8("ban " + KEY.peerId() + " 120.5 7\nban 2001:db8::1 1e3 7\nban 192.0.2.1 200 7")),
        Fuzz.of(
            "TXT record",
            PeersFuzzTest::records,
            utf8("dnsaddr=" + ADDRESS),
            utf8("dnsaddr=" + ADDRESS.withPeerId(KEY.peerId()))));
  }
}
