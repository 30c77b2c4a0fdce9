package io.semper.lightclient;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.crypto.Signature;
import io.semper.core.types.Header;
import io.semper.core.types.QbftExtraData;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Headers sealed with keys that the test holds, honest or stolen ones. Key `n` is the hash of `n`.
final class ForgedChain {
  private static final Map<Address, byte[]> KEYS = new HashMap<>();

  private ForgedChain() {}

  static Address validator(int n) {
    byte[] key = Keccak.hash(new byte[] {(byte) n, (byte) (n >> 8)}).toBytes();
    Address address = Secp256k1.address(Secp256k1.publicKey(key));
    KEYS.put(address, key);
    return address;
  }

  /// Validators `from` to `to`, sorted by address.
  static List<Address> validators(int from, int to) {
    List<Address> set = new ArrayList<>();
    for (int n = from; n <= to; n++) {
      set.add(validator(n));
    }
    return set.stream().sorted().toList();
  }

  /// @param sealers how many of `set` seal
  static Header header(long number, Hash32 parent, long time, List<Address> set, int sealers) {
    return header(number, parent, time, set, set.subList(0, sealers), Hash32.ZERO);
  }

  static Header header(
      long number,
      Hash32 parent,
      long time,
      List<Address> set,
      List<Address> sealers,
      Hash32 stateRoot) {
    return header(number, parent, time, set, set, sealers, stateRoot);
  }

  /// Where a contract names the validators and the header none.
  static Header unnamed(long number, Hash32 parent, long time, List<Address> set, int sealers) {
    return header(number, parent, time, set, List.of(), set.subList(0, sealers), Hash32.ZERO);
  }

  private static Header header(
      long number,
      Hash32 parent,
      long time,
      List<Address> set,
      List<Address> named,
      List<Address> sealers,
      Hash32 stateRoot) {
    QbftExtraData extra = new QbftExtraData(new byte[32], named, null, 0, List.of());
    Header unsealed =
        Header.builder()
            .number(number)
            .parentHash(parent)
            .timestamp(time)
            .beneficiary(set.get(0))
            .difficulty(UInt256.ONE)
            .stateRoot(stateRoot)
            .mixHash(QbftExtraData.MIX_HASH)
            .extraData(extra.encode())
            .build();
    List<Signature> seals = new ArrayList<>();
    for (Address sealer : sealers) {
      seals.add(Secp256k1.sign(unsealed.sealHash(), KEYS.get(sealer)));
    }
    return unsealed.toBuilder().extraData(extra.sealed(seals).encode()).build();
  }
}
