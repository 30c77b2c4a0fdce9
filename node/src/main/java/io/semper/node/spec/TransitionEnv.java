package io.semper.node.spec;

import static io.semper.node.spec.TransitionFailure.CONFIG;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Withdrawal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The block around the transactions of `evm t8n`, and what is known of its parent. Fields not
/// given are `null`.
final class TransitionEnv {
  Address coinbase;
  UInt256 difficulty;
  UInt256 random;
  UInt256 parentDifficulty;
  UInt256 parentBaseFee;
  long parentGasUsed;
  long parentGasLimit;
  Long gasLimit;
  Long number;
  Long timestamp;
  long parentTimestamp;
  Map<Long, Hash32> blockHashes;
  List<Ommer> ommers = List.of();
  List<Withdrawal> withdrawals;
  UInt256 baseFee;
  Hash32 parentUncleHash = Hash32.ZERO;
  Long excessBlobGas;
  Long parentExcessBlobGas;
  Long parentBlobGasUsed;
  Hash32 parentBeaconBlockRoot;

  /// @param delta how many blocks before this one it was
  record Ommer(long delta, Address address) {}

  static TransitionEnv read(FixtureInput in) {
    TransitionEnv env = new TransitionEnv();
    in.object(name -> env.read(name, in));
    require(env.coinbase, "currentCoinbase");
    require(env.gasLimit, "currentGasLimit");
    require(env.number, "currentNumber");
    require(env.timestamp, "currentTimestamp");
    return env;
  }

  private static void require(Object value, String name) {
    if (value == null) {
      throw new MalformedFixtureException("missing required field '" + name + "' for stEnv");
    }
  }

  private void read(String name, FixtureInput in) {
    if (in.nextIsNull()) {
      return;
    }
    switch (name) {
      case "currentCoinbase" -> coinbase = in.address();
      case "currentDifficulty" -> difficulty = in.word();
      case "currentRandom" -> random = in.word();
      case "parentDifficulty" -> parentDifficulty = in.word();
      case "parentBaseFee" -> parentBaseFee = in.word();
      case "parentGasUsed" -> parentGasUsed = in.unsignedLong();
      case "parentGasLimit" -> parentGasLimit = in.unsignedLong();
      case "currentGasLimit" -> gasLimit = in.unsignedLong();
      case "currentNumber" -> number = in.unsignedLong();
      case "currentTimestamp" -> timestamp = in.unsignedLong();
      case "parentTimestamp" -> parentTimestamp = in.unsignedLong();
      case "blockHashes" -> blockHashes = readBlockHashes(in);
      case "ommers" -> ommers = in.list(() -> readOmmer(in));
      case "withdrawals" -> withdrawals = in.list(() -> readWithdrawal(in));
      case "currentBaseFee" -> baseFee = in.word();
      case "parentUncleHash" -> parentUncleHash = in.hash();
      case "currentExcessBlobGas" -> excessBlobGas = in.unsignedLong();
      case "parentExcessBlobGas" -> parentExcessBlobGas = in.unsignedLong();
      case "parentBlobGasUsed" -> parentBlobGasUsed = in.unsignedLong();
      case "parentBeaconBlockRoot" -> parentBeaconBlockRoot = in.hash();
      default -> in.skip();
    }
  }

  private static Map<Long, Hash32> readBlockHashes(FixtureInput in) {
    Map<Long, Hash32> hashes = new HashMap<>();
    in.object(number -> {
      BigInteger parsed =
          number.startsWith("0x")
              ? new BigInteger(number.substring(2), 16)
              : new BigInteger(number);
      hashes.put(parsed.longValue(), in.hash());
    });
    return hashes;
  }

  private static Ommer readOmmer(FixtureInput in) {
    long[] delta = {0};
    Address[] address = {Address.ZERO};
    in.object(name -> {
      switch (name) {
        case "delta" -> delta[0] = in.unsignedLong();
        case "address" -> address[0] = in.address();
        default -> in.skip();
      }
    });
    return new Ommer(delta[0], address[0]);
  }

  private static Withdrawal readWithdrawal(FixtureInput in) {
    long[] numbers = {0, 0, 0};
    Address[] address = {Address.ZERO};
    in.object(name -> {
      switch (name) {
        case "index" -> numbers[0] = in.unsignedLong();
        case "validatorIndex" -> numbers[1] = in.unsignedLong();
        case "amount" -> numbers[2] = in.unsignedLong();
        case "address" -> address[0] = in.address();
        default -> in.skip();
      }
    });
    return new Withdrawal(numbers[0], numbers[1], address[0], numbers[2]);
  }

  /// The withdrawals, none where they are not given.
  List<Withdrawal> withdrawalsOrNone() {
    return withdrawals == null ? new ArrayList<>() : withdrawals;
  }

  static TransitionFailure misconfigured(String problem) {
    return new TransitionFailure(CONFIG, problem);
  }
}
