package io.semper.node.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.genesis.PublicNetwork;
import io.semper.node.config.NetworkChoice;
import io.semper.node.config.PeerSettings;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PrivateKey;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class PeerOptionsTest {
  private static Optional<PeerSettings> settings(String... line) throws IOException {
    NetworkChoice mainnet = new NetworkChoice.Public(PublicNetwork.MAINNET);
    PeerOptions options = CommandLine.populateCommand(new PeerOptions(), line);
    return options.settings(Optional.empty(), mainnet, List.of());
  }

  @Test
  void allowedPeersAreNamedByTheirIds() throws IOException {
    PeerId one = PrivateKey.ed25519(new byte[32]).peerId();
    PeerId two =
        PrivateKey.secp256k1(
                new byte[] {
                  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
                  24, 25, 26, 27, 28, 29, 30, 31, 32
                })
            .peerId();
    PeerSettings settings =
        settings("--p2p-port", "0", "--allowed-peers", one + "," + two).orElseThrow();
    assertThat(settings.allowed()).containsExactlyInAnyOrder(one, two);
    assertThat(settings("--p2p-port", "0").orElseThrow().allowed()).isEmpty();
    assertThatThrownBy(() -> settings("--p2p-port", "0", "--allowed-peers", "12D3Koo"))
        .isInstanceOf(Failure.class)
        .hasMessageStartingWith("--allowed-peers: 12D3Koo: ");
  }
}
