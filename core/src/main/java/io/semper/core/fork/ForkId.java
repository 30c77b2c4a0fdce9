package io.semper.core.fork;

import io.semper.core.bytes.BigEndian;
import io.semper.core.bytes.Hash32;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.zip.CRC32;

/// Which chain a node is on and how far its rules have come (EIP-2124, with timestamps EIP-6122).
///
/// @param checksum CRC-32 of the genesis hash and every fork passed
/// @param next block number or timestamp of the fork that comes next, zero when none is known;
///   unsigned
public record ForkId(int checksum, long next) {

  /// The fork id of a chain whose head has the given number and timestamp.
  ///
  /// Forks in force from the genesis block on do not count, and several at one block count once.
  public static ForkId of(
      ForkSchedule schedule,
      Hash32 genesisHash,
      long genesisTimestamp,
      long headNumber,
      long headTimestamp) {
    NavigableSet<Long> numbers = new TreeSet<>();
    NavigableSet<Long> timestamps = new TreeSet<>();
    for (Fork fork : schedule.scheduled()) {
      long at = schedule.activation(fork).orElseThrow();
      if (fork.byTime()) {
        if (at > genesisTimestamp) timestamps.add(at);
      } else if (at > 0) {
        numbers.add(at);
      }
    }
    CRC32 crc = new CRC32();
    crc.update(genesisHash.toBytes());
    for (long number : numbers) {
      if (headNumber < number) return new ForkId((int) crc.getValue(), number);
      passed(crc, number);
    }
    for (long timestamp : timestamps) {
      if (headTimestamp < timestamp) return new ForkId((int) crc.getValue(), timestamp);
      passed(crc, timestamp);
    }
    return new ForkId((int) crc.getValue(), 0);
  }

  private static void passed(CRC32 crc, long fork) {
    byte[] bytes = new byte[8];
    BigEndian.putLong(bytes, 0, fork);
    crc.update(bytes);
  }

  /// The checksum as `0x` and eight digits.
  public String checksumHex() {
    return String.format("0x%08x", checksum);
  }
}
