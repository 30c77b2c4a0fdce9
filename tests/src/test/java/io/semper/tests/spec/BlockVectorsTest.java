package io.semper.tests.spec;

import io.semper.node.spec.BlockTest;
import io.semper.node.spec.BlockTestRun;
import io.semper.node.spec.FixtureInput;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/// Every blockchain test: valid and invalid blocks, reorganisations, and the passages between
/// forks.
class BlockVectorsTest {

  @Test
  void everyChainEndsAsItMust() {
    Map<String, Predicate<String>> archives = new LinkedHashMap<>();
    archives.put("ethereum-tests-blocks", file -> file.contains("BlockchainTests/"));
    archives.put("legacytests-blocks", file -> file.contains("BlockchainTests/"));
    archives.put("ethereum-tests-blocks-of-state", file -> file.contains("BlockchainTests/"));
    archives.put("eest-blocks", file -> true);
    SpecSuite.run("block tests", archives, BlockVectorsTest::read);
  }

  private static void read(String path, FixtureInput in, Consumer<SpecCase> cases) {
    BlockTest.readAll(
        in,
        test ->
            cases.accept(
                new SpecCase(
                    path + "::" + test.name(),
                    test.networkName(),
                    () -> BlockTestRun.run(test, null).difference())));
  }
}
