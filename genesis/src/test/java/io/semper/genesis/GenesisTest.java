package io.semper.genesis;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.fixtures.Fixtures;
import io.semper.core.fork.BlobParams;
import io.semper.core.fork.Fork;
import io.semper.core.rlp.RlpReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GenesisTest {
  private static final String DIALECTS =
      """
      {"config": {"chainID": "0x7a69", "londonBlock": 0, "constantinopleFixBlock": 0,
          "terminalTotalDifficulty": "0", "shanghaiTime": 0, "cancunTime": "10", "comment": "x",
          "contractSizeLimit": 50000, "zeroBaseFee": true},
       "gasLimit": 30000000, "mixhash": "%s", "timestamp": "5", "extraData": "",
       "alloc": {
         "0x00000000000000000000000000000000000000AA": {"balance": "0x10"},
         "00000000000000000000000000000000000000bb": {"balance": "16", "comment": "decimal"},
         "00000000000000000000000000000000000000cc": {"balance": 16, "nonce": "0x1"},
         "00000000000000000000000000000000000000dd":
             {"code": "0x6001", "storage": {"0x1": "0x02", "03": "0x00"}}}}
      """
          .formatted("0x" + "11".repeat(32));

  private static Network read(String json) {
    return Genesis.read(json.getBytes(StandardCharsets.UTF_8));
  }

  private static Network fixture(String path) throws IOException {
    return Genesis.read(Files.readAllBytes(Fixtures.path(path)));
  }

  @ParameterizedTest
  @EnumSource(PublicNetwork.class)
  void public_network_files_give_the_known_hash(PublicNetwork known) throws IOException {
    Network network = fixture("chains/" + known.id() + ".genesis.json");
    assertThat(network.genesisHash()).isEqualTo(known.genesisHash());
    assertThat(network.name()).isEqualTo(known.id());
  }

  @ParameterizedTest
  @EnumSource(PublicNetwork.class)
  void public_network_files_describe_what_the_resources_do(PublicNetwork known) throws IOException {
    Network file = fixture("chains/" + known.id() + ".genesis.json");
    Network resource = known.network();
    assertThat(resource.chainId()).isEqualTo(file.chainId());
    assertThat(resource.depositContract()).isEqualTo(file.depositContract());
    assertThat(resource.forks().terminalTotalDifficulty())
        .isEqualTo(file.forks().terminalTotalDifficulty());
    for (Fork fork : file.forks().scheduled()) {
      assertThat(resource.forks().activation(fork))
          .as("%s", fork)
          .isEqualTo(file.forks().activation(fork));
    }
    for (Fork fork : Fork.values()) {
      assertThat(resource.forks().blobParams(fork))
          .as("%s", fork)
          .isEqualTo(file.forks().blobParams(fork));
    }
  }

  @Test
  void the_first_block_of_other_clients_chains_follows_their_genesis() throws IOException {
    byte[] chain = Files.readAllBytes(Fixtures.path("rpc-compat/chain.rlp"));
    assertThat(fixture("rpc-compat/genesis.json").genesisHash()).isEqualTo(firstParent(chain));
  }

  /// The vectors hold no `config`: they are of Frontier. Their result is the encoded block.
  @Test
  void official_vectors() {
    List<String> done = new ArrayList<>();
    Fixtures.readJson(
        "ethereum-tests-state.tar.xz",
        name -> name.startsWith("GenesisTests/"),
        (name, vectors) -> {
          for (Map.Entry<String, JsonNode> vector : vectors.properties()) {
            ObjectNode file = vector.getValue().deepCopy();
            file.putObject("config").put("chainId", 1);
            Network network = read(file.toString());
            assertThat(Hex.encode(network.genesisBlock().encode()))
                .as(vector.getKey())
                .isEqualTo("0x" + file.get("result").textValue().replaceFirst("^0x", ""));
            done.add(vector.getKey());
          }
        });
    assertThat(done).containsExactlyInAnyOrder("test1", "test2", "test3");
  }

  @Test
  void a_large_state_with_contracts_gives_the_parent_of_its_first_block() {
    archivedChainFollowsItsGenesis("chains/load1.tar.xz", "load1/");
  }

  @Test
  void a_quorum_file_gives_the_parent_of_its_first_block() {
    archivedChainFollowsItsGenesis("chains/qbft.tar.xz", "qbft/");
  }

  private static void archivedChainFollowsItsGenesis(String archive, String folder) {
    List<Hash32> hashes = new ArrayList<>();
    Fixtures.readArchive(
        archive,
        name -> name.equals(folder + "genesis.json") || name.equals(folder + "chain.rlp"),
        (name, content) ->
            hashes.add(
                name.endsWith(".json")
                    ? Genesis.read(content).genesisHash()
                    : firstParent(content)));
    assertThat(hashes).hasSize(2);
    assertThat(hashes.get(0)).isEqualTo(hashes.get(1));
  }

  private static Hash32 firstParent(byte[] chain) {
    RlpReader in = new RlpReader(chain);
    in.enterList();
    in.enterList();
    return in.readHash();
  }

  @Test
  void numbers_and_addresses_are_read_in_every_spelling() {
    Network network = read(DIALECTS);
    assertThat(network.chainId()).isEqualTo(UInt256.of(31_337));
    assertThat(network.genesis().timestamp()).isEqualTo(5);
    assertThat(network.genesis().mixHash()).isEqualTo(Hash32.of("11".repeat(32)));
    assertThat(network.contractSizeLimit()).isEqualTo(50_000);
    Map<Address, GenesisAccount> accounts = network.allocation().accounts();
    for (long address : new long[] {0xAA, 0xBB, 0xCC}) {
      assertThat(accounts.get(Address.of(address)).balance()).isEqualTo(UInt256.of(16));
    }
    assertThat(accounts.get(Address.of(0xCC)).nonce()).isEqualTo(1);
    assertThat(accounts.get(Address.of(0xDD)).code()).containsExactly(0x60, 0x01);
    assertThat(accounts.get(Address.of(0xDD)).storage())
        .isEqualTo(Map.of(UInt256.ONE, UInt256.of(2)));
  }

  @Test
  void header_fields_are_those_of_the_forks_in_force_at_genesis() {
    Network shanghai = read(DIALECTS);
    assertThat(shanghai.genesis().baseFeePerGas()).isEqualTo(UInt256.ZERO);
    assertThat(shanghai.genesis().withdrawalsRoot()).isNotNull();
    assertThat(shanghai.genesis().blobGasUsed()).isNull();
    Network prague = read(DIALECTS.replace("\"10\"", "5, \"pragueTime\": 5"));
    assertThat(prague.genesis().excessBlobGas()).isZero();
    assertThat(prague.genesis().parentBeaconBlockRoot()).isEqualTo(Hash32.ZERO);
    assertThat(prague.genesis().requestsHash().toString())
        .isEqualTo("0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    Network frontier = read("{\"config\": {\"chainId\": 5}, \"alloc\": {}}");
    assertThat(frontier.genesis().baseFeePerGas()).isNull();
    assertThat(frontier.genesis().difficulty()).isEqualTo(UInt256.of(131_072));
  }

  @Test
  void london_at_genesis_starts_at_one_gwei_of_base_fee() {
    Network london = read("{\"config\": {\"chainId\": 5, \"londonBlock\": 0}, \"alloc\": {}}");
    assertThat(london.genesis().baseFeePerGas()).isEqualTo(UInt256.of(1_000_000_000));
    Network later = read("{\"config\": {\"chainId\": 5, \"londonBlock\": 1}, \"alloc\": {}}");
    assertThat(later.genesis().baseFeePerGas()).isNull();
  }

  @Test
  void constantinople_alone_comes_with_its_fix() {
    Network network =
        read("{\"config\": {\"chainId\": 5, \"constantinopleBlock\": 7}, \"alloc\": {}}");
    assertThat(network.forks().at(7, 0, false)).isEqualTo(Fork.PETERSBURG);
  }

  @Test
  void a_fork_without_blob_limits_keeps_those_before_it() throws IOException {
    Network sepolia = fixture("chains/sepolia.genesis.json");
    assertThat(sepolia.forks().blobParams(Fork.OSAKA)).isEqualTo(BlobParams.PRAGUE);
    assertThat(sepolia.forks().blobParams(Fork.BPO2).max()).isEqualTo(21);
    assertThat(sepolia.forks().blobParams(Fork.BPO5).max()).isEqualTo(21);
  }

  @Test
  void an_allocation_survives_its_compact_form() {
    Allocation allocation = read(DIALECTS).allocation();
    Allocation again = Allocation.decode(allocation.encode());
    assertThat(again.accounts().keySet()).isEqualTo(allocation.accounts().keySet());
    assertThat(StateRoot.of(again)).isEqualTo(StateRoot.of(allocation));
  }
}
