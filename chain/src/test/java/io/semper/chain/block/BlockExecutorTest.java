package io.semper.chain.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.Fork;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Withdrawal;
import io.semper.core.view.Account;
import io.semper.core.view.StateView;
import io.semper.evm.state.StateDiff;
import io.semper.genesis.Genesis;
import io.semper.genesis.Network;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What blocks do besides their transactions, fork by fork.
class BlockExecutorTest {
  private static final Address PRODUCER = Address.of("0x00000000000000000000000000000000000000aa");
  private static final Address OMMER_PRODUCER =
      Address.of("0x00000000000000000000000000000000000000bb");
  private static final UInt256 ETHER = UInt256.of(1_000_000_000_000_000_000L);
  private static final StateView NOTHING =
      new StateView() {
        @Override
        public Account account(Address address) {
          return null;
        }

        @Override
        public UInt256 storage(Address address, UInt256 slot) {
          return UInt256.ZERO;
        }

        @Override
        public byte[] code(Hash32 codeHash) {
          return new byte[0];
        }
      };

  private static final Network NETWORK =
      Genesis.read(
          ("{\"config\": {\"chainId\": 7}, \"difficulty\": \"0x1\","
                  + " \"gasLimit\": \"0x47e7c4\", \"alloc\": {}}")
              .getBytes(StandardCharsets.UTF_8));

  @Test
  void proofOfWorkPaysFiveThenThreeThenTwoEther() {
    assertThat(reward(Fork.FRONTIER)).isEqualTo(ETHER.timesExact(5));
    assertThat(reward(Fork.SPURIOUS_DRAGON)).isEqualTo(ETHER.timesExact(5));
    assertThat(reward(Fork.BYZANTIUM)).isEqualTo(ETHER.timesExact(3));
    assertThat(reward(Fork.CONSTANTINOPLE)).isEqualTo(ETHER.timesExact(2));
    assertThat(reward(Fork.GRAY_GLACIER)).isEqualTo(ETHER.timesExact(2));
  }

  @Test
  void proofOfStakePaysNothing() {
    Block block = new Block(header().build(), List.of(), List.of(), null);

    assertThat(executed(Fork.PARIS, block).accounts()).isEmpty();
  }

  @Test
  void ommersPayByTheirAgeAndTheirNamer() {
    Header young = Header.builder().number(9).beneficiary(OMMER_PRODUCER).build();
    Header old = Header.builder().number(4).beneficiary(OMMER_PRODUCER).build();
    Block block = new Block(header().build(), List.of(), List.of(young, old), null);
    StateDiff diff = executed(Fork.ISTANBUL, block);

    UInt256 eighth = UInt256.of(250_000_000_000_000_000L);
    UInt256 thirtySecond = UInt256.of(62_500_000_000_000_000L);
    assertThat(diff.accounts().get(OMMER_PRODUCER).balance()).isEqualTo(eighth.timesExact(7 + 2));
    assertThat(diff.accounts().get(PRODUCER).balance())
        .isEqualTo(ETHER.timesExact(2).plus(thirtySecond.timesExact(2)));
  }

  @Test
  void withdrawalsAreInGweiAndOfNothingCreateNothing() {
    Withdrawal most = new Withdrawal(0, 1, PRODUCER, -1L);
    Withdrawal nothing = new Withdrawal(1, 1, OMMER_PRODUCER, 0);
    Block block = new Block(header().build(), List.of(), List.of(), List.of(most, nothing));
    StateDiff diff = executed(Fork.SHANGHAI, block);

    assertThat(diff.accounts()).containsOnlyKeys(PRODUCER);
    assertThat(diff.accounts().get(PRODUCER).balance())
        .hasToString("18446744073709551615000000000");
  }

  @Test
  void aMissingRequestContractMakesTheBlockInvalid() {
    Block block = new Block(header().build(), List.of(), List.of(), List.of());

    assertBroken(Fork.PRAGUE, block, Rule.SYSTEM_CONTRACT_EMPTY);
  }

  @Test
  void claimsOfTheHeaderAreCompared() {
    Block gas = new Block(header().gasUsed(1).build(), List.of(), List.of(), null);
    Block receipts =
        new Block(header().receiptsRoot(Hash32.ZERO).build(), List.of(), List.of(), null);

    assertBroken(Fork.LONDON, gas, Rule.GAS_USED);
    assertBroken(Fork.LONDON, receipts, Rule.RECEIPTS_ROOT);
  }

  private static Header.Builder header() {
    return Header.builder()
        .number(10)
        .timestamp(100)
        .gasLimit(5_000_000)
        .beneficiary(PRODUCER)
        .baseFeePerGas(UInt256.ONE)
        .receiptsRoot(Account.EMPTY_ROOT);
  }

  private static UInt256 reward(Fork fork) {
    Block block = new Block(header().build(), List.of(), List.of(), null);
    return executed(fork, block).accounts().get(PRODUCER).balance();
  }

  private static StateDiff executed(Fork fork, Block block) {
    BlockExecutor.Outcome outcome = execute(fork, block);
    assertThat(outcome).isInstanceOf(BlockExecutor.Outcome.Executed.class);
    return ((BlockExecutor.Outcome.Executed) outcome).diff();
  }

  private static void assertBroken(Fork fork, Block block, Rule rule) {
    BlockExecutor.Outcome outcome = execute(fork, block);
    assertThat(outcome).isInstanceOf(BlockExecutor.Outcome.Violated.class);
    assertThat(((BlockExecutor.Outcome.Violated) outcome).violation().rule()).isEqualTo(rule);
  }

  private static BlockExecutor.Outcome execute(Fork fork, Block block) {
    return BlockExecutor.execute(
        NETWORK, fork, block, NOTHING, number -> Hash32.ZERO, diff -> Hash32.ZERO);
  }
}
