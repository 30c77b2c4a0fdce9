package io.semper.chain.pool;

import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Kzg;
import io.semper.core.fee.BaseFee;
import io.semper.core.fork.Fork;
import io.semper.core.types.BlobSidecar;
import io.semper.core.types.Header;
import io.semper.core.types.PooledTransaction;
import io.semper.core.types.Transaction;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.tx.IntrinsicGas;
import io.semper.evm.tx.Message;
import io.semper.evm.tx.TransactionRules;
import io.semper.evm.tx.TxResult;
import io.semper.genesis.Network;
import java.util.List;
import java.util.Optional;

/// What a transaction must fulfil to be admitted, apart from its sender's account.
///
/// Reasons are in go-ethereum's words and order, because libraries tell errors apart by them.
final class PoolRules {
  private final Network network;
  private final PoolLimits limits;
  private final BlobProofs proofs;

  /// @param proofs `null` to refuse blob transactions
  PoolRules(Network network, PoolLimits limits, BlobProofs proofs) {
    this.network = network;
    this.limits = limits;
    this.proofs = proofs;
  }

  /// @param fork whose rules the next block follows
  /// @return why the transaction is refused
  Optional<String> check(PooledTransaction pooled, Header head, Fork fork) {
    Transaction t = pooled.transaction();
    ForkRules rules = ForkRules.of(fork, network.contractSizeLimit());
    if (t.type() > rules.newestTransactionType()) {
      return reason("transaction type not supported: type %d rejected under %s", t.type(), fork);
    }
    int size = t.encode().length;
    int most =
        t.type() == 3 ? PoolLimits.MAX_BLOB_TRANSACTION_BYTES : PoolLimits.MAX_TRANSACTION_BYTES;
    if (size > most) {
      return reason("oversized data: transaction size %d, limit %d", size, most);
    }
    if (t.to() == null && t.data().length > rules.maxInitCodeBytes()) {
      return reason(
          "max initcode size exceeded: code size %d limit %d",
          t.data().length, rules.maxInitCodeBytes());
    }
    if (t.gasLimit() > rules.maxTransactionGas()) {
      return reason(
          "transaction gas limit too high (cap: %d, tx: %d)",
          rules.maxTransactionGas(), t.gasLimit());
    }
    if (t.gasLimit() > head.gasLimit()) {
      return reason("exceeds block gas limit");
    }
    if (t.maxFeePerGas().compareTo(t.maxPriorityFeePerGas()) < 0) {
      return reason("max priority fee per gas higher than max fee per gas");
    }
    Optional<String> signature = checkSignature(t, rules);
    if (signature.isPresent()) {
      return signature;
    }
    if (t.nonce() == -1) {
      return reason("nonce has max value");
    }
    Message message = Message.of(t, t.sender());
    long intrinsic = IntrinsicGas.of(message, rules);
    if (t.gasLimit() < intrinsic) {
      return reason("intrinsic gas too low: gas %d, minimum needed %d", t.gasLimit(), intrinsic);
    }
    long floor = IntrinsicGas.floor(message, rules);
    if (t.gasLimit() < floor) {
      return reason(
          "insufficient gas for floor data gas cost: gas %d, minimum needed %d",
          t.gasLimit(), floor);
    }
    if (t.maxPriorityFeePerGas().compareTo(limits.minimumTip()) < 0) {
      return reason(
          "transaction gas price below minimum: gas tip cap %s, minimum needed %s",
          t.maxPriorityFeePerGas(), limits.minimumTip());
    }
    Optional<String> cheap = checkPrice(t, head);
    if (cheap.isPresent()) {
      return cheap;
    }
    if (t.type() == 4 && t.authorizations().isEmpty()) {
      return reason("set code tx must have at least one authorization tuple");
    }
    return t.type() == 3 ? checkBlobs(pooled, fork, rules) : Optional.empty();
  }

  /// What a unit of gas would pay in the next block, against what the network's genesis asks.
  private Optional<String> checkPrice(Transaction t, Header head) {
    if (network.qbft() == null || network.qbft().minimumGasPrice().isZero()) {
      return Optional.empty();
    }
    boolean free = head.baseFeePerGas() == null || network.zeroBaseFee();
    UInt256 baseFee = free ? UInt256.ZERO : BaseFee.next(head);
    UInt256 offered = UInt256.min(t.maxFeePerGas(), t.maxPriorityFeePerGas().plus(baseFee));
    UInt256 minimum = network.qbft().minimumGasPrice();
    return offered.compareTo(minimum) >= 0
        ? Optional.empty()
        : reason(
            "transaction gas price below minimum: gas price %s, minimum needed %s",
            offered, minimum);
  }

  private Optional<String> checkSignature(Transaction t, ForkRules rules) {
    if (t.impersonated() && network.isDevelopment()) {
      return Optional.empty();
    }
    Optional<TxResult.Invalid> invalid =
        TransactionRules.verifySignature(t, rules, network.chainId());
    return invalid.map(i -> "invalid sender: " + i.reason());
  }

  /// The form in which blobs come under a fork: with proofs of blobs, or of cells since Osaka.
  static int sidecarVersion(Fork fork) {
    return fork.atLeast(Fork.OSAKA) ? 1 : 0;
  }

  private Optional<String> checkBlobs(PooledTransaction pooled, Fork fork, ForkRules rules) {
    Transaction t = pooled.transaction();
    BlobSidecar sidecar = pooled.sidecar();
    List<Hash32> hashes = t.blobVersionedHashes();
    if (sidecar == null) {
      return reason("missing sidecar in blob transaction");
    }
    if (hashes.isEmpty()) {
      return reason("blobless blob transaction");
    }
    int most = Math.min(rules.maxTransactionBlobs(), network.forks().blobParams(fork).max());
    if (hashes.size() > most) {
      return reason("too many blobs in transaction: have %d, permitted %d", hashes.size(), most);
    }
    int version = sidecarVersion(fork);
    if (sidecar.version() != version) {
      return reason("unexpected sidecar version, want: %d, got: %d", version, sidecar.version());
    }
    int proofsPerBlob = version == 1 ? BlobSidecar.CELLS_PER_BLOB : 1;
    if (sidecar.blobs().size() != hashes.size()
        || sidecar.commitments().size() != hashes.size()
        || sidecar.proofs().size() != proofsPerBlob * hashes.size()) {
      return reason(
          "invalid number of %d blobs, %d commitments and %d proofs compared to %d blob hashes",
          sidecar.blobs().size(),
          sidecar.commitments().size(),
          sidecar.proofs().size(),
          hashes.size());
    }
    for (int i = 0; i < hashes.size(); i++) {
      Hash32 computed = Hash32.of(Kzg.versionedHash(sidecar.commitments().get(i)));
      if (!computed.equals(hashes.get(i))) {
        return reason(
            "blob %d: computed hash %s mismatches transaction one %s", i, computed, hashes.get(i));
      }
    }
    if (proofs == null) {
      return reason("transaction type not supported: this node takes no blobs");
    }
    return proofs.hold(sidecar) ? Optional.empty() : reason("invalid blob proof");
  }

  private static Optional<String> reason(String text, Object... numbers) {
    return Optional.of(text.formatted(numbers));
  }
}
