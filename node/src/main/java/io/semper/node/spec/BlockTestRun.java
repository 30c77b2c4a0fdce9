package io.semper.node.spec;

import io.semper.chain.block.BlockExecution;
import io.semper.chain.block.HeaderRules;
import io.semper.chain.block.Rule;
import io.semper.chain.block.SealRule;
import io.semper.chain.block.Violation;
import io.semper.chain.db.MemoryStore;
import io.semper.chain.ethash.EthashSeal;
import io.semper.chain.importer.ImportResult;
import io.semper.chain.importer.Ledger;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.Fork;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Transaction;
import io.semper.core.view.Account;
import io.semper.core.view.StateView;
import io.semper.evm.trace.Tracer;
import io.semper.evm.tx.TxError;
import io.semper.evm.tx.TxResult;
import io.semper.genesis.Network;
import io.semper.node.spec.BlockTest.BlockStep;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/// Runs a blockchain test on a ledger in memory, block by block.
public final class BlockTestRun {
  private BlockTestRun() {}

  /// @param stateRoot of the head reached, `null` where the genesis was not
  /// @param difference the first difference from what was expected, `null` where there is none
  public record Outcome(Hash32 stateRoot, String difference) {
    public boolean passed() {
      return difference == null;
    }
  }

  /// The seals of all tests' chains; holds the cache of ethash's first epoch once one was checked.
  private static final class Seals {
    private static SealRule ethash;

    static synchronized SealRule ethash(Network network) {
      if (ethash == null) {
        ethash = EthashSeal.of(network);
      }
      return ethash;
    }
  }

  /// @param tracer sees every step of the transactions of blocks that are executed, or `null`
  public static Outcome run(BlockTest test, Tracer tracer) {
    Optional<Network> named = test.network();
    if (named.isEmpty()) {
      return new Outcome(null, "unsupported fork \"" + test.networkName() + "\"");
    }
    Network network = named.get();
    String difference = genesisDifference(test, network);
    if (difference != null) {
      return new Outcome(null, difference);
    }
    SealRule seal = test.sealed() ? Seals.ethash(network) : SealRule.NONE;
    try (MemoryStore store = new MemoryStore()) {
      Ledger ledger = Ledger.open(store, network, seal);
      for (int i = 0; i < test.blocks().size() && difference == null; i++) {
        BlockStep block = test.blocks().get(i);
        difference = new Step(network, ledger, seal, tracer, block, i).difference();
      }
      if (difference == null) {
        difference = headDifference(test, ledger);
      }
      return new Outcome(ledger.head().stateRoot(), difference);
    }
  }

  static String genesisDifference(BlockTest test, Network network) {
    Hash32 computed = network.genesisHash();
    if (!computed.equals(test.genesisHash())) {
      return "genesis block hash doesn't match test: computed="
          + short6(computed)
          + ", test="
          + short6(test.genesisHash());
    }
    if (test.genesisRlp().length > 0
        && !Arrays.equals(test.genesisRlp(), network.genesisBlock().encode())) {
      return "genesis block is encoded otherwise than in the test";
    }
    return null;
  }

  private static String short6(Hash32 hash) {
    return hash.toString().substring(2, 14);
  }

  /// One block to import.
  private record Step(
      Network network, Ledger ledger, SealRule seal, Tracer tracer, BlockStep step, int index) {

    String difference() {
      Block block;
      try {
        block = Block.decode(step.rlp());
      } catch (MalformedInputException e) {
        if (step.valid()) {
          return "block RLP decoding failed when expected to succeed: " + e.getMessage();
        }
        return ExceptionNames.matchesMalformed(expected()) ? null : otherReason(e.getMessage());
      }
      ImportResult result = ledger.importBlock(block, false);
      if (tracer != null && executed(result)) {
        execute(network, ledger, seal, block, tracer);
      }
      return switch (result) {
        case ImportResult.Imported imported -> accepted(block);
        case ImportResult.AlreadyKnown known -> accepted(block);
        case ImportResult.Invalid invalid -> refused(block, invalid.violation());
        case ImportResult.UnknownParent unknown ->
            refused(block, new Violation(Rule.PARENT_UNKNOWN, unknown.toString()));
        case ImportResult.Unavailable unavailable -> unavailable.toString();
      };
    }

    private static boolean executed(ImportResult result) {
      return result instanceof ImportResult.Imported
          || result instanceof ImportResult.Invalid invalid
              && invalid.violation().rule().compareTo(Rule.TRANSACTION) >= 0
              && invalid.violation().rule().compareTo(Rule.STATE_ROOT) <= 0;
    }

    private String expected() {
      return step.exception(network.name());
    }

    private String accepted(Block block) {
      if (!step.valid()) {
        return "block (index " + index + ") insertion should have failed due to: " + expected();
      }
      Hash32 hash = block.header().hash();
      return hash.equals(step.hash())
          ? null
          : "block (index " + index + ") has hash " + hash + ", want " + step.hash();
    }

    private String refused(Block block, Violation violation) {
      if (step.valid()) {
        return "block #" + block.header().number() + " insertion into chain failed: " + violation;
      }
      return ExceptionNames.matches(
              expected(), violation, () -> execute(network, ledger, seal, block, null))
          ? null
          : otherReason(violation.toString());
    }

    private String otherReason(String reason) {
      return "block (index "
          + index
          + ") should have failed due to "
          + expected()
          + ", but failed due to "
          + reason;
    }
  }

