package io.semper.rpc.eth;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Keccak;
import io.semper.core.crypto.Signature;
import io.semper.core.types.PooledTransaction;
import io.semper.core.types.Transaction;
import io.semper.rpc.CallContext;
import io.semper.rpc.Rpc;
import io.semper.rpc.RpcException;
import io.semper.rpc.json.TransactionJson;
import io.semper.rpc.param.CallRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/// Signing with the node's own keys. Served where there is an [AccountSigner] only.
final class EthSigning {
  private final AccountSigner signer;
  private final TransactionDefaults defaults;
  private final Submitter submitter;

  EthSigning(AccountSigner signer, TransactionDefaults defaults, Submitter submitter) {
    this.signer = signer;
    this.defaults = defaults;
    this.submitter = submitter;
  }

  @Rpc("eth_requestAccounts")
  List<Address> requestAccounts() {
    return signer.accounts();
  }

  /// Fills in what is missing, signs and submits.
  @Rpc("eth_sendTransaction")
  Hash32 sendTransaction(CallRequest transaction, CallContext context) {
    Address from = transaction.from();
    boolean keyless = from != null && !signer.accounts().contains(from);
    Transaction signed =
        keyless && signer.impersonates(from)
            ? fill(transaction, context).impersonating(from)
            : sign(transaction, context);
    return submitter.submit(new PooledTransaction(signed, null));
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
    Transaction unsigned = fill(request, context);
    return unsigned.withSignature(signer.sign(request.from(), unsigned.signingHash()));
  }

  private Transaction fill(CallRequest request, CallContext context) {
    if (request.blobVersionedHashes() != null) {
      throw RpcException.invalidParams("blob transactions have to be signed by their sender");
    }
    return defaults.fill(request, context);
  }
}
