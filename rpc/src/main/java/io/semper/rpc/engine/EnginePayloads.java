package io.semper.rpc.engine;

import io.semper.core.bytes.Hash32;
import io.semper.core.fork.Fork;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.types.Block;
import io.semper.core.types.ExecutionRequests;
import io.semper.core.types.Transaction;
import io.semper.core.view.ChainView;
import io.semper.rpc.Rpc;
import io.semper.rpc.RpcException;
import io.semper.rpc.engine.PayloadStatus.Status;
import java.util.ArrayList;
import java.util.List;

/// `engine_newPayload`: a block from the consensus layer, to be judged.
final class EnginePayloads {
  private final ChainView view;
  private final PayloadTree tree;

  EnginePayloads(ChainView view, PayloadTree tree) {
    this.view = view;
    this.tree = tree;
  }

  @Rpc("engine_newPayloadV1")
  PayloadStatus newPayloadV1(ExecutionPayload payload) throws InterruptedException {
    requireAbsent(payload.withdrawals(), "withdrawals");
    requireNoBlobGas(payload);
    return judge(payload, null, null, null);
  }

  @Rpc("engine_newPayloadV2")
  PayloadStatus newPayloadV2(ExecutionPayload payload) throws InterruptedException {
    Fork fork = fork(payload);
    if (fork.atLeast(Fork.CANCUN)) {
      throw EngineError.unsupportedFork("newPayloadV2 is for payloads before Cancun");
    }
    requireNoBlobGas(payload);
    if (fork.atLeast(Fork.SHANGHAI)) {
      requirePresent(payload.withdrawals(), "withdrawals");
    } else {
      requireAbsent(payload.withdrawals(), "withdrawals");
    }
    return withoutHashStatus(judge(payload, null, null, null));
  }

  @Rpc("engine_newPayloadV3")
  PayloadStatus newPayloadV3(
      ExecutionPayload payload, HashList versionedHashes, Hash32 parentBeaconBlockRoot)
      throws InterruptedException {
    requireCancunFields(payload);
    if (fork(payload) != Fork.CANCUN) {
      throw EngineError.unsupportedFork("newPayloadV3 is for payloads of Cancun");
    }
    return withoutHashStatus(judge(payload, versionedHashes, parentBeaconBlockRoot, null));
  }

  @Rpc("engine_newPayloadV4")
  PayloadStatus newPayloadV4(
      ExecutionPayload payload,
      HashList versionedHashes,
      Hash32 parentBeaconBlockRoot,
      RequestList executionRequests)
      throws InterruptedException {
    requireCancunFields(payload);
    if (fork(payload).before(Fork.PRAGUE)) {
      throw EngineError.unsupportedFork("newPayloadV4 is for payloads since Prague");
    }
    Hash32 requestsHash = ExecutionRequests.hash(executionRequests.requests());
    return withoutHashStatus(judge(payload, versionedHashes, parentBeaconBlockRoot, requestsHash));
  }

  private Fork fork(ExecutionPayload payload) {
    return view.forks().at(payload.blockNumber(), payload.timestamp(), true);
  }

  private static void requireCancunFields(ExecutionPayload payload) {
    requirePresent(payload.withdrawals(), "withdrawals");
    requirePresent(payload.blobGasUsed(), "blobGasUsed");
    requirePresent(payload.excessBlobGas(), "excessBlobGas");
  }

  private static void requireNoBlobGas(ExecutionPayload payload) {
    requireAbsent(payload.blobGasUsed(), "blobGasUsed");
    requireAbsent(payload.excessBlobGas(), "excessBlobGas");
  }

  private static void requirePresent(Object field, String name) {
    if (field == null) {
      throw RpcException.invalidParams("missing " + name);
    }
  }

  private static void requireAbsent(Object field, String name) {
    if (field != null) {
      throw RpcException.invalidParams("unexpected " + name);
    }
  }

  /// Version 1 alone tells a wrong hash apart.
  private static PayloadStatus withoutHashStatus(PayloadStatus status) {
    return status.status() == Status.INVALID_BLOCK_HASH
        ? PayloadStatus.invalid(null, status.validationError())
        : status;
  }

  /// @param versionedHashes `null` before Cancun
  private PayloadStatus judge(
      ExecutionPayload payload,
      HashList versionedHashes,
      Hash32 parentBeaconBlockRoot,
      Hash32 requestsHash)
      throws InterruptedException {
    List<Transaction> transactions = new ArrayList<>(payload.transactions().size());
    List<Hash32> blobs = new ArrayList<>();
    for (byte[] encoded : payload.transactions()) {
      try {
        Transaction transaction = Transaction.decode(encoded);
        transactions.add(transaction);
        blobs.addAll(transaction.blobVersionedHashes());
      } catch (MalformedInputException e) {
        return PayloadStatus.invalid(
            null, "invalid transaction " + transactions.size() + ": " + e.getMessage());
      }
    }
    if (versionedHashes != null && !versionedHashes.hashes().equals(blobs)) {
      return PayloadStatus.invalid(
          null,
          "invalid versioned hashes: the payload has "
              + blobs
              + ", expected "
              + versionedHashes.hashes());
    }
    Block block = payload.toBlock(List.copyOf(transactions), parentBeaconBlockRoot, requestsHash);
    Hash32 hash = block.header().hash();
    if (!hash.equals(payload.blockHash())) {
      return new PayloadStatus(
          Status.INVALID_BLOCK_HASH,
          null,
          "blockhash mismatch, want " + payload.blockHash() + ", got " + hash);
    }
    if ((payload.blockNumber() | payload.gasLimit() | payload.gasUsed()) < 0) {
      return PayloadStatus.invalid(null, "block number or gas of more than 63 bits");
    }
    return tree.add(block);
  }
}
