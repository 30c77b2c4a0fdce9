package io.semper.p2p.peers;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.identity.PeerId;
import java.net.InetAddress;

/// What peers did wrong, and what those did that came from one address. Who is banned stands in the
/// address book's file, a line each: `ban`, a peer's id or an address, the sum, and when it was so
/// much, in milliseconds since 1970.
final class Bans {
  static final String WORD = "ban";

  /// Longest line written, about: an id, the address of IPv6 being shorter, and two numbers.
  static final int LINE_BYTES = 128;

  /// Half of what a peer did wrong is forgotten in this time.
  private static final long HALF_LIFE_MILLIS = 10 * 60_000L;

  final Penalties<PeerId> peers = new Penalties<>(HALF_LIFE_MILLIS);
  final Penalties<InetAddress> addresses = new Penalties<>(HALF_LIFE_MILLIS);

  /// Takes up what a line says.
  ///
  /// @throws MalformedInputException if it is none of ours
  void read(String[] words, long nowMillis) {
    if (words.length != 4) {
      throw new MalformedInputException("a ban has four words", 0);
    }
    try {
      Penalties.Entry entry =
          new Penalties.Entry(Double.parseDouble(words[2]), Long.parseLong(words[3]));
      if (words[1].indexOf('.') >= 0 || words[1].indexOf(':') >= 0) {
        addresses.restore(InetAddress.ofLiteral(words[1]), entry, nowMillis);
      } else {
        peers.restore(PeerId.parse(words[1]), entry, nowMillis);
      }
    } catch (IllegalArgumentException e) {
      throw new MalformedInputException("not a ban: " + e.getMessage(), 0);
    }
  }

  void write(StringBuilder to, long nowMillis) {
    peers.banned(nowMillis).forEach((peer, entry) -> line(to, peer.toString(), entry));
    addresses.banned(nowMillis).forEach((ip, entry) -> line(to, ip.getHostAddress(), entry));
  }

  private static void line(StringBuilder to, String who, Penalties.Entry entry) {
    to.append(WORD).append(' ').append(who).append(' ');
    to.append(entry.value()).append(' ').append(entry.sinceMillis()).append('\n');
  }
}
