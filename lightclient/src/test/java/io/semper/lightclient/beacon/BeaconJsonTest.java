package io.semper.lightclient.beacon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.semper.core.bytes.Hash32;
import io.semper.core.fixtures.Fixtures;
import io.semper.core.rlp.MalformedInputException;
import io.semper.lightclient.beacon.LightClientUpdate.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Replies of mainnet's beacon nodes in JSON, with every member changed in many ways.
class BeaconJsonTest {
  private static final String FOLDER = "nimbus_verified_proxy/tests/data/lc_";
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final ConsensusNetwork mainnet = ConsensusNetwork.byName("mainnet").orElseThrow();
  private final SyncProtocol protocol = new SyncProtocol(mainnet);
  private final BeaconJson json = new BeaconJson(mainnet.syncCommitteeSize());
  private final Map<String, byte[]> files = new HashMap<>();
  private LightClientBootstrap bootstrap;
  private LightClientStore store;

  @BeforeEach
  void read() {
    Fixtures.readArchive("mainnet-blocks.tar.xz", name -> name.startsWith(FOLDER), files::put);
    bootstrap = json.bootstrap(data("bootstrap"));
    store = protocol.initialize(bootstrap, bootstrap.header().slot());
  }

  private JsonNode data(String file) {
    return BeaconJson.unwrap(BeaconJson.parse(files.get(FOLDER + file + ".json")));
  }

  /// What members of a reply are replaced by.
  private static List<JsonNode> changes(JsonNode old) {
    List<JsonNode> all = new ArrayList<>();
    all.add(JSON.nullNode());
    all.add(JSON.objectNode());
    all.add(JSON.arrayNode().add("0x"));
    all.add(JSON.numberNode(-1));
    all.add(JSON.numberNode(1.5));
    all.add(JSON.booleanNode(true));
    all.add(JSON.textNode(""));
    all.add(JSON.textNode("0x"));
    all.add(JSON.textNode("0xzz"));
    all.add(JSON.textNode("123456789".repeat(9)));
    if (old.isTextual()) {
      String text = old.textValue();
      all.add(JSON.textNode(text + "00"));
      char last = text.charAt(text.length() - 1);
      all.add(JSON.textNode(text.substring(0, text.length() - 1) + (last == '1' ? '2' : '1')));
    }
    return all;
  }

  /// Visits every member, an element of a long list being as good as another.
  private void everyChange(JsonNode root, JsonNode at, Runnable judged) {
    if (at instanceof ObjectNode object) {
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      for (String name : names) {
        JsonNode old = object.get(name);
        everyChange(root, old, judged);
        for (JsonNode change : changes(old)) {
          object.set(name, change);
          judged.run();
        }
        object.remove(name);
        judged.run();
        object.set(name, old);
      }
    } else if (at instanceof ArrayNode array) {
      for (int i : new int[] {0, array.size() - 1}) {
        JsonNode old = array.get(i);
        for (JsonNode change : changes(old)) {
          array.set(i, change);
          judged.run();
        }
        array.set(i, old);
      }
      JsonNode removed = array.remove(0);
      judged.run();
      array.insert(0, removed);
      array.insert(0, removed);
      judged.run();
      array.remove(0);
    }
  }

  @Test
  void aChangedUpdateIsMalformedOrRefusedOrChangesNothing() {
    for (Kind kind : new Kind[] {Kind.FINALITY, Kind.OPTIMISTIC}) {
      JsonNode reply = data(kind == Kind.FINALITY ? "finality" : "optimistic");
      LightClientUpdate good = json.update(reply, kind);
      long now = good.signatureSlot() + 10;
      LightClientStore expected = protocol.apply(store, good, now);
      assertThat(protocol.verifyUpdate(store, good, now)).isNull();
      int[] judged = {0};
      everyChange(
          reply,
          reply,
          () -> {
            judged[0]++;
            LightClientUpdate update;
            try {
              update = json.update(reply, kind);
            } catch (MalformedInputException malformed) {
              return;
            }
            if (protocol.verifyUpdate(store, update, now) == null) {
              LightClientStore believed = protocol.apply(store, update, now);
              assertThat(believed.optimisticHeader().encode())
                  .isEqualTo(expected.optimisticHeader().encode());
              assertThat(believed.finalizedHeader().slot())
                  .isIn(expected.finalizedHeader().slot(), store.finalizedHeader().slot());
            }
          });
      assertThat(judged[0]).isGreaterThan(300);
    }
  }

  @Test
  void aChangedBootstrapIsMalformedOrRefused() {
    JsonNode reply = data("bootstrap");
    Hash32 root = bootstrap.header().beacon().root();
    everyChange(
        reply,
        reply,
        () -> {
          LightClientBootstrap read;
          try {
            read = json.bootstrap(reply);
          } catch (MalformedInputException malformed) {
            return;
          }
          assertThat(protocol.verifyBootstrap(root, read)).as(reply.toString()).isNotNull();
        });
  }

  @Test
  void whatIsNoJsonOrTooMuchIsMalformed() {
    for (String text :
        List.of("", "<html>", "{", "[".repeat(1000), "{\"a\":\"" + "x".repeat(5000) + "\"}")) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      assertThatThrownBy(() -> json.bootstrap(BeaconJson.parse(bytes)))
          .isInstanceOf(MalformedInputException.class);
    }
    byte[] brackets = ("[" + "{},".repeat(10_000) + "{}]").getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> BeaconJson.parse(brackets))
        .isInstanceOf(MalformedInputException.class);
    assertThatThrownBy(
            () -> BeaconJson.list(BeaconJson.parse("[{},{}]".getBytes(StandardCharsets.UTF_8)), 1))
        .isInstanceOf(MalformedInputException.class);
  }

  /// As Altair's servers wrote it, and some still do.
  @Test
  void headersWithoutExecutionAreRead() {
    JsonNode reply = data("optimistic");
    JsonNode attested = reply.get("attested_header");
    ((ObjectNode) reply).set("attested_header", attested.get("beacon"));
    LightClientUpdate bare = json.update(reply, Kind.OPTIMISTIC);
    assertThat(bare.attestedHeader().executionBlockHash().isZero()).isTrue();
    assertThat(protocol.verifyUpdate(store, bare, bare.signatureSlot()).lie()).isTrue();
  }
}
