package io.semper.tests.spec;

import io.semper.node.spec.FixtureInput;
import io.semper.node.spec.StateTest;
import io.semper.node.spec.StateTest.Expectation;
import io.semper.node.spec.StateTestRun;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/// Every state test: one transaction on a given state, for all forks, choices and exceptions.
class StateVectorsTest {

  @Test
  void everyExpectationIsMet() {
    Map<String, Predicate<String>> archives = new LinkedHashMap<>();
    archives.put("ethereum-tests-state", file -> file.contains("GeneralStateTests/"));
    archives.put("legacytests-state", file -> file.contains("GeneralStateTests/"));
    archives.put("eest-state", file -> true);
    archives.put("random-osaka", file -> true);
    SpecSuite.run("state tests", archives, StateVectorsTest::read);
  }

  private static void read(String path, FixtureInput in, Consumer<SpecCase> cases) {
    StateTest.readAll(
        in,
        test -> {
          for (Expectation expected : test.expectations()) {
            cases.accept(
                new SpecCase(
                    path + "::" + test.name() + "#" + expected.index(),
                    expected.fork(),
                    () -> StateTestRun.run(test, expected, null).difference()));
          }
        });
  }
}
