package io.semper.core.types;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import java.util.ArrayList;
import java.util.List;

/// What a LOG instruction leaves behind: at most four topics and any data.
public record Log(Address address, List<Hash32> topics, byte[] data) {

  void writeTo(RlpWriter out) {
    out.startList().address(address).startList();
    for (Hash32 topic : topics) {
      out.hash(topic);
    }
    out.endList().bytes(data).endList();
  }

  static Log readFrom(RlpReader in) {
    in.enterList();
    Address address = in.readAddress();
    List<Hash32> topics = new ArrayList<>(4);
    in.enterList();
    while (in.hasNext()) {
      topics.add(in.readHash());
    }
    in.leaveList();
    byte[] data = in.readBytes();
    in.leaveList();
    return new Log(address, List.copyOf(topics), data);
  }
}
