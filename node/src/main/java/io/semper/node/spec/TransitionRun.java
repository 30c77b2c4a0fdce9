package io.semper.node.spec;

import static io.semper.node.spec.TransitionEnv.misconfigured;

import io.semper.chain.block.BlockExecution;
import io.semper.chain.block.HeaderRules;
import io.semper.chain.block.SealRule;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.fee.BaseFee;
import io.semper.core.fee.BlobGas;
import io.semper.core.fork.BlobParams;
import io.semper.core.fork.Fork;
import io.semper.core.fork.ForkSchedule;
import io.semper.core.rlp.RlpWriter;
import io.semper.core.types.Bloom;
import io.semper.core.types.ExecutionRequests;
import io.semper.core.types.Header;
import io.semper.core.types.Log;
import io.semper.core.types.Receipt;
import io.semper.core.types.Roots;
import io.semper.core.types.Transaction;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.machine.Machine;
import io.semper.evm.state.Journal;
import io.semper.evm.trace.Tracer;
import io.semper.evm.tx.TransactionRules;
import io.semper.evm.tx.TxResult;
import io.semper.genesis.Allocation;
import io.semper.genesis.Network;
import io.semper.node.spec.TransitionTransactions.Candidate;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Executes transactions on a given state as a block would, whose header is not given but comes
/// out. Transactions that cannot be executed are left out and listed.
final class TransitionRun {
  /// What stands for the hash of the block, which is not known yet.
  private static final String BLOCK_HASH = "0x1337" + "00".repeat(30);

  private final TransitionEnv env;
  private final PreState pre;
  private final Network network;
  private final Fork fork;
  private final BlobParams blobParams;

  // What the execution asked for and was not given.
  private String missingHash;

  private final List<Transaction> included = new ArrayList<>();
  private final List<Object> receipts = new ArrayList<>();
  private final List<Object> rejected = new ArrayList<>();
  private final List<Log> logs = new ArrayList<>();

  /// Where traces go, transaction by transaction.
  interface Tracing {
    /// Executes one transaction.
    TxResult execute(BlockExecution execution, Transaction transaction);

    /// What sees the calls that no transaction makes, or `null`.
    Tracer ofBlock();
  }

  /// @param post the state that comes out
  /// @param result what a header says of the block, and more
  /// @param body RLP of the transactions included
  record Outcome(PreState post, Map<String, Object> result, byte[] body) {}

  /// @param forkName of a fork, or of a network that passes from one to another
  /// @throws TransitionFailure where the environment lacks something
  TransitionRun(String forkName, UInt256 chainId, PreState pre, TransitionEnv env) {
    this.pre = pre;
    this.env = env;
    ForkSchedule forks =
        ForkNames.schedule(forkName, Map.of())
            .orElseThrow(() ->
                misconfigured(
                    "failed constructing chain configuration: unsupported fork \""
                        + forkName
                        + "\""));
    network =
        new Network(
            "t8n",
            chainId,
            forks,
            true,
            BlockTest.DEPOSIT_CONTRACT,
            null,
            false,
            Network.CONTRACT_SIZE_LIMIT_BYTES,
            null,
            Header.builder().build(),
            new Allocation(new TreeMap<>()));
    fork = forks.at(env.number, env.timestamp, forks.mergedAtGenesis());
    blobParams = forks.blobParams(fork);
    complete(forks.mergedAtGenesis());
  }

  // ---- What the environment leaves open

  private void complete(boolean merged) {
    if (fork.atLeast(Fork.LONDON) && env.baseFee == null) {
      if (env.parentBaseFee == null || env.number == 0) {
        throw misconfigured("EIP-1559 config but missing 'parentBaseFee' in env section");
      }
      env.baseFee = BaseFee.next(parent().build());
    }
    if (fork.atLeast(Fork.SHANGHAI) && env.withdrawals == null) {
      throw misconfigured("Shanghai config but missing 'withdrawals' in env section");
    }
    if (merged) {
      completeMerged();
    } else if (env.difficulty == null) {
      env.difficulty = difficulty();
    }
    if (fork.before(Fork.CANCUN)) {
      env.parentBeaconBlockRoot = null;
    } else if (env.parentBeaconBlockRoot == null) {
      throw misconfigured("post-cancun env requires parentBeaconBlockRoot to be set");
    }
    boolean parentBlobs = env.parentExcessBlobGas != null && env.parentBlobGasUsed != null;
    if (env.excessBlobGas == null && parentBlobs) {
      env.excessBlobGas = BlobGas.nextExcess(parent().build(), fork, blobParams);
    }
  }

  private void completeMerged() {
    if (env.random == null) {
      throw misconfigured("post-merge requires currentRandom to be defined in env");
    }
    if (env.difficulty != null && !env.difficulty.isZero()) {
      throw misconfigured("post-merge difficulty must be zero (or omitted) in env");
    }
    env.difficulty = null;
  }

