package io.semper.rpc.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.semper.core.bytes.Hash32;
import io.semper.core.view.Account;
import io.semper.core.view.ChainView.AccountProof;
import io.semper.core.view.ChainView.SlotProof;
import java.io.IOException;
import java.util.List;

/// The answer of `eth_getProof` (EIP-1186).
///
/// @param keys the slots' keys in the form the caller wrote them
public record ProofJson(AccountProof proof, List<Object> keys) implements JsonValue {
  @Override
  public void writeTo(JsonGenerator out) throws IOException {
    boolean absent = proof.account() == null;
    Account account = absent ? Account.EMPTY : proof.account();
    out.writeStartObject();
    Json.field(out, "address", proof.address());
    Json.field(out, "accountProof", proof.proof());
    Json.field(out, "balance", account.balance());
    // An account proven absent has neither code nor storage to hash: zero, as go-ethereum answers.
    Json.field(out, "codeHash", absent ? Hash32.ZERO : account.codeHash());
    Json.field(out, "nonce", account.nonce());
    Json.field(out, "storageHash", absent ? Hash32.ZERO : account.storageRoot());
    out.writeArrayFieldStart("storageProof");
    for (int i = 0; i < proof.slots().size(); i++) {
      SlotProof slot = proof.slots().get(i);
      out.writeStartObject();
      Json.field(out, "key", keys.get(i));
      Json.field(out, "value", slot.value());
      Json.field(out, "proof", slot.proof());
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeEndObject();
  }
}
