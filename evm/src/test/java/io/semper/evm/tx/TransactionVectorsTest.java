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

  /// The rules that decoded transactions break, by the vectors' names.
  private static final Map<String, TxError> RULES =
      Map.of(
          "EC_RECOVERY_FAIL", TxError.SIGNATURE,
          "INVALID_SIGNATURE_VRS", TxError.SIGNATURE,
          "INVALID_CHAINID", TxError.CHAIN_ID,
          "TYPE_NOT_SUPPORTED", TxError.TYPE_NOT_SUPPORTED,
          "NONCE_TOO_BIG", TxError.NONCE_MAX,
          "GASLIMIT_PRICE_PRODUCT_OVERFLOW", TxError.INSUFFICIENT_FUNDS,
          "INTRINSIC_GAS_TOO_LOW", TxError.INTRINSIC_GAS_TOO_LOW,
          "INITCODE_SIZE_EXCEEDED", TxError.INITCODE_TOO_LARGE,
          "PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS_2", TxError.TIP_ABOVE_FEE_CAP,
          "TYPE_4_EMPTY_AUTHORIZATION_LIST", TxError.AUTHORIZATION_LIST_EMPTY);

  private final List<String> wrong = new ArrayList<>();
  private int valid;
  private int invalid;

  @Test
  void ethereumTests() {
    run("ethereum-tests-state.tar.xz", name -> name.contains("TransactionTests/"));
    assertThat(wrong).isEmpty();
    assertThat(valid).isEqualTo(606);
    assertThat(invalid).isEqualTo(2059);
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
                .forEach(test -> {
                  byte[] encoded = Hex.decode(test.getValue().get("txbytes").asText());
                  test.getValue()
                      .get("result")
                      .properties()
                      .forEach(result ->
                          check(test.getKey(), result.getKey(), encoded, result.getValue()));
                }));
  }

  private void check(String test, String forkName, byte[] encoded, JsonNode expected) {
    String name = test + " " + forkName;
    ForkRules rules = ForkRules.of(FORKS.get(forkName));
    boolean shouldFail = expected.has("exception");
    if (shouldFail) {
      invalid++;
    } else {
      valid++;
    }
    Transaction transaction;
    try {
      transaction = Transaction.decode(encoded);
    } catch (MalformedInputException malformed) {
      if (!shouldFail) {
        wrong.add(name + ": " + malformed.getMessage());
      }
      return;
    }
    TxError broken =
        TransactionRules.verify(transaction, rules, UInt256.ONE)
            .map(TxResult.Invalid::error)
            .orElse(null);
    if (shouldFail) {
      String exception = expected.get("exception").asText().replace("TransactionException.", "");
      if (broken == null || broken != RULES.get(exception)) {
        wrong.add(name + ": " + broken + ", expected " + exception);
      }
    } else if (broken != null) {
      wrong.add(name + ": " + broken);
    } else {
      checkValid(name, transaction, encoded, rules, expected);
    }
  }

  private static void checkValid(
      String name, Transaction transaction, byte[] encoded, ForkRules rules, JsonNode expected) {
    assertThat(transaction.encode()).as(name).isEqualTo(encoded);
    assertThat(transaction.hash()).as(name).isEqualTo(Hash32.of(expected.get("hash").asText()));
    assertThat(transaction.sender())
        .as(name)
        .isEqualTo(Address.of(expected.get("sender").asText()));
    Message message = Message.of(transaction, transaction.sender());
    assertThat(IntrinsicGas.of(message, rules))
        .as(name)
        .isEqualTo(Long.decode(expected.get("intrinsicGas").asText()));
  }
}
