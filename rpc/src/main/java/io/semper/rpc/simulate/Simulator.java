package io.semper.rpc.simulate;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Signature;
import io.semper.core.fee.BaseFee;
import io.semper.core.fee.BlobGas;
import io.semper.core.fork.Fork;
import io.semper.core.types.BlobTransaction;
import io.semper.core.types.Block;
import io.semper.core.types.FeeMarketTransaction;
import io.semper.core.types.Header;
import io.semper.core.types.LegacyTransaction;
import io.semper.core.types.SetCodeTransaction;
import io.semper.core.types.Transaction;
import io.semper.core.view.ChainView;
import io.semper.evm.BlockEnv;
import io.semper.evm.Halt;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.machine.Machine;
import io.semper.evm.state.Journal;
import io.semper.evm.tx.Message;
import io.semper.evm.tx.Simulation;
import io.semper.evm.tx.Transition;
import io.semper.evm.tx.TxError;
import io.semper.evm.tx.TxResult;
import io.semper.rpc.CallContext;
import io.semper.rpc.RpcException;
import io.semper.rpc.param.BlockOverrides;
import io.semper.rpc.param.CallRequest;
import io.semper.rpc.param.SimulateRequest;
import io.semper.rpc.param.StateOverrides;
import io.semper.rpc.param.StateOverrides.AccountOverride;
import io.semper.rpc.simulate.Branches.Branch;
import io.semper.rpc.simulate.Branches.Making;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// Makes up blocks full of calls nobody signed, one on top of the other, and says what they did
/// (execution-apis, `eth_simulateV1`).
///
/// Where the specification is silent, go-ethereum's behaviour and error codes. Safe for use by
/// several threads.
public final class Simulator {
  /// Between blocks whose time is not given.
  private static final long SECONDS_PER_BLOCK = 12;

  private static final int INTERNAL = -32603;
  private static final int NONCE_TOO_LOW = -38010;
  private static final int NONCE_TOO_HIGH = -38011;
  private static final int BASE_FEE_TOO_LOW = -38012;
  private static final int INTRINSIC_GAS = -38013;
  private static final int INSUFFICIENT_FUNDS = -38014;
  private static final int BLOCK_GAS_LIMIT_REACHED = -38015;
  private static final int BLOCK_NUMBER_INVALID = -38020;
  private static final int BLOCK_TIMESTAMP_INVALID = -38021;
  private static final int SENDER_NOT_EOA = -38024;
  private static final int INITCODE_TOO_LARGE = -38025;

  private final ChainView chain;
  private final Limits limits;

  /// What the network and the operator decide.
  ///
  /// @param zeroBaseFee whether the network's base fee always stays zero
  /// @param maxCodeBytes most bytes of code a contract may have
  /// @param gasCap most gas of all calls of a request together
  /// @param timeoutMillis most time of a request
  public record Limits(boolean zeroBaseFee, int maxCodeBytes, long gasCap, long timeoutMillis) {}

  public Simulator(ChainView chain, Limits limits) {
    this.chain = chain;
    this.limits = limits;
  }

  /// @param base the block that `branch` grows from
  /// @throws RpcException where a block or call is not possible
  public List<SimulatedBlock> run(
      Branch branch, Header base, SimulateRequest request, CallContext context) {
    return new Run(branch, base, request, context).blocks();
  }

  /// A block to make, its place decided.
  private record Plan(
      long number,
      long timestamp,
      BlockOverrides block,
      StateOverrides state,
      List<CallRequest> calls) {}

  /// One request in work.
  private final class Run {
    private final Branch branch;
    private final Header base;
    private final SimulateRequest request;
    private final boolean baseIsFollowedByStake;
    private final long millis;
    private final long end;

    private final List<Header> made = new ArrayList<>();
    private long gasLeft = limits.gasCap();

    Run(Branch branch, Header base, SimulateRequest request, CallContext context) {
      this.branch = branch;
      this.base = base;
      this.request = request;
      baseIsFollowedByStake = isProofOfStakeAfter(base);
      millis = Math.min(limits.timeoutMillis(), context.remainingMillis());
      end = System.nanoTime() + millis * 1_000_000;
    }

