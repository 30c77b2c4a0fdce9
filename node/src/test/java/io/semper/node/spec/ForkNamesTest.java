package io.semper.node.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.UInt256;
import io.semper.core.fork.BlobParams;
import io.semper.core.fork.Fork;
import io.semper.core.fork.ForkSchedule;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForkNamesTest {

  @ParameterizedTest
  @CsvSource({
    "Frontier, FRONTIER",
    "EIP150, TANGERINE_WHISTLE",
    "EIP158, SPURIOUS_DRAGON",
    "Constantinople, CONSTANTINOPLE",
    "ConstantinopleFix, PETERSBURG",
    "London, LONDON",
    "Merge, PARIS",
    "Paris, PARIS",
    "Osaka, OSAKA",
    "BPO2, BPO2"
  })
  void oneForkFromGenesisOn(String name, Fork fork) {
    ForkSchedule schedule = schedule(name);
    assertThat(schedule.at(0, 0, fork.atLeast(Fork.PARIS))).isEqualTo(fork);
    assertThat(schedule.at(1, 1_000_000, fork.atLeast(Fork.PARIS))).isEqualTo(fork);
    assertThat(schedule.mergedAtGenesis()).isEqualTo(fork.atLeast(Fork.PARIS));
  }

  @ParameterizedTest
  @CsvSource({
    "FrontierToHomesteadAt5, FRONTIER, HOMESTEAD",
    "HomesteadToDaoAt5, HOMESTEAD, DAO",
    "HomesteadToEIP150At5, HOMESTEAD, TANGERINE_WHISTLE",
    "EIP158ToByzantiumAt5, SPURIOUS_DRAGON, BYZANTIUM",
    "ByzantiumToConstantinopleFixAt5, BYZANTIUM, PETERSBURG",
    "BerlinToLondonAt5, BERLIN, LONDON"
  })
  void passageAtABlock(String name, Fork before, Fork after) {
    assertThat(schedule(name).at(4, 0, false)).isEqualTo(before);
    assertThat(schedule(name).at(5, 0, false)).isEqualTo(after);
    assertThat(schedule(name).terminalTotalDifficulty()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "ParisToShanghaiAtTime15k, PARIS, SHANGHAI",
    "ShanghaiToCancunAtTime15k, SHANGHAI, CANCUN",
    "PragueToOsakaAtTime15k, PRAGUE, OSAKA",
    "BPO3ToBPO4AtTime15k, BPO3, BPO4"
  })
  void passageAtATime(String name, Fork before, Fork after) {
    assertThat(schedule(name).at(1, 14_999, true)).isEqualTo(before);
    assertThat(schedule(name).at(1, 15_000, true)).isEqualTo(after);
  }

  @Test
  void passageAtADifficulty() {
    ForkSchedule schedule = schedule("ArrowGlacierToParisAtDiffC0000");
    assertThat(schedule.terminalTotalDifficulty()).isEqualTo(UInt256.of(0xC0000));
    assertThat(schedule.at(9, 0, false).before(Fork.PARIS)).isTrue();
    assertThat(schedule.at(9, 0, true)).isEqualTo(Fork.PARIS);
  }

  @Test
  void blobLimitsOfTheFixtureGoFirst() {
    BlobParams own = new BlobParams(1, 2, 3);
    ForkSchedule schedule = ForkNames.schedule("BPO1", Map.of(Fork.BPO1, own)).orElseThrow();
    assertThat(schedule.blobParams(Fork.BPO1)).isEqualTo(own);
    assertThat(schedule.blobParams(Fork.OSAKA)).isEqualTo(BlobParams.PRAGUE);
    assertThat(schedule("BPO1").blobParams(Fork.BPO1).max()).isEqualTo(15);
  }

  @Test
  void unknownNames() {
    assertThat(ForkNames.fork("Atlantis")).isEmpty();
    assertThat(ForkNames.schedule("LondonToAtlantisAt5", Map.of())).isEmpty();
    assertThat(ForkNames.schedule("London5", Map.of())).isEmpty();
  }

  private static ForkSchedule schedule(String name) {
    return ForkNames.schedule(name, Map.of()).orElseThrow();
  }
}
