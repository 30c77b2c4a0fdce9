package io.semper.genesis;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.fork.Fork;
import io.semper.core.fork.ForkId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PublicNetworkTest {

  @ParameterizedTest
  @EnumSource(PublicNetwork.class)
  void the_state_carried_gives_the_root_and_the_known_hash(PublicNetwork known) {
    Network network = known.network();
    assertThat(StateRoot.of(network.allocation())).isEqualTo(network.genesis().stateRoot());
    assertThat(network.genesisHash()).isEqualTo(known.genesisHash());
    assertThat(network.isPublic()).isTrue();
    assertThat(PublicNetwork.named(network.name())).contains(known);
  }

  @Test
  void unknown_names_are_not_found() {
    assertThat(PublicNetwork.named("ropsten")).isEmpty();
    assertThat(PublicNetwork.ids()).containsExactly("mainnet", "sepolia", "holesky", "hoodi");
  }

  @Test
  void mainnet_passes_every_fork_in_its_order() {
    Network mainnet = PublicNetwork.MAINNET.network();
    assertThat(mainnet.forks().at(1_149_999, 0, false)).isEqualTo(Fork.FRONTIER);
    assertThat(mainnet.forks().at(1_920_000, 0, false)).isEqualTo(Fork.DAO);
    assertThat(mainnet.forks().at(7_280_000, 0, false)).isEqualTo(Fork.PETERSBURG);
    assertThat(mainnet.forks().at(15_537_393, 0, false)).isEqualTo(Fork.GRAY_GLACIER);
    assertThat(mainnet.forks().at(15_537_394, 0, true)).isEqualTo(Fork.PARIS);
    assertThat(mainnet.forks().at(23_935_694, 1_764_798_551, true)).isEqualTo(Fork.OSAKA);
    assertThat(mainnet.forks().at(24_179_383, 1_767_747_671, true)).isEqualTo(Fork.BPO2);
  }

  /// Head number and timestamp, and the fork id every client announces there.
  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          MAINNET, 0, 0, 0xfc64ec04, 1150000
          MAINNET, 1149999, 0, 0xfc64ec04, 1150000
          MAINNET, 1150000, 0, 0x97c2c34c, 1920000
          MAINNET, 1919999, 0, 0x97c2c34c, 1920000
          MAINNET, 1920000, 0, 0x91d1f948, 2463000
          MAINNET, 2462999, 0, 0x91d1f948, 2463000
          MAINNET, 2463000, 0, 0x7a64da13, 2675000
          MAINNET, 2674999, 0, 0x7a64da13, 2675000
          MAINNET, 2675000, 0, 0x3edd5b10, 4370000
          MAINNET, 4369999, 0, 0x3edd5b10, 4370000
          MAINNET, 4370000, 0, 0xa00bc324, 7280000
          MAINNET, 7279999, 0, 0xa00bc324, 7280000
          MAINNET, 7280000, 0, 0x668db0af, 9069000
          MAINNET, 9068999, 0, 0x668db0af, 9069000
          MAINNET, 9069000, 0, 0x879d6e30, 9200000
          MAINNET, 9199999, 0, 0x879d6e30, 9200000
          MAINNET, 9200000, 0, 0xe029e991, 12244000
          MAINNET, 12243999, 0, 0xe029e991, 12244000
          MAINNET, 12244000, 0, 0x0eb440f6, 12965000
          MAINNET, 12964999, 0, 0x0eb440f6, 12965000
          MAINNET, 12965000, 0, 0xb715077d, 13773000
          MAINNET, 13772999, 0, 0xb715077d, 13773000
          MAINNET, 13773000, 0, 0x20c327fc, 15050000
          MAINNET, 15049999, 0, 0x20c327fc, 15050000
          MAINNET, 15050000, 0, 0xf0afd0e3, 1681338455
          MAINNET, 20000000, 1681338454, 0xf0afd0e3, 1681338455
          MAINNET, 20000000, 1681338455, 0xdce96c2d, 1710338135
          MAINNET, 30000000, 1710338134, 0xdce96c2d, 1710338135
          MAINNET, 30000000, 1710338135, 0x9f3d2254, 1746612311
          MAINNET, 30000000, 1746022486, 0x9f3d2254, 1746612311
          MAINNET, 30000000, 1746612311, 0xc376cf8b, 1764798551
          MAINNET, 30000000, 1764798550, 0xc376cf8b, 1764798551
          MAINNET, 30000000, 1764798551, 0x5167e2a6, 1765290071
          MAINNET, 30000000, 1765290070, 0x5167e2a6, 1765290071
          MAINNET, 30000000, 1765290071, 0xcba2a1c0, 1767747671
          MAINNET, 30000000, 1767747670, 0xcba2a1c0, 1767747671
          MAINNET, 30000000, 1767747671, 0x07c9462e, 0
          MAINNET, 50000000, 2000000000, 0x07c9462e, 0
          SEPOLIA, 0, 0, 0xfe3366e7, 1735371
          SEPOLIA, 1735370, 0, 0xfe3366e7, 1735371
          SEPOLIA, 1735371, 0, 0xb96cbd13, 1677557088
          SEPOLIA, 1735372, 1677557087, 0xb96cbd13, 1677557088
          SEPOLIA, 1735372, 1677557088, 0xf7f9bc08, 1706655072
          SEPOLIA, 1735372, 1706655071, 0xf7f9bc08, 1706655072
          SEPOLIA, 1735372, 1706655072, 0x88cf81d9, 1741159776
          SEPOLIA, 1735372, 1741159775, 0x88cf81d9, 1741159776
          SEPOLIA, 1735372, 1741159776, 0xed88b5fd, 1760427360
          SEPOLIA, 1735372, 1760427359, 0xed88b5fd, 1760427360
          SEPOLIA, 1735372, 1760427360, 0xe2ae4999, 1761017184
          SEPOLIA, 1735372, 1761017183, 0xe2ae4999, 1761017184
          SEPOLIA, 1735372, 1761017184, 0x56078a1e, 1761607008
          SEPOLIA, 1735372, 1761607007, 0x56078a1e, 1761607008
          SEPOLIA, 1735372, 1761607008, 0x268956b6, 0
          SEPOLIA, 1735372, 2000000000, 0x268956b6, 0
          HOLESKY, 0, 0, 0xc61a6098, 1696000704
          HOLESKY, 123, 0, 0xc61a6098, 1696000704
          HOLESKY, 123, 1696000704, 0xfd4f016b, 1707305664
          HOLESKY, 123, 1707305663, 0xfd4f016b, 1707305664
          HOLESKY, 123, 1707305664, 0x9b192ad0, 1740434112
          HOLESKY, 123, 1740434111, 0x9b192ad0, 1740434112
          HOLESKY, 123, 1740434112, 0xdfbd9bed, 1759308480
          HOLESKY, 123, 1759308479, 0xdfbd9bed, 1759308480
          HOLESKY, 123, 1759308480, 0x783def52, 1759800000
          HOLESKY, 123, 1759799999, 0x783def52, 1759800000
          HOLESKY, 123, 1759800000, 0xa280a45c, 1760389824
          HOLESKY, 123, 1760389823, 0xa280a45c, 1760389824
          HOLESKY, 123, 1760389824, 0x9bc6cb31, 0
          HOLESKY, 123, 2000000000, 0x9bc6cb31, 0
          HOODI, 0, 0, 0xbef71d30, 1742999832
          HOODI, 123, 1742999831, 0xbef71d30, 1742999832
          HOODI, 123, 1742999832, 0x0929e24e, 1761677592
          HOODI, 123, 1761677591, 0x0929e24e, 1761677592
          HOODI, 123, 1761677592, 0xe7e0e7ff, 1762365720
          HOODI, 123, 1762365719, 0xe7e0e7ff, 1762365720
          HOODI, 123, 1762365720, 0x3893353e, 1762955544
          HOODI, 123, 1762955543, 0x3893353e, 1762955544
          HOODI, 123, 1762955544, 0x23aa1351, 0
          HOODI, 123, 2000000000, 0x23aa1351, 0
          """)
  void fork_ids_are_those_announced(
      PublicNetwork known, long number, long timestamp, String checksum, long next) {
    Network network = known.network();
    ForkId id =
        ForkId.of(
            network.forks(),
            network.genesisHash(),
            network.genesis().timestamp(),
            number,
            timestamp);
    assertThat(id.checksumHex()).isEqualTo(checksum);
    assertThat(id.next()).isEqualTo(next);
  }
}
