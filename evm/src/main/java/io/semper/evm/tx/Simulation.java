package io.semper.evm.tx;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.fee.BlobGas;
import io.semper.core.fork.Fork;
import io.semper.core.types.AccessListEntry;
import io.semper.core.types.ContractAddress;
import io.semper.core.view.Account;
import io.semper.core.view.StateView;
import io.semper.evm.BlockEnv;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.machine.Machine;
import io.semper.evm.machine.Machine.PrecompileSet;
import io.semper.evm.precompile.Precompile;
import io.semper.evm.precompile.Precompiles;
import io.semper.evm.state.Journal;
import io.semper.evm.trace.Tracer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// What a message would do on top of a block: `eth_call`, `eth_estimateGas` and
/// `eth_createAccessList` for full nodes and light clients alike.
///
/// Nothing is kept. Each run has a wall-clock limit, after which it ends with [Halt#TIMEOUT].
public final class Simulation {
  /// Rounds of refining an access list; each usually confirms the one before.
  private static final int MAX_ACCESS_LIST_ROUNDS = 16;

  private static final long PLAIN_TRANSFER_GAS = 21_000;
  private static final long CALL_STIPEND = 2_300;

  private static final ScheduledExecutorService ALARM =
      Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "simulation-alarm");
        thread.setDaemon(true);
        return thread;
      });

  private final StateView state;
  private final BlockEnv env;
  private final ForkRules rules;
  private final long timeoutMillis;
  private final PrecompileSet precompiles;

  /// @param env of the block to run in; its base fees count only for messages that name a price
  public Simulation(StateView state, BlockEnv env, ForkRules rules, long timeoutMillis) {
    this(state, env, rules, timeoutMillis, Map.of());
  }

  /// @param movedPrecompiles new addresses of precompiled contracts by their usual ones, empty
  ///   where the contract is gone
  public Simulation(
      StateView state,
      BlockEnv env,
      ForkRules rules,
      long timeoutMillis,
      Map<Address, Optional<Address>> movedPrecompiles) {
    this.state = state;
    this.env = env;
    this.rules = rules;
    this.timeoutMillis = timeoutMillis;
    precompiles = precompiles(rules.fork(), movedPrecompiles);
  }

  /// A fork's precompiled contracts after some of them went elsewhere. Of two that go to one place
  /// the later in `moves` is found there.
  public static PrecompileSet precompiles(Fork fork, Map<Address, Optional<Address>> moves) {
    if (moves.isEmpty()) {
      return address -> Precompiles.at(fork, address);
    }
    Map<Address, Precompile> byNewAddress = new HashMap<>();
    moves.forEach(
        (from, to) -> to.ifPresent(at -> byNewAddress.put(at, Precompiles.at(fork, from))));
    return address -> {
      Precompile arrived = byNewAddress.get(address);
      return arrived != null || moves.containsKey(address)
          ? arrived
          : Precompiles.at(fork, address);
    };
  }

  public BlockEnv env() {
    return env;
  }

  public ForkRules rules() {
    return rules;
  }

  /// @param gas the least gas limit with which the message succeeds, 0 where it never does
  /// @param allowance all gas the message may have: what it names, transactions of this fork may
  ///   have, and its sender can pay
  /// @param failure how the message ends with all gas it may have, where it never succeeds
  public record Estimate(long gas, long allowance, TxResult failure) {}

  public record AccessListResult(List<AccessListEntry> list, TxResult result) {}

  /// Runs a message without looking at the sender's nonce and code.
  public TxResult call(Message message, Tracer tracer) {
    return tracer == null
        ? state.settled(() -> call(new Journal(state), message, null))
        : call(new Journal(state), message, tracer);
  }

  /// The same on a journal over this simulation's state, for tracers that look into it, and for
  /// messages that follow each other.
  public TxResult call(Journal journal, Message message, Tracer tracer) {
    Machine machine = new Machine(journal, seenBy(message), rules, tracer, precompiles);
    return within(timeoutMillis, machine, () -> Transition.simulate(machine, message));
  }

  /// Runs work on a machine, which ends with [Halt#TIMEOUT] where it takes longer.
  public static <T> T within(long millis, Machine machine, Supplier<T> work) {
    ScheduledFuture<?> alarm = ALARM.schedule(machine::cancel, millis, TimeUnit.MILLISECONDS);
    try {
      return work.get();
    } finally {
      alarm.cancel(false);
    }
  }

  /// The block without the fees that the message names no price for, so that a call needs none:
  /// go-ethereum's rule, on which callers rely.
  private BlockEnv seenBy(Message message) {
    boolean freeGas = message.maxFeePerGas().isZero();
    boolean freeBlobs =
        !message.blobVersionedHashes().isEmpty() && message.maxFeePerBlobGas().isZero();
    return new BlockEnv(
        env.chainId(),
        env.coinbase(),
        env.number(),
        env.timestamp(),
        env.gasLimit(),
        env.difficulty(),
        env.prevRandao(),
        freeGas ? UInt256.ZERO : env.baseFee(),
        freeBlobs ? UInt256.ZERO : env.blobBaseFee(),
        env.blockHashes());
  }

  /// Searches the least gas limit with which the message succeeds.
  ///
  /// @param message whose gas limit is the most to try
  public Estimate estimateGas(Message message) {
    long allowance = Math.min(message.gasLimit(), rules.maxTransactionGas());
    if (!message.maxFeePerGas().isZero()) {
      allowance = Math.min(allowance, affordable(message));
    }
    long high = allowance;
    if (isPlainTransfer(message) && succeeds(call(withGas(message, PLAIN_TRANSFER_GAS), null))) {
      return new Estimate(PLAIN_TRANSFER_GAS, allowance, null);
    }
    TxResult most = call(withGas(message, high), null);
    if (!(most instanceof TxResult.Executed executed) || !executed.success()) {
      return new Estimate(0, allowance, most);
    }
    long low = executed.gasUsed() - 1;
    // What the message used, refunds given back, a stipend, and the 64th that calls keep: enough
    // for nearly every message, so that the search starts in a narrow range.
    long likely = (executed.gasUsed() + executed.gasRefunded() + CALL_STIPEND) * 64 / 63;
    if (likely < high) {
      if (succeeds(call(withGas(message, likely), null))) {
        high = likely;
      } else {
        low = likely;
      }
    }
    while (low + 1 < high) {
      long middle = low + (high - low) / 2;
      if (middle > 2 * low) {
        middle = 2 * low; // Most messages need little more than they use.
      }
      if (succeeds(call(withGas(message, middle), null))) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return new Estimate(high, allowance, null);
  }

  /// Gas the sender can pay for at the message's price beside the value it sends.
  private long affordable(Message message) {
    Account account = state.account(message.sender());
    UInt256 balance = account == null ? UInt256.ZERO : account.balance();
    UInt256 blobs =
        message
            .maxFeePerBlobGas()
            .timesExact(BlobGas.PER_BLOB * message.blobVersionedHashes().size());
    UInt256 fixed = blobs == null ? null : blobs.plusExact(message.value());
    if (fixed == null || fixed.compareTo(balance) > 0) {
      return 0;
    }
    return UInt256.of(
            balance.minus(fixed).toBigInteger().divide(message.maxFeePerGas().toBigInteger()))
        .toLongSaturated();
  }

  private boolean isPlainTransfer(Message message) {
    if (message.to() == null
        || message.data().length > 0
        || !message.accessList().isEmpty()
        || !message.authorizations().isEmpty()) {
      return false;
    }
    Account account = state.account(message.to());
    return account == null || account.codeHash().equals(Account.EMPTY.codeHash());
  }

  private static boolean succeeds(TxResult result) {
    return result instanceof TxResult.Executed executed && executed.success();
  }

  /// The access list under which the message runs, refined until it no longer changes.
  public AccessListResult createAccessList(Message message) {
    Set<Address> free = new HashSet<>(Precompiles.active(rules.fork()));
    free.add(message.sender());
    Account sender = state.account(message.sender());
    long nonce = sender == null ? 0 : sender.nonce();
    free.add(message.to() != null ? message.to() : ContractAddress.of(message.sender(), nonce));
    message.authorizations().forEach(each -> addAuthority(free, each.authority()));
    List<AccessListEntry> list = message.accessList();
    for (int round = 0; ; round++) {
      List<AccessListEntry> before = list;
      AccessListResult after = state.settled(() -> refine(message, free, before));
      if (after.list().equals(before) || round == MAX_ACCESS_LIST_ROUNDS) {
        return after;
      }
      list = after.list();
    }
  }

  private AccessListResult refine(Message message, Set<Address> free, List<AccessListEntry> list) {
    AccessRecorder recorder = new AccessRecorder(free, list);
    TxResult result = call(withAccessList(message, list), recorder);
    return new AccessListResult(recorder.list(), result);
  }

  private static void addAuthority(Set<Address> free, Address authority) {
    if (authority != null) {
      free.add(authority);
    }
  }

  private static Message withGas(Message m, long gasLimit) {
    return copy(m, gasLimit, m.accessList());
  }

  private static Message withAccessList(Message m, List<AccessListEntry> list) {
    return copy(m, m.gasLimit(), list);
  }

  private static Message copy(Message m, long gasLimit, List<AccessListEntry> accessList) {
    return new Message(
        m.type(),
        m.sender(),
        m.to(),
        m.nonce(),
        gasLimit,
        m.maxFeePerGas(),
        m.maxPriorityFeePerGas(),
        m.value(),
        m.data(),
        accessList,
        m.maxFeePerBlobGas(),
        m.blobVersionedHashes(),
        m.authorizations());
  }
}
