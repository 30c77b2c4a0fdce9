package io.semper.lightclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Header;
import io.semper.core.types.Log;
import io.semper.core.types.Receipt;
import io.semper.core.view.Account;
import io.semper.core.view.UnavailableException;
import io.semper.lightclient.upstream.BlockJson;
import io.semper.lightclient.upstream.LieException;
import io.semper.lightclient.upstream.UpstreamPool;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a mainnet node said of block 21,925,176: its receipts, a log, the accounts of the deposit
/// contract and of who made the block, a slot and code, each against the block's header.
class MainnetBlockTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Address DEPOSITS = Address.of("0x00000000219ab540356cbb839cbe05303d7705fa");

  private static Map<String, JsonNode> files;
  private static Header header;

  private UpstreamPool upstreams;
  private JsonNode receipts;

  @BeforeAll
  static void read() throws LieException {
    files = RecordedAnswers.read("light-client.tar.xz", "tests/testdata/rpc/\\w+\\.json");
    header = BlockJson.header(files.get("block"));
  }

  @BeforeEach
  void ask() {
    receipts = files.get("receipts");
    upstreams = RecordedAnswers.node(this::answer);
  }

  @AfterEach
  void close() {
    upstreams.close();
  }

  private ObjectNode answer(JsonNode request) {
    ObjectNode reply = JSON.createObjectNode().put("jsonrpc", "2.0");
    reply.set("id", request.get("id"));
    String whose = request.get("params").get(0).asText();
    boolean deposits = whose.equalsIgnoreCase(DEPOSITS.toString());
    reply.set(
        "result",
        switch (request.get("method").textValue()) {
          case "eth_getProof" -> files.get(deposits ? "proof" : "block_miner_proof");
          case "eth_getCode" -> files.get("account").get("code");
          default -> receipts;
        });
    return reply;
  }

  @Test
  void receiptsAndTheLogFollowFromTheHeader() {
    assertThat(header.hash()).isEqualTo(Hash32.of(files.get("block").get("hash").textValue()));
    List<Receipt> proven = new BlockSource(null, upstreams).receipts(header);
    JsonNode said = files.get("logs").get(0);
    int transaction = Integer.decode(said.get("transactionIndex").textValue());
    int index = Integer.decode(said.get("logIndex").textValue());
    int before = 0;
    for (Receipt each : proven.subList(0, transaction)) {
      before += each.logs().size();
    }
    Log log = proven.get(transaction).logs().get(index - before);
    assertThat(log.address()).isEqualTo(DEPOSITS);
    assertThat(log.data()).isEqualTo(Hex.decode(said.get("data").textValue()));
    assertThat(log.topics().getFirst().toString()).isEqualTo(said.get("topics").get(0).textValue());
  }

  @Test
  void accountsASlotAndCodeFollowFromTheHeader() {
    ProvenState state = new ProvenState(header, new StateCache(), upstreams);
    JsonNode slot = files.get("proof").get("storageProof").get(0);
    UInt256 value = UInt256.ofHex(slot.get("value").textValue());
    UInt256 key = UInt256.ofHex(slot.get("key").textValue());
    assertThat(state.storage(DEPOSITS, key)).isEqualTo(value);
    Account deposits = state.account(DEPOSITS);
    assertThat(deposits.balance())
        .isEqualTo(UInt256.ofHex(files.get("proof").get("balance").textValue()));
    assertThat(state.code(deposits.codeHash()))
        .isEqualTo(Hex.decode(files.get("account").get("code").textValue()));
    Account miner = state.account(header.beneficiary());
    JsonNode said = files.get("block_miner_proof");
    assertThat(miner.balance()).isEqualTo(UInt256.ofHex(said.get("balance").textValue()));
    assertThat(miner.nonce()).isEqualTo(Long.decode(said.get("nonce").textValue()));
  }

  @Test
  void receiptsThatAreOthersAreALie() {
    for (String field : List.of("cumulativeGasUsed", "status", "type")) {
      receipts = files.get("receipts").deepCopy();
      ((ObjectNode) receipts.get(3)).put(field, "0x0");
      BlockSource source = new BlockSource(null, upstreams);
      assertThatThrownBy(() -> source.receipts(header)).isInstanceOf(UnavailableException.class);
      assertThat(upstreams.evidence()).as(field).hasSize(1);
      close();
      ask();
    }
  }
}
