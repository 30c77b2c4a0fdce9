package io.semper.chain.block;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.fee.BlobGas;
import io.semper.core.fork.Fork;
import io.semper.core.fork.SystemContracts;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.types.Block;
import io.semper.core.types.Bloom;
import io.semper.core.types.Header;
import io.semper.core.types.Log;
import io.semper.core.types.Receipt;
import io.semper.core.types.Roots;
import io.semper.core.types.Transaction;
import io.semper.core.types.Withdrawal;
import io.semper.core.view.StateView;
import io.semper.evm.BlockEnv;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.machine.Machine;
import io.semper.evm.state.Journal;
import io.semper.evm.state.StateDiff;
import io.semper.evm.trace.Tracer;
import io.semper.evm.tx.Message;
import io.semper.evm.tx.TransactionRules;
import io.semper.evm.tx.Transition;
import io.semper.evm.tx.TxError;
import io.semper.evm.tx.TxResult;
import io.semper.genesis.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongFunction;

/// One block being executed, step by step: what importing and producing blocks share.
///
/// The steps are those of the specification's `apply_body`, in its order: system calls and
/// irregular changes, transactions, withdrawals and rewards, requests. Nothing outside of this
/// object changes; [#diff()] is the outcome. Used by one thread.
public final class BlockExecution {
  private static final UInt256 WEI_PER_GWEI = UInt256.of(1_000_000_000L);

  private final Network network;
  private final Fork fork;
  private final ForkRules rules;
  private final Header header;
  private final Journal state;
  private final BlockEnv env;
  private final Machine machine;
  private final Function<StateDiff, Hash32> intermediateRoot;
  private final List<Receipt> receipts = new ArrayList<>();
  private final List<byte[]> requests = new ArrayList<>();
  private long gasUsed;
  private int blobs;

  /// Starts a block and runs what comes before its transactions.
  ///
  /// @param header parent hash, number, timestamp, beneficiary, gas limit, difficulty or
  ///   randomness, base fee, excess blob gas and beacon root are used
  /// @param parent the state after the parent
  /// @param ancestors block hashes of this branch by number
  /// @param intermediateRoot state root of `parent` with a difference applied; called after every
  ///   transaction before Byzantium, whose receipts hold it, and never since
  public BlockExecution(
      Network network,
      Fork fork,
      Header header,
      StateView parent,
      LongFunction<Hash32> ancestors,
      Function<StateDiff, Hash32> intermediateRoot) {
    this(network, fork, header, parent, Alteration.NONE, ancestors, intermediateRoot);
  }

  /// The same where the user of a development chain has changed the parent's state since.
  public BlockExecution(
      Network network,
      Fork fork,
      Header header,
      StateView parent,
      Alteration alteration,
      LongFunction<Hash32> ancestors,
      Function<StateDiff, Hash32> intermediateRoot) {
    this(
        network,
        fork,
        header,
        new Machine(
            alteration.on(parent),
            environment(network, fork, header, ancestors),
            ForkRules.of(fork, network.contractSizeLimit()),
            null),
        intermediateRoot);
  }

  /// The same on a machine made elsewhere, whose state, environment or precompiled contracts need
  /// not be those of the chain. Who executes on it tells of it by [#include].
  public BlockExecution(
      Network network,
      Fork fork,
      Header header,
      Machine machine,
      Function<StateDiff, Hash32> intermediateRoot) {
    this.network = network;
    this.fork = fork;
    this.header = header;
    this.intermediateRoot = intermediateRoot;
    this.machine = machine;
    rules = machine.rules();
    state = machine.journal();
    env = machine.env();
    begin();
  }

  /// What transactions of a block see of it.
  public static BlockEnv environment(
      Network network, Fork fork, Header header, LongFunction<Hash32> ancestors) {
    return new BlockEnv(
        network.chainId(),
        Rewards.beneficiary(network, header),
        header.number(),
        header.timestamp(),
        header.gasLimit(),
        header.difficulty(),
        header.mixHash(),
        header.baseFeePerGas() == null ? UInt256.ZERO : header.baseFeePerGas(),
        header.excessBlobGas() == null
            ? UInt256.ZERO
            : BlobGas.baseFee(header.excessBlobGas(), network.forks().blobParams(fork)),
        ancestors);
  }