    List<SimulatedBlock> blocks() {
      List<SimulatedBlock> blocks = new ArrayList<>();
      for (Plan plan : plans()) {
        checkTime();
        SimulatedBlock block = block(plan, made.isEmpty() ? base : made.getLast());
        blocks.add(block);
        made.add(block.block().header());
      }
      return blocks;
    }

    /// Puts the blocks in their places, with empty ones between them where numbers are left out.
    private List<Plan> plans() {
      List<Plan> plans = new ArrayList<>();
      long number = base.number();
      long timestamp = base.timestamp();
      for (SimulateRequest.BlockCalls wanted : request.blocks()) {
        BlockOverrides block = wanted.block();
        long to = block.number() == null ? number + 1 : block.number();
        if (to <= number) {
          throw new RpcException(
              BLOCK_NUMBER_INVALID, "block numbers must be in order: " + to + " <= " + number);
        }
        if (to - base.number() > SimulateRequest.MAX_BLOCKS) {
          throw SimulateRequest.tooManyBlocks();
        }
        while (++number < to) {
          timestamp += SECONDS_PER_BLOCK;
          plans.add(new Plan(number, timestamp, BlockOverrides.NONE, null, List.of()));
        }
        long at = block.time() == null ? timestamp + SECONDS_PER_BLOCK : block.time();
        if (at <= timestamp) {
          throw new RpcException(
              BLOCK_TIMESTAMP_INVALID,
              "block timestamps must be in order: " + at + " <= " + timestamp);
        }
        timestamp = at;
        plans.add(new Plan(number, timestamp, block, wanted.state(), wanted.calls()));
      }
      return plans;
    }

    private SimulatedBlock block(Plan plan, Header parent) {
      boolean proofOfStake = baseIsFollowedByStake || isPastMerge(plan);
      Fork fork = chain.forks().at(plan.number, plan.timestamp, proofOfStake);
      Header header = header(plan, parent, fork);
      Journal journal = new Journal(branch.state());
      CallLogs logs = new CallLogs(request.traceTransfers());
      Machine machine =
          new Machine(
              journal,
              environment(header, fork, plan.block),
              ForkRules.of(fork, limits.maxCodeBytes()),
              logs,
              Simulation.precompiles(fork, PrecompileMoves.of(plan.state, fork)));
      override(journal, plan.state);
      Making making = branch.begin(header, fork, machine);
      List<Transaction> transactions = new ArrayList<>(plan.calls.size());
      List<SimulatedBlock.Call> calls = new ArrayList<>(plan.calls.size());
      long left = header.gasLimit();
      for (CallRequest call : plan.calls) {
        Message message = message(call, left, journal.nonce(call.sender()));
        logs.take();
        TxResult.Executed executed = execute(machine, message, left);
        boolean capped = Long.compareUnsigned(message.gasLimit(), wantedGas(call, left)) < 0;
        calls.add(new SimulatedBlock.Call(executed, logs.take(), capped));
        left -= executed.gasUsed();
        gasLeft -= executed.gasUsed();
        Transaction transaction = transaction(call, message, header.baseFeePerGas() != null);
        making.include(transaction, executed);
        transactions.add(transaction);
      }
      Block block =
          making.finish(
              transactions,
              fork.before(Fork.SHANGHAI) ? null : or(plan.block.withdrawals(), List.of()));
      return new SimulatedBlock(block, calls);
    }

    private Header header(Plan plan, Header parent, Fork fork) {
      BlockOverrides o = plan.block;
      Header.Builder draft =
          Header.builder()
              .parentHash(parent.hash())
              .number(plan.number)
              .timestamp(plan.timestamp)
              .beneficiary(or(o.feeRecipient(), parent.beneficiary()))
              .gasLimit(or(o.gasLimit(), parent.gasLimit()))
              .mixHash(or(o.prevRandao(), Hash32.ZERO));
      if (fork.before(Fork.PARIS)) {
        draft.difficulty(or(o.difficulty(), parent.difficulty()));
      }
      if (fork.atLeast(Fork.LONDON)) {
        draft.baseFeePerGas(
            o.baseFeePerGas() != null
                ? o.baseFeePerGas()
                : request.validation() ? nextBaseFee(parent) : UInt256.ZERO);
      }
      if (fork.atLeast(Fork.CANCUN)) {
        draft
            .excessBlobGas(BlobGas.nextExcess(parent, fork, chain.forks().blobParams(fork)))
            .parentBeaconBlockRoot(or(o.beaconRoot(), Hash32.ZERO));
      }
      return draft.build();
    }

