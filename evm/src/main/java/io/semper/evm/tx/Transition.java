package io.semper.evm.tx;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.fee.BlobGas;
import io.semper.core.types.AccessListEntry;
import io.semper.core.types.Authorization;
import io.semper.core.types.ContractAddress;
import io.semper.core.types.Log;
import io.semper.core.view.StateView;
import io.semper.evm.BlockEnv;
import io.semper.evm.Halt;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.machine.Machine;
import io.semper.evm.state.Code;
import io.semper.evm.state.Journal;
import io.semper.evm.state.LiveAccount;
import io.semper.evm.state.StateDiff;
import io.semper.evm.trace.Tracer;
import java.util.List;

/// The state transition of one transaction (Yellow Paper, section 6; execution-specs,
/// `process_transaction`): checks, up-front payment, execution, refunds, payment of the producer.
///
/// A function of state, block, message and rules. Checks stand in go-ethereum's order, since where
/// several fail the first one is what callers see.
public final class Transition {
  /// The sender of system calls (EIP-4788).
  public static final Address SYSTEM = Address.of("0xfffffffffffffffffffffffffffffffffffffffe");

  private static final long SYSTEM_CALL_GAS = 30_000_000;
  private static final int AUTHORIZATION_BASE_GAS = 12_500;

  private final Journal journal;
  private final BlockEnv env;
  private final ForkRules rules;
  private final Message message;
  private final Machine machine;

  /// Whether gas costs nothing, though the block may have a base fee.
  private final boolean free;

  private Transition(Machine machine, Message message) {
    this(machine, message, false);
  }

  private Transition(Machine machine, Message message, boolean free) {
    this.machine = machine;
    this.message = message;
    this.free = free;
    journal = machine.journal();
    env = machine.env();
    rules = machine.rules();
  }

  /// What one message did to a state.
  public record Outcome(TxResult result, StateDiff diff) {}

  /// Executes one message on a state of its own.
  public static Outcome apply(StateView state, BlockEnv env, ForkRules rules, Message message) {
    Journal journal = new Journal(state);
    TxResult result = apply(new Machine(journal, env, rules, null), message, env.gasLimit());
    return new Outcome(result, journal.diff());
  }

  /// Executes a block's next message. Where it is invalid the machine's journal is as before.
  ///
  /// @param machine of the block, used for one message after the other
  /// @param gasLeftInBlock the block's gas limit less what its transactions used so far
  public static TxResult apply(Machine machine, Message message, long gasLeftInBlock) {
    Transition transition = new Transition(machine, message);
    TxResult.Invalid invalid = transition.check(gasLeftInBlock);
    return invalid != null ? invalid : transition.execute();
  }

  /// The same for a single message.
  ///
  /// @param tracer `null` for none
  public static TxResult apply(
      Journal journal,
      BlockEnv env,
      ForkRules rules,
      Message message,
      long gasLeftInBlock,
      Tracer tracer) {
    return apply(new Machine(journal, env, rules, tracer), message, gasLeftInBlock);
  }

  /// Executes a message that need not be valid in a block: nonce and sender's code are not looked
  /// at. Fee caps, blobs, authorisations, funds and intrinsic gas are checked. One that names no
  /// price pays nobody.
  static TxResult simulate(Machine machine, Message message) {
    boolean free = message.maxFeePerGas().isZero() && message.maxPriorityFeePerGas().isZero();
    Transition transition = new Transition(machine, message, free);
    TxResult.Invalid invalid = transition.checkFees();
    if (invalid == null) invalid = transition.checkBlobs(false);
    if (invalid == null) invalid = TransactionRules.authorizations(message);
    if (invalid == null) invalid = transition.checkFunds();
    if (invalid == null) invalid = TransactionRules.gas(message, transition.rules);
    if (invalid == null && message.gasLimit() < 0) {
      invalid = TransactionRules.invalid(TxError.GAS_LIMIT_REACHED, "gas limit reached");
    }
    return invalid != null ? invalid : transition.execute();
  }

  /// Executes the next message of a made-up block (`eth_simulateV1`). The sender may be a contract,
  /// and its gas limit as high as the block's. Where it is invalid the machine's journal is as
  /// before.
  ///
  /// @param gasLeftInBlock the block's gas limit less what its messages used so far
  /// @param validate whether nonces must be right and fees be paid; otherwise messages that name no
  ///   price are free whatever the base fee
  public static TxResult simulate(
      Machine machine, Message message, long gasLeftInBlock, boolean validate) {
    boolean free =
        !validate && message.maxFeePerGas().isZero() && message.maxPriorityFeePerGas().isZero();
    Transition transition = new Transition(machine, message, free);
    TxResult.Invalid invalid = validate ? transition.checkNonce() : null;
    if (invalid == null && !free) invalid = transition.checkFees();
    if (invalid == null) invalid = transition.checkBlobs(validate);
    if (invalid == null) invalid = TransactionRules.authorizations(message);
    if (invalid == null) invalid = transition.checkGasLeft(gasLeftInBlock);
    if (invalid == null) invalid = transition.checkFunds();
    if (invalid == null) invalid = TransactionRules.gas(message, transition.rules);
    return invalid != null ? invalid : transition.execute();
  }

