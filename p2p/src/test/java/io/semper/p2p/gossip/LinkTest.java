package io.semper.p2p.gossip;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.p2p.Host;
import io.semper.p2p.TestHosts;
import java.io.IOException;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What begins as something else ends.
class LinkTest {
  /// It would be read by nobody, and nobody would reset it.
  @Test
  void aLinkThatHasEndedTakesNoStream() {
    Link link = new Link(null, 1);
    link.close();
    assertThatThrownBy(() -> link.replaceInbound(null)).isInstanceOf(IOException.class);
  }

  @Test
  void aTopicThatIsNotJoinedCanBeAfterwards() throws Exception {
    try (Host host = TestHosts.start(1);
        Gossip gossip =
            Gossip.start(
                host,
                TestHosts.options(1).identity(),
                GossipParameters.DEFAULT,
                GossipLimits.DEFAULT,
                Set.of(),
                new Random(1))) {
      Topic declared = Topic.unsigned("one", 10, TopicScore.DEFAULT);
      Topic other = Topic.unsigned("one", 20, TopicScore.DEFAULT);
      gossip.declare(declared);
      Validator any = (from, message) -> Verdict.ACCEPT;
      assertThatThrownBy(() -> gossip.subscribe(other, any, (from, message) -> {}))
          .hasMessageContaining("declared otherwise");
      gossip.subscribe(declared, any, (from, message) -> {});
    }
  }
}
