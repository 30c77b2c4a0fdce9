package io.semper.evm.tx;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.fixtures.Fixtures;
import io.semper.core.fork.Fork;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.types.Transaction;
import io.semper.evm.fork.ForkRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/// The official TransactionTests: per fork, either hash, sender and intrinsic gas of a transaction
/// or the rule it breaks.
class TransactionVectorsTest {
  private static final Map<String, Fork> FORKS =
      Map.ofEntries(
          Map.entry("Frontier", Fork.FRONTIER),
          Map.entry("Homestead", Fork.HOMESTEAD),
          Map.entry("EIP150", Fork.TANGERINE_WHISTLE),
          Map.entry("EIP158", Fork.SPURIOUS_DRAGON),
          Map.entry("Byzantium", Fork.BYZANTIUM),
          Map.entry("Constantinople", Fork.CONSTANTINOPLE),
          Map.entry("ConstantinopleFix", Fork.PETERSBURG),
          Map.entry("Istanbul", Fork.ISTANBUL),
          Map.entry("Berlin", Fork.BERLIN),
          Map.entry("London", Fork.LONDON),
          Map.entry("Paris", Fork.PARIS),
          Map.entry("Shanghai", Fork.SHANGHAI),
          Map.entry("Cancun", Fork.CANCUN),
          Map.entry("Prague", Fork.PRAGUE),
          Map.entry("Osaka", Fork.OSAKA));

  private final List<String> wrong = new ArrayList<>();
  private final Map<String, Map<String, Integer>> refusals = new TreeMap<>();
  private int valid;
  private int invalid;

  @Test
  void ethereumTests() {
    run("ethereum-tests-state.tar.xz", name -> name.contains("TransactionTests/"));
    assertThat(wrong).isEmpty();
    assertThat(valid).isEqualTo(606);
    assertThat(invalid).isEqualTo(2000);
  }

  @Test
  void executionSpecTests() {
    run("eest-tx.tar.xz", name -> true);
    assertThat(wrong).isEmpty();
    assertThat(valid).isEqualTo(0);
    assertThat(invalid).isEqualTo(106);
  }

  private void run(String archive, Predicate<String> wanted) {
    Fixtures.readJson(
        archive,
        wanted,
        (file, tests) ->
            tests
                .properties()
                .forEach(
                    test -> {
                      byte[] encoded = Hex.decode(test.getValue().get("txbytes").asText());
                      test.getValue()
                          .get("result")
                          .properties()
                          .forEach(
                              result ->
                                  check(
                                      test.getKey(), result.getKey(), encoded, result.getValue()));
                    }));
    System.out.println(refusals);
  }

  private void check(String name, String forkName, byte[] encoded, JsonNode expected) {
    ForkRules rules = ForkRules.of(FORKS.get(forkName));
    Transaction transaction;
    try {
      transaction = Transaction.decode(encoded);
    } catch (MalformedInputException malformed) {
      outcome(name + " " + forkName, expected, "malformed");
      return;
    }
    Optional<TxResult.Invalid> broken = TransactionRules.verify(transaction, rules, UInt256.ONE);
    outcome(
        name + " " + forkName,
        expected,
        broken.isEmpty() ? "valid" : broken.get().error().toString());
    if (broken.isPresent() || expected.has("exception")) {
      return;
    }
    assertThat(transaction.encode()).isEqualTo(encoded);
    assertThat(transaction.hash()).isEqualTo(Hash32.of(expected.get("hash").asText()));
    assertThat(transaction.sender()).isEqualTo(Address.of(expected.get("sender").asText()));
    Message message = Message.of(transaction, transaction.sender());
    assertThat(IntrinsicGas.of(message, rules))
        .as(name)
        .isEqualTo(Long.decode(expected.get("intrinsicGas").asText()));
  }

  private void outcome(String test, JsonNode expected, String actual) {
    boolean shouldFail = expected.has("exception");
    if (shouldFail) {
      invalid++;
      String exception = expected.get("exception").asText().replace("TransactionException.", "");
      refusals.computeIfAbsent(exception, e -> new TreeMap<>()).merge(actual, 1, Integer::sum);
    } else {
      valid++;
    }
    if (shouldFail == actual.equals("valid")) {
      wrong.add(test + ": " + actual + ", expected " + expected);
    }
  }
}