  /// Calls a contract on behalf of the protocol (EIP-4788, EIP-2935, EIP-7002, EIP-7251): no fees,
  /// no nonce, a gas allowance of its own. Where the target has no code nothing happens.
  public static TxResult.Executed systemCall(
      Journal journal, BlockEnv env, ForkRules rules, Address target, byte[] input) {
    return systemCall(new Machine(journal, env, rules, null), target, input);
  }

  /// The same on a block's machine.
  public static TxResult.Executed systemCall(Machine machine, Address target, byte[] input) {
    Journal journal = machine.journal();
    ForkRules rules = machine.rules();
    machine.begin(SYSTEM, UInt256.ZERO, List.of());
    LiveAccount account = journal.account(target);
    if (!account.hasCode()) {
      return new TxResult.Executed(Halt.NONE, 0, 0, 0, new byte[0], List.of(), null);
    }
    journal.warm(account);
    Machine.Result result = machine.call(SYSTEM, target, UInt256.ZERO, input, SYSTEM_CALL_GAS);
    List<Log> logs = journal.logs();
    journal.endTransaction(rules.stateClearing());
    long used = SYSTEM_CALL_GAS - result.gasLeft();
    return new TxResult.Executed(result.halt(), used, 0, used, result.output(), logs, null);
  }

  // ---- Checks

  private TxResult.Invalid check(long gasLeftInBlock) {
    TxResult.Invalid invalid = TransactionRules.type(message, rules);
    if (invalid == null) invalid = checkSender();
    if (invalid == null) invalid = checkFees();
    if (invalid == null) invalid = checkBlobs(true);
    if (invalid == null) invalid = TransactionRules.authorizations(message);
    if (invalid == null) invalid = checkFunds();
    if (invalid == null) invalid = checkGasLeft(gasLeftInBlock);
    return invalid != null ? invalid : TransactionRules.gas(message, rules);
  }

  private TxResult.Invalid checkGasLeft(long gasLeftInBlock) {
    return Long.compareUnsigned(message.gasLimit(), gasLeftInBlock) > 0
        ? TransactionRules.invalid(TxError.GAS_LIMIT_REACHED, "gas limit reached")
        : null;
  }

  private TxResult.Invalid checkNonce() {
    Address sender = message.sender();
    LiveAccount account = journal.account(sender);
    int order = Long.compareUnsigned(message.nonce(), account.nonce());
    if (order != 0) {
      return TransactionRules.invalid(
          order < 0 ? TxError.NONCE_TOO_LOW : TxError.NONCE_TOO_HIGH,
          "nonce too %s: address %s, tx: %s state: %s",
          order < 0 ? "low" : "high",
          sender,
          Long.toUnsignedString(message.nonce()),
          Long.toUnsignedString(account.nonce()));
    }
    return TransactionRules.nonce(message);
  }

  private TxResult.Invalid checkSender() {
    TxResult.Invalid invalid = checkNonce();
    if (invalid == null) invalid = TransactionRules.gasCap(message, rules);
    if (invalid != null) {
      return invalid;
    }
    Address sender = message.sender();
    LiveAccount account = journal.account(sender);
    // EIP-3607, and EIP-7702 which lets delegating accounts send.
    if (account.hasCode()) {
      Code code = journal.code(account);
      if (!rules.delegation() || code.delegate() == null) {
        return TransactionRules.invalid(
            TxError.SENDER_NOT_EOA,
            "sender not an eoa: address %s, len(code): %d",
            sender,
            code.length());
      }
    }
    return null;
  }

  private TxResult.Invalid checkFees() {
    UInt256 cap = message.maxFeePerGas();
    TxResult.Invalid invalid = TransactionRules.tip(message);
    if (invalid != null) {
      return invalid;
    }
    if (cap.compareTo(env.baseFee()) < 0) {
      return TransactionRules.invalid(
          TxError.FEE_CAP_TOO_LOW,
          "max fee per gas less than block base fee: address %s, maxFeePerGas: %s, baseFee: %s",
          message.sender(),
          cap,
          env.baseFee());
    }
    return null;
  }

  /// @param validate whether even a message that names no price for blobs must pay for them
  private TxResult.Invalid checkBlobs(boolean validate) {
    TxResult.Invalid invalid = TransactionRules.blobs(message, rules);
    if (invalid != null || message.type() != 3) {
      return invalid;
    }
    if (!validate && message.maxFeePerBlobGas().isZero()) {
      return null;
    }
    if (message.maxFeePerBlobGas().compareTo(env.blobBaseFee()) < 0) {
      return TransactionRules.invalid(
          TxError.BLOB_FEE_CAP_TOO_LOW,
          "max fee per blob gas less than block blob gas fee: address %s blobGasFeeCap: %s,"
              + " blobBaseFee: %s",
          message.sender(),
          message.maxFeePerBlobGas(),
          env.blobBaseFee());
    }
    return null;
  }

