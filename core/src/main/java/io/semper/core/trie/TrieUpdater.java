package io.semper.core.trie;

import io.semper.core.crypto.Keccak;
import io.semper.core.view.Account;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// Applies a sorted set of changes to a trie, visiting each touched node once.
///
/// The recursion carries the slice of changes that fall under the node at hand. A result is a node
/// not yet stored, because only the parent knows whether it keeps it, merges it into an extension
/// or leaf of its own (a branch left with one child), or drops it; an unchanged node comes back as
/// the same object. Nodes are named by path, so a node that stays at its path while extensions
/// above it are split or merged is not touched at all.
///
/// A path that gets a node here and was not read before had none: whatever stands at or below a
/// changed path is read on the way to it. So `before` of every change is known without asking.
final class TrieUpdater {
  private final NodeSource source;
  private final Map<NodePath, TrieUpdate.NodeChange> changes = new HashMap<>();

  TrieUpdater(NodeSource source) {
    this.source = source;
  }

  /// @param keys digits, ascending, distinct
  /// @param values new values, `null` to remove
  TrieUpdate update(byte[][] keys, byte[][] values) {
    byte[] before = source.node(NodePath.ROOT);
    Node root = before == null ? null : Node.decode(before);
    Node after = keys.length == 0 ? root : apply(root, keys, values, 0, 0, keys.length);
    if (after == root) {
      return new TrieUpdate(before == null ? Account.EMPTY_ROOT : Keccak.hash(before), Map.of());
    }
    if (after == null) {
      retire(NodePath.ROOT, before);
      return new TrieUpdate(Account.EMPTY_ROOT, changes);
    }
    byte[] encoded = after.encode();
    changes.put(NodePath.ROOT, new TrieUpdate.NodeChange(before, encoded));
    return new TrieUpdate(Keccak.hash(encoded), changes);
  }

  /// Applies changes `[lo, hi)`, which share their first `depth` digits, to the node standing
  /// there.
  private Node apply(Node node, byte[][] keys, byte[][] values, int depth, int lo, int hi) {
    return switch (node) {
      case null -> {
        Entries live = new Entries(hi - lo);
        live.addPresent(keys, values, lo, hi);
        yield build(live.keys, live.values, depth, 0, live.size);
      }
      case Node.Leaf leaf -> applyToLeaf(leaf, keys, values, depth, lo, hi);
      case Node.Extension ext -> applyToExtension(ext, keys, values, depth, lo, hi);
      case Node.Branch branch -> applyToBranch(branch, -1, null, keys, values, depth, lo, hi);
    };
  }

  private Node applyToLeaf(
      Node.Leaf leaf, byte[][] keys, byte[][] values, int depth, int lo, int hi) {
    int at = lo;
    while (at < hi && compareTail(keys[at], depth, leaf.path()) < 0) at++;
    boolean overridden = at < hi && compareTail(keys[at], depth, leaf.path()) == 0;
    Entries live = new Entries(hi - lo + 1);
    live.addPresent(keys, values, lo, at);
    if (!overridden) {
      live.add(Nibbles.join(Arrays.copyOf(keys[lo], depth), leaf.path()), leaf.value());
    }
    live.addPresent(keys, values, at, hi);
    Node built = build(live.keys, live.values, depth, 0, live.size);
    boolean same =
        built instanceof Node.Leaf l
            && Arrays.equals(l.path(), leaf.path())
            && Arrays.equals(l.value(), leaf.value());
    return same ? leaf : built;
  }

  private Node applyToExtension(
      Node.Extension ext, byte[][] keys, byte[][] values, int depth, int lo, int hi) {
    byte[] path = ext.path();
    // Removals of keys that leave the extension's path remove nothing.
    Entries live = new Entries(hi - lo);
    int split = path.length;
    for (int i = lo; i < hi; i++) {
      int matching = Nibbles.matching(keys[i], depth, path, 0);
      if (matching == path.length || values[i] != null) {
        live.add(keys[i], values[i]);
        split = Math.min(split, matching);
      }
    }
    if (live.size == 0) return ext;
    byte[][] k = live.keys;
    byte[][] v = live.values;
    if (split == path.length) {
      int childDepth = depth + split;
      NodePath childPath = NodePath.of(k[0], childDepth);
      byte[] stored = stored(ext.child(), childPath);
      Node child = Node.decode(stored == null ? ext.child() : stored);
      Node after = apply(child, k, v, childDepth, 0, live.size);
      if (after == child) return ext;
      retire(childPath, stored);
      return join(path, after, k[0], depth);
    }
    Node.Branch branch = Node.Branch.empty();
    byte[] tail = Arrays.copyOfRange(path, split + 1, path.length);
    Node seed = null;
    if (tail.length == 0) {
      branch.setChild(path[split], ext.child());
    } else {
      seed = new Node.Extension(tail, ext.child());
    }
    Node after = applyToBranch(branch, path[split], seed, k, v, depth + split, 0, live.size);
    return join(Arrays.copyOf(path, split), after, k[0], depth);
  }

