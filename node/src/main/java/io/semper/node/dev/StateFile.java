package io.semper.node.dev;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.semper.chain.block.Alteration.Edit;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.view.Account;
import io.semper.core.view.StateView;
import io.semper.rpc.RpcException;
import io.semper.rpc.param.Amount;
import io.semper.rpc.param.Decoders;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/// Accounts as bytes: gzip of a JSON object whose `accounts` hold nonce, balance, code and storage,
/// which is what anvil writes and reads too.
final class StateFile {
  /// Of the JSON text, so that few bytes cannot become many.
  private static final int MAX_BYTES = 256 << 20;

  private static final ObjectMapper JSON = new ObjectMapper();

  private StateFile() {}

  /// @param written every account there may be, with the slots it may have
  static byte[] write(StateView state, Map<Address, List<UInt256>> written) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator out = new JsonFactory().createGenerator(new GZIPOutputStream(bytes))) {
      out.writeStartObject();
      out.writeNullField("block");
      out.writeObjectFieldStart("accounts");
      for (Map.Entry<Address, List<UInt256>> each : written.entrySet()) {
        Account account = state.account(each.getKey());
        if (account != null) {
          out.writeObjectFieldStart(each.getKey().toString());
          write(out, state, each.getKey(), account, each.getValue());
          out.writeEndObject();
        }
      }
      out.writeEndObject();
      out.writeNullField("best_block_number");
      out.writeEndObject();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return bytes.toByteArray();
  }

  private static void write(
      JsonGenerator out, StateView state, Address address, Account account, List<UInt256> slots)
      throws IOException {
    out.writeNumberField("nonce", account.nonce());
    out.writeStringField("balance", "0x" + account.balance().toBigInteger().toString(16));
    out.writeStringField("code", Hex.encode(state.code(account.codeHash())));
    out.writeObjectFieldStart("storage");
    for (UInt256 slot : slots) {
      UInt256 value = state.storage(address, slot);
      if (!value.isZero()) {
        out.writeStringField(slot.toHash32().toString(), value.toHash32().toString());
      }
    }
    out.writeEndObject();
  }

  /// @throws RpcException where the bytes are none of these
  static Map<Address, Edit> read(byte[] bytes) {
    try {
      JsonNode accounts = JSON.readTree(text(bytes)).path("accounts");
      Decoders.requireObject(accounts);
      Map<Address, Edit> edits = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> each : accounts.properties()) {
        edits.put(Address.of(each.getKey()), edit(each.getValue()));
      }
      return edits;
    } catch (IOException | IllegalArgumentException malformed) {
      throw RpcException.invalidParams("not a state: " + malformed.getMessage());
    }
  }

  private static byte[] text(byte[] bytes) throws IOException {
    boolean zipped = bytes.length > 1 && bytes[0] == 0x1f && bytes[1] == (byte) 0x8b;
    if (!zipped) {
      return bytes;
    }
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      byte[] text = in.readNBytes(MAX_BYTES + 1);
      if (text.length > MAX_BYTES) {
        throw new IOException("more than " + MAX_BYTES + " bytes");
      }
      return text;
    }
  }

  private static Edit edit(JsonNode account) {
    Decoders.requireObject(account);
    Amount nonce = Decoders.field(account, "nonce", Amount::fromJson);
    Amount balance = Decoders.field(account, "balance", Amount::fromJson);
    Map<UInt256, UInt256> storage = new LinkedHashMap<>();
    JsonNode slots = account.path("storage");
    for (Map.Entry<String, JsonNode> slot : slots.properties()) {
      storage.put(UInt256.ofHex(slot.getKey()), Amount.fromJson(slot.getValue()).value());
    }
    if (nonce != null && !nonce.value().fitsLong()) {
      throw new IllegalArgumentException("nonce of more than 64 bits");
    }
    return new Edit(
        balance == null ? null : balance.value(),
        nonce == null ? null : (Long) nonce.value().limb0(),
        Decoders.field(account, "code", Decoders::bytes),
        storage);
  }
}
