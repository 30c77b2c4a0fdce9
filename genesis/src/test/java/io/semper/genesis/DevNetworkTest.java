package io.semper.genesis;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.fixtures.Fixtures;
import io.semper.core.fork.Fork;
import io.semper.core.fork.ForkId;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DevNetworkTest {
  private static final Address RICH = Address.of("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
  private static final UInt256 BALANCE = UInt256.ofHex("0x21e19e0c9bab2400000");

  private final Network network = DevNetwork.create(List.of(RICH), BALANCE, 1_700_000_000);

  @Test
  void every_fork_is_in_force_from_the_first_block_on() {
    assertThat(network.chainId()).isEqualTo(DevNetwork.CHAIN_ID);
    assertThat(network.forks().mergedAtGenesis()).isTrue();
    assertThat(network.forks().at(1, 1_700_000_001, true)).isEqualTo(Fork.BPO2);
    assertThat(network.genesis().timestamp()).isEqualTo(1_700_000_000);
    assertThat(network.genesis().requestsHash()).isNotNull();
    ForkId id =
        ForkId.of(network.forks(), network.genesisHash(), network.genesis().timestamp(), 1, 1);
    assertThat(id.next()).isZero();
  }

  @Test
  void its_state_holds_the_accounts_and_the_contracts_blocks_call() {
    Map<Address, GenesisAccount> accounts = network.allocation().accounts();
    assertThat(accounts.get(RICH).balance()).isEqualTo(BALANCE);
    assertThat(accounts).hasSize(6);
    assertThat(accounts.get(AllocationGenerator.DEPOSITS).storage()).hasSize(31);
    assertThat(accounts.get(AllocationGenerator.WITHDRAWALS).storage()).isEmpty();
    assertThat(accounts.get(AllocationGenerator.CONSOLIDATIONS).storage()).isEmpty();
    assertThat(StateRoot.of(network.allocation())).isEqualTo(network.genesis().stateRoot());
  }

  @Test
  void those_contracts_are_the_ones_other_networks_have() throws IOException {
    Map<Address, GenesisAccount> ours = network.allocation().accounts();
    Map<Address, GenesisAccount> hive = fixture("rpc-compat/genesis.json");
    for (Address address :
        List.of(
            AllocationGenerator.BEACON_ROOTS,
            AllocationGenerator.HISTORY,
            AllocationGenerator.WITHDRAWALS,
            AllocationGenerator.CONSOLIDATIONS)) {
      assertThat(ours.get(address).code()).isEqualTo(hive.get(address).code());
    }
    // Holesky's deposit contract was compiled again, so its trailer of compiler metadata differs.
    Address holeskyDeposits = Address.of("0x4242424242424242424242424242424242424242");
    byte[] holesky = fixture("chains/holesky.genesis.json").get(holeskyDeposits).code();
    assertThat(withoutMetadata(ours.get(AllocationGenerator.DEPOSITS).code()))
        .isEqualTo(withoutMetadata(holesky));
  }

  private static String withoutMetadata(byte[] code) {
    return Hex.encode(Arrays.copyOf(code, code.length - 53));
  }

  private static Map<Address, GenesisAccount> fixture(String path) throws IOException {
    return Genesis.read(Files.readAllBytes(Fixtures.path(path))).allocation().accounts();
  }
}
