package io.semper.chain.qbft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The simulator notices every mistake that is planted, by what it does, and says nothing without
/// it.
class PlantedBugsTest {
  @ParameterizedTest
  @CsvSource({
    "VOTE_LOG_OFF, 2, double sign",
    "QUORUM_OF_2F_PLUS_1, 21, two blocks of height",
    "UNCAPPED_TIMER, 170, no progress",
    "LOCK_FORGOTTEN, 66, two blocks of height",
    "REPROPOSAL_REFUSED, 4, INVALID_PROPOSAL for 2: a new block of another proposer",
    "ROUNDS_SCATTERED, 85, no progress",
    "NOTHING_SENT_AGAIN, 7, no progress",
    "EMPTY_PERIOD_STARVES, 36, no progress",
    "PERIOD_OF_BEFORE, 2, INVALID_PROPOSAL for 3: TIMESTAMP",
    "DOUBLED_PREPARES_COUNT, 144, that its proposer did not make",
    "ROUNDS_WITHOUT_LIMIT, 4, 17 messages held",
    "ROUND_IN_HASH, 66, two blocks of height",
    "ROUNDS_MIXED, 5, no progress",
    "FEW_SEALS, 257, two blocks of height",
  })
  void isCaughtBySeed(Planted.Bug bug, long seed, String as) {
    Schedule schedule = Schedule.of(seed);
    assertThat(Simulation.run(schedule, bug.policy).violation()).contains(as);
    assertThat(Simulation.run(schedule, Planted.NOTHING).violation()).isNull();
  }

  /// Finds seeds for the table above: of schedules whose text fits a pattern, where one is given.
  @Test
  @EnabledIfSystemProperty(named = "semper.qbft.search", matches = "\\d+")
  void search() {
    for (Planted.Bug bug : Planted.Bug.values()) {
      if (!bug.name().matches(System.getProperty("semper.qbft.bugs", ".*"))) {
        continue;
      }
      List<String> found = new ArrayList<>();
      for (long seed = 1; seed <= Long.getLong("semper.qbft.search") && found.size() < 2; seed++) {
        Schedule schedule = Schedule.of(seed);
        if (!schedule.toString().matches(SimulationTest.WHERE)) {
          continue;
        }
        String violation = Simulation.run(schedule, bug.policy).violation();
        if (violation != null) {
          found.add(seed + " (" + violation.substring(0, Math.min(90, violation.length())) + ")");
        }
      }
      System.out.println(bug + ": " + found);
    }
  }
}
