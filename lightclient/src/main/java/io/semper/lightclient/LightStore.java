package io.semper.lightclient;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import io.semper.core.trie.StateTrie;
import io.semper.core.types.Header;
import io.semper.core.view.Account;
import io.semper.lightclient.StateCache.Seen;
import io.semper.lightclient.StateCache.SlotKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;

/// What a light client has verified, in one file that is always whole: trusted points, the head,
/// code, and the accounts and slots proven last. A client that finds it starts without a network.
///
/// The file begins with a mark, the genesis hash it belongs to and a checksum; another one's, or a
/// damaged one, counts as none.
final class LightStore {
  /// Of the whole file.
  static final int MAX_BYTES = 8 << 20;

  private static final byte[] MARK = {'s', 'e', 'm', 'l', 'i', 'g', 'h', '3'};
  private static final int HEAD_BYTES = MARK.length + Hash32.BYTES + Long.BYTES;
  private static final int MAX_POINTS = 64;

  private final Path file;
  private final Hash32 genesis;

  /// What the file holds.
  ///
  /// @param points trusted, oldest first; none where there is a beacon chain
  /// @param diverged the number of which two blocks are sealed, so that nothing is believed any
  ///   more; 0 for none
  record Content(List<TrustedHeader> points, Header head, Optional<Beacon> beacon, long diverged) {}

  /// What is believed of the beacon chain, and its newest final execution block.
  record Beacon(byte[] snapshot, Header finalized) {}

  LightStore(Path file, Hash32 genesis) {
    this.file = file;
    this.genesis = genesis;
  }

  /// Reads the file, and fills the cache with what was proven.
  Optional<Content> read(StateCache cache) throws IOException {
    byte[] all;
    try {
      if (Files.size(file) > MAX_BYTES) {
        return Optional.empty();
      }
      all = Files.readAllBytes(file);
    } catch (NoSuchFileException none) {
      return Optional.empty();
    }
    byte[] body = all.length < HEAD_BYTES ? all : Arrays.copyOfRange(all, HEAD_BYTES, all.length);
    if (all.length < HEAD_BYTES || !Arrays.equals(head(body), Arrays.copyOf(all, HEAD_BYTES))) {
      return Optional.empty();
    }
    try {
      return Optional.of(decode(body, cache));
    } catch (MalformedInputException damaged) {
      return Optional.empty();
    }
  }

  private byte[] head(byte[] body) {
    CRC32 sum = new CRC32();
    sum.update(body);
    byte[] head = Arrays.copyOf(MARK, HEAD_BYTES);
    genesis.writeTo(head, MARK.length);
    for (int i = 0; i < Long.BYTES; i++) {
      head[HEAD_BYTES - 1 - i] = (byte) (sum.getValue() >>> 8 * i);
    }
    return head;
  }

