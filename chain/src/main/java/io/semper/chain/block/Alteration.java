package io.semper.chain.block;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import io.semper.core.view.StateView;
import io.semper.evm.state.Journal;
import java.util.LinkedHashMap;
import java.util.Map;

/// What the user of a development chain changed in the state between two blocks: an irregular
/// change, as the DAO fork was one. The block after begins with it, so that its state root covers
/// it and the block can be executed again.
public record Alteration(Map<Address, Edit> accounts) {
  public static final Alteration NONE = new Alteration(Map.of());

  /// New values of one account; what is `null`, or no key of `storage`, stays.
  public record Edit(UInt256 balance, Long nonce, byte[] code, Map<UInt256, UInt256> storage) {
    public static Edit ofBalance(UInt256 balance) {
      return new Edit(balance, null, null, Map.of());
    }

    public static Edit ofNonce(long nonce) {
      return new Edit(null, nonce, null, Map.of());
    }

    public static Edit ofCode(byte[] code) {
      return new Edit(null, null, code, Map.of());
    }

    public static Edit ofSlot(UInt256 slot, UInt256 value) {
      return new Edit(null, null, null, Map.of(slot, value));
    }

    private Edit and(Edit later) {
      Map<UInt256, UInt256> slots = new LinkedHashMap<>(storage);
      slots.putAll(later.storage);
      return new Edit(
          later.balance != null ? later.balance : balance,
          later.nonce != null ? later.nonce : nonce,
          later.code != null ? later.code : code,
          slots);
    }
  }

  public boolean isEmpty() {
    return accounts.isEmpty();
  }

  /// This, and then `edit` of one more account or of one that is edited already.
  public Alteration and(Address address, Edit edit) {
    return and(Map.of(address, edit));
  }

  /// This, and then edits of several accounts.
  public Alteration and(Map<Address, Edit> edits) {
    Map<Address, Edit> all = new LinkedHashMap<>(accounts);
    edits.forEach((address, edit) -> all.merge(address, edit, Edit::and));
    return new Alteration(all);
  }

  /// The state altered, ready for a block to begin.
  public Journal on(StateView state) {
    Journal journal = new Journal(state);
    if (isEmpty()) {
      return journal;
    }
    accounts.forEach((address, edit) -> {
      if (edit.balance() != null) journal.setBalance(address, edit.balance());
      if (edit.nonce() != null) journal.setNonce(address, edit.nonce());
      if (edit.code() != null) journal.setCode(address, edit.code());
      edit.storage().forEach((slot, value) -> journal.setStorage(address, slot, value));
    });
    journal.endTransaction(true);
    return journal;
  }

  /// RLP, in which what stays is an empty list.
  public byte[] encode() {
    RlpWriter out = new RlpWriter().startList();
    accounts.forEach((address, edit) -> {
      out.startList().address(address).startList();
      if (edit.balance() != null) out.number(edit.balance());
      out.endList().startList();
      if (edit.nonce() != null) out.number(edit.nonce());
      out.endList().startList();
      if (edit.code() != null) out.bytes(edit.code());
      out.endList().startList();
      edit.storage().forEach((slot, value) -> out.number(slot).number(value));
      out.endList().endList();
    });
    return out.endList().toBytes();
  }

  /// Reads what [#encode] wrote.
  public static Alteration decode(byte[] encoded) {
    RlpReader in = new RlpReader(encoded);
    Map<Address, Edit> accounts = new LinkedHashMap<>();
    in.enterList();
    while (in.hasNext()) {
      in.enterList();
      Address address = in.readAddress();
      in.enterList();
      UInt256 balance = in.hasNext() ? in.readNumber() : null;
      in.leaveList();
      in.enterList();
      Long nonce = in.hasNext() ? (Long) in.readUnsignedLong() : null;
      in.leaveList();
      in.enterList();
      byte[] code = in.hasNext() ? in.readBytes() : null;
      in.leaveList();
      Map<UInt256, UInt256> storage = new LinkedHashMap<>();
      in.enterList();
      while (in.hasNext()) {
        storage.put(in.readNumber(), in.readNumber());
      }
      in.leaveList();
      in.leaveList();
      accounts.put(address, new Edit(balance, nonce, code, storage));
    }
    in.leaveList();
    in.end();
    return new Alteration(accounts);
  }
}
