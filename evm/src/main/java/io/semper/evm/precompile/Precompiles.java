package io.semper.evm.precompile;

import static io.semper.core.fork.Fork.BYZANTIUM;
import static io.semper.core.fork.Fork.CANCUN;
import static io.semper.core.fork.Fork.FRONTIER;
import static io.semper.core.fork.Fork.ISTANBUL;
import static io.semper.core.fork.Fork.OSAKA;
import static io.semper.core.fork.Fork.PRAGUE;

import io.semper.core.bytes.Address;
import io.semper.core.crypto.Bls12381;
import io.semper.core.fork.Fork;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The table of precompiled contracts, one line each.
public final class Precompiles {
  private static final List<Precompile> TABLE =
      List.of(
          row(0x01, "ECREC", FRONTIER, EcRecover::gas, EcRecover::run),
          row(0x02, "SHA256", FRONTIER, Sha256Hash::gas, Sha256Hash::run),
          row(0x03, "RIPEMD160", FRONTIER, Ripemd160Hash::gas, Ripemd160Hash::run),
          row(0x04, "ID", FRONTIER, Identity::gas, Identity::run),
          row(0x05, "MODEXP", BYZANTIUM, ModularExponent::gas, ModularExponent::run),
          row(0x06, "BN254_ADD", BYZANTIUM, Bn254Curve::addGas, Bn254Curve::add),
          row(0x07, "BN254_MUL", BYZANTIUM, Bn254Curve::mulGas, Bn254Curve::mul),
          row(0x08, "BN254_PAIRING", BYZANTIUM, Bn254Curve::pairingGas, Bn254Curve::pairing),
          row(0x09, "BLAKE2F", ISTANBUL, Blake2Compression::gas, Blake2Compression::run),
          row(0x0a, "KZG_POINT_EVALUATION", CANCUN, PointEvaluation::gas, PointEvaluation::run),
          row(0x0b, "BLS12_G1ADD", PRAGUE, BlsPrices::g1Add, Bls12381::g1Add),
          row(0x0c, "BLS12_G1MSM", PRAGUE, BlsPrices::g1Msm, Bls12381::g1Msm),
          row(0x0d, "BLS12_G2ADD", PRAGUE, BlsPrices::g2Add, Bls12381::g2Add),
          row(0x0e, "BLS12_G2MSM", PRAGUE, BlsPrices::g2Msm, Bls12381::g2Msm),
          row(0x0f, "BLS12_PAIRING_CHECK", PRAGUE, BlsPrices::pairing, Bls12381::pairing),
          row(0x10, "BLS12_MAP_FP_TO_G1", PRAGUE, BlsPrices::mapFpToG1, Bls12381::mapFpToG1),
          row(0x11, "BLS12_MAP_FP2_TO_G2", PRAGUE, BlsPrices::mapFp2ToG2, Bls12381::mapFp2ToG2),
          row(0x100, "P256VERIFY", OSAKA, P256Verify::gas, P256Verify::run));

  /// Addresses end below this, so that lookup is a comparison and an array access.
  private static final int LIMIT = 0x101;

  private static final Precompile[] BY_NUMBER = new Precompile[LIMIT];
  private static final Map<Fork, Set<Address>> ACTIVE = new EnumMap<>(Fork.class);

  static {
    for (Precompile precompile : TABLE) {
      BY_NUMBER[(int) precompile.address().low()] = precompile;
    }
    for (Fork fork : Fork.values()) {
      Set<Address> addresses = new LinkedHashSet<>();
      for (Precompile precompile : all(fork)) {
        addresses.add(precompile.address());
      }
      ACTIVE.put(fork, Collections.unmodifiableSet(addresses));
    }
  }

  private Precompiles() {}

  /// The contract at `address` under a fork's rules, or `null` where there is none.
  public static Precompile at(Fork fork, Address address) {
    long low = address.low();
    if (low < 0 || low >= LIMIT || address.middle() != 0 || address.high() != 0) {
      return null;
    }
    Precompile found = BY_NUMBER[(int) low];
    return found == null || fork.before(found.since()) ? null : found;
  }

  /// The addresses in force, which every transaction starts with as warm (EIP-2929), ascending.
  public static Set<Address> active(Fork fork) {
    return ACTIVE.get(fork);
  }

  /// The contracts in force, by ascending address.
  public static List<Precompile> all(Fork fork) {
    List<Precompile> found = new ArrayList<>();
    for (Precompile precompile : TABLE) {
      if (fork.atLeast(precompile.since())) {
        found.add(precompile);
      }
    }
    return found;
  }

  private static Precompile row(
      int number, String name, Fork since, Precompile.Gas gas, Precompile.Body body) {
    return new Precompile(Address.of(number), name, since, gas, body);
  }
}