    private BlockEnv environment(Header header, Fork fork, BlockOverrides o) {
      UInt256 blobBaseFee =
          header.excessBlobGas() == null
              ? UInt256.ZERO
              : BlobGas.baseFee(header.excessBlobGas(), chain.forks().blobParams(fork));
      return new BlockEnv(
          chain.chainId(),
          header.beneficiary(),
          header.number(),
          header.timestamp(),
          header.gasLimit(),
          header.difficulty(),
          header.mixHash(),
          or(header.baseFeePerGas(), UInt256.ZERO),
          or(o.blobBaseFee(), blobBaseFee),
          this::blockHash);
    }

    private Hash32 blockHash(long number) {
      if (number > base.number()) {
        return made.get((int) (number - base.number() - 1)).hash();
      }
      return number == base.number()
          ? base.hash()
          : chain.header(number).map(Header::hash).orElse(Hash32.ZERO);
    }

    private static void override(Journal journal, StateOverrides overrides) {
      if (overrides == null) {
        return;
      }
      for (Map.Entry<Address, AccountOverride> entry : overrides.accounts().entrySet()) {
        Address address = entry.getKey();
        AccountOverride o = entry.getValue();
        if (o.nonce() != null) journal.setNonce(address, o.nonce());
        if (o.code() != null) journal.setCode(address, o.code());
        if (o.balance() != null) journal.setBalance(address, o.balance());
        if (o.state() != null) journal.clearStorage(address);
        or(o.state(), or(o.stateDiff(), Map.<UInt256, UInt256>of()))
            .forEach((slot, value) -> journal.setStorage(address, slot, value));
      }
      journal.endTransaction(false);
    }

    private long wantedGas(CallRequest call, long left) {
      return call.gas() == null ? left : call.gas();
    }

    private Message message(CallRequest call, long left, long nonce) {
      long gas = wantedGas(call, left);
      if (Long.compareUnsigned(gas, left) > 0) {
        throw new RpcException(
            BLOCK_GAS_LIMIT_REACHED,
            "block gas limit reached: remaining: %d, required: %s"
                .formatted(left, Long.toUnsignedString(gas)));
      }
      UInt256 chainId = chain.chainId();
      if (call.chainId() != null && !call.chainId().equals(chainId)) {
        throw RpcException.server(
            "chainId does not match node's (have=" + call.chainId() + ", want=" + chainId + ")");
      }
      return new Message(
          type(call),
          call.sender(),
          call.to(),
          or(call.nonce(), nonce),
          Math.min(gas, gasLeft),
          or(or(call.gasPrice(), call.maxFeePerGas()), UInt256.ZERO),
          or(or(call.gasPrice(), call.maxPriorityFeePerGas()), UInt256.ZERO),
          call.valueOrZero(),
          call.dataOrEmpty(),
          or(call.accessList(), List.of()),
          or(call.maxFeePerBlobGas(), UInt256.ZERO),
          or(call.blobVersionedHashes(), List.of()),
          or(call.authorizations(), List.of()));
    }

    private TxResult.Executed execute(Machine machine, Message message, long left) {
      TxResult result =
          Simulation.within(
              Math.max(0, (end - System.nanoTime()) / 1_000_000),
              machine,
              () -> Transition.simulate(machine, message, left, request.validation()));
      checkTime();
      return switch (result) {
        case TxResult.Executed executed -> {
          if (executed.halt() == Halt.TIMEOUT) {
            throw timeout();
          }
          yield executed;
        }
        case TxResult.Invalid invalid ->
            throw new RpcException(
                code(invalid.error()),
                "err: "
                    + invalid.reason()
                    + " (supplied gas "
                    + Long.toUnsignedString(message.gasLimit())
                    + ")");
      };
    }

    /// What was cut short is no answer.
    private void checkTime() {
      if (System.nanoTime() - end >= 0) {
        throw timeout();
      }
    }

    private RpcException timeout() {
      return RpcException.server("execution aborted (timeout = " + millis + "ms)");
    }
  }

