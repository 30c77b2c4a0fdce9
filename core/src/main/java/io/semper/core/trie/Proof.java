package io.semper.core.trie;

import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Keccak;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.view.Account;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Verification of what [Trie#prove] and every node's `eth_getProof` give.
public final class Proof {
  /// A 32-byte key passes at most 64 nodes and the leaf below the last.
  public static final int MAX_NODES = 65;

  private Proof() {}

  /// Checks a proof and answers what it proves: the value of `key`, or empty for its absence.
  ///
  /// Strict: every node must be named by its parent (the first by `root`), lie on the path of
  /// `key`, and none may be missing or left over. The proof for the trie without entries is empty;
  /// the single node `0x80` that some clients send for it is also taken.
  ///
  /// @throws MalformedInputException where the nodes prove nothing; its offset is the index of the
  ///   offending node
  public static Optional<byte[]> verify(Hash32 root, Hash32 key, List<byte[]> nodes) {
    if (nodes.size() > MAX_NODES) {
      throw new MalformedInputException("proof of " + nodes.size() + " nodes", MAX_NODES);
    }
    if (root.equals(Account.EMPTY_ROOT)) {
      boolean empty = nodes.size() == 1 && Arrays.equals(nodes.get(0), Node.EMPTY_STRING);
      if (!nodes.isEmpty() && !empty) throw unproven("node of a trie that has none", 0);
      return Optional.empty();
    }
    byte[] digits = Nibbles.of(key);
    byte[] reference = Node.hashReference(root);
    int used = 0;
    int depth = 0;
    Optional<byte[]> result = Optional.empty();
    while (reference != null) {
      byte[] rlp = reference;
      if (Node.isHash(reference)) {
        if (used == nodes.size()) throw unproven("proof ends above the key", used);
        rlp = nodes.get(used);
        // The root may be shorter than other hashed nodes.
        if (used > 0 && rlp.length < Node.MIN_HASHED_BYTES) {
          throw unproven("node too short to be named by hash", used);
        }
        if (!Keccak.hash(rlp).equals(Hash32.of(reference, 1))) {
          throw unproven("node is not the one its parent names", used);
        }
        used++;
      }
      switch (decode(rlp, used - 1)) {
        case Node.Leaf leaf -> {
          boolean found = Arrays.equals(digits, depth, 64, leaf.path(), 0, leaf.path().length);
          if (leaf.path().length != 64 - depth) throw unproven("leaf at wrong depth", used - 1);
          result = found ? Optional.of(leaf.value()) : Optional.empty();
          reference = null;
        }
        case Node.Extension e -> {
          if (depth + e.path().length >= 64) throw unproven("path too long", used - 1);
          boolean follows = Nibbles.matching(digits, depth, e.path(), 0) == e.path().length;
          reference = follows ? e.child() : null;
          depth += e.path().length;
        }
        case Node.Branch b -> {
          if (depth >= 64) throw unproven("path too long", used - 1);
          if (b.value() != null) throw unproven("branch with a value", used - 1);
          reference = b.child(digits[depth++]);
        }
      }
    }
    if (used != nodes.size()) throw unproven("node beyond the end of the proof", used);
    return result;
  }

  private static Node decode(byte[] rlp, int index) {
    try {
      return Node.decode(rlp);
    } catch (MalformedInputException e) {
      throw unproven(e.getMessage(), index);
    }
  }

  private static MalformedInputException unproven(String problem, int index) {
    return new MalformedInputException("proof node " + index + ": " + problem, index);
  }
}
