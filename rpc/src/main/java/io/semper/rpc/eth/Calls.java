package io.semper.rpc.eth;

import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.Fork;
import io.semper.core.types.Header;
import io.semper.core.view.Account;
import io.semper.core.view.ChainView;
import io.semper.core.view.StateView;
import io.semper.evm.BlockEnv;
import io.semper.evm.Halt;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.trace.CallTracer;
import io.semper.evm.trace.TraceBudget;
import io.semper.evm.tx.Message;
import io.semper.evm.tx.Simulation;
import io.semper.evm.tx.TxError;
import io.semper.evm.tx.TxResult;
import io.semper.rpc.CallContext;
import io.semper.rpc.RpcException;
import io.semper.rpc.json.AccessListJson;
import io.semper.rpc.param.BlockOverrides;
import io.semper.rpc.param.BlockRef;
import io.semper.rpc.param.CallRequest;
import io.semper.rpc.param.StateOverrides;
import io.semper.rpc.simulate.PrecompileMoves;
import java.util.List;

/// Runs described transactions on top of a block, and says why they fail as go-ethereum does.
public final class Calls {
  private static final long MIN_GAS = 21_000;

  private final ChainView chain;
  private final Blocks blocks;
  private final EthSettings settings;
  private final Fees fees;

  Calls(ChainView chain, Blocks blocks, EthSettings settings, Fees fees) {
    this.chain = chain;
    this.blocks = blocks;
    this.settings = settings;
    this.fees = fees;
  }

  /// Where a call runs.
  private record Place(Header header, StateView state, Simulation simulation) {}

  byte[] call(
      CallRequest request,
      BlockRef at,
      StateOverrides state,
      BlockOverrides block,
      CallContext context) {
    Place place = place(at, state, block, context);
    Message message = message(request, place, gas(request, settings.callGasCap()));
    return switch (place.simulation.call(message, null)) {
      case TxResult.Executed executed when executed.success() -> executed.output();
      case TxResult.Executed executed -> throw failure(executed, place, message);
      case TxResult.Invalid invalid ->
          throw RpcException.server(
              "err: " + invalid.reason() + " (supplied gas " + message.gasLimit() + ")");
    };
  }

  long estimateGas(
      CallRequest request,
      BlockRef at,
      StateOverrides state,
      BlockOverrides block,
      CallContext context) {
    Place place = place(at, state, block, context);
    long most =
        request.gas() != null && Long.compareUnsigned(request.gas(), MIN_GAS) >= 0
            ? gas(request, settings.callGasCap())
            : Math.min(place.header.gasLimit(), settings.callGasCap());
    Message message = message(request, place, most);
    Simulation.Estimate estimate = place.simulation.estimateGas(message);
    if (estimate.failure() == null) {
      return estimate.gas();
    }
    throw switch (estimate.failure()) {
      case TxResult.Executed executed ->
          executed.halt() == Halt.OUT_OF_GAS
              ? exceedsAllowance(estimate.allowance())
              : failure(executed, place, message);
      case TxResult.Invalid invalid ->
          invalid.error() == TxError.INTRINSIC_GAS_TOO_LOW
                  || invalid.error() == TxError.GAS_LIMIT_TOO_HIGH
              ? exceedsAllowance(estimate.allowance())
              : RpcException.server(
                  "failed with " + estimate.allowance() + " gas: " + invalid.reason());
    };
  }

  private static RpcException exceedsAllowance(long gas) {
    return RpcException.server("gas required exceeds allowance (" + gas + ")");
  }

  AccessListJson createAccessList(
      CallRequest request, BlockRef at, StateOverrides state, CallContext context) {
    Place place = place(at, state, null, context);
    Message message = message(request, place, gas(request, settings.callGasCap()));
    Simulation.AccessListResult found = place.simulation.createAccessList(message);
    return switch (found.result()) {
      case TxResult.Invalid invalid ->
          throw RpcException.server("failed to apply transaction: err: " + invalid.reason());
      case TxResult.Executed executed ->
          new AccessListJson(
              found.list(),
              executed.gasUsed(),
              executed.success() ? null : text(executed, place, message));
    };
  }

  /// A call ready to run.
  public record Prepared(Simulation simulation, StateView state, Message message) {}

  /// Makes a call ready that runs on another state than that after its block.
  ///
  /// Its time is the request's: whoever traces it counts for himself.
  ///
  /// @param base in the middle of `header`'s block, or after it
  public Prepared prepare(
      CallRequest request,
      Header header,
      StateView base,
      StateOverrides overrides,
      BlockOverrides block,
      CallContext context) {
    Place place = place(header, base, overrides, block, context.remainingMillis());
    Message message = message(request, place, gas(request, settings.callGasCap()));
    return new Prepared(place.simulation, place.state, message);
  }

