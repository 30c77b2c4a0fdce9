package io.semper.node.spec;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// One state test: a state, a block's surroundings, a transaction with choices, and for each fork
/// and choice the state that must come out.
public final class StateTest {
  private final String name;
  private final Environment environment;
  private final PreState pre;
  private final TransactionTemplate transaction;
  private final List<Expectation> expectations;

  private StateTest(
      String name,
      Environment environment,
      PreState pre,
      TransactionTemplate transaction,
      List<Expectation> expectations) {
    this.name = name;
    this.environment = environment;
    this.pre = pre;
    this.transaction = transaction;
    this.expectations = expectations;
  }

  /// What the transaction sees of its block.
  ///
  /// @param random `null` in tests from before the merge
  /// @param baseFee `null` where the fixture names none
  record Environment(
      Address coinbase,
      UInt256 difficulty,
      Hash32 random,
      long gasLimit,
      long number,
      long timestamp,
      UInt256 baseFee,
      long excessBlobGas) {}

  /// The outcome one choice of fork, data, gas limit and value must have.
  ///
  /// @param fork the fixture's name of the fork
  /// @param index position among the expectations of that fork
  /// @param root the state root
  /// @param logs hash over the RLP of the logs
  /// @param transaction the signed transaction, empty where the fixture has none
  /// @param exception name of the rule the transaction breaks, empty for a valid one
  public record Expectation(
      String fork,
      int index,
      int dataIndex,
      int gasIndex,
      int valueIndex,
      Hash32 root,
      Hash32 logs,
      byte[] transaction,
      String exception) {}

  public String name() {
    return name;
  }

  Environment environment() {
    return environment;
  }

  PreState pre() {
    return pre;
  }

  TransactionTemplate transaction() {
    return transaction;
  }

  /// In the order of the file.
  public List<Expectation> expectations() {
    return expectations;
  }

  /// Reads a file of state tests, handing over each as soon as it is read. Entries that are no
  /// state tests are passed over.
  ///
  /// @throws MalformedFixtureException where the file is no fixture
  public static void readAll(FixtureInput in, Consumer<StateTest> tests) {
    in.object(name -> {
      StateTest test = read(name, in);
      if (test != null) {
        tests.accept(test);
      }
    });
  }

  private static StateTest read(String name, FixtureInput in) {
    var f =
        new Object() {
          Environment environment;
          PreState pre;
          TransactionTemplate transaction;
          final List<Expectation> expectations = new ArrayList<>();
        };
    in.object(member -> {
      switch (member) {
        case "env" -> f.environment = readEnvironment(in);
        case "pre" -> f.pre = PreState.read(in);
        case "transaction" -> f.transaction = TransactionTemplate.read(in);
        case "post" -> in.object(fork -> readExpectations(fork, in, f.expectations));
        default -> in.skip();
      }
    });
    if (f.environment == null || f.pre == null || f.transaction == null) {
      return null;
    }
    return new StateTest(name, f.environment, f.pre, f.transaction, f.expectations);
  }

  private static Environment readEnvironment(FixtureInput in) {
    var f =
        new Object() {
          Address coinbase = Address.ZERO;
          UInt256 difficulty = UInt256.ZERO;
          Hash32 random;
          long gasLimit;
          long number;
          long timestamp;
          UInt256 baseFee;
          long excessBlobGas;
        };
    in.object(name -> {
      switch (name) {
        case "currentCoinbase" -> f.coinbase = in.address();
        case "currentDifficulty" -> f.difficulty = in.word();
        case "currentRandom" -> f.random = in.word().toHash32();
        case "currentGasLimit" -> f.gasLimit = in.unsignedLong();
        case "currentNumber" -> f.number = in.unsignedLong();
        case "currentTimestamp" -> f.timestamp = in.unsignedLong();
        case "currentBaseFee" -> f.baseFee = in.word();
        case "currentExcessBlobGas" -> f.excessBlobGas = in.unsignedLong();
        default -> in.skip();
      }
    });
    return new Environment(
        f.coinbase,
        f.difficulty,
        f.random,
        f.gasLimit,
        f.number,
        f.timestamp,
        f.baseFee,
        f.excessBlobGas);
  }

  private static void readExpectations(String fork, FixtureInput in, List<Expectation> all) {
    int[] index = {0};
    in.array(() -> all.add(readExpectation(fork, index[0]++, in)));
  }

  private static Expectation readExpectation(String fork, int index, FixtureInput in) {
    var f =
        new Object() {
          int data;
          int gas;
          int value;
          Hash32 root = Hash32.ZERO;
          Hash32 logs = Hash32.ZERO;
          byte[] transaction = {};
          String exception = "";
        };
    in.object(member -> {
      switch (member) {
        case "hash" -> f.root = in.hash();
        case "logs" -> f.logs = in.hash();
        case "txbytes" -> f.transaction = in.bytes();
        case "expectException" -> f.exception = in.nextIsNull() ? "" : in.text();
        case "indexes" ->
            in.object(which -> {
              switch (which) {
                case "data" -> f.data = in.integer();
                case "gas" -> f.gas = in.integer();
                case "value" -> f.value = in.integer();
                default -> in.skip();
              }
            });
        default -> in.skip();
      }
    });
    return new Expectation(
        fork, index, f.data, f.gas, f.value, f.root, f.logs, f.transaction, f.exception);
  }
}
