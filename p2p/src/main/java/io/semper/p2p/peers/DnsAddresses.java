package io.semper.p2p.peers;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Optional;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.InitialDirContext;

/// Resolves `/dnsaddr/NAME`: the addresses stand in TXT records of `_dnsaddr.NAME`.
final class DnsAddresses {
  static final int MAX_ADDRESSES = 64;
  private static final int MAX_DEPTH = 4;
  private static final int MAX_LOOKUPS = 16;

  /// Looks up the TXT records of a name.
  interface Lookup {
    List<String> txt(String name);
  }

  private final Lookup lookup;
  private int lookups;

  DnsAddresses(Lookup lookup) {
    this.lookup = lookup;
  }

  /// Whether an address stands for others.
  static boolean isName(Multiaddr address) {
    return address.parts().getFirst().protocol() == Multiaddr.Protocol.DNSADDR;
  }

  /// The addresses an address stands for: itself, unless it is a `/dnsaddr`.
  List<Multiaddr> resolve(Multiaddr address) {
    lookups = 0;
    List<Multiaddr> found = new ArrayList<>();
    resolve(address, 0, found);
    return found;
  }

  private void resolve(Multiaddr address, int depth, List<Multiaddr> found) {
    if (!isName(address)) {
      if (found.size() < MAX_ADDRESSES) {
        found.add(address);
      }
      return;
    }
    if (depth == MAX_DEPTH || lookups == MAX_LOOKUPS) {
      return;
    }
    lookups++;
    Optional<PeerId> wanted = address.peerId();
    byte[] value = address.parts().getFirst().value();
    String name = "_dnsaddr." + new String(value, StandardCharsets.UTF_8);
    for (String text : lookup.txt(name)) {
      if (text.startsWith("dnsaddr=")) {
        try {
          Multiaddr next = Multiaddr.parse(text.substring("dnsaddr=".length()));
          if (wanted.isEmpty() || next.peerId().equals(wanted)) {
            resolve(next, depth + 1, found);
          }
        } catch (MalformedInputException other) {
          // Records may hold protocols unknown here; the rest is used.
        }
      }
    }
  }

  /// Asks the system's name server. Only text is read: no object of a directory is ever loaded.
  @SuppressWarnings({"BanJNDI", "JdkObsolete"})
  static List<String> systemTxt(String name) {
    Hashtable<String, String> environment = new Hashtable<>();
    environment.put("java.naming.factory.initial", "com.sun.jndi.dns.DnsContextFactory");
    environment.put("com.sun.jndi.dns.timeout.initial", "2000");
    environment.put("com.sun.jndi.dns.timeout.retries", "2");
    List<String> texts = new ArrayList<>();
    try {
      InitialDirContext context = new InitialDirContext(environment);
      try {
        Attribute txt = context.getAttributes(name, new String[] {"TXT"}).get("TXT");
        for (int i = 0; txt != null && i < Math.min(txt.size(), MAX_ADDRESSES); i++) {
          texts.add(String.valueOf(txt.get(i)).replace("\"", ""));
        }
      } finally {
        context.close();
      }
    } catch (NamingException unknown) {
      return texts;
    }
    return texts;
  }
}
