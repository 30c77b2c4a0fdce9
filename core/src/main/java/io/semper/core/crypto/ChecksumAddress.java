package io.semper.core.crypto;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;

/// Addresses as people read them: the case of each letter carries a bit of checksum (EIP-55).
public final class ChecksumAddress {
  private ChecksumAddress() {}

  /// `0x` and 40 digits in mixed case.
  public static String format(Address address) {
    char[] digits = HexFormat.of().formatHex(address.toBytes()).toCharArray();
    Hash32 hash = Keccak.hash(new String(digits).getBytes(StandardCharsets.US_ASCII));
    for (int i = 0; i < digits.length; i++) {
      if (hash.nibble(i) >= 8) {
        digits[i] = Character.toUpperCase(digits[i]);
      }
    }
    return "0x" + new String(digits);
  }

  /// Whether `text` is an address after `0x` whose letters are all lower case, all upper case, or
  /// cased as [#format] does.
  public static boolean isValid(String text) {
    if (!text.matches("0x[0-9a-fA-F]{40}")) {
      return false;
    }
    String digits = text.substring(2);
    return digits.equals(digits.toLowerCase(Locale.ROOT))
        || digits.equals(digits.toUpperCase(Locale.ROOT))
        || text.equals(format(Address.of(text)));
  }
}