  /// Executes a block's transactions, whether the block is valid or not, up to the first that is
  /// refused.
  static Optional<TxError> execute(
      Network network, Ledger ledger, SealRule seal, Block block, Tracer watching) {
    Header header = block.header();
    Optional<Header> parent = ledger.header(header.parentHash());
    if (parent.isEmpty()) {
      return Optional.empty();
    }
    UInt256 total = ledger.totalDifficulty(header.parentHash()).orElseThrow();
    Fork fork = new HeaderRules(network, seal).fork(header.number(), header.timestamp(), total);
    BlockExecution execution =
        new BlockExecution(
            network,
            fork,
            header,
            ledger.stateAfter(parent.get()),
            number -> ledger.header(number).orElseThrow().hash(),
            diff -> Hash32.ZERO);
    for (Transaction transaction : block.transactions()) {
      TxResult result =
          watching == null
              ? execution.execute(transaction)
              : execution.execute(transaction, watching);
      if (result instanceof TxResult.Invalid invalid) {
        return Optional.ofNullable(invalid.error());
      }
    }
    return Optional.empty();
  }

  static String headDifference(BlockTest test, Ledger ledger) {
    Header head = ledger.head();
    if (!head.hash().equals(test.lastBlockHash())) {
      return "last block hash validation mismatch: want: "
          + test.lastBlockHash().toString().substring(2)
          + ", have: "
          + head.hash().toString().substring(2);
    }
    if (test.postStateHash() != null && !test.postStateHash().equals(head.stateRoot())) {
      return "post state hash mismatch: want: "
          + test.postStateHash()
          + ", have: "
          + head.stateRoot();
    }
    return test.postState() == null ? null : stateDifference(test, ledger.stateAfter(head), head);
  }

  private static String stateDifference(BlockTest test, StateView state, Header head) {
    for (Map.Entry<Address, PreState.Entry> wanted : test.postState().entries().entrySet()) {
      String difference = accountDifference(wanted.getKey(), wanted.getValue(), state);
      if (difference != null) {
        return "post state validation failed: " + difference;
      }
    }
    // Accounts the test does not name would show here.
    Hash32 root = test.postState().root();
    return root.equals(head.stateRoot())
        ? null
        : "post state validation failed: root of the accounts named: "
            + root
            + ", have: "
            + head.stateRoot();
  }

  private static String accountDifference(Address address, PreState.Entry wanted, StateView state) {
    Account have = state.account(address);
    if (have == null) {
      return "account missing: " + address;
    }
    if (!have.codeHash().equals(wanted.account().codeHash())
        || !Arrays.equals(state.code(have.codeHash()), wanted.code())) {
      return "account code mismatch for addr: " + address;
    }
    if (!have.balance().equals(wanted.account().balance())) {
      return "account balance mismatch for addr: "
          + address
          + ", want: "
          + wanted.account().balance()
          + ", have: "
          + have.balance();
    }
    if (have.nonce() != wanted.account().nonce()) {
      return "account nonce mismatch for addr: "
          + address
          + " want: "
          + Long.toUnsignedString(wanted.account().nonce())
          + " have: "
          + Long.toUnsignedString(have.nonce());
    }
    for (Map.Entry<UInt256, UInt256> slot : wanted.storage().entrySet()) {
      UInt256 value = state.storage(address, slot.getKey());
      if (!value.equals(slot.getValue())) {
        return "account storage mismatch for addr: "
            + address
            + ", slot: "
            + slot.getKey().toHex()
            + ", want: "
            + slot.getValue().toHex()
            + ", have: "
            + value.toHex();
      }
    }
    return null;
  }
}
