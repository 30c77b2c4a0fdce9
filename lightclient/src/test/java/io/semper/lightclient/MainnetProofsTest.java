package io.semper.lightclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.fee.BlobGas;
import io.semper.core.fork.Fork;
import io.semper.core.types.AccessListEntry;
import io.semper.core.types.Header;
import io.semper.core.view.Account;
import io.semper.core.view.UnavailableException;
import io.semper.evm.BlockEnv;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.tx.Message;
import io.semper.evm.tx.Simulation;
import io.semper.evm.tx.TxResult;
import io.semper.genesis.Network;
import io.semper.genesis.PublicNetwork;
import io.semper.lightclient.upstream.BlockJson;
import io.semper.lightclient.upstream.LieException;
import io.semper.lightclient.upstream.UpstreamPool;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a mainnet node said of wrapped Ether in block 23,223,655: its account, a slot, its code and
/// the access list of a call, each against the block's header.
class MainnetProofsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Address WETH = Address.of("0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2");
  private static final UInt256 SLOT =
      UInt256.ofHex("0x4de9be9d9a5197eea999984bec8d41aac923403f95449eaf16641fbc3a942711");
  private static final UInt256 BALANCE = UInt256.ofHex("0x288a82d13c3d1600");
  private static final byte[] BALANCE_OF =
      Hex.decode("0x70a08231000000000000000000000000De5ae63A348C4d63343C8E20Fb6286909418c8A4");
  private static Map<String, JsonNode> files;
  private static Header header;

  private UpstreamPool upstreams;
  private ProvenState state;
  private JsonNode proof;
  private JsonNode code;

  @BeforeAll
  static void read() throws LieException {
    files =
        RecordedAnswers.read(
            "mainnet-blocks.tar.xz", ".*/(proof_block|storage_proof|code|access_list)\\.json");
    header = BlockJson.header(files.get("proof_block"));
  }

  @BeforeEach
  void ask() {
    proof = files.get("storage_proof");
    code = files.get("code");
    upstreams = RecordedAnswers.node(this::answer);
    state = new ProvenState(header, new StateCache(), upstreams);
  }

  @AfterEach
  void close() {
    upstreams.close();
  }

  private ObjectNode answer(JsonNode request) {
    ObjectNode reply = JSON.createObjectNode().put("jsonrpc", "2.0");
    reply.set("id", request.get("id"));
    JsonNode params = request.get("params");
    boolean known = params.get(0).textValue().equalsIgnoreCase(WETH.toString());
    switch (known ? request.get("method").textValue() : "") {
      case "eth_getProof" -> reply.set("result", proof);
      case "eth_getCode" -> reply.set("result", code);
      default -> reply.putObject("error").put("code", -32000).put("message", "not recorded");
    }
    return reply;
  }

  @Test
  void accountSlotAndCodeFollowFromTheHeader() {
    assertThat(header.hash())
        .isEqualTo(Hash32.of(files.get("proof_block").get("hash").textValue()));
    Account account = state.account(WETH);
    assertThat(account.balance()).isEqualTo(UInt256.ofHex("0x1d663f6a4afc5b01abb5d"));
    assertThat(account.nonce()).isEqualTo(1);
    assertThat(state.storage(WETH, SLOT)).isEqualTo(BALANCE);
    assertThat(state.code(account.codeHash())).isEqualTo(Hex.decode(code.textValue()));
  }

  /// `balanceOf`, executed here: the answer, the list and the gas that the node had.
  @Test
  void theCallTouchesWhatTheNodesAccessListSays() {
    Network mainnet = PublicNetwork.MAINNET.network();
    Fork fork = mainnet.forks().at(header.number(), header.timestamp(), true);
    BlockEnv env =
        new BlockEnv(
            mainnet.chainId(),
            WETH, // who earns nothing here, and whom nothing was recorded of
            header.number(),
            header.timestamp(),
            header.gasLimit(),
            header.difficulty(),
            header.mixHash(),
            header.baseFeePerGas(),
            BlobGas.baseFee(header.excessBlobGas(), mainnet.forks().blobParams(fork)),
            number -> Hash32.ZERO);
    Message message =
        new Message(
            0,
            WETH,
            WETH,
            0,
            1_000_000,
            UInt256.ZERO,
            UInt256.ZERO,
            UInt256.ZERO,
            BALANCE_OF,
            List.of(),
            UInt256.ZERO,
            List.of(),
            List.of());
    Simulation simulation =
        new Simulation(state, env, ForkRules.of(fork, mainnet.contractSizeLimit()), 5_000);
    TxResult.Executed called = (TxResult.Executed) simulation.call(message, null);
    assertThat(UInt256.of(called.output())).isEqualTo(BALANCE);
    JsonNode expected = files.get("access_list");
    Simulation.AccessListResult found = simulation.createAccessList(message);
    JsonNode entry = expected.get("accessList").get(0);
    assertThat(found.list())
        .containsExactly(
            new AccessListEntry(
                Address.of(entry.get("address").textValue()),
                List.of(Hash32.of(entry.get("storageKeys").get(0).textValue()))));
    TxResult.Executed listed = (TxResult.Executed) found.result();
    assertThat(listed.gasUsed()).isEqualTo(Long.decode(expected.get("gasUsed").textValue()));
  }

  /// Any node of the tries with any bit changed, and code with one.
  @Test
  void nothingChangedIsBelieved() {
    int changes = 0;
    for (String list : List.of("accountProof", "storageProof")) {
      JsonNode nodes = proof.get(list);
      nodes = list.equals("storageProof") ? nodes.get(0).get("proof") : nodes;
      for (int i = 0; i < nodes.size(); i++) {
        byte[] node = Hex.decode(nodes.get(i).textValue());
        for (int at = i; at < node.length; at += 61) {
          byte[] changed = node.clone();
          changed[at] ^= (byte) (1 << at % 8);
          ObjectNode said = files.get("storage_proof").deepCopy();
          ArrayNode to =
              (ArrayNode)
                  (list.equals("storageProof")
                      ? said.get(list).get(0).get("proof")
                      : said.get(list));
          to.set(i, Hex.encode(changed));
          close();
          ask();
          proof = said;
          assertThatThrownBy(() -> state.storage(WETH, SLOT))
              .isInstanceOf(UnavailableException.class);
          assertThat(upstreams.status().getFirst().state()).isEqualTo(UpstreamPool.State.BANNED);
          changes++;
        }
      }
    }
    assertThat(changes).isGreaterThan(80);
    close();
    ask();
    Hash32 hash = state.account(WETH).codeHash();
    code = JSON.getNodeFactory().textNode(code.textValue().replaceFirst("60", "61"));
    assertThatThrownBy(() -> state.code(hash)).isInstanceOf(UnavailableException.class);
    assertThat(Optional.ofNullable(upstreams.status().getFirst().problem()).orElse(""))
        .contains("does not hash");
  }
}