  private void begin() {
    if (DaoFork.movesEther(network, header.number())) {
      for (Address account : DaoFork.DRAINED) {
        UInt256 balance = state.balance(account);
        state.setBalance(account, UInt256.ZERO);
        state.addBalance(DaoFork.REFUND, balance);
      }
      endStep();
    }
    // EIP-4788; the outcome of the call does not matter.
    if (header.parentBeaconBlockRoot() != null) {
      systemCall(SystemContracts.BEACON_ROOTS, header.parentBeaconBlockRoot().toBytes());
    }
    // EIP-2935
    if (fork.atLeast(Fork.PRAGUE)) {
      systemCall(SystemContracts.HISTORY_STORAGE, header.parentHash().toBytes());
    }
  }

  /// Executes the next transaction. Where the result is [TxResult.Invalid], nothing has changed and
  /// other transactions may follow.
  public TxResult execute(Transaction transaction) {
    return execute(transaction, machine);
  }

  /// The same with every step shown to `tracer`.
  public TxResult execute(Transaction transaction, Tracer tracer) {
    return execute(transaction, new Machine(state, env, rules, tracer));
  }

  private TxResult execute(Transaction transaction, Machine on) {
    boolean impersonated = transaction.impersonated() && network.isDevelopment();
    Optional<TxResult.Invalid> unsigned =
        impersonated
            ? Optional.empty()
            : TransactionRules.verifySignature(transaction, rules, network.chainId());
    if (unsigned.isPresent()) {
      return unsigned.get();
    }
    int itsBlobs = transaction.blobVersionedHashes().size();
    int maxBlobs = network.forks().blobParams(fork).max();
    if (fork.atLeast(Fork.CANCUN) && itsBlobs > 0 && blobs + itsBlobs > maxBlobs) {
      return new TxResult.Invalid(
          TxError.BLOB_COUNT,
          "blob gas limit reached: " + (blobs + itsBlobs) + " blobs, maximum " + maxBlobs);
    }
    Message message = Message.of(transaction, transaction.sender());
    long gasLeft = header.gasLimit() - gasUsed;
    // Who is impersonated may be a contract.
    TxResult result =
        impersonated
            ? Transition.simulate(on, message, gasLeft, true)
            : Transition.apply(on, message, gasLeft);
    if (result instanceof TxResult.Executed executed) {
      include(transaction, executed);
    }
    return result;
  }

  /// Takes a transaction that was executed on this block's machine into the block.
  public void include(Transaction transaction, TxResult.Executed executed) {
    blobs += transaction.blobVersionedHashes().size();
    gasUsed += executed.gasUsed();
    receipts.add(receipt(transaction, executed));
  }

  private Receipt receipt(Transaction transaction, TxResult.Executed executed) {
    List<Log> logs = executed.logs();
    // EIP-658: the status replaces the state root.
    Hash32 root = rules.statusReceipts() ? null : intermediateRoot.apply(state.diff());
    return new Receipt(
        transaction.type(), root, executed.success(), gasUsed, Bloom.ofLogs(logs), logs);
  }

  /// Runs what comes after the transactions.
  ///
  /// @param withdrawals `null` before Shanghai
  /// @return the rule that makes the block invalid
  public Optional<Violation> finish(List<Header> ommers, List<Withdrawal> withdrawals) {
    return finish(() -> Rewards.pay(network, state, header, ommers, fork), withdrawals);
  }

