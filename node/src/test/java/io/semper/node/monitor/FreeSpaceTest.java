package io.semper.node.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A disk that fills up is told of before it is full.
class FreeSpaceTest {
  private static final Path DIRECTORY = Path.of("data");

  private static Health.Readiness readiness(FreeSpace space) {
    return new Health(List.of(new Health.Check("storage", "full", space::problem))).readiness();
  }

  @Test
  void belowTheBoundTheNodeIsNotReady() {
    long[] left = {FreeSpace.MIN_BYTES};
    FreeSpace space = new FreeSpace(DIRECTORY, path -> left[0]);
    assertThat(readiness(space).ready()).isTrue();
    left[0]--;
    Health.Readiness full = readiness(space);
    assertThat(full.ready()).isFalse();
    assertThat(full.status()).isEqualTo("full");
    assertThat(full.problems().getFirst().problem())
        .startsWith("2047 MiB are left for data, less than 2048");
    assertThat(space.bytes()).isEqualTo(left[0]);
  }

  @Test
  void aDiskThatIsGoneIsAProblemToo(@TempDir Path folder) {
    assertThat(FreeSpace.of(folder).bytes()).isPositive();
    FreeSpace gone = FreeSpace.of(folder.resolve("nowhere"));
    assertThat(gone.bytes()).isEqualTo(-1);
    assertThat(gone.problem().orElseThrow()).contains("cannot be looked at");
    FreeSpace broken =
        new FreeSpace(
            DIRECTORY,
            path -> {
              throw new IOException("Input/output error");
            });
    assertThat(readiness(broken).ready()).isFalse();
  }
}
