package io.semper.genesis;

import io.semper.core.bytes.Address;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;

/// Makes the compressed genesis states among this module's resources out of genesis files.
///
/// Arguments: the folder with `NAME.genesis.json` of each public network, and the folder to write
/// `NAME.alloc` to. The development chain's contracts are those of Hoodi, which had them from its
/// genesis on.
final class AllocationGenerator {
  static final Address DEPOSITS = Address.of("0x00000000219ab540356cbb839cbe05303d7705fa");
  static final Address BEACON_ROOTS = Address.of("0x000f3df6d732807ef1319fb7b8bb8522d0beac02");
  static final Address HISTORY = Address.of("0x0000f90827f1c53a10cb7a02335b175320002935");
  static final Address WITHDRAWALS = Address.of("0x00000961ef480eb55e80d19ad83579a64c007002");
  static final Address CONSOLIDATIONS = Address.of("0x0000bbddc7ce488642fb579f8b00f3a590007251");

  private AllocationGenerator() {}

  public static void main(String[] args) throws IOException {
    Path from = Path.of(args[0]);
    Path to = Path.of(args[1]);
    for (PublicNetwork network : PublicNetwork.values()) {
      byte[] json = Files.readAllBytes(from.resolve(network.id() + ".genesis.json"));
      Allocation allocation = Genesis.read(json).allocation();
      write(to.resolve(network.id() + ".alloc"), allocation);
      if (network == PublicNetwork.HOODI) {
        write(to.resolve("dev.alloc"), systemContracts(allocation));
      }
    }
  }

  /// The request queues start open: their first slot, which keeps them shut until their fork's
  /// first block, is left out, since here that fork is in force from genesis on.
  static Allocation systemContracts(Allocation hoodi) {
    Map<Address, GenesisAccount> found = new TreeMap<>();
    for (Address address : Set.of(DEPOSITS, BEACON_ROOTS, HISTORY, WITHDRAWALS, CONSOLIDATIONS)) {
      GenesisAccount account = hoodi.accounts().get(address);
      boolean queue = address.equals(WITHDRAWALS) || address.equals(CONSOLIDATIONS);
      found.put(
          address,
          new GenesisAccount(
              account.balance(), 1, account.code(), queue ? Map.of() : account.storage()));
    }
    return Allocation.of(found);
  }

  private static void write(Path file, Allocation allocation) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(allocation.encode());
    }
    Files.write(file, packed.toByteArray());
  }
}