  private Place place(
      BlockRef at, StateOverrides overrides, BlockOverrides block, CallContext context) {
    Blocks.Found found = blocks.require(at);
    long millis = Math.min(settings.callTimeoutMillis(), context.remainingMillis());
    return place(found.header(), blocks.state(found), overrides, block, millis);
  }

  private Place place(
      Header header, StateView base, StateOverrides overrides, BlockOverrides block, long millis) {
    StateView state = OverriddenState.of(base, overrides);
    BlockEnv env = env(header, block);
    boolean proofOfStake = fees.forkOf(header).atLeast(Fork.PARIS);
    Fork fork = chain.forks().at(env.number(), env.timestamp(), proofOfStake);
    Simulation simulation =
        new Simulation(
            state,
            env,
            ForkRules.of(fork, settings.network().maxCodeBytes()),
            millis,
            PrecompileMoves.of(overrides, fork));
    return new Place(header, state, simulation);
  }

  private BlockEnv env(Header h, BlockOverrides given) {
    BlockOverrides o = given == null ? BlockOverrides.NONE : given;
    if (o.beaconRoot() != null || o.withdrawals() != null) {
      throw RpcException.server(
          "block override \"%s\" is not supported for this RPC method"
              .formatted(o.beaconRoot() != null ? "beaconRoot" : "withdrawals"));
    }
    return new BlockEnv(
        chain.chainId(),
        or(o.feeRecipient(), h.beneficiary()),
        or(o.number(), h.number()),
        or(o.time(), h.timestamp()),
        or(o.gasLimit(), h.gasLimit()),
        or(o.difficulty(), h.difficulty()),
        or(o.prevRandao(), h.mixHash()),
        or(o.baseFeePerGas(), or(h.baseFeePerGas(), UInt256.ZERO)),
        or(o.blobBaseFee(), fees.blobBaseFee(h)),
        number -> chain.headerToSearch(number).map(Header::hash).orElse(Hash32.ZERO));
  }

  private static <T> T or(T value, T otherwise) {
    return value == null ? otherwise : value;
  }

  private static long gas(CallRequest request, long cap) {
    return request.gas() == null || Long.compareUnsigned(request.gas(), cap) > 0
        ? cap
        : request.gas();
  }

  private Message message(CallRequest request, Place place, long gas) {
    UInt256 chainId = chain.chainId();
    if (request.chainId() != null && !request.chainId().equals(chainId)) {
      throw RpcException.server(
          "chainId does not match node's (have=" + request.chainId() + ", want=" + chainId + ")");
    }
    Account sender = place.state.account(request.sender());
    return new Message(
        request.impliedType(),
        request.sender(),
        request.to(),
        or(request.nonce(), sender == null ? 0 : sender.nonce()),
        gas,
        or(or(request.gasPrice(), request.maxFeePerGas()), UInt256.ZERO),
        or(or(request.gasPrice(), request.maxPriorityFeePerGas()), UInt256.ZERO),
        request.valueOrZero(),
        request.dataOrEmpty(),
        or(request.accessList(), List.of()),
        or(request.maxFeePerBlobGas(), UInt256.ZERO),
        or(request.blobVersionedHashes(), List.of()),
        or(request.authorizations(), List.of()));
  }

  /// A reverted execution has code 3 and always data; anything else is a server error.
  private RpcException failure(TxResult.Executed executed, Place place, Message message) {
    if (executed.halt() == Halt.REVERT) {
      return new RpcException(
          RpcException.REVERTED, RevertReason.message(executed.output()), executed.output());
    }
    if (executed.halt() == Halt.TIMEOUT) {
      return RpcException.server(
          "execution aborted (timeout = " + settings.callTimeoutMillis() + "ms)");
    }
    return RpcException.server(text(executed, place, message));
  }

  /// Why an execution failed. What go-ethereum says of the instruction shows when it runs again
  /// before the eyes of a tracer, which those that succeed need not pay for.
  private String text(TxResult.Executed executed, Place place, Message message) {
    return switch (executed.halt()) {
      case INVALID_OPCODE, STACK_UNDERFLOW, STACK_OVERFLOW -> {
        long end = System.nanoTime() + settings.callTimeoutMillis() * 1_000_000;
        TraceBudget budget = new TraceBudget(Long.MAX_VALUE, end, System::nanoTime);
        CallTracer outermost = new CallTracer(true, false, 0, frame -> true, budget);
        place.simulation.call(message, outermost);
        yield outermost.top().error();
      }
      default -> executed.halt().text();
    };
  }
}