  private UInt256 difficulty() {
    if (env.parentDifficulty == null) {
      throw misconfigured(
          "currentDifficulty was not provided, and cannot be calculated due to missing"
              + " parentDifficulty");
    }
    if (env.number == 0) {
      throw misconfigured("currentDifficulty needs to be provided for block number 0");
    }
    if (Long.compareUnsigned(env.timestamp, env.parentTimestamp) <= 0) {
      throw misconfigured(
          "currentDifficulty cannot be calculated -- currentTime ("
              + env.timestamp
              + ") needs to be after parent time ("
              + env.parentTimestamp
              + ")");
    }
    return new HeaderRules(network, SealRule.NONE)
        .nextDifficulty(parent().build(), env.timestamp, fork);
  }

  private Header.Builder parent() {
    return Header.builder()
        .number(env.number - 1)
        .timestamp(env.parentTimestamp)
        .difficulty(env.parentDifficulty == null ? UInt256.ZERO : env.parentDifficulty)
        .ommersHash(env.parentUncleHash.isZero() ? Header.NO_OMMERS : env.parentUncleHash)
        .gasUsed(env.parentGasUsed)
        .gasLimit(env.parentGasLimit)
        .baseFeePerGas(env.parentBaseFee)
        .excessBlobGas(env.parentExcessBlobGas)
        .blobGasUsed(env.parentBlobGasUsed);
  }

  private Header header() {
    Header.Builder header =
        Header.builder()
            .beneficiary(env.coinbase)
            .number(env.number)
            .gasLimit(env.gasLimit)
            .timestamp(env.timestamp)
            .difficulty(env.difficulty == null ? UInt256.ZERO : env.difficulty)
            .baseFeePerGas(env.baseFee)
            .excessBlobGas(env.excessBlobGas)
            .parentBeaconBlockRoot(env.parentBeaconBlockRoot);
    if (env.random != null) {
      header.mixHash(env.random.toHash32());
    }
    if (env.blockHashes != null) {
      header.parentHash(env.blockHashes.getOrDefault(env.number - 1, Hash32.ZERO));
    }
    return header.build();
  }

  private Hash32 ancestor(long number) {
    Hash32 hash = env.blockHashes == null ? null : env.blockHashes.get(number);
    if (hash != null) {
      return hash;
    }
    missingHash =
        "getHash("
            + number
            + ") invoked, "
            + (env.blockHashes == null
                ? "no blockhashes provided"
                : "blockhash for that block not provided");
    return Hash32.ZERO;
  }

  // ---- Execution

