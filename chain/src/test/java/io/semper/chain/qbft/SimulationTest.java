package io.semper.chain.qbft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Thousands of networks, each with its own misfortunes.
class SimulationTest {
  private static final int SCHEDULES = Integer.getInteger("semper.qbft.schedules", 2_000);
  private static final long FIRST = Long.getLong("semper.qbft.seed", 1);

  @Test
  void noScheduleBreaksAgreementOrStopsTheNetwork() {
    long began = System.nanoTime();
    List<String> wrong = new ArrayList<>();
    long blocks = 0;
    long worst = 0;
    int held = 0;
    for (long seed = FIRST; seed < FIRST + SCHEDULES; seed++) {
      Simulation.Outcome outcome = Simulation.run(seed);
      if (outcome.violation() != null && wrong.size() < 10) {
        wrong.add("seed " + seed + ": " + outcome.violation());
      }
      blocks += outcome.height();
      worst = Math.max(worst, outcome.recoveryMillis());
      held = Math.max(held, outcome.mostHeld());
    }
    System.out.printf(
        "%d schedules, %d blocks, slowest recovery %d ms, most messages held %d, %d ms%n",
        SCHEDULES, blocks, worst, held, (System.nanoTime() - began) / 1_000_000);
    assertThat(wrong).isEmpty();
    assertThat(held).isLessThanOrEqualTo(4 * 13);
  }

  @Test
  void theSameSeedGivesTheSameRun() {
    for (long seed = 1; seed <= 20; seed++) {
      assertThat(Simulation.run(seed)).isEqualTo(Simulation.run(seed));
    }
  }
}
