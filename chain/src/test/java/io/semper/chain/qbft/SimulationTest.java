package io.semper.chain.qbft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// Thousands of networks, each with its own misfortunes.
class SimulationTest {
  private static final int SCHEDULES = Integer.getInteger("semper.qbft.schedules", 2_000);
  private static final long FIRST = Long.getLong("semper.qbft.seed", 1);

  @Test
  void noScheduleBreaksAgreementOrStopsTheNetwork() {
    long began = System.nanoTime();
    List<Simulation.Outcome> outcomes =
        LongStream.range(FIRST, FIRST + SCHEDULES).parallel().mapToObj(Simulation::run).toList();
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < outcomes.size(); i++) {
      if (outcomes.get(i).violation() != null && wrong.size() < 10) {
        wrong.add("seed " + (FIRST + i) + ": " + outcomes.get(i).violation());
      }
    }
    long blocks = outcomes.stream().mapToLong(Simulation.Outcome::height).sum();
    long worst = outcomes.stream().mapToLong(Simulation.Outcome::recoveryMillis).max().orElse(0);
    int held = outcomes.stream().mapToInt(Simulation.Outcome::mostHeld).max().orElse(0);
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