  private TxResult.Invalid checkFunds() {
    UInt256 want = TransactionRules.mostCost(message);
    UInt256 blobCap = message.maxFeePerBlobGas();
    if (want != null && blobCap.compareTo(env.blobBaseFee()) < 0) {
      // Only where the cap was not checked: blobs cost their price all the same.
      UInt256 more = env.blobBaseFee().minus(blobCap).timesExact(blobGas());
      want = more == null ? null : want.plusExact(more);
    }
    UInt256 have = journal.account(message.sender()).balance();
    if (want != null && have.compareTo(want) >= 0) {
      return null;
    }
    return TransactionRules.invalid(
        TxError.INSUFFICIENT_FUNDS,
        "insufficient funds for gas * price + value: address %s have %s want %s",
        message.sender(),
        have,
        want == null ? "more than 256 bits" : want);
  }

  private long blobGas() {
    return BlobGas.PER_BLOB * message.blobVersionedHashes().size();
  }

  // ---- Execution

  private TxResult.Executed execute() {
    Address sender = message.sender();
    UInt256 price = effectiveGasPrice();
    LiveAccount account = journal.account(sender);
    journal.subtractBalance(account, price.timesExact(message.gasLimit()));
    if (!message.blobVersionedHashes().isEmpty()) {
      journal.subtractBalance(account, env.blobBaseFee().timesExact(blobGas()));
    }
    machine.begin(sender, price, message.blobVersionedHashes());
    warmUp();
    long nonce = account.nonce();
    journal.setNonce(account, nonce + 1);

    long gas = message.gasLimit() - IntrinsicGas.of(message, rules);
    Address created = null;
    Machine.Result result;
    if (message.to() == null) {
      created = ContractAddress.of(sender, nonce);
      result = machine.create(sender, nonce, message.value(), message.data(), gas);
    } else {
      message.authorizations().forEach(this::authorize);
      warmDelegate();
      result = machine.call(sender, message.to(), message.value(), message.data(), gas);
    }

    long used = message.gasLimit() - result.gasLeft();
    long refunded = Math.min(journal.refund(), used / rules.refundQuotient());
    long floor = IntrinsicGas.floor(message, rules);
    long most = Math.max(used, floor);
    used = Math.max(used - refunded, floor);
    journal.addBalance(account, price.timesExact(message.gasLimit() - used));
    if (!free) {
      journal.addBalance(
          journal.account(env.coinbase()), price.minus(env.baseFee()).timesExact(used));
    }
    List<Log> logs = journal.logs();
    journal.endTransaction(rules.stateClearing());
    return new TxResult.Executed(
        result.halt(), used, refunded, most, result.output(), logs, created);
  }

  private UInt256 effectiveGasPrice() {
    if (free) {
      return UInt256.ZERO;
    }
    return UInt256.min(
        message.maxFeePerGas(),
        message.type() < 2
            ? message.maxFeePerGas()
            : saturatingSum(env.baseFee(), message.maxPriorityFeePerGas()));
  }

  private static UInt256 saturatingSum(UInt256 a, UInt256 b) {
    UInt256 sum = a.plusExact(b);
    return sum == null ? UInt256.MAX : sum;
  }

  /// Marks what the transaction may use at the price of a second access (EIP-2929, EIP-2930,
  /// EIP-3651).
  private void warmUp() {
    if (!rules.warmAccess()) {
      return;
    }
    journal.warm(journal.account(message.sender()));
    if (message.to() != null) {
      journal.warm(journal.account(message.to()));
    }
    if (rules.warmCoinbase()) {
      journal.warm(journal.account(env.coinbase()));
    }
    for (AccessListEntry entry : message.accessList()) {
      LiveAccount account = journal.account(entry.address());
      journal.warm(account);
      for (Hash32 key : entry.storageKeys()) {
        journal.warm(journal.slot(account, key.toUInt256()));
      }
    }
  }

  private void warmDelegate() {
    if (rules.delegation()) {
      Address delegate = journal.code(journal.account(message.to())).delegate();
      if (delegate != null) {
        journal.warm(journal.account(delegate));
      }
    }
  }

  /// Processes one authorisation; one that does not hold is passed over (EIP-7702).
  private void authorize(Authorization authorization) {
    UInt256 chain = authorization.chainId();
    if (!chain.isZero() && !chain.equals(env.chainId()) || authorization.nonce() == -1) {
      return;
    }
    Address authority = authorization.authority();
    if (authority == null) {
      return;
    }
    LiveAccount account = journal.account(authority);
    journal.warm(account);
    Code code = journal.code(account);
    if (account.hasCode() && code.delegate() == null || account.nonce() != authorization.nonce()) {
      return;
    }
    if (account.exists()) {
      journal.addRefund(IntrinsicGas.NEW_ACCOUNT_AUTHORIZATION_GAS - AUTHORIZATION_BASE_GAS);
    }
    boolean ends = authorization.address().equals(Address.ZERO);
    journal.setCode(account, ends ? new byte[0] : Code.delegationTo(authorization.address()));
    journal.setNonce(account, account.nonce() + 1);
  }
}
