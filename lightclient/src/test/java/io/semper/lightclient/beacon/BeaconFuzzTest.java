package io.semper.lightclient.beacon;

import io.semper.core.fuzz.Fuzz;
import io.semper.lightclient.beacon.LightClientUpdate.Kind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// What beacon nodes send, over libp2p and REST, in the containers of every fork.
class BeaconFuzzTest {
  private static final int MEMBERS = 32;

  @TestFactory
  List<DynamicTest> everyDecoder() {
    TestBeacon chain = new TestBeacon(TestNetworks.everyFork(), 2);
    List<DynamicTest> tests = new ArrayList<>();
    for (ConsensusFork fork :
        List.of(ConsensusFork.ALTAIR, ConsensusFork.DENEB, ConsensusFork.GLOAS)) {
      long slot = 32L * (fork.ordinal() - 1) + 24;
      byte[] bootstrap = TestSsz.encode(chain.bootstrap(slot), fork);
      tests.add(
          Fuzz.of(
              "light client bootstrap of " + fork.spelled(),
              in -> LightClientBootstrap.read(in, fork, MEMBERS),
              bootstrap));
      for (Kind kind : Kind.values()) {
        tests.add(
            Fuzz.of(
                "light client update of " + fork.spelled() + ", " + kind,
                in -> LightClientUpdate.read(in, kind, fork, MEMBERS),
                TestSsz.encode(chain.update(slot, kind), kind, fork, MEMBERS)));
      }
    }
    return tests;
  }
}