  private boolean isProofOfStakeAfter(Header base) {
    UInt256 terminal = chain.forks().terminalTotalDifficulty();
    return terminal != null
        && chain
            .totalDifficulty(base.hash())
            .or(() -> chain.totalDifficulty(base.parentHash()))
            .map(total -> total.compareTo(terminal) >= 0)
            .orElse(base.difficulty().isZero());
  }

  /// Made-up blocks have no work that could add up to the terminal difficulty: where the chain has
  /// its merge behind it they follow.
  private boolean isPastMerge(Plan plan) {
    OptionalLong merge = chain.forks().activation(Fork.PARIS);
    OptionalLong shanghai = chain.forks().activation(Fork.SHANGHAI);
    return (merge.isPresent() && plan.number >= merge.getAsLong())
        || (shanghai.isPresent() && plan.timestamp >= shanghai.getAsLong());
  }

  private UInt256 nextBaseFee(Header parent) {
    return limits.zeroBaseFee() ? UInt256.ZERO : BaseFee.next(parent);
  }

  private static int type(CallRequest call) {
    if (call.authorizations() != null) return 4;
    if (call.blobVersionedHashes() != null) return 3;
    return call.gasPrice() == null ? 2 : 0;
  }

  /// The call as what it would have been signed as: with a gas price a legacy transaction, whatever
  /// else it brings.
  private Transaction transaction(CallRequest call, Message m, boolean feeMarket) {
    UInt256 chainId = chain.chainId();
    int type = call.gasPrice() != null || !feeMarket ? 0 : m.type();
    Transaction transaction =
        switch (type) {
          case 4 ->
              new SetCodeTransaction(
                  chainId,
                  m.nonce(),
                  m.maxPriorityFeePerGas(),
                  m.maxFeePerGas(),
                  m.gasLimit(),
                  m.to(),
                  m.value(),
                  m.data(),
                  m.accessList(),
                  m.authorizations(),
                  Signature.NONE);
          case 3 ->
              new BlobTransaction(
                  chainId,
                  m.nonce(),
                  m.maxPriorityFeePerGas(),
                  m.maxFeePerGas(),
                  m.gasLimit(),
                  m.to(),
                  m.value(),
                  m.data(),
                  m.accessList(),
                  m.maxFeePerBlobGas(),
                  m.blobVersionedHashes(),
                  Signature.NONE);
          case 2 ->
              new FeeMarketTransaction(
                  chainId,
                  m.nonce(),
                  m.maxPriorityFeePerGas(),
                  m.maxFeePerGas(),
                  m.gasLimit(),
                  m.to(),
                  m.value(),
                  m.data(),
                  m.accessList(),
                  Signature.NONE);
          default ->
              new LegacyTransaction(
                  null,
                  m.nonce(),
                  m.maxFeePerGas(),
                  m.gasLimit(),
                  m.to(),
                  m.value(),
                  m.data(),
                  Signature.NONE);
        };
    return transaction.unsigned(m.sender());
  }

  private static int code(TxError error) {
    return switch (error) {
      case NONCE_TOO_LOW -> NONCE_TOO_LOW;
      case NONCE_TOO_HIGH -> NONCE_TOO_HIGH;
      case FEE_CAP_TOO_LOW -> BASE_FEE_TOO_LOW;
      case INTRINSIC_GAS_TOO_LOW -> INTRINSIC_GAS;
      case INSUFFICIENT_FUNDS -> INSUFFICIENT_FUNDS;
      case SENDER_NOT_EOA -> SENDER_NOT_EOA;
      case INITCODE_TOO_LARGE -> INITCODE_TOO_LARGE;
      case TIP_ABOVE_FEE_CAP -> RpcException.INVALID_PARAMS;
      case NONCE_MAX,
          GAS_LIMIT_REACHED,
          GAS_LIMIT_TOO_HIGH,
          FLOOR_DATA_GAS_TOO_LOW,
          TYPE_NOT_SUPPORTED,
          BLOB_FEE_CAP_TOO_LOW,
          BLOB_HASHES_EMPTY,
          BLOB_HASH_VERSION,
          BLOB_COUNT,
          BLOB_CREATES,
          AUTHORIZATION_LIST_EMPTY,
          SET_CODE_CREATES,
          SIGNATURE,
          CHAIN_ID ->
          INTERNAL;
    };
  }

  private static <T> T or(T value, T otherwise) {
    return value == null ? otherwise : value;
  }
}
