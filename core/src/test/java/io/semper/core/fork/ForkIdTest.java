package io.semper.core.fork;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// EIP-2124 and EIP-6122 on mainnet's first forks; every public network is walked in `genesis`.
class ForkIdTest {
  private static final Hash32 MAINNET =
      Hash32.of("0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3");

  private static ForkId at(Map<Fork, Long> activations, long number, long timestamp) {
    ForkSchedule schedule = new ForkSchedule(activations, Map.of(), UInt256.ZERO);
    return ForkId.of(schedule, MAINNET, 1_000, number, timestamp);
  }

  @Test
  void each_fork_passed_enters_the_checksum() {
    Map<Fork, Long> forks = Map.of(Fork.HOMESTEAD, 1_150_000L, Fork.DAO, 1_920_000L);
    assertThat(at(forks, 0, 0)).isEqualTo(new ForkId(0xFC64EC04, 1_150_000));
    assertThat(at(forks, 1_149_999, 0)).isEqualTo(new ForkId(0xFC64EC04, 1_150_000));
    assertThat(at(forks, 1_150_000, 0)).isEqualTo(new ForkId(0x97C2C34C, 1_920_000));
    assertThat(at(forks, 1_920_000, 0)).isEqualTo(new ForkId(0x91D1F948, 0));
  }

  @Test
  void forks_at_one_block_count_once() {
    Map<Fork, Long> forks = Map.of(Fork.HOMESTEAD, 1_150_000L, Fork.BYZANTIUM, 1_150_000L);
    assertThat(at(forks, 1_150_000, 0)).isEqualTo(new ForkId(0x97C2C34C, 0));
  }

  @Test
  void forks_in_force_at_genesis_do_not_count() {
    Map<Fork, Long> forks = Map.of(Fork.LONDON, 0L, Fork.SHANGHAI, 0L, Fork.CANCUN, 1_000L);
    assertThat(at(forks, 5, 2_000)).isEqualTo(new ForkId(0xFC64EC04, 0));
  }

  @Test
  void timed_forks_come_after_those_by_number() {
    Map<Fork, Long> forks = Map.of(Fork.HOMESTEAD, 1_150_000L, Fork.SHANGHAI, 1_001L);
    assertThat(at(forks, 0, 5_000)).isEqualTo(new ForkId(0xFC64EC04, 1_150_000));
    assertThat(at(forks, 1_150_000, 1_000)).isEqualTo(new ForkId(0x97C2C34C, 1_001));
    assertThat(at(forks, 1_150_000, 1_001).next()).isZero();
    assertThat(at(forks, 0, 0).checksumHex()).isEqualTo("0xfc64ec04");
  }
}
