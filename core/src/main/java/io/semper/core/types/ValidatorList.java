package io.semper.core.types;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import java.util.ArrayList;
import java.util.List;

/// What a contract that names the validators of a QBFT network is asked, `getValidators() returns
/// (address[])`, and answers.
public final class ValidatorList {
  private static final byte[] GET_VALIDATORS = Hex.decode("0xb7ab4db5");
  private static final int WORD = 32;

  private ValidatorList() {}

  public static byte[] callData() {
    return GET_VALIDATORS.clone();
  }

  /// Addresses in the contract's order, 1 to [QbftExtraData#MAX_VALIDATORS]; `null` where the bytes
  /// are no such list.
  public static List<Address> decode(byte[] output) {
    if (output.length < 2 * WORD || !word(output, 0).equals(UInt256.of(WORD))) {
      return null;
    }
    UInt256 count = word(output, WORD);
    if (!count.fitsLong()
        || count.limb0() < 1
        || count.limb0() > QbftExtraData.MAX_VALIDATORS
        || output.length < (2 + count.limb0()) * WORD) {
      return null;
    }
    List<Address> named = new ArrayList<>();
    for (int i = 0; i < count.limb0(); i++) {
      int at = (2 + i) * WORD;
      for (int k = 0; k < WORD - Address.BYTES; k++) {
        if (output[at + k] != 0) return null;
      }
      named.add(Address.of(output, at + WORD - Address.BYTES));
    }
    return named;
  }

  private static UInt256 word(byte[] bytes, int at) {
    return UInt256.of(bytes, at, WORD);
  }
}
