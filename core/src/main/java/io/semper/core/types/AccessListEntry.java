package io.semper.core.types;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import java.util.ArrayList;
import java.util.List;

/// An account and storage keys that a transaction declares it will touch (EIP-2930).
public record AccessListEntry(Address address, List<Hash32> storageKeys) {

  static void write(List<AccessListEntry> list, RlpWriter out) {
    out.startList();
    for (AccessListEntry entry : list) {
      out.startList().address(entry.address).startList();
      for (Hash32 key : entry.storageKeys) {
        out.hash(key);
      }
      out.endList().endList();
    }
    out.endList();
  }

  static List<AccessListEntry> read(RlpReader in) {
    List<AccessListEntry> list = new ArrayList<>();
    in.enterList();
    while (in.hasNext()) {
      in.enterList();
      Address address = in.readAddress();
      List<Hash32> keys = new ArrayList<>();
      in.enterList();
      while (in.hasNext()) {
        keys.add(in.readHash());
      }
      in.leaveList();
      in.leaveList();
      list.add(new AccessListEntry(address, List.copyOf(keys)));
    }
    in.leaveList();
    return List.copyOf(list);
  }
}
