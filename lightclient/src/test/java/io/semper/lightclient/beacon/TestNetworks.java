package io.semper.lightclient.beacon;

import java.nio.charset.StandardCharsets;

/// Configurations for tests.
final class TestNetworks {
  /// Genesis of all of them, in seconds since 1970.
  static final long GENESIS = 1_700_000_000;

  private TestNetworks() {}

  /// Eight slots of six seconds an epoch, eight epochs a period, 32 members.
  ///
  /// @param electra the epoch of Electra, Fulu following a period later, Gloas two periods later
  static ConsensusNetwork minimal(long electra) {
    return minimal(electra, "minimal", 32);
  }

  /// The same with 512 members.
  static ConsensusNetwork large() {
    return minimal(0, "minimal", 512);
  }

  private static ConsensusNetwork minimal(long electra, String preset, int members) {
    String config =
        """
        CONFIG_NAME: test
        PRESET_BASE: %s
        SYNC_COMMITTEE_SIZE: %d
        GENESIS_TIME: %d
        GENESIS_VALIDATORS_ROOT: 0x0a08c27fe4ece2483f9e581f78c66379a06f96e9c24cd1390594ff939b26f95b
        SECONDS_PER_SLOT: 6
        GENESIS_FORK_VERSION: 0x00000001
        ALTAIR_FORK_VERSION: 0x01000001
        ALTAIR_FORK_EPOCH: 0
        BELLATRIX_FORK_VERSION: 0x02000001
        BELLATRIX_FORK_EPOCH: 0
        CAPELLA_FORK_VERSION: 0x03000001
        CAPELLA_FORK_EPOCH: 0
        DENEB_FORK_VERSION: 0x04000001
        DENEB_FORK_EPOCH: 0
        ELECTRA_FORK_VERSION: 0x05000001
        ELECTRA_FORK_EPOCH: %d
        FULU_FORK_VERSION: 0x06000001
        FULU_FORK_EPOCH: %d
        GLOAS_FORK_VERSION: 0x07000001
        GLOAS_FORK_EPOCH: %d
        """
            .formatted(preset, members, GENESIS, electra, electra + 8, electra + 16);
    return ConsensusNetwork.read(config.getBytes(StandardCharsets.UTF_8));
  }

  /// All forks from Altair to Gloas, one every four epochs.
  static ConsensusNetwork everyFork() {
    StringBuilder config =
        new StringBuilder(
            """
            CONFIG_NAME: test
            PRESET_BASE: minimal
            GENESIS_TIME: %d
            GENESIS_VALIDATORS_ROOT: 0x0a08c27fe4ece2483f9e581f78c66379a06f96e9c24cd1390594ff939b26f95b
            SECONDS_PER_SLOT: 6
            GENESIS_FORK_VERSION: 0x00000001
            """
                .formatted(GENESIS));
    for (ConsensusFork fork : ConsensusFork.values()) {
      if (fork != ConsensusFork.PHASE0) {
        config.append(fork).append("_FORK_VERSION: 0x0").append(fork.ordinal()).append("000001\n");
        config.append(fork).append("_FORK_EPOCH: ").append(4 * (fork.ordinal() - 1)).append('\n');
      }
    }
    return ConsensusNetwork.read(config.toString().getBytes(StandardCharsets.UTF_8));
  }
}