  /// The same with other rewards.
  ///
  /// @param rewards pays them into [#state]
  public Optional<Violation> finish(Runnable rewards, List<Withdrawal> withdrawals) {
    if (withdrawals != null) {
      for (Withdrawal withdrawal : withdrawals) {
        // 64 bits of gwei fit 256 bits of wei.
        state.addBalance(withdrawal.address(), WEI_PER_GWEI.timesExact(withdrawal.amountGwei()));
      }
    }
    rewards.run();
    endStep();
    return fork.atLeast(Fork.PRAGUE) ? collectRequests() : Optional.empty();
  }

  /// What changed without a transaction becomes permanent, without accounts left empty (EIP-161).
  private void endStep() {
    state.endTransaction(rules.stateClearing());
  }

  private Optional<Violation> collectRequests() {
    if (network.depositContract() != null) {
      try {
        addRequest(Requests.DEPOSIT, Requests.deposits(receipts, network.depositContract()));
      } catch (MalformedInputException e) {
        return violated(Rule.DEPOSIT_EVENT, e.getMessage());
      }
    }
    return callForRequests(Requests.WITHDRAWAL, SystemContracts.WITHDRAWAL_REQUESTS)
        .or(() -> callForRequests(Requests.CONSOLIDATION, SystemContracts.CONSOLIDATION_REQUESTS));
  }

  /// EIP-7002, EIP-7251: without code, or when the call fails, the block is invalid.
  private Optional<Violation> callForRequests(byte type, Address contract) {
    if (state.code(contract).length == 0) {
      return violated(Rule.SYSTEM_CONTRACT_EMPTY, "empty system contract: no code at " + contract);
    }
    TxResult.Executed result = systemCall(contract, new byte[0]);
    if (!result.success()) {
      return violated(
          Rule.SYSTEM_CALL,
          "system call to " + contract + " failed to execute: " + result.halt().text());
    }
    addRequest(type, result.output());
    return Optional.empty();
  }

  private static Optional<Violation> violated(Rule rule, String message) {
    return Optional.of(new Violation(rule, message));
  }

  private void addRequest(byte type, byte[] data) {
    if (data.length > 0) {
      byte[] request = new byte[data.length + 1];
      request[0] = type;
      System.arraycopy(data, 0, request, 1, data.length);
      requests.add(request);
    }
  }

  private TxResult.Executed systemCall(Address target, byte[] input) {
    return Transition.systemCall(machine, target, input);
  }

  /// Fills in what the header of the finished block says of it.
  public Block complete(
      Header.Builder draft,
      Hash32 stateRoot,
      List<Transaction> transactions,
      List<Withdrawal> withdrawals) {
    draft
        .stateRoot(stateRoot)
        .transactionsRoot(Roots.transactions(transactions))
        .receiptsRoot(Roots.receipts(receipts))
        .logsBloom(Bloom.union(receipts))
        .gasUsed(gasUsed);
    if (fork.atLeast(Fork.SHANGHAI)) {
      draft.withdrawalsRoot(Roots.withdrawals(withdrawals));
    }
    if (fork.atLeast(Fork.CANCUN)) {
      draft.blobGasUsed(blobGasUsed());
    }
    if (fork.atLeast(Fork.PRAGUE)) {
      draft.requestsHash(Requests.hash(requests));
    }
    return new Block(draft.build(), List.copyOf(transactions), List.of(), withdrawals);
  }

  public BlockEnv env() {
    return env;
  }

  public ForkRules rules() {
    return rules;
  }

  /// Everything changed so far, relative to the parent's state.
  public StateDiff diff() {
    return state.diff();
  }

  /// Receipts of the transactions executed so far.
  public List<Receipt> receipts() {
    return List.copyOf(receipts);
  }

  public long gasUsed() {
    return gasUsed;
  }

  /// Blob gas of the transactions executed so far.
  public long blobGasUsed() {
    return (long) blobs * BlobGas.PER_BLOB;
  }

  /// Since Prague, after [#finish].
  public List<byte[]> requests() {
    return List.copyOf(requests);
  }

  /// The state as it is now; what the next step changes shows in it.
  public Journal state() {
    return state;
  }
}
