package io.semper.rpc.eth;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.semper.core.bytes.Address;
import io.semper.core.fork.BlobParams;
import io.semper.core.fork.Fork;
import io.semper.core.fork.ForkId;
import io.semper.core.fork.ForkSchedule;
import io.semper.core.types.Header;
import io.semper.core.view.ChainView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The fork configuration in force, the next one and the last known (EIP-7910), from the schedule.
final class ForkConfig {
  private static final Address BEACON_ROOTS =
      Address.of("0x000f3df6d732807ef1319fb7b8bb8522d0beac02");
  private static final Address HISTORY_STORAGE =
      Address.of("0x0000f90827f1c53a10cb7a02335b175320002935");
  private static final Address WITHDRAWAL_REQUESTS =
      Address.of("0x00000961ef480eb55e80d19ad83579a64c007002");
  private static final Address CONSOLIDATION_REQUESTS =
      Address.of("0x0000bbddc7ce488642fb579f8b00f3a590007251");

  private record Precompile(String name, long address, Fork since) {}

  private static final List<Precompile> PRECOMPILES =
      List.of(
          new Precompile("ECREC", 0x01, Fork.FRONTIER),
          new Precompile("SHA256", 0x02, Fork.FRONTIER),
          new Precompile("RIPEMD160", 0x03, Fork.FRONTIER),
          new Precompile("ID", 0x04, Fork.FRONTIER),
          new Precompile("MODEXP", 0x05, Fork.BYZANTIUM),
          new Precompile("BN254_ADD", 0x06, Fork.BYZANTIUM),
          new Precompile("BN254_MUL", 0x07, Fork.BYZANTIUM),
          new Precompile("BN254_PAIRING", 0x08, Fork.BYZANTIUM),
          new Precompile("BLAKE2F", 0x09, Fork.ISTANBUL),
          new Precompile("KZG_POINT_EVALUATION", 0x0a, Fork.CANCUN),
          new Precompile("BLS12_G1ADD", 0x0b, Fork.PRAGUE),
          new Precompile("BLS12_G1MSM", 0x0c, Fork.PRAGUE),
          new Precompile("BLS12_G2ADD", 0x0d, Fork.PRAGUE),
          new Precompile("BLS12_G2MSM", 0x0e, Fork.PRAGUE),
          new Precompile("BLS12_PAIRING_CHECK", 0x0f, Fork.PRAGUE),
          new Precompile("BLS12_MAP_FP_TO_G1", 0x10, Fork.PRAGUE),
          new Precompile("BLS12_MAP_FP2_TO_G2", 0x11, Fork.PRAGUE),
          new Precompile("P256VERIFY", 0x100, Fork.OSAKA));

  private final ChainView chain;
  private final Address depositContract;

  /// @param depositContract `null` where the network has none
  ForkConfig(ChainView chain, Address depositContract) {
    this.chain = chain;
    this.depositContract = depositContract;
  }

  Map<String, Object> describe() {
    long now = chain.head().timestamp();
    Fork current = null;
    List<Fork> later = new ArrayList<>();
    for (Fork fork : chain.forks().scheduled()) {
      if (fork.byTime()) {
        long at = chain.forks().activation(fork).orElseThrow();
        if (at <= now) {
          current = fork;
        } else {
          later.add(fork);
        }
      }
    }
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("current", current == null ? null : describe(current));
    config.put("next", later.isEmpty() ? null : describe(later.getFirst()));
    config.put("last", later.isEmpty() ? null : describe(later.getLast()));
    return config;
  }

  private Map<String, Object> describe(Fork fork) {
    ForkSchedule forks = chain.forks();
    Header genesis = chain.header(0).orElseThrow();
    long time = forks.activation(fork).orElseThrow();
    boolean fromGenesis = time <= genesis.timestamp();
    ForkId id = ForkId.of(forks, genesis.hash(), genesis.timestamp(), Long.MAX_VALUE, time);
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("activationTime", JsonNodeFactory.instance.numberNode(fromGenesis ? 0 : time));
    config.put("blobSchedule", fork.atLeast(Fork.CANCUN) ? blobs(forks.blobParams(fork)) : null);
    config.put("chainId", chain.chainId());
    config.put("forkId", id.checksumHex());
    config.put("precompiles", precompiles(fork));
    config.put("systemContracts", systemContracts(fork));
    return config;
  }

  private static ObjectNode blobs(BlobParams params) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("target", params.target())
        .put("max", params.max())
        .put("baseFeeUpdateFraction", params.baseFeeUpdateFraction());
  }

  private static Map<String, Address> precompiles(Fork fork) {
    Map<String, Address> active = new TreeMap<>();
    for (Precompile precompile : PRECOMPILES) {
      if (fork.atLeast(precompile.since)) {
        active.put(precompile.name, Address.of(precompile.address));
      }
    }
    return active;
  }

  private Map<String, Address> systemContracts(Fork fork) {
    Map<String, Address> active = new TreeMap<>();
    if (fork.atLeast(Fork.CANCUN)) {
      active.put("BEACON_ROOTS_ADDRESS", BEACON_ROOTS);
    }
    if (fork.atLeast(Fork.PRAGUE)) {
      active.put("CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS", CONSOLIDATION_REQUESTS);
      active.put("HISTORY_STORAGE_ADDRESS", HISTORY_STORAGE);
      active.put("WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS", WITHDRAWAL_REQUESTS);
      if (depositContract != null) {
        active.put("DEPOSIT_CONTRACT_ADDRESS", depositContract);
      }
    }
    return active;
  }
}
