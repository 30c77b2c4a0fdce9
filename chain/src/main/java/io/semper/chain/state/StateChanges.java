package io.semper.chain.state;

import io.semper.chain.db.Schema;
import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import io.semper.core.trie.NodePath;
import java.util.function.Consumer;

/// The list of keys a block changed, from which it is reverted and its history pruned:
/// `[[account...], [path...], [[account, [slot...], [path...]]...]]`.
final class StateChanges {
  private StateChanges() {}

  static byte[] encode(StateDelta delta) {
    RlpWriter out = new RlpWriter(1 << 14).startList();
    out.startList();
    for (StateDelta.AccountChange change : delta.accounts().values()) out.hash(change.key());
    out.endList().startList();
    for (NodePath path : delta.accountNodes().keySet()) out.bytes(path.toBytes());
    out.endList().startList();
    for (StateDelta.AccountChange change : delta.accounts().values()) {
      if (change.storage() == null) continue;
      out.startList().hash(change.key()).startList();
      for (Hash32 slot : change.storage().slots().keySet()) out.hash(slot);
      out.endList().startList();
      for (NodePath path : change.storage().nodes().keySet()) out.bytes(path.toBytes());
      out.endList().endList();
    }
    return out.endList().endList().toBytes();
  }

  /// Calls back with the latest-state key of every value and of every trie node in the list.
  static void forEach(byte[] encoded, Consumer<byte[]> values, Consumer<byte[]> nodes) {
    RlpReader in = new RlpReader(encoded);
    in.enterList();
    in.enterList();
    while (in.hasNext()) values.accept(Schema.account(in.readHash()));
    in.leaveList();
    in.enterList();
    while (in.hasNext()) nodes.accept(Schema.accountNode(NodePath.read(in.readBytes(), 0)));
    in.leaveList();
    in.enterList();
    while (in.hasNext()) {
      in.enterList();
      Hash32 account = in.readHash();
      in.enterList();
      while (in.hasNext()) values.accept(Schema.slot(account, in.readHash()));
      in.leaveList();
      in.enterList();
      while (in.hasNext()) {
        nodes.accept(Schema.storageNode(account, NodePath.read(in.readBytes(), 0)));
      }
      in.leaveList();
      in.leaveList();
    }
    in.leaveList();
    in.leaveList();
    in.end();
  }
}
