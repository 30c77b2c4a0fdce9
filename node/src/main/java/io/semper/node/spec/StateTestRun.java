package io.semper.node.spec;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.fee.BlobGas;
import io.semper.core.fork.BlobParams;
import io.semper.core.fork.Fork;
import io.semper.core.fork.ForkSchedule;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.rlp.RlpWriter;
import io.semper.core.types.Log;
import io.semper.core.types.Transaction;
import io.semper.evm.BlockEnv;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.state.Journal;
import io.semper.evm.trace.Tracer;
import io.semper.evm.tx.Message;
import io.semper.evm.tx.Transition;
import io.semper.evm.tx.TxError;
import io.semper.evm.tx.TxResult;
import io.semper.node.spec.StateTest.Environment;
import io.semper.node.spec.StateTest.Expectation;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;

/// Runs one expectation of a state test: the transaction alone, without anything that belongs to
/// its block.
public final class StateTestRun {
  private static final UInt256 CHAIN_ID = UInt256.ONE;

  /// What go-ethereum's runner takes where a fixture names no base fee.
  private static final UInt256 DEFAULT_BASE_FEE = UInt256.of(10);

  /// Ancestors have made-up hashes: of their number in decimal digits.
  private static final LongFunction<Hash32> BLOCK_HASHES =
      number -> Keccak.hash(Long.toString(number).getBytes(StandardCharsets.US_ASCII));

  private StateTestRun() {}

  /// @param stateRoot the root after execution, `null` where the fork is not known
  /// @param gasUsed zero where the transaction was refused
  /// @param difference the first difference from what was expected, `null` where there is none
  public record Outcome(Hash32 stateRoot, long gasUsed, String difference) {
    public boolean passed() {
      return difference == null;
    }
  }

  /// @param tracer sees every step, or `null`
  public static Outcome run(StateTest test, Expectation expected, Tracer tracer) {
    Optional<Fork> fork = ForkNames.fork(expected.fork());
    if (fork.isEmpty()) {
      return new Outcome(null, 0, "unsupported fork \"" + expected.fork() + "\"");
    }
    return new Execution(test, expected, fork.get()).run(tracer);
  }

  private record Execution(StateTest test, Expectation expected, Fork fork) {
    Outcome run(Tracer tracer) {
      Journal journal = new Journal(test.pre());
      Message message = null;
      TxResult result = refusal();
      if (result == null) {
        message =
            test.transaction()
                .message(expected.dataIndex(), expected.gasIndex(), expected.valueIndex());
        result = signatureRefusal(message);
      }
      ForkRules rules = ForkRules.of(fork);
      if (result == null) {
        result =
            Transition.apply(
                journal, environment(), rules, message, test.environment().gasLimit(), tracer);
      }
      return switch (result) {
        case TxResult.Invalid invalid -> refused(invalid);
        case TxResult.Executed executed -> executed(journal, executed);
      };
    }

    /// Refusals of what is no transaction, and of too many blobs for a block.
    private TxResult.Invalid refusal() {
      TransactionTemplate template = test.transaction();
      String problem = template.unencodable(expected.gasIndex(), expected.valueIndex());
      if (problem != null) {
        return new TxResult.Invalid(null, problem);
      }
      List<Hash32> blobs = template.blobVersionedHashes();
      boolean tooMany = blobs != null && blobs.size() > blobParams().max();
      return fork.atLeast(Fork.CANCUN) && tooMany
          ? new TxResult.Invalid(TxError.BLOB_COUNT, "blob gas exceeds maximum")
          : null;
    }

    /// Decodes the signed transaction, where there is one, and compares its sender.
    private TxResult.Invalid signatureRefusal(Message message) {
      if (expected.transaction().length == 0) {
        return null;
      }
      Transaction signed;
      try {
        signed = Transaction.decode(expected.transaction());
      } catch (MalformedInputException e) {
        return new TxResult.Invalid(null, e.getMessage());
      }
      // What a chain checks beyond recovery depends on a type the fork may not know yet.
      Address sender = signed.sender();
      if (sender == null || !sender.equals(message.sender())) {
        return new TxResult.Invalid(null, "signed by " + sender + ", expected " + message.sender());
      }
      return null;
    }

