package io.semper.chain.file;

import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Sha256;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/// The SSZ hash tree root of `List[HeaderRecord, 8192]`, a record being block hash and total
/// difficulty: what an era1 archive commits to.
final class Accumulator {
  static final int MAX_BLOCKS = 8192;

  private final MessageDigest sha256 = Sha256.newDigest();
  private final List<byte[]> records = new ArrayList<>();

  void add(Hash32 blockHash, UInt256 totalDifficulty) {
    records.add(hash(blockHash.toBytes(), littleEndian(totalDifficulty)));
  }

  Hash32 root() {
    List<byte[]> level = records;
    byte[] zero = new byte[32];
    for (int width = MAX_BLOCKS; width > 1; width /= 2) {
      List<byte[]> above = new ArrayList<>((level.size() + 1) / 2);
      for (int i = 0; i < level.size(); i += 2) {
        above.add(hash(level.get(i), i + 1 < level.size() ? level.get(i + 1) : zero));
      }
      zero = hash(zero, zero);
      level = above;
    }
    byte[] top = level.isEmpty() ? zero : level.getFirst();
    return Hash32.of(hash(top, littleEndian(UInt256.of(records.size()))));
  }

  private byte[] hash(byte[] left, byte[] right) {
    sha256.update(left);
    return sha256.digest(right);
  }

  private static byte[] littleEndian(UInt256 value) {
    byte[] out = new byte[32];
    byte[] big = value.toBytes();
    for (int i = 0; i < 32; i++) {
      out[i] = big[31 - i];
    }
    return out;
  }
}
