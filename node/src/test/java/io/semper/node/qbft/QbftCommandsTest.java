package io.semper.node.qbft;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.rpc.MethodPolicy;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whose word a validator takes.
class QbftCommandsTest {
  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.0.0.9", "::1", "localhost"})
  void servedToThisMachine(String host) {
    assertThat(QbftCommands.allowedBy(MethodPolicy.ALL, host)).isTrue();
  }

  @Test
  void servedToOthersWhereNamedAlone() {
    MethodPolicy denying = new MethodPolicy(Set.of(), Set.of("debug"));
    for (String host : new String[] {"0.0.0.0", "::", "192.0.2.1"}) {
      assertThat(QbftCommands.allowedBy(MethodPolicy.ALL, host)).isFalse();
      assertThat(QbftCommands.allowedBy(denying, host)).isFalse();
      MethodPolicy named = new MethodPolicy(Set.of("eth", "qbft"), Set.of());
      assertThat(QbftCommands.allowedBy(named, host)).isTrue();
      MethodPolicy others = new MethodPolicy(Set.of("eth"), Set.of());
      assertThat(QbftCommands.allowedBy(others, host)).isFalse();
    }
  }
}
