package io.semper.chain.qbft;

import static org.assertj.core.api.Assertions.assertThat;

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
    "QUORUM_OF_2F_PLUS_1, 529, two blocks of height",
    "UNCAPPED_TIMER, 497, no progress",
    "LOCK_FORGOTTEN, 117, two blocks of height",
    "REPROPOSAL_REFUSED, 2, INVALID_PROPOSAL for 2: a new block of another proposer",
    "ROUNDS_SCATTERED, 28, no progress",
    "NOTHING_SENT_AGAIN, 2, no progress",
    "EMPTY_PERIOD_STARVES, 109, no progress",
    "PERIOD_OF_BEFORE, 170, INVALID_PROPOSAL for 1: TIMESTAMP",
    "DOUBLED_PREPARES_COUNT, 81, that its proposer did not make",
    "ROUNDS_WITHOUT_LIMIT, 2, 17 messages held",
    "ROUND_IN_HASH, 980, two blocks of height",
    "ROUNDS_MIXED, 4, no progress",
    "FEW_SEALS, 2260, two blocks of height",
    "TALLY_FROM_GENESIS, 67, a process has ended: java.util.NoSuchElementException",
    "TRANSITION_RESETS_OTHERS, 63, lists",
    "BLOCK_TAKEN_FOR_TIME, 3, is early: the period is 2 s",
    "TRANSITION_BY_CHANCE, 47, INVALID_PROPOSAL for 1: TIMESTAMP",
    "ENDED_BY_ODD_MESSAGE, 5, a process has ended",
    "LOG_NOT_SYNCED_ON_OPENING, 1818, which it had left",
    "TAKE_OVER_BY_FORCE, 479, double sign",
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
      int found = 0;
      for (long seed = 1; seed <= Long.getLong("semper.qbft.search") && found < 2; seed++) {
        Schedule schedule = Schedule.of(seed);
        if (!schedule.toString().matches(SimulationTest.WHERE)) {
          continue;
        }
        String violation = Simulation.run(schedule, bug.policy).violation();
        if (violation != null) {
          found++;
          String start = violation.substring(0, Math.min(90, violation.length()));
          System.out.println(bug + ", " + seed + ", " + start);
        }
      }
    }
  }
}
