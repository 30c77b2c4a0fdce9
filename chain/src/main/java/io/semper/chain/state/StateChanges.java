package io.semper.chain.state;

import io.semper.chain.db.Schema;
import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import io.semper.core.trie.NodePath;
import java.util.Set;
import java.util.function.Consumer;

/// The list of keys a block changed, from which it is reverted and its history pruned:
/// `[[account...], [path...], [[account, [slot...], [path...]]...]]`.
final class StateChanges {
  private StateChanges() {}

  static byte[] encode(StateDelta delta) {
    RlpWriter out = new RlpWriter(1 << 14).startList();
    out.startList();
    for (StateDelta.AccountChange change : delta.accounts().values()) out.hash(change.key());
    out.endList();
    write(out, delta.accountNodes().keySet());
    out.startList();
    for (StateDelta.AccountChange change : delta.accounts().values()) {
      if (change.storage() != null) write(out, change.key(), change.storage());
    }
    return out.endList().endList().toBytes();
  }

  private static void write(RlpWriter out, Hash32 account, StateDelta.StorageChange storage) {
    out.startList().hash(account).startList();
    for (Hash32 slot : storage.slots().keySet()) out.hash(slot);
    out.endList();
    write(out, storage.nodes().keySet());
    out.endList();
  }

  private static void write(RlpWriter out, Set<NodePath> paths) {
    out.startList();
    for (NodePath path : paths) out.bytes(path.toBytes());
    out.endList();
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
