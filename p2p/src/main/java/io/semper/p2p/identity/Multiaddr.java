package io.semper.p2p.identity;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.wire.Varint;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A self-describing address: a path of protocols and their values, such as
/// `/ip4/127.0.0.1/tcp/4001/p2p/16Uiu2H…`.
public final class Multiaddr {
  /// Longest address read, in bytes encoded or characters written.
  public static final int MAX_BYTES = 1024;

  private static final int MAX_PARTS = 16;

  /// Protocols known here; an address of any other does not decode.
  public enum Protocol {
    IP4(4, 4),
    TCP(6, 2),
    IP6(41, 16),
    IP6ZONE(42, -1),
    DNS(53, -1),
    DNS4(54, -1),
    DNS6(55, -1),
    DNSADDR(56, -1),
    UDP(273, 2),
    P2P_CIRCUIT(290, 0),
    P2P(421, -1),
    TLS(448, 0),
    NOISE(454, 0),
    QUIC(460, 0),
    QUIC_V1(461, 0),
    WEBTRANSPORT(465, 0),
    WS(477, 0),
    WSS(478, 0);

    private static final Map<Long, Protocol> BY_CODE = new HashMap<>();
    private static final Map<String, Protocol> BY_NAME = new HashMap<>();

    static {
      for (Protocol protocol : values()) {
        BY_CODE.put((long) protocol.code, protocol);
        BY_NAME.put(protocol.toString(), protocol);
      }
      BY_NAME.put("ipfs", P2P);
    }

    private final int code;

    /// Bytes of the value, or -1 where a length stands before it.
    private final int size;

    Protocol(int code, int size) {
      this.code = code;
      this.size = size;
    }

    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
  }

  /// One step of the path.
  ///
  /// @param value the bytes of the value without their length
  public record Part(Protocol protocol, byte[] value) {}

  private final List<Part> parts;
  private final byte[] encoded;

  private Multiaddr(List<Part> parts) {
    this.parts = List.copyOf(parts);
    int size = 0;
    for (Part part : parts) {
      int length = part.value.length;
      size += Varint.size(part.protocol.code) + length;
      size += part.protocol.size < 0 ? Varint.size(length) : 0;
    }
    encoded = new byte[size];
    int at = 0;
    for (Part part : parts) {
      at = Varint.write(part.protocol.code, encoded, at);
      if (part.protocol.size < 0) {
        at = Varint.write(part.value.length, encoded, at);
      }
      System.arraycopy(part.value, 0, encoded, at, part.value.length);
      at += part.value.length;
    }
  }

  public static Multiaddr tcp(InetSocketAddress address) {
    return new Multiaddr(
        List.of(ip(address.getAddress()), new Part(Protocol.TCP, port(address.getPort()))));
  }

  public static Multiaddr quic(InetSocketAddress address) {
    return new Multiaddr(
        List.of(
            ip(address.getAddress()),
            new Part(Protocol.UDP, port(address.getPort())),
            new Part(Protocol.QUIC_V1, new byte[0])));
  }

  private static Part ip(InetAddress address) {
    byte[] bytes = address.getAddress();
    return new Part(bytes.length == 4 ? Protocol.IP4 : Protocol.IP6, bytes);
  }

  private static byte[] port(int port) {
    return new byte[] {(byte) (port >>> 8), (byte) port};
  }

