package io.semper.p2p.limits;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/// Whom an address counts for: itself, or of IPv6 its network of 64 bits, which one host has for
/// itself as a rule.
public final class Origin {
  private static final int NETWORK_BYTES = 8;

  private Origin() {}

  /// The address, or the first of its network.
  public static InetAddress of(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length <= NETWORK_BYTES || address.isLoopbackAddress()) {
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
