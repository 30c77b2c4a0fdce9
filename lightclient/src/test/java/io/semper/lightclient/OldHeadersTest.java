package io.semper.lightclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.types.Header;
import io.semper.core.types.QbftExtraData;
import io.semper.core.view.UnavailableException;
import io.semper.lightclient.upstream.Transport;
import io.semper.lightclient.upstream.UpstreamPool;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Headers below the head of a recorded chain without a history contract, and starting again
/// without a network.
class OldHeadersTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long LONG_SECONDS = 20L * 365 * 24 * 3600;
  private static RecordedChain chain;

  private final AtomicInteger requests = new AtomicInteger();
  private volatile boolean down;

  @BeforeAll
  static void read() {
    chain = RecordedChain.read();
  }

  /// What a node says of a header instead of the truth.
  private volatile UnaryOperator<ObjectNode> change = json -> json;

  /// What the first node says of where every transaction is.
  private volatile ObjectNode transaction;

  /// Serves the headers of the chain up to a block.
  private Transport serve(int head) {
    return (url, body, max, millis) -> {
      if (down) {
        throw new IOException("no network");
      }
      requests.incrementAndGet();
      JsonNode request = JSON.readTree(body);
      if (!request.isArray()) {
        return JSON.writeValueAsBytes(answer(request, head, url));
      }
      ArrayNode replies = JSON.createArrayNode();
      request.forEach(each -> replies.add(answer(each, head, url)));
      return JSON.writeValueAsBytes(replies);
    };
  }

  private ObjectNode answer(JsonNode request, int head, URI url) {
    ObjectNode reply = JSON.createObjectNode().put("jsonrpc", "2.0");
    reply.set("id", request.get("id"));
    String what = request.get("params").get(0).asText();
    Header found = null;
    for (int n = 1; n <= head; n++) {
      Header header = chain.header(n);
      boolean latest = what.equals("latest") && n == head;
      boolean named = what.equals("0x" + Integer.toHexString(n));
      if (latest || named || what.equals(header.hash().toString())) {
        found = header;
      }
    }
    boolean located = request.get("method").textValue().equals("eth_getTransactionByHash");
    JsonNode block = found == null ? null : change.apply(HeaderText.json(found));
    JsonNode place = url.getHost().equals("one.example") ? transaction : null;
    reply.set("result", located ? place : block);
    return reply;
  }

  private LightClient.Builder builder(int head) {
    return LightClient.builder(chain.network())
        .transport(serve(head))
        .upstream(URI.create("http://one.example"))
        .pollMillis(1_000_000)
        .trustingSeconds(LONG_SECONDS)
        .clock(Clock.fixed(Instant.ofEpochSecond(chain.now()), ZoneOffset.UTC));
  }

  @Test
  void everyHeaderIsReachedByItsParents() {
    try (LightClient client = builder(240).build()) {
      assertThat(client.head().block().hash()).isEqualTo(chain.last().hash());
      int before = requests.get();
      assertThat(client.chain().header(3)).contains(chain.header(3));
      for (int n = 240; n > 0; n--) {
        assertThat(client.chain().header(n)).contains(chain.header(n));
        assertThat(client.chain().header(chain.header(n).hash())).contains(chain.header(n));
      }
      // In a few requests, each for many of them.
      assertThat(requests.get() - before).isLessThan(10);
      assertThat(client.chain().header(0)).contains(chain.network().genesis());
      assertThat(client.chain().header(241)).isEmpty();
      assertThat(client.chain().header(Hash32.of(1, 2, 3, 4))).isEmpty();
    }
  }

  @Test
  void aCheckpointIsWhereverTheUserHasItFrom() {
    Hash32 checkpoint = chain.header(120).hash();
    try (LightClient client = builder(240).checkpoint(checkpoint).build()) {
      assertThat(client.head().block().number()).isEqualTo(240);
    }
    assertThatThrownBy(() -> builder(240).checkpoint(Hash32.of(9, 9, 9, 9)).build())
        .isInstanceOf(UnavailableException.class);
    assertThatThrownBy(() -> builder(240).checkpoint(checkpoint).trustingSeconds(1).build())
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("too old");
  }

  @Test
  void whatWasVerifiedIsThereAgainWithoutANetwork(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("store");
    builder(100).store(file).build().close();
    down = true;
    try (LightClient client = builder(100).store(file).build()) {
      assertThat(client.head().block().hash()).isEqualTo(chain.header(100).hash());
      assertThat(client.head().ageSeconds()).isEqualTo(chain.now() - chain.header(100).timestamp());
    }
    down = false;
    try (LightClient client = builder(240).store(file).build()) {
      assertThat(client.head().block().number()).isEqualTo(240);
    }
    // Any damage counts as no store at all.
    byte[] bytes = Files.readAllBytes(file);
    for (int at = 0; at < bytes.length; at += 97) {
      byte[] damaged = bytes.clone();
      damaged[at] ^= 4;
      Files.write(file, damaged);
      StateCache cache = new StateCache();
      assertThat(new LightStore(file, chain.network().genesisHash()).read(cache)).isEmpty();
    }
  }

  /// What is too old to go on from gives way to a newer block that the user has named, and to none
  /// that is not.
  @Test
  void anExpiredStoreGivesWayToANewerCheckpoint(@TempDir Path folder) {
    Path file = folder.resolve("store");
    builder(100).store(file).build().close();
    long trusted = chain.now() - chain.header(170).timestamp();
    down = true;
    try (LightClient client = builder(100).store(file).trustingSeconds(trusted).build()) {
      assertThat(client.head().block().number()).isEqualTo(100);
    }
    down = false;
    Hash32 old = chain.header(90).hash();
    try (LightClient client =
        builder(240).store(file).trustingSeconds(trusted).checkpoint(old).build()) {
      assertThat(client.head().block().number()).isEqualTo(100);
    }
    Hash32 newer = chain.header(200).hash();
    try (LightClient client =
        builder(240).store(file).trustingSeconds(trusted).checkpoint(newer).build()) {
      assertThat(client.head().block().number()).isEqualTo(240);
    }
  }

  /// The hash of a block says nothing of its seals and its round: a node may have made them up.
  @Test
  void sealsThatAreNotProvenAreNotShown() {
    Hash32 checkpoint = chain.header(240).hash();
    try (LightClient client = builder(240).checkpoint(checkpoint).build()) {
      Header good = chain.header(150);
      assertThat(client.chain().header(150).orElseThrow().encode()).isEqualTo(good.encode());
      change =
          json -> {
            Header header = chain.header(Integer.decode(json.get("number").textValue()));
            QbftExtraData extra = header.qbft().orElseThrow();
            QbftExtraData made =
                new QbftExtraData(
                    extra.vanity(), extra.validators(), extra.vote(), 7, extra.seals());
            return json.put("extraData", Hex.encode(made.encode()));
          };
      Header shown = client.chain().header(40).orElseThrow();
      assertThat(shown.hash()).isEqualTo(chain.header(40).hash());
      assertThat(shown.qbft().orElseThrow().seals()).isEmpty();
      assertThat(shown.qbft().orElseThrow().round()).isZero();
      assertThat(client.upstreams().status().getFirst().state())
          .isEqualTo(UpstreamPool.State.BANNED);
    }
  }

  /// Who leaves the seals out says nothing false, and is not asked for them at each display.
  @Test
  void missingSealsAreNoLie() {
    try (LightClient client = builder(240).checkpoint(chain.header(240).hash()).build()) {
      change =
          json -> {
            Header header = chain.header(Integer.decode(json.get("number").textValue()));
            byte[] bare = header.qbft().orElseThrow().unsealed(0).encode();
            return json.put("extraData", Hex.encode(bare));
          };
      Header shown = client.chain().header(40).orElseThrow();
      assertThat(shown.qbft().orElseThrow().seals()).isEmpty();
      int before = requests.get();
      assertThat(client.chain().header(40)).contains(shown);
      assertThat(requests).hasValue(before);
      assertThat(client.upstreams().status().getFirst().state()).isEqualTo(UpstreamPool.State.GOOD);
    }
  }

  /// Nobody follows parents down to a block on the word of a node that does not show it.
  @Test
  void aWordAloneIsNotFollowed() {
    try (LightClient client = builder(240).build()) {
      Hash32 sought = Hash32.of(4, 4, 4, 4);
      transaction =
          JSON.createObjectNode()
              .put("blockHash", Hash32.of(5, 5, 5, 5).toString())
              .put("blockNumber", "0x1")
              .put("transactionIndex", "0x0");
      int before = requests.get();
      assertThatThrownBy(() -> client.receipt(sought))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("nobody shows the block");
      assertThat(requests.get() - before).isLessThanOrEqualTo(2);
      // It does not know what it has just named.
      assertThat(client.upstreams().status().getFirst().state())
          .isEqualTo(UpstreamPool.State.BANNED);
    }
    try (LightClient client = builder(240).upstream(URI.create("http://two.example")).build()) {
      // Whoever answers first: the other's word is enough.
      assertThat(client.receipt(Hash32.of(4, 4, 4, 4))).isEmpty();
    }
    try (LightClient client = builder(240).build()) {
      Hash32 sought = Hash32.of(4, 4, 4, 4);
      // A block that it shows, and that holds no such transaction.
      transaction.put("blockHash", chain.header(1).hash().toString());
      change =
          json -> {
            json.putArray("transactions");
            return json;
          };
      assertThatThrownBy(() -> client.receipt(sought)).isInstanceOf(UnavailableException.class);
    }
  }
}
