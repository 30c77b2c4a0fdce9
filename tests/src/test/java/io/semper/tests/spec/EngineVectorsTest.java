package io.semper.tests.spec;

import io.semper.node.spec.BlockTest;
import io.semper.node.spec.EngineTestRun;
import io.semper.node.spec.FixtureInput;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// Every blockchain test as a consensus client would hand its blocks in.
class EngineVectorsTest {

  @Test
  void everyPayloadIsJudgedAsItMust() {
    SpecSuite.run("engine tests", Map.of("eest-engine", file -> true), EngineVectorsTest::read);
  }

  private static void read(String path, FixtureInput in, Consumer<SpecCase> cases) {
    BlockTest.readAll(
        in,
        test ->
            cases.accept(
                new SpecCase(
                    path + "::" + test.name(), test.networkName(), () -> EngineTestRun.run(test))));
  }
}
