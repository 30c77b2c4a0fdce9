package io.semper.tests.light;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.lightclient.LightClient;
import java.net.URI;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/// A network whose validators a contract names, and changes.
class ValidatorContractTest {
  private static void store(SealedNetwork network, long slot, UInt256 value) {
    byte[] data = LightClientTest.words(slot, 0);
    value.writeTo(data, 32);
    Address sender = network.accounts().getFirst();
    network.send(sender, SealedNetwork.CONTRACT, UInt256.ZERO, data, 100_000);
  }

  @Test
  void theSetIsProvenFromTheContractsState() throws Exception {
    try (SealedNetwork network = new SealedNetwork(4, true)) {
      network.seal(3);
      URI full = network.serve();
      try (LightClient client =
          LightClient.builder(network.network()).upstream(full).pollMillis(20).build()) {
        assertThat(client.head().block().number()).isEqualTo(3);
        // A fifth validator joins, blocks pass, and the first of the list leaves.
        Address fifth = network.newKey("fifth", 0);
        store(network, 5, UInt256.of(fifth.toBytes()));
        store(network, 0, UInt256.of(5));
        network.seal();
        assertThat(network.validators()).hasSize(5).contains(fifth);
        network.seal(4);
        store(network, 1, UInt256.of(fifth.toBytes()));
        store(network, 0, UInt256.of(4));
        network.seal(3);
        assertThat(network.validators()).hasSize(4).contains(fifth);
        awaitHead(client, network);
      }
      Hash32 checkpoint = network.ledger().header(7).orElseThrow().hash();
      try (LightClient client =
          LightClient.builder(network.network()).upstream(full).checkpoint(checkpoint).build()) {
        assertThat(client.head().block().hash()).isEqualTo(network.ledger().head().hash());
      }
    }
  }

  static void awaitHead(LightClient client, SealedNetwork network) {
    long end = System.nanoTime() + 120_000_000_000L;
    while (client.head().block().number() < network.ledger().head().number()) {
      assertThat(System.nanoTime() - end).as("no new head in time").isNegative();
      LockSupport.parkNanos(1_000_000);
    }
  }
}
