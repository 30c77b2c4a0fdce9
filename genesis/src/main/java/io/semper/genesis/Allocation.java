package io.semper.genesis;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// The state before the first block: accounts by address.
public record Allocation(SortedMap<Address, GenesisAccount> accounts) {
  public Allocation {
    accounts = Collections.unmodifiableSortedMap(accounts);
  }

  public static Allocation of(Map<Address, GenesisAccount> accounts) {
    return new Allocation(new TreeMap<>(accounts));
  }

  /// The compact form resources hold: an RLP list of accounts, each `[address, balance, nonce,
  /// code, [[slot, value], ...]]`, cut off after the balance where there is no more to say.
  byte[] encode() {
    RlpWriter out = new RlpWriter(accounts.size() * 32 + 16);
    out.startList();
    accounts.forEach((address, account) -> {
      out.startList().address(address).number(account.balance());
      if (account.nonce() != 0 || account.code().length > 0 || !account.storage().isEmpty()) {
        out.number(account.nonce()).bytes(account.code()).startList();
        new TreeMap<>(account.storage())
            .forEach((slot, value) -> out.startList().number(slot).number(value).endList());
        out.endList();
      }
      out.endList();
    });
    return out.endList().toBytes();
  }

  static Allocation decode(byte[] encoded) {
    SortedMap<Address, GenesisAccount> accounts = new TreeMap<>();
    RlpReader in = new RlpReader(encoded);
    in.enterList();
    while (in.hasNext()) {
      in.enterList();
      Address address = in.readAddress();
      UInt256 balance = in.readNumber();
      GenesisAccount account = GenesisAccount.holding(balance);
      if (in.hasNext()) {
        long nonce = in.readUnsignedLong();
        byte[] code = in.readBytes();
        SortedMap<UInt256, UInt256> storage = new TreeMap<>();
        in.enterList();
        while (in.hasNext()) {
          in.enterList();
          storage.put(in.readNumber(), in.readNumber());
          in.leaveList();
        }
        in.leaveList();
        account =
            new GenesisAccount(balance, nonce, code, Collections.unmodifiableSortedMap(storage));
      }
      accounts.put(address, account);
      in.leaveList();
    }
    in.leaveList();
    in.end();
    return new Allocation(accounts);
  }
}
