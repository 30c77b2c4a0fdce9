package io.semper.rpc.trace;

import com.fasterxml.jackson.core.JsonGenerator;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.evm.trace.PrestateTracer;
import io.semper.evm.trace.PrestateTracer.AccountState;
import io.semper.rpc.json.Json;
import io.semper.rpc.json.JsonValue;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a transaction could see, or what it changed, as `prestateTracer` answers. Made after the
/// transaction.
final class PrestateJson implements JsonValue {
  private final Options options;
  private final SortedMap<Address, Shown> pre = new TreeMap<>();
  private final SortedMap<Address, Shown> post = new TreeMap<>();

  record Options(
      boolean diffMode, boolean disableCode, boolean disableStorage, boolean includeEmpty) {}

  /// What is written of an account; `null` and zero are left out.
  private record Shown(
      UInt256 balance,
      byte[] code,
      Hash32 codeHash,
      long nonce,
      SortedMap<UInt256, UInt256> storage) {}

  PrestateJson(Options options, PrestateTracer tracer) {
    this.options = options;
    tracer
        .pre()
        .forEach((address, before) -> {
          SortedMap<UInt256, UInt256> slots = new TreeMap<>(before.storage());
          boolean keep = !options.diffMode || tracer.deletes(address);
          if (!keep) {
            keep = difference(address, before, tracer.now(address), slots);
          }
          if (keep && (!before.isEmpty() || options.includeEmpty)) {
            pre.put(address, shown(before, slots));
          }
        });
  }

  private Shown shown(AccountState account, SortedMap<UInt256, UInt256> slots) {
    return new Shown(
        account.balance(),
        options.disableCode || account.code().length == 0 ? null : account.code(),
        codeHash(account).equals(Keccak.EMPTY) ? null : account.codeHash(),
        account.nonce(),
        slots(slots));
  }

  private SortedMap<UInt256, UInt256> slots(SortedMap<UInt256, UInt256> all) {
    return options.disableStorage ? new TreeMap<>() : all;
  }

  private static Hash32 codeHash(AccountState account) {
    return account.codeHash().isZero() ? Keccak.EMPTY : account.codeHash();
  }

  /// Notes what has changed in an account, if anything has.
  ///
  /// @param slots reduced to those that are worth showing in `pre`
  private boolean difference(
      Address address, AccountState before, AccountState after, SortedMap<UInt256, UInt256> slots) {
    SortedMap<UInt256, UInt256> changed = new TreeMap<>();
    boolean modified = false;
    UInt256 balance = null;
    if (!after.balance().equals(before.balance())) {
      modified = true;
      balance = after.balance();
    }
    long nonce = 0;
    if (after.nonce() != before.nonce()) {
      modified = true;
      nonce = after.nonce();
    }
    // Of an account that is gone, go-ethereum's code hash is zero: a change to nothing.
    Hash32 codeHash = null;
    if (!after.codeHash().equals(codeHash(before))) {
      modified = true;
      codeHash = after.codeHash();
    }
    byte[] code = null;
    if (!options.disableCode && !Arrays.equals(after.code(), before.code())) {
      modified = true;
      code = after.code();
    }
    if (!options.disableStorage) {
      for (Map.Entry<UInt256, UInt256> slot : before.storage().entrySet()) {
        UInt256 now = after.storage().get(slot.getKey());
        boolean same = now.equals(slot.getValue());
        if (same || slot.getValue().isZero()) {
          slots.remove(slot.getKey());
        }
        if (!same) {
          modified = true;
          if (!now.isZero()) {
            changed.put(slot.getKey(), now);
          }
        }
      }
    }
    if (modified) {
      post.put(address, new Shown(balance, code, codeHash, nonce, changed));
    }
    return modified;
  }

  @Override
  public void writeTo(JsonGenerator out) throws IOException {
    if (!options.diffMode) {
      write(out, pre);
      return;
    }
    out.writeStartObject();
    out.writeFieldName("post");
    write(out, post);
    out.writeFieldName("pre");
    write(out, pre);
    out.writeEndObject();
  }

  private static void write(JsonGenerator out, SortedMap<Address, Shown> accounts)
      throws IOException {
    out.writeStartObject();
    for (Map.Entry<Address, Shown> entry : accounts.entrySet()) {
      Shown account = entry.getValue();
      out.writeObjectFieldStart(entry.getKey().toString());
      Json.fieldIfSet(out, "balance", account.balance);
      Json.fieldIfSet(out, "code", account.code);
      Json.fieldIfSet(out, "codeHash", account.codeHash);
      if (account.nonce != 0) {
        out.writeNumberField("nonce", account.nonce);
      }
      if (!account.storage.isEmpty()) {
        out.writeObjectFieldStart("storage");
        for (Map.Entry<UInt256, UInt256> slot : account.storage.entrySet()) {
          Json.field(out, slot.getKey().toHash32().toString(), slot.getValue().toHash32());
        }
        out.writeEndObject();
      }
      out.writeEndObject();
    }
    out.writeEndObject();
  }
}
