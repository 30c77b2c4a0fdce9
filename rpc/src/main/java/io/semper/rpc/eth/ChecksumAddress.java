package io.semper.rpc.eth;

import io.semper.core.bytes.Address;
import io.semper.core.crypto.Keccak;
import java.nio.charset.StandardCharsets;

/// EIP-55: an address whose letters' cases are a checksum.
final class ChecksumAddress {
  private ChecksumAddress() {}

  static String of(Address address) {
    String digits = address.toString().substring(2);
    byte[] hash = Keccak.hashBytes(digits.getBytes(StandardCharsets.US_ASCII));
    StringBuilder out = new StringBuilder("0x");
    for (int i = 0; i < digits.length(); i++) {
      int nibble = hash[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15;
      out.append(nibble >= 8 ? Character.toUpperCase(digits.charAt(i)) : digits.charAt(i));
    }
    return out.toString();
  }
}