  /// @throws MalformedInputException also if a protocol is unknown
  public static Multiaddr decode(byte[] bytes) {
    if (bytes.length > MAX_BYTES) {
      throw new MalformedInputException("multiaddr too long", MAX_BYTES);
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    List<Part> parts = new ArrayList<>();
    while (in.hasRemaining()) {
      int start = in.position();
      Protocol protocol = Protocol.BY_CODE.get(Varint.read(in));
      if (protocol == null || parts.size() == MAX_PARTS) {
        throw new MalformedInputException("unknown protocol or too many", start);
      }
      long size = protocol.size < 0 ? Varint.read(in) : protocol.size;
      if (size > in.remaining()) {
        throw new MalformedInputException("value cut short", in.position());
      }
      byte[] value = new byte[(int) size];
      in.get(value);
      parts.add(check(new Part(protocol, value), start));
    }
    if (parts.isEmpty()) {
      throw new MalformedInputException("empty multiaddr", 0);
    }
    return new Multiaddr(parts);
  }

  /// The address, or nothing if it does not decode: for lists in which one bad entry spoils no
  /// other.
  public static Optional<Multiaddr> tryDecode(byte[] bytes) {
    try {
      return Optional.of(decode(bytes));
    } catch (MalformedInputException unknown) {
      return Optional.empty();
    }
  }

  /// Reads the text form. Names are not resolved.
  public static Multiaddr parse(String text) {
    if (text.length() > MAX_BYTES || !text.startsWith("/")) {
      throw new MalformedInputException("not a multiaddr", 0);
    }
    String[] words = text.substring(1).split("/", -1);
    int count =
        words.length > 1 && words[words.length - 1].isEmpty() ? words.length - 1 : words.length;
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Protocol protocol = Protocol.BY_NAME.get(words[i]);
      if (protocol == null || parts.size() == MAX_PARTS) {
        throw new MalformedInputException("unknown protocol '" + words[i] + "' or too many", i);
      }
      if (protocol.size != 0 && i + 1 == count) {
        throw new MalformedInputException("protocol " + protocol + " lacks its value", i);
      }
      byte[] value = protocol.size == 0 ? new byte[0] : value(protocol, words[++i], i);
      parts.add(check(new Part(protocol, value), i));
    }
    return new Multiaddr(parts);
  }

  private static byte[] value(Protocol protocol, String word, int at) {
    return switch (protocol) {
      case IP4 -> ipLiteral(word, 4, at);
      case IP6 -> ipLiteral(word, 16, at);
      case TCP, UDP -> {
        if (!word.matches("[0-9]{1,5}") || Integer.parseInt(word) > 0xffff) {
          throw new MalformedInputException("not a port: " + word, at);
        }
        yield port(Integer.parseInt(word));
      }
      case P2P -> PeerId.parse(word).toBytes();
      case DNS, DNS4, DNS6, DNSADDR, IP6ZONE -> word.getBytes(StandardCharsets.UTF_8);
      case P2P_CIRCUIT, TLS, NOISE, QUIC, QUIC_V1, WEBTRANSPORT, WS, WSS ->
          throw new IllegalStateException(protocol + " has no value");
    };
  }

