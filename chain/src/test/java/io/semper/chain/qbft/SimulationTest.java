package io.semper.chain.qbft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// Thousands of networks, each with its own misfortunes.
///
/// | property | is | by default |
/// |---|---|---|
/// | `semper.qbft.schedules` | how many seeds | 2,000 |
/// | `semper.qbft.seed` | the first of them | 1 |
/// | `semper.qbft.where` | what a schedule's text must fit to be run | `.*` |
class SimulationTest {
  private static final int SCHEDULES = Integer.getInteger("semper.qbft.schedules", 2_000);
  private static final long FIRST = Long.getLong("semper.qbft.seed", 1);
  static final String WHERE = System.getProperty("semper.qbft.where", ".*");

  @Test
  void noScheduleBreaksAgreementOrStopsTheNetwork() {
    long began = System.nanoTime();
    List<Schedule> schedules =
        LongStream.range(FIRST, FIRST + SCHEDULES)
            .mapToObj(Schedule::of)
            .filter(schedule -> schedule.toString().matches(WHERE))
            .toList();
    List<Simulation.Outcome> outcomes =
        schedules.stream()
            .parallel()
            .map(schedule -> Simulation.run(schedule, Planted.NOTHING))
            .toList();
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < outcomes.size(); i++) {
      if (outcomes.get(i).violation() != null && wrong.size() < 10) {
        wrong.add("seed " + schedules.get(i).seed() + ": " + outcomes.get(i).violation());
      }
    }
    long blocks = outcomes.stream().mapToLong(Simulation.Outcome::height).sum();
    long worst = outcomes.stream().mapToLong(Simulation.Outcome::recoveryMillis).max().orElse(0);
    int held = outcomes.stream().mapToInt(Simulation.Outcome::mostHeld).max().orElse(0);
    System.out.printf(
        "%d schedules, %d blocks, slowest recovery %d ms, most messages held %d, %d ms%n",
        schedules.size(), blocks, worst, held, (System.nanoTime() - began) / 1_000_000);
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
