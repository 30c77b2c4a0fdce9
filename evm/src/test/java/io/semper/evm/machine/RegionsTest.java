package io.semper.evm.machine;

import static io.semper.evm.machine.Regions.MAX_REGIONS;
import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.crypto.Keccak;
import io.semper.core.fork.Fork;
import io.semper.evm.Halt;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.state.Code;
import org.junit.jupiter.api.Test;

/// What is kept of one contract's translation.
class RegionsTest {
  private static final int EDGE = 2 * MAX_REGIONS;

  private static final Region NOTHING =
      new Region(0, 0) {
        @Override
        Halt run(Frame f) {
          return Halt.NONE;
        }
      };

  private static Regions regions() {
    byte[] bytes = new byte[EDGE + 1];
    return Regions.begin(new Code(bytes, Keccak.hash(bytes)), ForkRules.of(Fork.OSAKA));
  }

  @Test
  void regionsOfOneContractAreBounded() {
    Regions regions = regions();
    for (int pc = 0; pc < MAX_REGIONS + 10; pc++) {
      regions.add(pc, NOTHING);
    }
    assertThat(regions.at(MAX_REGIONS - 1)).isSameAs(NOTHING);
    for (int pc = MAX_REGIONS; pc < MAX_REGIONS + 10; pc++) {
      assertThat(regions.has(pc)).isFalse();
      assertThat(regions.at(pc)).isNull();
      assertThat(regions.isDecided(pc)).isTrue(); // nobody asks for it again
    }
  }

  @Test
  void whatThereIsNoPlaceForIsNotDecidedAnew() {
    Regions regions = regions();
    for (int pc = 0; pc < MAX_REGIONS + 1; pc++) {
      regions.add(pc, NOTHING, EDGE);
    }
    regions.markVisited(EDGE);
    assertThat(regions.isDecided(MAX_REGIONS - 1)).isFalse();
    assertThat(regions.isDecided(MAX_REGIONS)).isTrue();
  }

  @Test
  void aRegionMadeAnewTakesNoSecondPlace() {
    Regions regions = regions();
    for (int i = 0; i < 2 * MAX_REGIONS; i++) {
      regions.add(0, NOTHING, EDGE);
    }
    regions.add(1, NOTHING);
    assertThat(regions.has(1)).isTrue();
  }
}
