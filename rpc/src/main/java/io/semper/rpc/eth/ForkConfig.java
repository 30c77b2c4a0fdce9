package io.semper.rpc.eth;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.semper.core.bytes.Address;
import io.semper.core.fork.BlobParams;
import io.semper.core.fork.Fork;
import io.semper.core.fork.ForkId;
import io.semper.core.fork.ForkSchedule;
import io.semper.core.fork.SystemContracts;
import io.semper.core.types.Header;
import io.semper.core.view.ChainView;
import io.semper.evm.precompile.Precompile;
import io.semper.evm.precompile.Precompiles;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The fork configuration in force, the next one and the last known (EIP-7910), from the schedule.
final class ForkConfig {
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
    for (Precompile precompile : Precompiles.all(fork)) {
      active.put(precompile.name(), precompile.address());
    }
    return active;
  }

  private Map<String, Address> systemContracts(Fork fork) {
    Map<String, Address> active = new TreeMap<>();
    if (fork.atLeast(Fork.CANCUN)) {
      active.put("BEACON_ROOTS_ADDRESS", SystemContracts.BEACON_ROOTS);
    }
    if (fork.atLeast(Fork.PRAGUE)) {
      active.put("CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS", SystemContracts.CONSOLIDATION_REQUESTS);
      active.put("HISTORY_STORAGE_ADDRESS", SystemContracts.HISTORY_STORAGE);
      active.put("WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS", SystemContracts.WITHDRAWAL_REQUESTS);
      if (depositContract != null) {
        active.put("DEPOSIT_CONTRACT_ADDRESS", depositContract);
      }
    }
    return active;
  }
}
