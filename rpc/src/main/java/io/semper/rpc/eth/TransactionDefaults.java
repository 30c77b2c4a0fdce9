package io.semper.rpc.eth;

import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Signature;
import io.semper.core.types.AccessListEntry;
import io.semper.core.types.AccessListTransaction;
import io.semper.core.types.BlobTransaction;
import io.semper.core.types.FeeMarketTransaction;
import io.semper.core.types.Header;
import io.semper.core.types.LegacyTransaction;
import io.semper.core.types.SetCodeTransaction;
import io.semper.core.types.Transaction;
import io.semper.core.view.ChainView;
import io.semper.core.view.PoolView;
import io.semper.rpc.CallContext;
import io.semper.rpc.RpcException;
import io.semper.rpc.param.BlockRef;
import io.semper.rpc.param.CallRequest;
import java.util.List;

/// Fills in what a caller leaves out of a transaction to be signed: nonce, gas, fees and chain,
/// with the values and refusals of go-ethereum.
final class TransactionDefaults {
  private final ChainView chain;
  private final PoolView pool;
  private final Calls calls;
  private final GasOracle oracle;
  private final Fees fees;

  TransactionDefaults(ChainView chain, PoolView pool, Calls calls, GasOracle oracle, Fees fees) {
    this.chain = chain;
    this.pool = pool;
    this.calls = calls;
    this.oracle = oracle;
    this.fees = fees;
  }

  /// The whole transaction, without a signature.
  Transaction fill(CallRequest r, CallContext context) {
    Header head = chain.head();
    check(r, head);
    UInt256 chainId = chain.chainId();
    long nonce = r.nonce() == null ? pool.nextNonce(r.sender()) : r.nonce();
    UInt256 value = r.valueOrZero();
    byte[] data = r.dataOrEmpty();
    boolean feeMarket = r.gasPrice() == null && head.baseFeePerGas() != null;
    UInt256 price = feeMarket ? null : r.gasPrice() == null ? oracle.tip() : r.gasPrice();
    UInt256 tip = feeMarket ? tip(r) : null;
    UInt256 most = feeMarket ? mostFee(r, head, tip) : null;
    long gas =
        r.gas() == null ? calls.estimateGas(r, BlockRef.Tag.PENDING, null, null, context) : r.gas();
    if (!feeMarket) {
      return r.accessList() == null
          ? new LegacyTransaction(chainId, nonce, price, gas, r.to(), value, data, Signature.NONE)
          : new AccessListTransaction(
              chainId, nonce, price, gas, r.to(), value, data, r.accessList(), Signature.NONE);
    }
    List<AccessListEntry> accessList = r.accessList() == null ? List.of() : r.accessList();
    if (r.authorizations() != null) {
      return new SetCodeTransaction(
          chainId,
          nonce,
          tip,
          most,
          gas,
          r.to(),
          value,
          data,
          accessList,
          r.authorizations(),
          Signature.NONE);
    }
    return r.blobVersionedHashes() == null
        ? new FeeMarketTransaction(
            chainId, nonce, tip, most, gas, r.to(), value, data, accessList, Signature.NONE)
        : new BlobTransaction(
            chainId,
            nonce,
            tip,
            most,
            gas,
            r.to(),
            value,
            data,
            accessList,
            mostBlobFee(r, head),
            r.blobVersionedHashes(),
            Signature.NONE);
  }

  private void check(CallRequest r, Header head) {
    UInt256 chainId = chain.chainId();
    if (r.chainId() != null && !r.chainId().equals(chainId)) {
      throw RpcException.server(
          "chainId does not match node's (have=" + r.chainId() + ", want=" + chainId + ")");
    }
    if (r.maxFeePerBlobGas() != null && r.maxFeePerBlobGas().isZero()) {
      throw RpcException.server("maxFeePerBlobGas, if specified, must be non-zero");
    }
    if (r.gasPrice() != null && r.authorizations() != null) {
      throw RpcException.server("both gasPrice and authorizationList specified");
    }
    if (r.gasPrice() != null && r.blobVersionedHashes() != null) {
      throw RpcException.server("both gasPrice and blobVersionedHashes specified");
    }
    boolean feeMarket = head.baseFeePerGas() != null;
    if (!feeMarket && (r.maxFeePerGas() != null || r.maxPriorityFeePerGas() != null)) {
      throw RpcException.server(
          "maxFeePerGas and maxPriorityFeePerGas are not valid before London is active");
    }
    // On a network without a base fee nothing has to be paid.
    boolean mustPay = feeMarket && !head.baseFeePerGas().isZero();
    if (mustPay && r.gasPrice() != null && r.gasPrice().isZero()) {
      throw RpcException.server("gasPrice must be non-zero after london fork");
    }
    if (mustPay && r.maxFeePerGas() != null && r.maxFeePerGas().isZero()) {
      throw RpcException.server("maxFeePerGas must be non-zero");
    }
    if (r.blobVersionedHashes() != null && r.blobVersionedHashes().isEmpty()) {
      throw RpcException.server("need at least 1 blob for a blob transaction");
    }
    if (r.to() == null) {
      checkCreation(r);
    }
  }

  private static void checkCreation(CallRequest r) {
    if (r.blobVersionedHashes() != null) {
      throw RpcException.server("missing \"to\" in blob transaction");
    }
    if (r.dataOrEmpty().length == 0) {
      throw RpcException.server("contract creation without any data provided");
    }
    if (r.authorizations() != null && !r.authorizations().isEmpty()) {
      throw RpcException.server(
          "authorizationList provided for contract creation, but \"to\" field is missing");
    }
  }

  /// What is suggested is never more than the caller will pay in all.
  private UInt256 tip(CallRequest r) {
    if (r.maxPriorityFeePerGas() != null) {
      return r.maxPriorityFeePerGas();
    }
    return r.maxFeePerGas() == null ? oracle.tip() : UInt256.min(oracle.tip(), r.maxFeePerGas());
  }

  /// By default with room for the base fee to rise for several blocks.
  private static UInt256 mostFee(CallRequest r, Header head, UInt256 tip) {
    UInt256 most =
        r.maxFeePerGas() == null
            ? head.baseFeePerGas().plus(head.baseFeePerGas()).plus(tip)
            : r.maxFeePerGas();
    if (most.compareTo(tip) < 0) {
      throw RpcException.server(
          "maxFeePerGas (" + most.toHex() + ") < maxPriorityFeePerGas (" + tip.toHex() + ")");
    }
    return most;
  }

  private UInt256 mostBlobFee(CallRequest r, Header head) {
    UInt256 now = fees.blobBaseFee(head);
    return r.maxFeePerBlobGas() == null ? now.plus(now) : r.maxFeePerBlobGas();
  }
}
