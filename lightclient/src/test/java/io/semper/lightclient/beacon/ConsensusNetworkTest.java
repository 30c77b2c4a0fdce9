package io.semper.lightclient.beacon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.core.fork.Fork;
import io.semper.core.fork.ForkSchedule;
import io.semper.genesis.PublicNetwork;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConsensusNetworkTest {
  private static final Map<ConsensusFork, Fork> SAME_TIME =
      Map.of(
          ConsensusFork.CAPELLA, Fork.SHANGHAI,
          ConsensusFork.DENEB, Fork.CANCUN,
          ConsensusFork.ELECTRA, Fork.PRAGUE,
          ConsensusFork.FULU, Fork.OSAKA);

  /// Both layers of a network fork at one time: slots, epochs, genesis time and schedule have to
  /// agree with the genesis file of the execution layer.
  @ParameterizedTest
  @EnumSource
  void forksWithTheExecutionLayer(PublicNetwork network) {
    ConsensusNetwork beacon =
        ConsensusNetwork.byName(network.name().toLowerCase(Locale.ROOT)).orElseThrow();
    ForkSchedule execution = network.network().forks();
    assertThat(beacon.name()).isEqualTo(network.network().name());
    for (ConsensusNetwork.Activation each : beacon.forks()) {
      Fork fork = SAME_TIME.get(each.fork());
      if (fork != null && each.epoch() > 0) {
        assertThat(secondsOf(beacon, each.epoch()))
            .as(each.fork().name())
            .isEqualTo(execution.activation(fork).orElseThrow());
      }
    }
    assertThat(secondsOf(beacon, beacon.blobs().get(0).epoch()))
        .isEqualTo(execution.activation(Fork.BPO1).orElseThrow());
    assertThat(secondsOf(beacon, beacon.blobs().get(1).epoch()))
        .isEqualTo(execution.activation(Fork.BPO2).orElseThrow());
    assertThat(beacon.blobs().get(1).maxBlobs()).isEqualTo(execution.blobParams(Fork.BPO2).max());
  }

  private static long secondsOf(ConsensusNetwork network, long epoch) {
    return network.timeMillisOf(epoch * network.slotsPerEpoch()) / 1000;
  }

  /// Mainnet's digests as published: of Deneb and Electra, and of Fulu with its blob limits
  /// (EIP-7892).
  @Test
  void digestsOfMainnet() {
    ConsensusNetwork mainnet = ConsensusNetwork.byName("mainnet").orElseThrow();
    assertThat(mainnet.digestAt(74240)).isEqualTo(0xafcaaba0);
    assertThat(mainnet.digestAt(144896)).isEqualTo(0x4a26c58b);
    assertThat(mainnet.digestAt(194048)).isEqualTo(0xbba4da96);
    assertThat(mainnet.digestAt(269568)).isEqualTo(0x6a95a1a9);
    assertThat(mainnet.digestAt(364032)).isEqualTo(0xad532ceb);
    List<Integer> digests = new ArrayList<>();
    mainnet.forks().forEach(each -> digests.add(mainnet.digestAt(each.epoch())));
    mainnet.blobs().forEach(each -> digests.add(mainnet.digestAt(each.epoch())));
    assertThat(digests).doesNotHaveDuplicates().hasSize(9);
    assertThat(mainnet.forkOfDigest(digests.get(0))).isEmpty();
    assertThat(digests.stream().skip(1).map(d -> mainnet.forkOfDigest(d).orElseThrow()))
        .containsExactly(
            ConsensusFork.ALTAIR,
            ConsensusFork.BELLATRIX,
            ConsensusFork.CAPELLA,
            ConsensusFork.DENEB,
            ConsensusFork.ELECTRA,
            ConsensusFork.FULU,
            ConsensusFork.FULU,
            ConsensusFork.FULU);
    assertThat(mainnet.forkOfDigest(1)).isEmpty();
  }

  private static final String MINIMAL =
      """
      PRESET_BASE: 'minimal' # a comment
      GENESIS_TIME: 1700000000
      GENESIS_VALIDATORS_ROOT: 0x0a08c27fe4ece2483f9e581f78c66379a06f96e9c24cd1390594ff939b26f95b
      GENESIS_FORK_VERSION: 0x00000001
      ALTAIR_FORK_VERSION: 0x01000001
      ALTAIR_FORK_EPOCH: 0
      BELLATRIX_FORK_VERSION: 0x02000001
      BELLATRIX_FORK_EPOCH: 18446744073709551615
      SECONDS_PER_SLOT: 6
      MAX_BLOBS_PER_BLOCK: 6
      BLOB_SCHEDULE:
        - EPOCH: 9
          MAX_BLOBS_PER_BLOCK: 15
        - EPOCH: 5
          MAX_BLOBS_PER_BLOCK: 12
      """;

  private static ConsensusNetwork read(String config) {
    return ConsensusNetwork.read(config.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void readsTheLinesOfAConfiguration() {
    ConsensusNetwork network = read(MINIMAL);
    assertThat(network.slotsPerPeriod()).isEqualTo(64);
    assertThat(network.syncCommitteeSize()).isEqualTo(32);
    assertThat(network.slotMillis()).isEqualTo(6000);
    assertThat(network.forks()).hasSize(2);
    assertThat(network.blobs())
        .containsExactly(
            new ConsensusNetwork.BlobLimit(5, 12), new ConsensusNetwork.BlobLimit(9, 15));
    assertThat(network.slotAt(1_700_000_011_999L)).isEqualTo(1);
    assertThat(network.slotAt(0)).isZero();
  }

  @Test
  void readsTheJsonOfTheBeaconApi() {
    String json =
        """
        {"data":{"PRESET_BASE":"mainnet","GENESIS_TIME":"5","SECONDS_PER_SLOT":12,
        "GENESIS_VALIDATORS_ROOT":"0x0a08c27fe4ece2483f9e581f78c66379a06f96e9c24cd1390594ff939b26f95b",
        "GENESIS_FORK_VERSION":"0x00000001","ALTAIR_FORK_VERSION":"0x01000001","ALTAIR_FORK_EPOCH":"3",
        "BLOB_SCHEDULE":[{"EPOCH":"9","MAX_BLOBS_PER_BLOCK":"15"}],"MAX_BLOBS_PER_BLOCK":"6"}}
        """;
    ConsensusNetwork network = read(json);
    assertThat(network.blobs()).containsExactly(new ConsensusNetwork.BlobLimit(9, 15));
    assertThat(network.forkAtSlot(95)).isEqualTo(ConsensusFork.PHASE0);
    assertThat(network.forkAtSlot(96)).isEqualTo(ConsensusFork.ALTAIR);
    assertThat(network.syncCommitteeSize()).isEqualTo(512);
  }

  @Test
  void saysWhatIsWrongWithAConfiguration() {
    Map<String, String> changes =
        Map.of(
            "PRESET_BASE: 'minimal'", "PRESET_BASE: gnosis",
            "GENESIS_TIME: 1700000000", "GENESIS_TIME: soon",
            "ALTAIR_FORK_VERSION: 0x01000001", "ALTAIR_FORK_VERSION: 0x01",
            "SECONDS_PER_SLOT: 6", "SECONDS_PER_SLOT: 0",
            "GENESIS_FORK_VERSION: 0x00000001", "");
    changes.forEach((from, to) ->
        assertThatThrownBy(() -> read(MINIMAL.replace(from, to)))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining(
                from.startsWith("SECONDS") ? "SLOT" : from.substring(0, from.indexOf(':'))));
    assertThatThrownBy(() -> read(MINIMAL + "SYNC_COMMITTEE_SIZE: 1000000000"))
        .hasMessageContaining("SYNC_COMMITTEE_SIZE");
    assertThatThrownBy(() -> read("{\"data\":")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ConsensusNetwork.read(new byte[ConsensusConfig.MAX_BYTES + 1]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(ConsensusNetwork.byName("nowhere")).isEmpty();
    assertThat(ConsensusNetwork.byName("../mainnet")).isEmpty();
  }
}
