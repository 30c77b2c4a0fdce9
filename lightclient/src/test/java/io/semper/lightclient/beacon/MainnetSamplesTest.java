package io.semper.lightclient.beacon;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Hash32;
import io.semper.core.fixtures.Fixtures;
import io.semper.lightclient.beacon.LightClientUpdate.Kind;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// What mainnet's beacon nodes said: in 2026 at Fulu, in 2023 at Capella.
class MainnetSamplesTest {
  private final ConsensusNetwork mainnet = ConsensusNetwork.byName("mainnet").orElseThrow();
  private final SyncProtocol protocol = new SyncProtocol(mainnet);
  private final BeaconJson json = new BeaconJson(mainnet.syncCommitteeSize());
  private LightClientStore store;

  private static Map<String, JsonNode> read(String archive, String folder) {
    Map<String, JsonNode> files = new TreeMap<>();
    Fixtures.readArchive(
        archive,
        name -> name.matches(folder + "(lc_)?(bootstrap|updates|finality|optimistic)\\.json"),
        (name, content) -> {
          String file = name.substring(folder.length()).replace("lc_", "").replace(".json", "");
          files.put(file, BeaconJson.parse(content));
        });
    assertThat(files).hasSize(4);
    return files;
  }

  private void begin(JsonNode reply) {
    LightClientBootstrap bootstrap = json.bootstrap(BeaconJson.unwrap(reply));
    Hash32 root = bootstrap.header().beacon().root();
    assertThat(protocol.verifyBootstrap(root, bootstrap)).isNull();
    assertThat(protocol.verifyBootstrap(Hash32.ZERO, bootstrap).lie()).isTrue();
    store = protocol.initialize(bootstrap, bootstrap.header().slot());
  }

  private void apply(LightClientUpdate update) {
    long now = update.signatureSlot();
    assertThat(protocol.verifyUpdate(store, update, now)).isNull();
    assertThat(protocol.verifyUpdate(store, update, now - 1).lie()).isFalse();
    store = protocol.apply(store, update, now);
  }

  @Test
  void fulu() {
    Map<String, JsonNode> files =
        read("mainnet-blocks.tar.xz", "nimbus_verified_proxy/tests/data/");
    begin(files.get("bootstrap"));
    assertThat(store.finalizedHeader().slot()).isEqualTo(14_017_856);
    assertThat(store.finalizedHeader().executionBlockHash())
        .isEqualTo(Hash32.of("0x701130a5329507e6521e6b18f2e1ff841afbde4ebbc4d3b624d7f3f1e2733375"));
    List<JsonNode> updates = BeaconJson.list(files.get("updates"), 10);
    assertThat(updates).hasSize(1);
    LightClientUpdate update = json.update(updates.get(0), Kind.FULL);
    assertThat(protocol.verifyUpdate(store, update, update.signatureSlot())).isNull();
    apply(update);
    assertThat(store.isNextSyncCommitteeKnown()).isTrue();
    apply(json.update(BeaconJson.unwrap(files.get("finality")), Kind.FINALITY));
    apply(json.update(BeaconJson.unwrap(files.get("optimistic")), Kind.OPTIMISTIC));
    assertThat(store.optimisticHeader().slot()).isEqualTo(14_018_019);
    assertThat(store.optimisticHeader().executionBlockHash())
        .isEqualTo(Hash32.of("0x5b34070154b4331237ca3975de14df77359f7269a65b95d01b0e81c626e3151d"));
  }

  @Test
  void capella() {
    Map<String, JsonNode> files = read("light-client.tar.xz", "ethereum/testdata/");
    begin(files.get("bootstrap"));
    for (JsonNode each : BeaconJson.list(files.get("updates"), 100)) {
      apply(json.update(each, Kind.FULL));
    }
    apply(json.update(BeaconJson.unwrap(files.get("finality")), Kind.FINALITY));
    apply(json.update(BeaconJson.unwrap(files.get("optimistic")), Kind.OPTIMISTIC));
    assertThat(store.optimisticHeader().slot()).isGreaterThan(store.finalizedHeader().slot());
  }
}
