package io.semper.p2p.peers;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Where peers were last reached, kept in a text file: a line a peer, its id and its addresses. Who
/// is banned stands there too, see [Bans].
///
/// The peer that was dialled, or first came by itself, longest ago is forgotten first, and only for
/// one that was dialled: whoever comes by itself, under as many names and as often as it likes,
/// displaces nobody and outlasts nobody.
final class AddressBook {
  static final int MAX_PEERS = 2048;
  static final int MAX_ADDRESSES = 8;

  /// Longest file read.
  private static final long MAX_FILE_BYTES =
      (long) MAX_PEERS * MAX_ADDRESSES * 512 + 2L * Penalties.MAX_ENTRIES * Bans.LINE_BYTES;

  private final Optional<Path> file;
  private final Bans bans;
  private final Map<PeerId, List<Multiaddr>> peers = new LinkedHashMap<>();
  private boolean changed;

  AddressBook(Optional<Path> file, Bans bans) {
    this.file = file;
    this.bans = bans;
  }

  /// Reads the file, if there is one. Lines that do not decode are left out.
  synchronized void load(long nowMillis) throws IOException {
    if (file.isEmpty() || !Files.exists(file.get())) {
      return;
    }
    if (Files.size(file.get()) > MAX_FILE_BYTES) {
      throw new IOException("address book " + file.get() + " is too large");
    }
    read(new String(Files.readAllBytes(file.get()), StandardCharsets.UTF_8), nowMillis);
  }

  synchronized void read(String text, long nowMillis) {
    for (String line : text.split("\n", -1)) {
      String[] words = line.strip().split(" ", -1);
      try {
        if (words[0].equals(Bans.WORD)) {
          bans.read(words, nowMillis);
          continue;
        }
        List<Multiaddr> addresses = new ArrayList<>();
        for (int i = 1; i < words.length; i++) {
          addresses.add(Multiaddr.parse(words[i]));
        }
        put(PeerId.parse(words[0]), addresses, false);
      } catch (MalformedInputException damaged) {
        changed = true;
      }
    }
  }

  /// Remembers a peer's addresses in place of those before.
  ///
  /// @param dialled whether it was reached where it was said to be; else only if there is room
  synchronized void put(PeerId peer, List<Multiaddr> addresses, boolean dialled) {
    boolean full = peers.size() >= MAX_PEERS && !peers.containsKey(peer);
    if (addresses.isEmpty() || full && !dialled) {
      return;
    }
    List<Multiaddr> kept =
        List.copyOf(addresses.subList(0, Math.min(MAX_ADDRESSES, addresses.size())));
    List<Multiaddr> before = dialled ? peers.remove(peer) : peers.get(peer);
    peers.put(peer, kept);
    if (peers.size() > MAX_PEERS) {
      peers.remove(peers.keySet().iterator().next());
    }
    changed |= !kept.equals(before);
  }

  /// Forgets a peer that was banned just now.
  synchronized void banned(PeerId peer) {
    peers.remove(peer);
    changed = true;
  }

  synchronized List<Multiaddr> addresses(PeerId peer) {
    return peers.getOrDefault(peer, List.of());
  }

  synchronized List<PeerId> all() {
    return List.copyOf(peers.keySet());
  }

  /// Writes the file if anything changed: whole to a new one, which then takes its place.
  void save(long nowMillis) throws IOException {
    if (file.isEmpty()) {
      return;
    }
    StringBuilder text = new StringBuilder();
    synchronized (this) {
      if (!changed) {
        return;
      }
      peers.forEach((peer, addresses) -> {
        text.append(peer);
        addresses.forEach(address -> text.append(' ').append(address));
        text.append('\n');
      });
      bans.write(text, nowMillis);
      changed = false;
    }
    Path next = file.get().resolveSibling(file.get().getFileName() + ".new");
    Files.writeString(next, text);
    Files.move(
        next, file.get(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
