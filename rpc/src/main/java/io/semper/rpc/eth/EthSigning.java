package io.semper.rpc.eth;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.crypto.Signature;
import io.semper.core.types.AccessListEntry;
import io.semper.core.types.AccessListTransaction;
import io.semper.core.types.FeeMarketTransaction;
import io.semper.core.types.LegacyTransaction;
import io.semper.core.types.PooledTransaction;
import io.semper.core.types.SetCodeTransaction;
import io.semper.core.types.Transaction;
import io.semper.core.view.ChainView;
import io.semper.core.view.PoolView;
import io.semper.rpc.CallContext;
import io.semper.rpc.Rpc;
import io.semper.rpc.RpcException;
import io.semper.rpc.json.TransactionJson;
import io.semper.rpc.param.BlockRef;
import io.semper.rpc.param.CallRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/// Signing with the node's own keys. Served where there is an [AccountSigner] only.
final class EthSigning {
  private static final Signature UNSIGNED = new Signature(0, UInt256.ZERO, UInt256.ZERO);

  private final ChainView chain;
  private final PoolView pool;
  private final AccountSigner signer;
  private final Calls calls;
  private final GasOracle oracle;
  private final Fees fees;
  private final Submitter submitter;

  EthSigning(
      ChainView chain,
      PoolView pool,
      AccountSigner signer,
      Calls calls,
      GasOracle oracle,
      Fees fees,
      Submitter submitter) {
    this.chain = chain;
    this.pool = pool;
    this.signer = signer;
    this.calls = calls;
    this.oracle = oracle;
    this.submitter = submitter;
    this.fees = fees;
  }

  @Rpc("eth_requestAccounts")
  List<Address> requestAccounts() {
    return signer.accounts();
  }

  /// Fills in what is missing, signs and submits.
  @Rpc("eth_sendTransaction")
  Hash32 sendTransaction(CallRequest transaction, CallContext context) {
    return submitter.submit(new PooledTransaction(sign(transaction, context), null));
  }

  @Rpc("eth_signTransaction")
  Map<String, Object> signTransaction(CallRequest transaction, CallContext context) {
    Transaction signed = sign(transaction, context);
    return Map.of("raw", signed.encode(), "tx", TransactionJson.pending(signed));
  }

  /// EIP-191 over the message.
  @Rpc("eth_sign")
  byte[] signMessage(Address account, byte[] message) {
    return sign(account, messageHash(message));
  }

  /// As `eth_sign`, with its parameters the other way round.
  @Rpc("personal_sign")
  byte[] personalSign(byte[] message, Address account) {
    return sign(account, messageHash(message));
  }

  /// EIP-712. The typed data may come as an object or as its text.
  @Rpc("eth_signTypedData_v4")
  byte[] signTypedData(Address account, JsonNode typedData) {
    return sign(account, TypedData.parse(typedData).hash());
  }

  private static Hash32 messageHash(byte[] message) {
    byte[] prefix =
        ("\u0019Ethereum Signed Message:\n" + message.length).getBytes(StandardCharsets.UTF_8);
    byte[] all = new byte[prefix.length + message.length];
    System.arraycopy(prefix, 0, all, 0, prefix.length);
    System.arraycopy(message, 0, all, prefix.length, message.length);
    return Keccak.hash(all);
  }

  /// r ‖ s ‖ v with v 27 or 28.
  private byte[] sign(Address account, Hash32 hash) {
    requireKey(account);
    Signature signature = signer.sign(account, hash);
    byte[] out = new byte[65];
    signature.r().writeTo(out, 0);
    signature.s().writeTo(out, 32);
    out[64] = (byte) (27 + signature.yParity());
    return out;
  }

  private void requireKey(Address account) {
    if (account == null || !signer.accounts().contains(account)) {
      throw RpcException.server("unknown account");
    }
  }

  private Transaction sign(CallRequest request, CallContext context) {
    requireKey(request.from());
    if (request.blobVersionedHashes() != null) {
      throw RpcException.invalidParams("blob transactions have to be signed by their sender");
    }
    Transaction unsigned = fill(request, context);
    return unsigned.withSignature(signer.sign(request.from(), unsigned.signingHash()));
  }

  private Transaction fill(CallRequest r, CallContext context) {
    long nonce = r.nonce() == null ? pool.nextNonce(r.from()) : r.nonce();
    long gas =
        r.gas() == null ? calls.estimateGas(r, BlockRef.Tag.PENDING, null, null, context) : r.gas();
    UInt256 chainId = chain.chainId();
    UInt256 value = r.valueOrZero();
    byte[] data = r.dataOrEmpty();
    boolean feeMarket = chain.head().baseFeePerGas() != null;
    if (r.gasPrice() != null || !feeMarket) {
      UInt256 price = r.gasPrice() == null ? oracle.tip() : r.gasPrice();
      return r.accessList() == null
          ? new LegacyTransaction(chainId, nonce, price, gas, r.to(), value, data, UNSIGNED)
          : new AccessListTransaction(
              chainId, nonce, price, gas, r.to(), value, data, r.accessList(), UNSIGNED);
    }
    UInt256 tip = r.maxPriorityFeePerGas();
    if (tip == null) {
      tip = r.maxFeePerGas() == null ? oracle.tip() : UInt256.min(oracle.tip(), r.maxFeePerGas());
    }
    UInt256 most = r.maxFeePerGas() == null ? twiceBaseFee().plus(tip) : r.maxFeePerGas();
    var accessList = r.accessList() == null ? List.<AccessListEntry>of() : r.accessList();
    return r.authorizations() == null
        ? new FeeMarketTransaction(
            chainId, nonce, tip, most, gas, r.to(), value, data, accessList, UNSIGNED)
        : new SetCodeTransaction(
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
            UNSIGNED);
  }

  /// Room for the base fee to rise for several blocks.
  private UInt256 twiceBaseFee() {
    UInt256 next = fees.nextBaseFee(chain.head());
    return next.plus(next);
  }
}
