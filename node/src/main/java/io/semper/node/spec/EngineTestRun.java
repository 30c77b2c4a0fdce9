package io.semper.node.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.semper.chain.block.Rule;
import io.semper.chain.block.SealRule;
import io.semper.chain.block.Violation;
import io.semper.chain.db.MemoryStore;
import io.semper.chain.importer.BlockImporter;
import io.semper.chain.importer.Ledger;
import io.semper.chain.pool.PoolLimits;
import io.semper.chain.pool.TxPool;
import io.semper.chain.producer.BlockBuilder;
import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.types.Block;
import io.semper.core.types.Transaction;
import io.semper.evm.tx.TxError;
import io.semper.genesis.Network;
import io.semper.node.engine.LedgerConsensus;
import io.semper.node.engine.PayloadBuilds;
import io.semper.node.spec.BlockTest.PayloadStep;
import io.semper.rpc.CallContext;
import io.semper.rpc.Dispatcher;
import io.semper.rpc.MethodPolicy;
import io.semper.rpc.RpcException;
import io.semper.rpc.engine.ClientVersion;
import io.semper.rpc.engine.EngineMethods;
import io.semper.rpc.engine.ExecutionPayload;
import io.semper.rpc.engine.PayloadStatus;
import io.semper.rpc.engine.PayloadStatus.Status;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Runs a blockchain test in its Engine-API form: payload by payload through the methods a
/// consensus client calls, over a ledger in memory.
public final class EngineTestRun {
  private static final long CALL_NANOS = 600_000_000_000L;
  private static final Pattern RULE = Pattern.compile("([A-Z_]+): (.*)", Pattern.DOTALL);

  private final Network network;
  private final Ledger ledger;
  private final Dispatcher engine;

  private EngineTestRun(Network network, Ledger ledger, Dispatcher engine) {
    this.network = network;
    this.ledger = ledger;
    this.engine = engine;
  }

  /// @return the first difference from what was expected, `null` where there is none
  public static String run(BlockTest test) {
    Optional<Network> named = test.network();
    if (named.isEmpty()) {
      return "unsupported fork \"" + test.networkName() + "\"";
    }
    Network network = named.get();
    String difference = BlockTestRun.genesisDifference(test, network);
    if (difference != null) {
      return difference;
    }
    Ledger ledger = Ledger.open(new MemoryStore(), network, SealRule.NONE);
    BlockBuilder builder =
        new BlockBuilder(network, ledger.headerRules(), ledger, ledger::rootAfter);
    Clock clock = Clock.systemUTC();
    try (BlockImporter importer = new BlockImporter(ledger);
        TxPool pool =
            new TxPool(
                network,
                ledger,
                head -> builder.fork(head, head.timestamp() + 1),
                PoolLimits.DEFAULT,
                null,
                null,
                clock);
        PayloadBuilds payloads = new PayloadBuilds(builder, pool, 60_000_000, clock)) {
      EngineMethods methods =
          new EngineMethods(
              ledger,
              new LedgerConsensus(importer),
              payloads,
              wanted -> Map.of(),
              new ClientVersion("SM", "Semper", "test", new byte[4]));
      Dispatcher engine = new Dispatcher(methods.handlers(), MethodPolicy.ALL);
      return new EngineTestRun(network, ledger, engine).difference(test);
    }
  }

  private String difference(BlockTest test) {
    String difference = null;
    for (int i = 0; i < test.payloads().size() && difference == null; i++) {
      PayloadStep step = test.payloads().get(i);
      if (i == 0) {
        difference = choose(step.forkchoiceUpdatedVersion(), network.genesisHash());
      }
      if (difference == null) {
        difference = handIn(step);
      }
      if (difference != null) {
        difference = "payload " + i + ": " + difference;
      }
    }
    return difference == null ? BlockTestRun.headDifference(test, ledger) : difference;
  }

  private Object call(String method, JsonNode parameters) {
    CallContext context = new CallContext(System.nanoTime() + CALL_NANOS, Optional.empty());
    return engine.call(method, parameters, context);
  }

  private String handIn(PayloadStep step) {
    PayloadStatus status;
    try {
      status =
          (PayloadStatus) call("engine_newPayloadV" + step.newPayloadVersion(), step.parameters());
    } catch (RpcException error) {
      return step.errorCode() != null && step.errorCode() == error.code()
          ? null
          : "error " + error.code() + " " + error.getMessage() + ", want " + step.errorCode();
    }
    if (step.errorCode() != null) {
      return "status " + status + ", want error " + step.errorCode();
    }
    Hash32 hash = Hash32.of(step.parameters().get(0).get("blockHash").textValue());
    if (step.validationError() == null) {
      return status.equals(new PayloadStatus(Status.VALID, hash, null))
          ? choose(step.forkchoiceUpdatedVersion(), hash)
          : "status " + status + ", want VALID";
    }
    if (status.status() != Status.INVALID) {
      return "status " + status + ", want INVALID: " + step.validationError();
    }
    Hash32 parent = Hash32.of(step.parameters().get(0).get("parentHash").textValue());
    if (status.latestValidHash() != null && !status.latestValidHash().equals(parent)) {
      return "latest valid hash " + status.latestValidHash() + ", want " + parent;
    }
    return isReason(step, status.validationError())
        ? null
        : "is invalid for " + status.validationError() + ", want " + step.validationError();
  }

  private boolean isReason(PayloadStep step, String reason) {
    Matcher rule = RULE.matcher(reason);
    if (rule.matches()) {
      Violation violation = new Violation(Rule.valueOf(rule.group(1)), rule.group(2));
      return ExceptionNames.matches(
          step.validationError(), violation, () -> refusedTransaction(step.parameters()));
    }
    return reason.startsWith("invalid transaction ")
        ? ExceptionNames.matchesMalformed(step.validationError())
        : ExceptionNames.matchesPayload(step.validationError(), reason);
  }

  /// The fault of the first transaction that cannot be executed in its place.
  private Optional<TxError> refusedTransaction(JsonNode parameters) {
    ExecutionPayload payload = ExecutionPayload.fromJson(parameters.get(0));
    List<Transaction> transactions = new ArrayList<>();
    try {
      payload.transactions().forEach(encoded -> transactions.add(Transaction.decode(encoded)));
    } catch (MalformedInputException e) {
      return Optional.empty();
    }
    Block block = payload.toBlock(transactions, beaconRoot(parameters), null);
    return BlockTestRun.execute(network, ledger, SealRule.NONE, block, null);
  }

  private static Hash32 beaconRoot(JsonNode parameters) {
    return parameters.size() < 3 ? null : Hash32.of(parameters.get(2).textValue());
  }

  private String choose(int version, Hash32 head) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    ArrayNode parameters = json.arrayNode();
    parameters
        .addObject()
        .put("headBlockHash", head.toString())
        .put("safeBlockHash", Hash32.ZERO.toString())
        .put("finalizedBlockHash", Hash32.ZERO.toString());
    parameters.addNull();
    try {
      Object reply = call("engine_forkchoiceUpdatedV" + version, parameters);
      Object status = ((Map<?, ?>) reply).get("payloadStatus");
      return status.equals(new PayloadStatus(Status.VALID, head, null))
          ? null
          : "head " + head + " answered with " + status;
    } catch (RpcException error) {
      return "head " + head + " answered with error " + error.code() + " " + error.getMessage();
    }
  }
}
