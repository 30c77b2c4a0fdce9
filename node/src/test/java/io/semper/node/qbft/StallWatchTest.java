package io.semper.node.qbft;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.chain.importer.Ledger;
import io.semper.chain.qbft.Validators;
import io.semper.core.bytes.Address;
import io.semper.core.types.Header;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a node that is no validator tells of them, over a chain recorded from another
/// implementation's network: of one of four blocks 160 to 179 show nothing.
class StallWatchTest {
  private static final Address STOPPED = Address.of("0x7149ef6b237d045c81c9008ecf0a0e59b526955e");

  @TempDir private Path folder;
  private Ledger ledger;

  @BeforeEach
  void read() throws Exception {
    ledger = RecordedNetwork.read(folder);
  }

  private Absence.Seen at(long number) {
    return new Absence(ledger, new Validators(ledger.network(), ledger))
        .at(ledger.header(number).orElseThrow());
  }

  @Test
  void whoIsInNoRecentBlockIsMissing() {
    assertThat(at(166).missing()).isEmpty();
    assertThat(at(167).missing()).containsExactly(STOPPED);
    assertThat(at(179).missing()).containsExactly(STOPPED);
    assertThat(at(180).missing()).isEmpty();
    assertThat(at(179).blocks()).isEqualTo(8);
    // Who has just joined has had no turn, and in a few blocks nobody had two.
    assertThat(at(48).validators()).hasSize(5);
    assertThat(at(48).missing()).isEmpty();
    assertThat(at(3).missing()).isEmpty();
    assertThat(at(0).missing()).isEmpty();
  }

  @Test
  void saysSinceWhenNoBlockComesAndWhy() {
    Header head = ledger.head();
    Clock clock = Clock.fixed(Instant.ofEpochSecond(head.timestamp() + 60), ZoneOffset.UTC);
    Validators validators = new Validators(ledger.network(), ledger);
    long[] nanos = {0};
    try (StallWatch watch = new StallWatch(ledger, validators, clock, () -> nanos[0])) {
      assertThat(watch.problem().orElseThrow())
          .startsWith("stalled at block 240 for 60 s: no block comes; ")
          .contains("a validator's qbft_getStatus says who is missing")
          .endsWith("3 of 4 validators are needed");
      nanos[0] = 5_000_000_000L;
      Map<String, Object> status = watch.status();
      assertThat(status)
          .containsEntry("height", 241L)
          .containsEntry("headRound", 0L)
          .containsEntry("headProposer", head.beneficiary())
          .containsEntry("missing", List.of())
          .containsEntry("quorum", 3L)
          .containsEntry("headAgeSeconds", 65.0)
          .containsEntry("problem", watch.problem().orElseThrow());
    }
    Clock inTime = Clock.fixed(Instant.ofEpochSecond(head.timestamp() + 1), ZoneOffset.UTC);
    try (StallWatch watch = new StallWatch(ledger, validators, inTime, () -> nanos[0])) {
      assertThat(watch.problem()).isEmpty();
    }
  }
}
