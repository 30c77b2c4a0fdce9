package io.semper.node;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.semper.p2p.Host;
import io.semper.p2p.HostOptions;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.peers.Peers;
import io.semper.p2p.peers.PeersOptions;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/// What an operator reads about peers.
class PeersLogTest {
  private static final PeerId ALLOWED = key(1).peerId();
  private static final Multiaddr BOOTNODE =
      Multiaddr.parse("/ip4/192.0.2.1/tcp/1").withPeerId(key(2).peerId());

  private final Logger log = (Logger) LoggerFactory.getLogger(Peers.class);
  private final ListAppender<ILoggingEvent> told = new ListAppender<>();

  private static PrivateKey key(int first) {
    byte[] key = new byte[32];
    key[0] = (byte) first;
    return PrivateKey.ed25519(key);
  }

  @BeforeEach
  void listen() {
    told.start();
    log.addAppender(told);
  }

  @AfterEach
  void stop() {
    log.detachAppender(told);
  }

  private List<String> warnings(PeersOptions options) throws IOException {
    Peers peers = new Peers(options, () -> 0, new Random(1));
    try (peers;
        Host host = Host.start(HostOptions.of(key(3), "semper/test").withGate(peers))) {
      peers.start(host);
    }
    return told.list.stream()
        .filter(event -> event.getLevel().equals(Level.WARN))
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  /// Whoever forgot to allow a bootnode is told which.
  @Test
  void bootnodesThatAreNotAllowedAreNamed() throws Exception {
    PeersOptions options = PeersOptions.of(0, 4).withBootnodes(List.of(BOOTNODE));
    assertThat(warnings(options)).isEmpty();
    assertThat(warnings(options.withAllowed(Set.of(ALLOWED))))
        .containsExactly(
            "bootnodes that are not among the allowed peers are left alone: [" + BOOTNODE + "]");
  }
}
