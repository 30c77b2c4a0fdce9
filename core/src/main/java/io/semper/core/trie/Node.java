package io.semper.core.trie;

import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Keccak;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.rlp.RlpReader;
import java.util.Arrays;

/// A trie node. Children appear as *references*: the bytes standing for the child in its parent's
/// RLP, which are the prefixed 32-byte hash, or the child itself where it is shorter than 32 bytes.
sealed interface Node {

  /// Encodings below this size are part of their parent instead of being hashed.
  int MIN_HASHED_BYTES = 32;

  byte[] encode();

  /// @param path the remaining digits of the key
  record Leaf(byte[] path, byte[] value) implements Node {
    @Override
    public byte[] encode() {
      return pair(Nibbles.compact(path, true), value, true);
    }
  }

  /// @param path at least one digit
  record Extension(byte[] path, byte[] child) implements Node {
    @Override
    public byte[] encode() {
      return pair(Nibbles.compact(path, false), child, false);
    }
  }

  /// Sixteen children and a value. Keeps the encoding it came from and copies from it what did not
  /// change, so that a touched branch costs no sixteen objects.
  final class Branch implements Node {
    private static final byte[] NO_ITEMS = new byte[17];

    static {
      Arrays.fill(NO_ITEMS, (byte) 0x80);
    }

    private final byte[] source;

    /// Start of each of the 17 items in `source`, then their end.
    private final int[] starts;

    private final byte[][] replaced = new byte[17][];

    private Branch(byte[] source, int[] starts) {
      this.source = source;
      this.starts = starts;
    }

    static Branch empty() {
      int[] starts = new int[18];
      for (int i = 0; i < 18; i++) starts[i] = i;
      return new Branch(NO_ITEMS, starts);
    }

    Branch copy() {
      Branch copy = new Branch(source, starts);
      System.arraycopy(replaced, 0, copy.replaced, 0, 17);
      return copy;
    }

    boolean has(int nibble) {
      byte[] r = replaced[nibble];
      return r != null ? r.length > 1 : starts[nibble + 1] - starts[nibble] > 1;
    }

    /// The reference to a child, `null` where there is none.
    byte[] child(int nibble) {
      if (!has(nibble)) return null;
      byte[] r = replaced[nibble];
      return r != null ? r : Arrays.copyOfRange(source, starts[nibble], starts[nibble + 1]);
    }

    void setChild(int nibble, byte[] reference) {
      replaced[nibble] = reference == null ? EMPTY_STRING : reference;
    }

    /// The value of the key that ends here, `null` where none does.
    byte[] value() {
      byte[] item =
          replaced[16] != null ? replaced[16] : Arrays.copyOfRange(source, starts[16], starts[17]);
      byte[] value = new RlpReader(item).readBytes();
      return value.length == 0 ? null : value;
    }

    void setValue(byte[] value) {
      if (value == null) {
        replaced[16] = EMPTY_STRING;
        return;
      }
      byte[] item = new byte[stringSize(value)];
      writeString(item, 0, value);
      replaced[16] = item;
    }

    @Override
    public byte[] encode() {
      int payload = 0;
      for (int i = 0; i < 17; i++) {
        payload += replaced[i] != null ? replaced[i].length : starts[i + 1] - starts[i];
      }
      byte[] out = new byte[prefixSize(payload) + payload];
      int at = writePrefix(out, 0, payload, 0xC0);
      for (int i = 0; i < 17; i++) {
        if (replaced[i] != null) {
          System.arraycopy(replaced[i], 0, out, at, replaced[i].length);
          at += replaced[i].length;
        } else {
          int length = starts[i + 1] - starts[i];
          System.arraycopy(source, starts[i], out, at, length);
          at += length;
        }
      }
      return out;
    }
  }

  byte[] EMPTY_STRING = {(byte) 0x80};

  static boolean isHash(byte[] reference) {
    return reference.length == 33 && reference[0] == (byte) 0xA0;
  }

  /// The reference by which a parent names a node with this encoding.
  static byte[] reference(byte[] encoded) {
    return encoded.length < MIN_HASHED_BYTES ? encoded : hashReference(Keccak.hash(encoded));
  }

  static byte[] hashReference(Hash32 hash) {
    byte[] reference = new byte[33];
    reference[0] = (byte) 0xA0;
    hash.writeTo(reference, 1);
    return reference;
  }