    private BlobParams blobParams() {
      ForkSchedule schedule = ForkNames.schedule(expected.fork(), Map.of()).orElseThrow();
      return schedule.blobParams(fork);
    }

    private BlockEnv environment() {
      Environment env = test.environment();
      UInt256 baseFee = env.baseFee() == null ? DEFAULT_BASE_FEE : env.baseFee();
      Hash32 random = env.random() == null ? Hash32.ZERO : env.random();
      return new BlockEnv(
          CHAIN_ID,
          env.coinbase(),
          env.number(),
          env.timestamp(),
          env.gasLimit(),
          env.difficulty(),
          random,
          fork.atLeast(Fork.LONDON) ? baseFee : UInt256.ZERO,
          fork.atLeast(Fork.CANCUN)
              ? BlobGas.baseFee(env.excessBlobGas(), blobParams())
              : UInt256.ZERO,
          BLOCK_HASHES);
    }

    private Outcome refused(TxResult.Invalid invalid) {
      Hash32 root = rootAfterRefusal();
      if (expected.exception().isEmpty()) {
        return new Outcome(root, 0, "unexpected error: " + invalid.reason());
      }
      if (!ExceptionNames.matches(expected.exception(), invalid.error())) {
        return new Outcome(
            root,
            0,
            "expected error \""
                + expected.exception()
                + "\", got "
                + invalid.error()
                + ": "
                + invalid.reason());
      }
      if (!expected.root().isZero() && !expected.root().equals(root)) {
        return new Outcome(
            root,
            0,
            "post-state root does not match the pre-state root, indicates an error in the test:"
                + " got "
                + digits(root)
                + ", want "
                + digits(expected.root()));
      }
      return new Outcome(root, 0, null);
    }

    /// The state is as before, but that fixtures from before EIP-161 count on a coinbase brought
    /// into being by its reward of nothing.
    private Hash32 rootAfterRefusal() {
      if (fork.atLeast(Fork.SPURIOUS_DRAGON)) {
        return test.pre().root();
      }
      Journal journal = new Journal(test.pre());
      journal.ensureExists(journal.account(test.environment().coinbase()));
      journal.endTransaction(false);
      return test.pre().rootAfter(journal.diff());
    }

    private Outcome executed(Journal journal, TxResult.Executed executed) {
      // A reward of nothing: it counts where the coinbase destroyed itself, and before EIP-161
      // where it did not exist.
      Address coinbase = test.environment().coinbase();
      journal.addBalance(coinbase, UInt256.ZERO);
      boolean clearEmpty = fork.atLeast(Fork.SPURIOUS_DRAGON);
      if (!clearEmpty) {
        journal.ensureExists(journal.account(coinbase));
      }
      journal.endTransaction(clearEmpty);
      Hash32 root = test.pre().rootAfter(journal.diff());
      return new Outcome(root, executed.gasUsed(), difference(root, executed));
    }

    private String difference(Hash32 root, TxResult.Executed executed) {
      if (!expected.exception().isEmpty()) {
        return "expected error \"" + expected.exception() + "\", got no error";
      }
      if (!root.equals(expected.root())) {
        return "post state root mismatch: got "
            + digits(root)
            + ", want "
            + digits(expected.root());
      }
      Hash32 logs = hash(executed.logs());
      return logs.equals(expected.logs())
          ? null
          : "post state logs hash mismatch: got "
              + digits(logs)
              + ", want "
              + digits(expected.logs());
    }
  }

  static Hash32 hash(List<Log> logs) {
    RlpWriter out = new RlpWriter(256).startList();
    for (Log log : logs) {
      out.startList().address(log.address()).startList();
      log.topics().forEach(out::hash);
      out.endList().bytes(log.data()).endList();
    }
    return Keccak.hash(out.endList().toBytes());
  }

  private static String digits(Hash32 hash) {
    return hash.toString().substring(2);
  }
}
