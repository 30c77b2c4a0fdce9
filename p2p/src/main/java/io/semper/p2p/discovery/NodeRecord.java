package io.semper.p2p.discovery;

import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.crypto.Signature;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import io.semper.p2p.identity.KeyType;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PublicKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a node says of itself, signed with its key (EIP-778, identity scheme "v4"). One that exists
/// has been verified.
public final class NodeRecord {
  /// Longest record there may be.
  public static final int MAX_BYTES = 300;

  private static final String TEXT_PREFIX = "enr:";
  private static final int MAX_TEXT_CHARS = TEXT_PREFIX.length() + MAX_BYTES * 4 / 3 + 4;
  private static final int SIGNATURE_BYTES = 64;
  private static final byte[] SCHEME = ascii("v4");
  private static final int IP4_BYTES = 4;

  private final byte[] encoded;
  private final long sequence;
  private final SortedMap<String, byte[]> items;
  private final PublicKey key;
  private final Hash32 id;

  private NodeRecord(
      byte[] encoded, long sequence, SortedMap<String, byte[]> items, PublicKey key) {
    this.encoded = encoded;
    this.sequence = sequence;
    this.items = items;
    this.key = key;
    id = Keccak.hash(key.point());
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /// Reads a record as it is sent.
  ///
  /// @throws MalformedInputException where it is none, or not signed with the key it names
  public static NodeRecord decode(byte[] rlp) {
    return read(rlp).verified();
  }

  /// A record as it is read, whose signature is still to be checked.
  ///
  /// @param encoded not changed any more
  /// @param signed what `signature` is to be over
  record Unverified(
      byte[] encoded,
      long sequence,
      SortedMap<String, byte[]> items,
      PublicKey key,
      byte[] signed,
      byte[] signature) {
    private NodeRecord verified() {
      UInt256 r = UInt256.of(signature, 0, 32);
      UInt256 s = UInt256.of(signature, 32, 32);
      if (!Secp256k1.verify(Keccak.hash(signed), r, s, key.point())) {
        throw new MalformedInputException("node record is not signed with its key", 0);
      }
      return new NodeRecord(encoded, sequence, items, key);
    }
  }

  static Unverified read(byte[] rlp) {
    if (rlp.length > MAX_BYTES) {
      throw new MalformedInputException("node record of " + rlp.length + " bytes", MAX_BYTES);
    }
    RlpReader in = new RlpReader(rlp);
    in.enterList();
    byte[] signature = in.readBytes(SIGNATURE_BYTES);
    int signedFrom = in.offset();
    long sequence = in.readUnsignedLong();
    TreeMap<String, byte[]> items = new TreeMap<>();
    while (in.hasNext()) {
      String name = new String(in.readBytes(), StandardCharsets.ISO_8859_1);
      if (!items.isEmpty() && items.lastKey().compareTo(name) >= 0) {
        throw new MalformedInputException("keys of a node record out of order", in.offset());
      }
      items.put(name, in.readRaw());
    }
    in.leaveList();
    in.end();
    byte[] scheme = string(items, "id").orElse(new byte[0]);
    byte[] compressed = string(items, "secp256k1").orElse(new byte[0]);
    if (!Arrays.equals(scheme, SCHEME)) {
      throw new MalformedInputException("node record of an unknown identity scheme", signedFrom);
    }
    PublicKey key = PublicKey.of(KeyType.SECP256K1, compressed);
    byte[] signed = content(Arrays.copyOfRange(rlp, signedFrom, rlp.length));
    return new Unverified(rlp.clone(), sequence, items, key, signed, signature);
  }

  private static byte[] content(byte[] payload) {
    return new RlpWriter().startList().raw(payload).endList().toBytes();
  }

  /// Reads the form for people: `enr:` and Base64.
  public static NodeRecord parse(String text) {
    return decode(bytes(text));
  }

  static byte[] bytes(String text) {
    if (!text.startsWith(TEXT_PREFIX) || text.length() > MAX_TEXT_CHARS) {
      throw new MalformedInputException("no node record", 0);
    }
    try {
      return Base64.getUrlDecoder().decode(text.substring(TEXT_PREFIX.length()));
    } catch (IllegalArgumentException e) {
      throw new MalformedInputException("no node record: " + e.getMessage(), 0);
    }
  }

  /// Makes and signs a record.
  ///
  /// @param values besides "id" and "secp256k1"
  public static NodeRecord sign(
      byte[] privateKey, PublicKey key, long sequence, SortedMap<String, byte[]> values) {
    TreeMap<String, byte[]> all = new TreeMap<>(values);
    all.put("id", SCHEME);
    all.put("secp256k1", key.data());
    RlpWriter payload = new RlpWriter().number(sequence);
    all.forEach((name, value) -> payload.bytes(ascii(name)).bytes(value));
    byte[] written = payload.toBytes();
    Signature signature = Secp256k1.sign(Keccak.hash(content(written)), privateKey);
    byte[] rs = new byte[SIGNATURE_BYTES];
    signature.r().writeTo(rs, 0);
    signature.s().writeTo(rs, 32);
    return decode(new RlpWriter().startList().bytes(rs).raw(written).endList().toBytes());
  }

  public byte[] encode() {
    return encoded.clone();
  }

  /// Grows with each change.
  public long sequence() {
    return sequence;
  }

  /// By which distances between nodes are measured.
  public Hash32 id() {
    return id;
  }

  public PublicKey key() {
    return key;
  }

  /// A value that is a string of bytes; empty where there is none of that name.
  public Optional<byte[]> value(String name) {
    return string(items, name);
  }

  private static Optional<byte[]> string(SortedMap<String, byte[]> items, String name) {
    byte[] raw = items.get(name);
    if (raw == null) {
      return Optional.empty();
    }
    RlpReader in = new RlpReader(raw);
    return in.nextIsList() ? Optional.empty() : Optional.of(in.readBytes());
  }

  private Optional<InetAddress> ip() {
    try {
      byte[] four = value("ip").filter(bytes -> bytes.length == IP4_BYTES).orElse(null);
      return four == null ? Optional.empty() : Optional.of(InetAddress.getByAddress(four));
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private int port(String name) {
    byte[] bytes = value(name).orElse(new byte[0]);
    int port = 0;
    for (byte b : bytes.length > 2 ? new byte[0] : bytes) {
      port = port << 8 | b & 0xFF;
    }
    return port;
  }

  /// Where it speaks this protocol, over IPv4.
  public Optional<InetSocketAddress> udp() {
    int port = port("udp");
    return port == 0 ? Optional.empty() : ip().map(ip -> new InetSocketAddress(ip, port));
  }

  /// Where it speaks libp2p over TCP and IPv4, with its peer id.
  public Optional<Multiaddr> tcp() {
    int port = port("tcp");
    return port == 0
        ? Optional.empty()
        : ip().map(ip ->
            Multiaddr.parse("/ip4/" + ip.getHostAddress() + "/tcp/" + port)
                .withPeerId(PeerId.of(key)));
  }

  @Override
  public String toString() {
    return TEXT_PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(encoded);
  }
}
