package io.semper.lightclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.view.Account;
import io.semper.core.view.UnavailableException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The recorded Ethereum, from its checkpoint to its last head, with every proof.
class RecordedEthereumTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long POLL_NANOS = 2_000_000;

  private RecordedEthereum ethereum;
  private final List<Alert> alerts = new ArrayList<>();

  @TempDir Path folder;

  @BeforeEach
  void serve() throws IOException {
    ethereum = new RecordedEthereum();
  }

  @AfterEach
  void close() {
    ethereum.close();
  }

  /// Shows the recording's slot, so many days later.
  private Clock clock(long days) throws IOException {
    long genesis = ethereum.genesisSeconds();
    return new Clock() {
      @Override
      public ZoneId getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(ZoneId zone) {
        return this;
      }

      @Override
      public Instant instant() {
        return Instant.ofEpochSecond(genesis + 2 * ethereum.slot.get()).plus(Duration.ofDays(days));
      }
    };
  }

  private LightClient.Builder builder(long daysLater) throws IOException {
    return LightClient.builder(ethereum.network())
        .beacon(ethereum.consensus())
        .consensus(ethereum.rest())
        .upstream(ethereum.rpc())
        .pollMillis(60_000)
        .store(folder.resolve("light"))
        .onAlert(alerts::add)
        .clock(clock(daysLater));
  }

  /// The root of the block that the bootstrap is of.
  private Hash32 checkpoint() {
    return Hash32.of("0x66b3035a44466e870572e7f53bd7095d8728fff72ff0fad3b9e97186f44587e7");
  }

  private static void awaitHead(LightClient client, long number) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (client.chain().head().number() != number) {
      assertThat(System.nanoTime()).as("head %d in time", number).isLessThan(end);
      client.refresh();
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  @Test
  void everyHeadAndEveryProof() throws Exception {
    TreeMap<Long, JsonNode> heads = ethereum.heads();
    ethereum.slot.set(heads.firstKey() + 1);
    int proofs = 0;
    try (LightClient client = builder(0).checkpoint(checkpoint()).build()) {
      for (Map.Entry<Long, JsonNode> each : heads.entrySet()) {
        ethereum.slot.set(each.getKey() + 1);
        JsonNode recorded = each.getValue();
        awaitHead(client, Long.decode(recorded.at("/block/number").textValue()));
        assertThat(client.chain().head().hash())
            .isEqualTo(Hash32.of(recorded.get("blockHash").textValue()));
        assertThat(client.head().ageSeconds()).isLessThanOrEqualTo(2);
        for (JsonNode proof : recorded.get("proofs")) {
          check(client, proof);
          proofs++;
        }
      }
      assertThat(proofs).isEqualTo(3 * 38);
      // Blocks that became final were not recorded: the first one is the newest at hand.
      assertThat(client.chain().finalized()).contains(ethereum.network().genesis());
      assertThat(client.chain().safe()).isEqualTo(client.chain().finalized());
      assertThat(alerts).isEmpty();
    }
    // Restarted while nobody answers it still knows where it was, and since when.
    ethereum.close();
    try (LightClient client = builder(3).build()) {
      JsonNode last = heads.lastEntry().getValue();
      assertThat(client.head().block().hash())
          .isEqualTo(Hash32.of(last.get("blockHash").textValue()));
      assertThat(client.head().ageSeconds()).isBetween(3 * 86_400L, 3 * 86_400L + 2);
    }
  }

  private static void check(LightClient client, JsonNode recorded) {
    Address address = Address.of(recorded.get("address").textValue());
    Optional<Account> account = client.account(address).value();
    UInt256 balance = UInt256.ofHex(recorded.get("balance").textValue());
    assertThat(client.balance(address).value()).isEqualTo(balance);
    assertThat(account.isPresent()).isEqualTo(!balance.isZero());
    long nonce = Long.decode(recorded.get("nonce").textValue());
    assertThat(client.nonce(address).value()).isEqualTo(nonce);
  }

  @Test
  void anOldCheckpointIsRefused() throws Exception {
    ethereum.slot.set(ethereum.heads().firstKey() + 1);
    LightClient.Builder late = builder(15).checkpoint(checkpoint());
    assertThatThrownBy(late::build)
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("newer finalised block");
    LightClient.Builder another = builder(0).checkpoint(Hash32.ZERO);
    assertThatThrownBy(another::build)
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("not of");
    assertThatThrownBy(builder(0)::build).hasMessageContaining("has been named");
  }

  @Test
  void whatIsStoredExpires() throws Exception {
    ethereum.slot.set(ethereum.heads().firstKey() + 1);
    builder(0).checkpoint(checkpoint()).build().close();
    try (LightClient client = builder(15).build()) {
      assertThat(alerts).hasSize(1).first().isInstanceOf(Alert.Expired.class);
      assertThat(client.head().ageSeconds()).isGreaterThan(15 * 86_400L - 1);
    }
  }
}
