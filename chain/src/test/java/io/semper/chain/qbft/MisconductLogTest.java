package io.semper.chain.qbft;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Address;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Whoever misbehaves cannot fill the log, nor the memory.
class MisconductLogTest {
  private final List<String> lines = new ArrayList<>();
  private long now = 5;
  private final MisconductLog log = new MisconductLog(() -> now, lines::add);

  private void add(Action.Misconduct kind, int validator) {
    log.add(new Action.Report(kind, Address.of(validator), "at height 7"));
  }

  @Test
  void oneLineAMinuteForEachValidatorAndKind() {
    for (int i = 0; i < 1_000; i++) {
      add(Action.Misconduct.EQUIVOCATION, 1);
    }
    add(Action.Misconduct.EQUIVOCATION, 2);
    add(Action.Misconduct.INVALID_PROPOSAL, 1);
    assertThat(lines).hasSize(3);
    assertThat(lines.getFirst()).isEqualTo("EQUIVOCATION by " + Address.of(1) + ": at height 7");

    now += MisconductLog.QUIET_MILLIS - 1;
    add(Action.Misconduct.EQUIVOCATION, 1);
    assertThat(lines).hasSize(3);
    now++;
    add(Action.Misconduct.EQUIVOCATION, 1);
    assertThat(lines).hasSize(4);
    assertThat(lines.getLast()).endsWith("at height 7; and 1000 before it");
    assertThat(log.counts())
        .containsEntry(Action.Misconduct.EQUIVOCATION, 1_003L)
        .containsEntry(Action.Misconduct.INVALID_PROPOSAL, 1L)
        .containsEntry(Action.Misconduct.FOREIGN_SIGNATURE, 0L);
  }

  /// Who was forgotten is told of again: not many more lines than validators that come and go.
  @Test
  void remembersSoManyAndNoMore() {
    for (int i = 0; i <= MisconductLog.MAX_REMEMBERED; i++) {
      add(Action.Misconduct.EQUIVOCATION, i);
    }
    lines.clear();
    add(Action.Misconduct.EQUIVOCATION, 0);
    add(Action.Misconduct.EQUIVOCATION, MisconductLog.MAX_REMEMBERED);
    assertThat(lines).hasSize(1);
  }
}
