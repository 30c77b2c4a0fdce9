package io.semper.lightclient.beacon;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Hash32;
import io.semper.core.fixtures.Fixtures;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// The published cases of the sync protocol, step by step: which headers are believed after each
/// update. Steps that force an update, which the client itself never does, are made here out of the
/// same functions.
class OfficialCasesTest {
  private static final String FOLDER = "ethereum/consensus-core/testdata/";
  private static final Pattern FILE = Pattern.compile(FOLDER + "((?:\\w+)/(?:\\w+))/(.+)");

  @TestFactory
  List<DynamicTest> cases() {
    Map<String, Map<String, byte[]>> cases = new TreeMap<>();
    Fixtures.readArchive(
        "light-client.tar.xz",
        name -> FILE.matcher(name).matches(),
        (name, content) -> {
          Matcher m = FILE.matcher(name);
          assertThat(m.matches()).isTrue();
          cases.computeIfAbsent(m.group(1), c -> new TreeMap<>()).put(m.group(2), content);
        });
    assertThat(cases).hasSize(6);
    List<DynamicTest> tests = new ArrayList<>();
    cases.forEach(
        (name, files) -> tests.add(DynamicTest.dynamicTest(name, () -> new Run(files).steps())));
    return tests;
  }

  /// One case.
  private static final class Run {
    private final Map<String, byte[]> files;
    private final ConsensusNetwork network;
    private final SyncProtocol protocol;
    private LightClientStore store;
    private LightClientUpdate best;

    Run(Map<String, byte[]> files) {
      this.files = files;
      String meta = text("meta.yaml");
      String config =
          text("config.yaml")
              + "\nGENESIS_TIME: 1578009900\nGENESIS_VALIDATORS_ROOT: "
              + value(meta, "genesis_validators_root");
      network = ConsensusNetwork.read(config.getBytes(StandardCharsets.UTF_8));
      protocol = new SyncProtocol(network);
      LightClientBootstrap bootstrap =
          LightClientBootstrap.read(
              ssz("bootstrap"), fork(meta, "bootstrap_fork_digest"), network.syncCommitteeSize());
      Hash32 trusted = Hash32.of(value(meta, "trusted_block_root"));
      assertThat(protocol.verifyBootstrap(trusted, bootstrap)).isNull();
      assertThat(protocol.verifyBootstrap(Hash32.ZERO, bootstrap).lie()).isTrue();
      store = protocol.initialize(bootstrap, 0);
    }

    private String text(String file) {
      return new String(files.get(file), StandardCharsets.UTF_8);
    }

    private byte[] ssz(String file) {
      return RawSnappy.decompress(files.get(file + ".ssz_snappy"));
    }

    private ConsensusFork fork(String in, String key) {
      int digest = Integer.parseUnsignedInt(value(in, key).substring(2), 16);
      return network.forkOfDigest(digest).orElseThrow();
    }

    private static String value(String in, String key) {
      Matcher m = Pattern.compile("\\b" + key + ": *'?(\\w+)'?").matcher(in);
      assertThat(m.find()).as(key).isTrue();
      return m.group(1);
    }

    void steps() {
      String[] steps = ("\n" + text("steps.yaml")).split("\n- ", -1);
      for (int i = 1; i < steps.length; i++) {
        long slot = Long.parseLong(value(steps[i], "current_slot"));
        if (steps[i].startsWith("process_update")) {
          process(steps[i], slot);
        } else {
          assertThat(steps[i]).startsWith("force_update");
          force(slot);
        }
        check(steps[i], "finalized_header", store.finalizedHeader());
        check(steps[i], "optimistic_header", store.optimisticHeader());
      }
    }

    private void process(String step, long slot) {
      LightClientUpdate update =
          LightClientUpdate.read(
              ssz(value(step, "update")),
              LightClientUpdate.Kind.FULL,
              fork(step, "update_fork_digest"),
              network.syncCommitteeSize());
      assertThat(protocol.verifyUpdate(store, update, slot)).isNull();
      if (best == null || protocol.isBetter(update, best)) {
        best = update;
      }
      LightClientStore before = store;
      store = protocol.apply(store, update, slot);
      boolean applied =
          store.finalizedHeader() != before.finalizedHeader()
              || store.nextSyncCommittee() != before.nextSyncCommittee();
      best = applied ? null : best;
    }

    /// `process_light_client_store_force_update`.
    private void force(long slot) {
      long timeout = store.finalizedHeader().slot() + network.slotsPerPeriod();
      if (slot <= timeout || best == null) {
        return;
      }
      LightClientUpdate u = best;
      if (u.finalizedHeader().slot() <= store.finalizedHeader().slot()) {
        u =
            new LightClientUpdate(
                u.attestedHeader(),
                u.nextSyncCommittee(),
                u.nextSyncCommitteeBranch(),
                u.attestedHeader(),
                u.finalityBranch(),
                u.syncAggregate(),
                u.signatureSlot());
      }
      store = protocol.applyUpdate(store, u);
      best = null;
    }

    private void check(String step, String which, LightClientHeader header) {
      String expected = step.substring(step.indexOf(which));
      assertThat(header.slot()).isEqualTo(Long.parseLong(value(expected, "slot")));
      assertThat(header.beacon().root()).isEqualTo(Hash32.of(value(expected, "beacon_root")));
      assertThat(header.executionRoot(network.forkAtSlot(header.slot())))
          .isEqualTo(Hash32.of(value(expected, "execution_root")));
    }
  }
}