  /// Replaces the file, whole or not at all.
  void write(Content content, StateCache cache) throws IOException {
    byte[] body = encode(content, cache);
    byte[] head = head(body);
    byte[] all = Arrays.copyOf(head, head.length + body.length);
    System.arraycopy(body, 0, all, head.length, body.length);
    Path next = file.resolveSibling(file.getFileName() + ".new");
    Files.write(next, all);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /// The newest of everything that fits.
  private static byte[] encode(Content content, StateCache cache) {
    RlpWriter out = new RlpWriter(1 << 16).startList().startList();
    for (TrustedHeader point : content.points()) {
      out.startList().number(point.number()).hash(point.hash()).number(point.timestamp());
      out.startList();
      point.validators().forEach(out::address);
      out.endList().endList();
    }
    out.endList().raw(content.head().encode()).number(content.diverged()).startList();
    content.beacon().ifPresent(each -> out.bytes(each.snapshot()).raw(each.finalized().encode()));
    out.endList();
    // Each account names its block by hash; each block is written once.
    Map<Hash32, Header> blocks = new LinkedHashMap<>();
    long room = MAX_BYTES / 8;
    RlpWriter accounts = new RlpWriter(1 << 16).startList();
    for (Map.Entry<Address, Seen> each : newestFirst(cache.seen)) {
      Seen seen = each.getValue();
      room -= 140 + (blocks.containsKey(seen.at().hash()) ? 0 : seen.at().encode().length);
      if (room < 0) break;
      blocks.put(seen.at().hash(), seen.at());
      accounts.startList().address(each.getKey()).hash(seen.at().hash());
      accounts.bytes(seen.account().map(StateTrie::encode).orElse(new byte[0])).endList();
    }
    out.startList();
    blocks.values().forEach(header -> out.raw(header.encode()));
    out.endList().raw(accounts.endList().toBytes()).startList();
    room = MAX_BYTES / 4;
    for (Map.Entry<SlotKey, UInt256> each : newestFirst(cache.slots)) {
      room -= 110;
      if (room < 0) break;
      out.startList().hash(each.getKey().storageRoot()).number(each.getKey().slot());
      out.number(each.getValue()).endList();
    }
    out.endList().startList();
    room = MAX_BYTES / 2;
    for (Map.Entry<Hash32, byte[]> each : newestFirst(cache.codes)) {
      room -= each.getValue().length + 8;
      if (room < 0) break;
      out.bytes(each.getValue());
    }
    return out.endList().endList().toBytes();
  }

  private static <K, V> List<Map.Entry<K, V>> newestFirst(BoundedCache<K, V> cache) {
    return new ArrayList<>(cache.copy().entrySet()).reversed();
  }

  private static Content decode(byte[] body, StateCache cache) {
    RlpReader in = new RlpReader(body);
    in.enterList();
    List<TrustedHeader> points = new ArrayList<>();
    in.enterList();
    while (in.hasNext() && points.size() <= MAX_POINTS) {
      in.enterList();
      long number = in.readLong();
      Hash32 hash = in.readHash();
      long timestamp = in.readLong();
      List<Address> validators = new ArrayList<>();
      in.enterList();
      while (in.hasNext()) {
        validators.add(in.readAddress());
      }
      in.leaveList();
      in.leaveList();
      points.add(new TrustedHeader(number, hash, timestamp, validators));
    }
    in.leaveList();
    Header head = Header.decode(in.readRaw());
    long diverged = in.readLong();
    in.enterList();
    Optional<Beacon> beacon =
        in.hasNext()
            ? Optional.of(new Beacon(in.readBytes(), Header.decode(in.readRaw())))
            : Optional.empty();
    in.leaveList();
    Map<Hash32, Header> blocks = new LinkedHashMap<>();
    in.enterList();
    while (in.hasNext()) {
      Header header = Header.decode(in.readRaw());
      blocks.put(header.hash(), header);
    }
    in.leaveList();
    record Entry(Address address, Header at, Optional<Account> account) {}
    List<Entry> accounts = new ArrayList<>();
    in.enterList();
    while (in.hasNext()) {
      in.enterList();
      Address address = in.readAddress();
      Header at = blocks.get(in.readHash());
      byte[] account = in.readBytes();
      in.leaveList();
      if (at != null) {
        accounts.add(
            new Entry(
                address,
                at,
                account.length == 0
                    ? Optional.empty()
                    : Optional.of(StateTrie.decodeAccount(account))));
      }
    }
    in.leaveList();
    // Written newest first; what is put last is dropped last.
    accounts.reversed().forEach(e -> cache.account(e.at(), e.address(), e.account()));
    in.enterList();
    while (in.hasNext()) {
      in.enterList();
      cache.slots.put(new SlotKey(in.readHash(), in.readNumber()), in.readNumber());
      in.leaveList();
    }
    in.leaveList();
    in.enterList();
    while (in.hasNext()) {
      byte[] code = in.readBytes();
      cache.codes.put(Keccak.hash(code), code);
    }
    in.leaveList();
    in.leaveList();
    in.end();
    if (points.isEmpty() && beacon.isEmpty()) {
      throw new MalformedInputException("no trusted point", 0);
    }
    return new Content(points, head, beacon, diverged);
  }
}
