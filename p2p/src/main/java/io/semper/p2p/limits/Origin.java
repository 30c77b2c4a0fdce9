package io.semper.p2p.limits;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/// Whom an address counts for: itself, or of IPv6 its network of 64 bits, which one host has for
/// itself as a rule.
public final class Origin {
  private static final int NETWORK_BYTES = 8;

  /// First byte of fc00::/7 (RFC 4193), whose networks have many hosts, as has a link's.
  private static final int UNIQUE_LOCAL = 0xfc;

  private Origin() {}

  /// The address, or the first of its network.
  public static InetAddress of(InetAddress address) {
    byte[] bytes = address.getAddress();
    boolean local = bytes.length > NETWORK_BYTES && (bytes[0] & 0xfe) == UNIQUE_LOCAL;
    if (bytes.length <= NETWORK_BYTES
        || local
        || address.isLinkLocalAddress()
        || address.isLoopbackAddress()) {
      return address;
    }
    Arrays.fill(bytes, NETWORK_BYTES, bytes.length, (byte) 0);
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // of no length but 16
    }
  }
}