  private static byte[] ipLiteral(String word, int size, int at) {
    // Only literals reach the resolver, so that no name is ever looked up here.
    boolean literal =
        size == 4
            ? word.matches("\\d+\\.\\d+\\.\\d+\\.\\d+")
            : word.matches("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
    try {
      byte[] bytes = literal ? InetAddress.ofLiteral(word).getAddress() : new byte[0];
      if (bytes.length == size) {
        return bytes;
      }
      // The JDK turns IPv4-mapped IPv6 literals into IPv4 addresses.
      if (size == 16 && bytes.length == 4) {
        byte[] mapped = new byte[16];
        mapped[10] = mapped[11] = (byte) 0xff;
        System.arraycopy(bytes, 0, mapped, 12, 4);
        return mapped;
      }
    } catch (IllegalArgumentException e) {
      // Falls through to the one error below.
    }
    throw new MalformedInputException("not an IP address: " + word, at);
  }

  private static Part check(Part part, int at) {
    switch (part.protocol) {
      case P2P -> PeerId.decode(part.value);
      case DNS, DNS4, DNS6, DNSADDR, IP6ZONE -> {
        if (part.value.length == 0 || part.value.length > 253) {
          throw new MalformedInputException("name of " + part.value.length + " bytes", at);
        }
        for (byte b : part.value) {
          if (b <= ' ' || b == '/' || b == 127) {
            throw new MalformedInputException("name with other characters", at);
          }
        }
      }
      case IP4, TCP, IP6, UDP, P2P_CIRCUIT, TLS, NOISE, QUIC, QUIC_V1, WEBTRANSPORT, WS, WSS -> {}
    }
    return part;
  }

  public List<Part> parts() {
    return parts;
  }

  public byte[] encode() {
    return encoded.clone();
  }

  /// The peer at the end of the path.
  public Optional<PeerId> peerId() {
    Part last = parts.getLast();
    return last.protocol == Protocol.P2P
        ? Optional.of(PeerId.decode(last.value))
        : Optional.empty();
  }

  /// This address with `/p2p/` and `id` at its end, in place of another peer there.
  public Multiaddr withPeerId(PeerId id) {
    List<Part> path = new ArrayList<>(withoutPeerId().parts);
    path.add(new Part(Protocol.P2P, id.toBytes()));
    return new Multiaddr(path);
  }

  public Multiaddr withoutPeerId() {
    return parts.getLast().protocol == Protocol.P2P && parts.size() > 1
        ? new Multiaddr(parts.subList(0, parts.size() - 1))
        : this;
  }

  /// Whether this is an IP or DNS address with a TCP port and nothing but a peer after it.
  public boolean isTcp() {
    List<Part> path = withoutPeerId().parts;
    return path.size() == 2 && isHost(path.get(0)) && path.get(1).protocol == Protocol.TCP;
  }

  /// Whether this is an IP or DNS address with a UDP port and QUIC version 1.
  public boolean isQuic() {
    List<Part> path = withoutPeerId().parts;
    return path.size() == 3
        && isHost(path.get(0))
        && path.get(1).protocol == Protocol.UDP
        && path.get(2).protocol == Protocol.QUIC_V1;
  }

  private static boolean isHost(Part part) {
    return switch (part.protocol) {
      case IP4, IP6, DNS, DNS4, DNS6 -> true;
      case TCP,
          IP6ZONE,
          DNSADDR,
          UDP,
          P2P_CIRCUIT,
          P2P,
          TLS,
          NOISE,
          QUIC,
          QUIC_V1,
          WEBTRANSPORT,
          WS,
          WSS ->
          false;
    };
  }

  /// Host and port of a TCP or QUIC address; a DNS name is resolved here, which may block.
  ///
  /// @throws UnknownHostException if a name does not resolve
  public InetSocketAddress resolve() throws UnknownHostException {
    if (!isTcp() && !isQuic()) {
      throw new UnknownHostException("no TCP or QUIC address: " + this);
    }
    Part host = parts.get(0);
    byte[] port = parts.get(1).value;
    int number = (port[0] & 0xff) << 8 | port[1] & 0xff;
    if (host.protocol == Protocol.IP4 || host.protocol == Protocol.IP6) {
      return new InetSocketAddress(InetAddress.getByAddress(host.value), number);
    }
    String name = new String(host.value, StandardCharsets.UTF_8);
    for (InetAddress address : InetAddress.getAllByName(name)) {
      int bytes = address.getAddress().length;
      if (host.protocol == Protocol.DNS || bytes == (host.protocol == Protocol.DNS4 ? 4 : 16)) {
        return new InetSocketAddress(address, number);
      }
    }
    throw new UnknownHostException(name + " has no address of that family");
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Multiaddr that && Arrays.equals(encoded, that.encoded);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(encoded);
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    for (Part part : parts) {
      out.append('/').append(part.protocol);
      switch (part.protocol) {
        case IP4, IP6 -> out.append('/').append(ipText(part.value));
        case TCP, UDP -> out.append('/').append((part.value[0] & 0xff) << 8 | part.value[1] & 0xff);
        case P2P -> out.append('/').append(PeerId.decode(part.value));
        case DNS, DNS4, DNS6, DNSADDR, IP6ZONE ->
            out.append('/').append(new String(part.value, StandardCharsets.UTF_8));
        case P2P_CIRCUIT, TLS, NOISE, QUIC, QUIC_V1, WEBTRANSPORT, WS, WSS -> {}
      }
    }
    return out.toString();
  }

  private static String ipText(byte[] value) {
    if (value.length == 4) {
      return (value[0] & 0xff)
          + "."
          + (value[1] & 0xff)
          + "."
          + (value[2] & 0xff)
          + "."
          + (value[3] & 0xff);
    }
    return Ip6Text.of(value);
  }
}