  /// Strict: exactly one node, canonical RLP and compact paths, references of the two allowed
  /// shapes. Embedded children are checked for shape only when they are decoded themselves.
  static Node decode(byte[] rlp) {
    RlpReader in = new RlpReader(rlp);
    in.enterList();
    int[] starts = new int[18];
    int items = 0;
    while (in.hasNext()) {
      if (items == 17) throw new MalformedInputException("trie node with over 17 items", 0);
      starts[items++] = in.offset();
      in.skip();
    }
    starts[items] = in.offset();
    in.leaveList();
    in.end();
    if (items == 2) return decodePair(rlp, starts);
    if (items != 17) {
      throw new MalformedInputException("trie node with " + items + " items", 0);
    }
    int children = 0;
    for (int i = 0; i < 16; i++) {
      if (starts[i + 1] - starts[i] == 1 && rlp[starts[i]] == (byte) 0x80) continue;
      checkReference(rlp, starts[i], starts[i + 1]);
      children++;
    }
    boolean hasValue = starts[17] - starts[16] > 1 || rlp[starts[16]] != (byte) 0x80;
    if ((rlp[starts[16]] & 0xFF) >= 0xC0) {
      throw new MalformedInputException("branch value is a list", starts[16]);
    }
    if (children + (hasValue ? 1 : 0) < 2) {
      throw new MalformedInputException("branch with fewer than two entries", 0);
    }
    return new Branch(rlp, starts);
  }

  private static Node decodePair(byte[] rlp, int[] starts) {
    byte[] compact = new RlpReader(rlp, starts[0], starts[1] - starts[0]).readBytes();
    if (compact.length == 0) throw new MalformedInputException("empty node path", starts[0]);
    int flag = (compact[0] & 0xFF) >>> 4;
    if (flag > 3 || ((flag & 1) == 0 && (compact[0] & 15) != 0)) {
      throw new MalformedInputException("node path with unknown flag", starts[0]);
    }
    byte[] digits = Nibbles.of(compact);
    byte[] path = Arrays.copyOfRange(digits, (flag & 1) == 1 ? 1 : 2, digits.length);
    if (flag >= 2) {
      byte[] value = new RlpReader(rlp, starts[1], starts[2] - starts[1]).readBytes();
      if (value.length == 0) throw new MalformedInputException("leaf without value", starts[1]);
      return new Leaf(path, value);
    }
    if (path.length == 0) {
      throw new MalformedInputException("extension without path", starts[0]);
    }
    checkReference(rlp, starts[1], starts[2]);
    return new Extension(path, Arrays.copyOfRange(rlp, starts[1], starts[2]));
  }

  private static void checkReference(byte[] rlp, int from, int to) {
    int prefix = rlp[from] & 0xFF;
    boolean hash = prefix == 0xA0 && to - from == 33;
    boolean embedded = prefix >= 0xC0 && to - from < MIN_HASHED_BYTES;
    if (!hash && !embedded) {
      throw new MalformedInputException("not a node reference", from);
    }
  }

  /// A list of a path and either a string or an item that is RLP already.
  static byte[] pair(byte[] compact, byte[] second, boolean string) {
    int payload = stringSize(compact) + (string ? stringSize(second) : second.length);
    byte[] out = new byte[prefixSize(payload) + payload];
    int at = writePrefix(out, 0, payload, 0xC0);
    at += writeString(out, at, compact);
    if (string) {
      writeString(out, at, second);
    } else {
      System.arraycopy(second, 0, out, at, second.length);
    }
    return out;
  }

  private static int stringSize(byte[] value) {
    return value.length == 1 && value[0] >= 0 ? 1 : prefixSize(value.length) + value.length;
  }

  private static int writeString(byte[] out, int at, byte[] value) {
    if (value.length == 1 && value[0] >= 0) {
      out[at] = value[0];
      return 1;
    }
    int prefix = writePrefix(out, at, value.length, 0x80) - at;
    System.arraycopy(value, 0, out, at + prefix, value.length);
    return prefix + value.length;
  }

  private static int prefixSize(int length) {
    return length < 56 ? 1 : 1 + (39 - Integer.numberOfLeadingZeros(length)) / 8;
  }

  /// Returns the position after the prefix.
  private static int writePrefix(byte[] out, int at, int length, int base) {
    if (length < 56) {
      out[at] = (byte) (base + length);
      return at + 1;
    }
    int n = (39 - Integer.numberOfLeadingZeros(length)) / 8;
    out[at] = (byte) (base + 55 + n);
    for (int i = 1; i <= n; i++) {
      out[at + i] = (byte) (length >>> (8 * (n - i)));
    }
    return at + 1 + n;
  }
}