  /// @param seed a child not stored yet that stands at digit `seeded`, or `null`
  private Node applyToBranch(
      Node.Branch branch,
      int seeded,
      Node seed,
      byte[][] keys,
      byte[][] values,
      int depth,
      int lo,
      int hi) {
    Node[] fresh = new Node[16];
    int changed = 0;
    if (seed != null) {
      fresh[seeded] = seed;
      changed = 1 << seeded;
    }
    int at = lo;
    byte[] value = branch.value();
    boolean valueChanged = false;
    if (keys[lo].length == depth) {
      valueChanged = !Arrays.equals(value, values[lo]);
      value = values[lo];
      at++;
    }
    while (at < hi) {
      int nibble = keys[at][depth];
      int end = at + 1;
      while (end < hi && keys[end][depth] == nibble) end++;
      if ((changed & 1 << nibble) != 0) {
        fresh[nibble] = apply(fresh[nibble], keys, values, depth + 1, at, end);
      } else {
        byte[] reference = branch.child(nibble);
        NodePath path = NodePath.of(keys[at], depth + 1);
        byte[] stored = reference == null ? null : stored(reference, path);
        Node child = reference == null ? null : Node.decode(stored == null ? reference : stored);
        Node after = apply(child, keys, values, depth + 1, at, end);
        if (after != child) {
          retire(path, stored);
          fresh[nibble] = after;
          changed |= 1 << nibble;
        }
      }
      at = end;
    }
    if (changed == 0 && !valueChanged) return branch;

    int children = 0;
    int last = -1;
    for (int i = 0; i < 16; i++) {
      if ((changed & 1 << i) != 0 ? fresh[i] != null : branch.has(i)) {
        children++;
        last = i;
      }
    }
    if (children == 0) return value == null ? null : new Node.Leaf(Nibbles.NONE, value);
    byte[] path = Arrays.copyOf(keys[lo], depth + 1);
    if (children == 1 && value == null) {
      return collapse(branch, last, (changed & 1 << last) != 0 ? fresh[last] : null, path, depth);
    }
    Node.Branch result = branch.copy();
    if (valueChanged) result.setValue(value);
    for (int i = 0; i < 16; i++) {
      if ((changed & 1 << i) == 0) continue;
      path[depth] = (byte) i;
      result.setChild(i, fresh[i] == null ? null : commit(fresh[i], NodePath.of(path, depth + 1)));
    }
    return result;
  }

  /// A branch with one child left becomes part of that child's path.
  private Node collapse(Node.Branch branch, int nibble, Node fresh, byte[] path, int depth) {
    byte[] digit = {(byte) nibble};
    path[depth] = (byte) nibble;
    if (fresh != null) return join(digit, fresh, path, depth);
    byte[] reference = branch.child(nibble);
    NodePath childPath = NodePath.of(path, depth + 1);
    byte[] stored = stored(reference, childPath);
    Node child = Node.decode(stored == null ? reference : stored);
    if (child instanceof Node.Branch) return new Node.Extension(digit, reference);
    retire(childPath, stored);
    return join(digit, child, path, depth);
  }

  /// `node` with these digits before it, where `key[0, depth)` leads to the digits.
  private Node join(byte[] digits, Node node, byte[] key, int depth) {
    if (digits.length == 0) return node;
    return switch (node) {
      case null -> null;
      case Node.Leaf leaf -> new Node.Leaf(Nibbles.join(digits, leaf.path()), leaf.value());
      case Node.Extension e -> new Node.Extension(Nibbles.join(digits, e.path()), e.child());
      case Node.Branch b ->
          new Node.Extension(digits, commit(b, NodePath.of(key, depth + digits.length)));
    };
  }

  private Node build(byte[][] keys, byte[][] values, int depth, int lo, int hi) {
    if (lo == hi) return null;
    byte[] first = keys[lo];
    if (hi - lo == 1) {
      return new Node.Leaf(Arrays.copyOfRange(first, depth, first.length), values[lo]);
    }
    int shared = Nibbles.matching(first, depth, keys[hi - 1], depth);
    Node.Branch branch = buildBranch(keys, values, depth + shared, lo, hi);
    return join(Arrays.copyOfRange(first, depth, depth + shared), branch, first, depth);
  }

  private Node.Branch buildBranch(byte[][] keys, byte[][] values, int depth, int lo, int hi) {
    Node.Branch branch = Node.Branch.empty();
    int at = lo;
    if (keys[lo].length == depth) {
      branch.setValue(values[lo]);
      at++;
    }
    while (at < hi) {
      int nibble = keys[at][depth];
      int end = at + 1;
      while (end < hi && keys[end][depth] == nibble) end++;
      Node child = build(keys, values, depth + 1, at, end);
      branch.setChild(nibble, commit(child, NodePath.of(keys[at], depth + 1)));
      at = end;
    }
    return branch;
  }

  /// The stored encoding of a child named by hash, `null` for one embedded in its parent.
  private byte[] stored(byte[] reference, NodePath path) {
    if (!Node.isHash(reference)) return null;
    byte[] rlp = source.node(path);
    if (rlp == null) {
      throw new IllegalStateException("trie node missing at path " + path);
    }
    return rlp;
  }

  private void retire(NodePath path, byte[] stored) {
    if (stored != null) changes.put(path, new TrieUpdate.NodeChange(stored, null));
  }

  private byte[] commit(Node node, NodePath path) {
    byte[] encoded = node.encode();
    if (encoded.length >= Node.MIN_HASHED_BYTES) {
      TrieUpdate.NodeChange known = changes.get(path);
      changes.put(path, new TrieUpdate.NodeChange(known == null ? null : known.before(), encoded));
    }
    return Node.reference(encoded);
  }

  private static int compareTail(byte[] key, int from, byte[] path) {
    return Arrays.compare(key, from, key.length, path, 0, path.length);
  }

  /// A growing slice of keys and values.
  private static final class Entries {
    private final byte[][] keys;
    private final byte[][] values;
    private int size;

    Entries(int capacity) {
      keys = new byte[capacity][];
      values = new byte[capacity][];
    }

    void add(byte[] key, byte[] value) {
      keys[size] = key;
      values[size++] = value;
    }

    void addPresent(byte[][] fromKeys, byte[][] fromValues, int lo, int hi) {
      for (int i = lo; i < hi; i++) {
        if (fromValues[i] != null) add(fromKeys[i], fromValues[i]);
      }
    }
  }
}
