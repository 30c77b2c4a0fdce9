package io.semper.chain.qbft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The simulator notices every mistake that is planted, and says nothing without it.
class PlantedBugsTest {
  @ParameterizedTest
  @CsvSource({"VOTE_LOG_OFF, 1"})
  void isCaughtBySeed(Planted.Bug bug, long seed) {
    Schedule schedule = Schedule.of(seed);
    assertThat(Simulation.run(schedule, bug.policy).violation()).isNotNull();
    assertThat(Simulation.run(schedule, Planted.NOTHING).violation()).isNull();
  }

  /// Finds seeds for the table above.
  @Test
  @EnabledIfSystemProperty(named = "semper.qbft.search", matches = "\\d+")
  void search() {
    for (Planted.Bug bug : Planted.Bug.values()) {
      if (!bug.name().matches(System.getProperty("semper.qbft.bugs", ".*"))) {
        continue;
      }
      List<String> found = new ArrayList<>();
      for (long seed = 1; seed <= Long.getLong("semper.qbft.search") && found.size() < 3; seed++) {
        String violation = Simulation.run(Schedule.of(seed), bug.policy).violation();
        if (violation != null) {
          found.add(seed + " (" + violation.substring(0, Math.min(60, violation.length())) + ")");
        }
      }
      System.out.println(bug + ": " + found);
    }
  }
}
