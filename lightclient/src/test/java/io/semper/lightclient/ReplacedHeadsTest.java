package io.semper.lightclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.ForkSchedule;
import io.semper.core.types.Bloom;
import io.semper.core.types.Header;
import io.semper.core.view.UnavailableException;
import io.semper.lightclient.upstream.UpstreamLimits;
import io.semper.lightclient.upstream.UpstreamPool;
import java.io.IOException;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Heads of Ethereum, which may be replaced by others until they are final.
class ReplacedHeadsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int FORK = 90;

  private final Map<Long, Header> trunk = new HashMap<>();
  private final Map<Long, Header> branch = new HashMap<>();
  private final Map<Hash32, Header> all = new HashMap<>();
  private final AtomicLong millis = new AtomicLong();
  private Map<Long, Header> followed = trunk;
  private boolean unknown;
  private UpstreamPool upstreams;
  private HeaderChain chain;

  @BeforeEach
  void grow() {
    Hash32 parent = Hash32.ZERO;
    for (long number = 0; number <= 110; number++) {
      parent = add(trunk, number, parent, 1);
    }
    branch.putAll(trunk);
    parent = trunk.get((long) FORK).hash();
    for (long number = FORK + 1; number <= 110; number++) {
      parent = add(branch, number, parent, 2);
    }
    upstreams =
        new UpstreamPool(
            List.of(URI.create("http://node.invalid")),
            (url, body, maxBytes, timeout) -> answer(body),
            UpstreamLimits.DEFAULT,
            () -> millis.addAndGet(100), // pauses end, and no answer is late
            lie -> {});
    ForkSchedule forks = new ForkSchedule(Map.of(), Map.of(), UInt256.ZERO);
    chain = new HeaderChain(trunk.get(0L), forks, trunk.get(100L), new StateCache(), upstreams);
    chain.advance(trunk.get(100L), trunk.get(80L));
  }

  @AfterEach
  void close() {
    upstreams.close();
  }

  private Hash32 add(Map<Long, Header> to, long number, Hash32 parent, int gas) {
    Header header =
        Header.builder()
            .number(number)
            .parentHash(parent)
            .gasLimit(gas)
            .timestamp(12 * number)
            .logsBloom(Bloom.EMPTY)
            .baseFeePerGas(UInt256.ONE)
            .build();
    to.put(number, header);
    all.put(header.hash(), header);
    return header.hash();
  }

  private byte[] answer(byte[] body) throws IOException {
    JsonNode request = JSON.readTree(body);
    if (!request.isArray()) {
      return JSON.writeValueAsBytes(answer(request));
    }
    ArrayNode replies = JSON.createArrayNode();
    request.forEach(each -> replies.add(answer(each)));
    return JSON.writeValueAsBytes(replies);
  }

  private ObjectNode answer(JsonNode request) {
    String key = request.get("params").get(0).textValue();
    Header header =
        request.get("method").textValue().equals("eth_getBlockByHash")
            ? all.get(Hash32.of(key))
            : followed.get(Long.decode(key));
    ObjectNode reply = JSON.createObjectNode().put("jsonrpc", "2.0");
    reply.set("id", request.get("id"));
    ObjectNode shown = header == null ? null : HeaderText.json(header);
    if (unknown && shown != null) {
      // As a header with one field more, which is hashed with the others.
      shown.put("gasUsed", "0x7").put("inclusionRoot", Hash32.ZERO.toString());
    }
    reply.set("result", shown);
    return reply;
  }

  private UpstreamPool.State state() {
    return upstreams.status().getFirst().state();
  }

  @Test
  void ancestorsAreThoseOfTheNewHead() {
    assertThat(chain.header(95)).contains(trunk.get(95L));
    assertThat(chain.header(85)).contains(trunk.get(85L));
    followed = branch;
    chain.advance(branch.get(103L), branch.get(80L));
    assertThat(chain.known(95)).isEmpty();
    assertThat(chain.header(95)).contains(branch.get(95L));
    assertThat(chain.header(102)).contains(branch.get(102L));
    assertThat(chain.header(85)).contains(trunk.get(85L));
    assertThat(chain.header(trunk.get(95L).hash())).isEmpty();
    assertThat(chain.header(branch.get(95L).hash())).contains(branch.get(95L));
    assertThat(chain.header(104)).isEmpty();
    assertThat(state()).isEqualTo(UpstreamPool.State.GOOD);
  }

  /// What became final in the same step may have replaced what was known, too.
  @Test
  void whatWasReplacedBeforeItBecameFinalIsForgotten() {
    assertThat(chain.header(93)).contains(trunk.get(93L));
    followed = branch;
    chain.advance(branch.get(103L), branch.get(95L));
    assertThat(chain.known(93)).isEmpty();
    assertThat(chain.header(trunk.get(93L).hash())).isEmpty();
    assertThat(chain.header(93)).contains(branch.get(93L));
  }

  /// A header of a fork to come cannot be hashed: whoever has it does not lie.
  @Test
  void aHeaderWithFieldsNotKnownIsNoLie() {
    unknown = true;
    assertThatThrownBy(() -> chain.header(trunk.get(70L).hash()))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("cannot be told");
    assertThat(state()).isNotEqualTo(UpstreamPool.State.BANNED);
    unknown = false;
    assertThat(chain.header(trunk.get(70L).hash())).contains(trunk.get(70L));
  }

  @Test
  void aShorterHeadReplacesALongerOne() {
    assertThat(chain.header(99)).contains(trunk.get(99L));
    followed = branch;
    chain.advance(branch.get(97L), branch.get(80L));
    assertThat(chain.header(99)).isEmpty();
    assertThat(chain.header(96)).contains(branch.get(96L));
  }

  @Test
  void aChildKeepsWhatIsKnown() {
    assertThat(chain.header(95)).contains(trunk.get(95L));
    chain.advance(trunk.get(101L), trunk.get(84L));
    assertThat(chain.known(95)).contains(trunk.get(95L));
    assertThat(chain.isSettled(84)).isTrue();
    assertThat(chain.isSettled(85)).isFalse();
  }

  /// A node may see another branch than we do; only what is final has to be the same for all.
  @Test
  void whoFollowsAnotherBranchDoesNotLie() {
    chain.advance(branch.get(103L), branch.get(80L));
    assertThatThrownBy(() -> chain.header(95))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("another branch");
    assertThat(state()).isNotEqualTo(UpstreamPool.State.BANNED);
    followed = new HashMap<>(branch);
    add(followed, 75, trunk.get(74L).hash(), 3);
    assertThatThrownBy(() -> chain.header(70)).isInstanceOf(UnavailableException.class);
    assertThat(state()).isEqualTo(UpstreamPool.State.BANNED);
  }
}