  /// @param reward wei for the block's producer, `null` for no reward, not even of nothing
  Outcome run(List<Candidate> candidates, UInt256 reward, Tracing tracing) {
    Header header = header();
    Machine machine =
        new Machine(
            new Journal(pre),
            BlockExecution.environment(network, fork, header, this::ancestor),
            ForkRules.of(fork),
            tracing.ofBlock());
    BlockExecution execution = new BlockExecution(network, fork, header, machine, pre::rootAfter);
    for (int i = 0; i < candidates.size(); i++) {
      String refusal = execute(execution, candidates.get(i), tracing);
      if (refusal != null) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("index", i);
        entry.put("error", refusal);
        rejected.add(entry);
      }
      if (missingHash != null) {
        throw new TransitionFailure(TransitionFailure.MISSING_BLOCK_HASH, missingHash);
      }
    }
    execution
        .finish(() -> pay(execution.state(), reward), env.withdrawalsOrNone())
        .ifPresent(violation -> {
          throw new TransitionFailure(
              TransitionFailure.EVM, "failed to process post-execution: " + violation.message());
        });
    PreState post = pre.after(execution.diff());
    return new Outcome(post, result(execution, post), body());
  }

  /// Why the transaction is left out, `null` where it is not.
  private String execute(BlockExecution execution, Candidate candidate, Tracing tracing) {
    Transaction transaction = candidate.transaction();
    if (transaction == null) {
      return candidate.problem();
    }
    if (transaction.type() == 3 && env.excessBlobGas == null) {
      return "blob tx used but field env.ExcessBlobGas missing";
    }
    Optional<TxResult.Invalid> unsigned =
        TransactionRules.verifySignature(transaction, execution.rules(), network.chainId());
    if (unsigned.isPresent()) {
      return unsigned.get().reason();
    }
    long blobGas = BlobGas.PER_BLOB * transaction.blobVersionedHashes().size();
    long used = execution.blobGasUsed() + blobGas;
    if (transaction.type() == 3 && used > BlobGas.max(blobParams)) {
      return "blob gas (%d) would exceed maximum allowance %d"
          .formatted(used, BlobGas.max(blobParams));
    }
    return switch (tracing.execute(execution, transaction)) {
      case TxResult.Invalid invalid -> invalid.reason();
      case TxResult.Executed executed -> {
        receipts.add(receipt(transaction, executed, execution.receipts().getLast()));
        included.add(transaction);
        logs.addAll(executed.logs());
        yield null;
      }
    };
  }

  private void pay(Journal state, UInt256 reward) {
    if (reward == null) {
      return;
    }
    BigInteger wei = reward.toBigInteger();
    BigInteger own = wei;
    for (TransitionEnv.Ommer ommer : env.ommers) {
      own = own.add(wei.shiftRight(5));
      BigInteger share = wei.multiply(BigInteger.valueOf(8 - ommer.delta())).shiftRight(3);
      state.addBalance(ommer.address(), UInt256.of(share));
    }
    state.addBalance(env.coinbase, UInt256.of(own));
  }

  // ---- Results

  private Map<String, Object> result(BlockExecution execution, PreState post) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("stateRoot", post.root());
    result.put("txRoot", Roots.transactions(included));
    result.put("receiptsRoot", Roots.receipts(execution.receipts()));
    result.put("logsHash", StateTestRun.hash(logs));
    result.put("logsBloom", Hex.encode(Bloom.union(execution.receipts()).toBytes()));
    result.put("receipts", receipts);
    if (!rejected.isEmpty()) {
      result.put("rejected", rejected);
    }
    result.put("currentDifficulty", env.difficulty == null ? null : quantity(env.difficulty));
    result.put("gasUsed", quantity(execution.gasUsed()));
    if (env.baseFee != null) {
      result.put("currentBaseFee", quantity(env.baseFee));
    }
    if (env.withdrawals != null) {
      result.put("withdrawalsRoot", Roots.withdrawals(env.withdrawals));
    }
    if (env.excessBlobGas != null) {
      result.put("currentExcessBlobGas", quantity(env.excessBlobGas));
      result.put("blobGasUsed", quantity(execution.blobGasUsed()));
    }
    boolean requests = fork.atLeast(Fork.PRAGUE);
    if (requests) {
      result.put("requestsHash", ExecutionRequests.hash(execution.requests()));
    }
    result.put(
        "requests", requests ? execution.requests().stream().map(Hex::encode).toList() : null);
    return result;
  }

  private Map<String, Object> receipt(
      Transaction transaction, TxResult.Executed executed, Receipt receipt) {
    Map<String, Object> json = new LinkedHashMap<>();
    if (transaction.type() != 0) {
      json.put("type", quantity(transaction.type()));
    }
    json.put("root", receipt.postState() == null ? "0x" : receipt.postState());
    json.put("status", receipt.postState() == null && receipt.success() ? "0x1" : "0x0");
    json.put("cumulativeGasUsed", quantity(receipt.cumulativeGasUsed()));
    json.put("logsBloom", Hex.encode(receipt.bloom().toBytes()));
    List<Object> itsLogs = new ArrayList<>();
    for (Log log : executed.logs()) {
      itsLogs.add(log(log, transaction, logs.size() + itsLogs.size()));
    }
    json.put("logs", itsLogs);
    json.put("transactionHash", transaction.hash());
    json.put("contractAddress", executed.created() == null ? Address.ZERO : executed.created());
    json.put("gasUsed", quantity(executed.gasUsed()));
    json.put("effectiveGasPrice", null);
    if (transaction.type() == 3) {
      int blobs = transaction.blobVersionedHashes().size();
      json.put("blobGasUsed", quantity(BlobGas.PER_BLOB * blobs));
      json.put("blobGasPrice", quantity(BlobGas.baseFee(env.excessBlobGas, blobParams)));
    }
    json.put("blockHash", BLOCK_HASH);
    json.put("blockNumber", quantity(env.number));
    json.put("transactionIndex", quantity(included.size()));
    return json;
  }

  private Map<String, Object> log(Log log, Transaction transaction, int index) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("address", log.address());
    json.put("topics", log.topics());
    json.put("data", Hex.encode(log.data()));
    json.put("blockNumber", quantity(env.number));
    json.put("transactionHash", transaction.hash());
    json.put("transactionIndex", quantity(included.size()));
    json.put("blockHash", BLOCK_HASH);
    json.put("blockTimestamp", quantity(env.timestamp));
    json.put("logIndex", quantity(index));
    json.put("removed", false);
    return json;
  }

  private byte[] body() {
    RlpWriter out = new RlpWriter(1024).startList();
    for (Transaction transaction : included) {
      if (transaction.type() == 0) {
        out.raw(transaction.encode());
      } else {
        out.bytes(transaction.encode());
      }
    }
    return out.endList().toBytes();
  }

  private static String quantity(long number) {
    return "0x" + Long.toHexString(number);
  }

  private static String quantity(UInt256 number) {
    return "0x" + number.toBigInteger().toString(16);
  }
}
