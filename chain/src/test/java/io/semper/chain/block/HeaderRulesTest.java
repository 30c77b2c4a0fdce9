package io.semper.chain.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.Fork;
import io.semper.core.types.Block;
import io.semper.core.types.Bloom;
import io.semper.core.types.Header;
import io.semper.genesis.Genesis;
import io.semper.genesis.Network;
import io.semper.genesis.PublicNetwork;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class HeaderRulesTest {
  private static final int LONDON = 27;
  private static final int LAST_OF_WORK = 35;
  private static final int SHANGHAI = 39;
  private static final int CANCUN = 42;
  private static final int PRAGUE = 45;

  /// A chain with the total difficulty up to each of its blocks.
  private record Chain(HeaderRules rules, List<Header> headers, List<UInt256> totals) {
    static Chain everyFork() throws IOException {
      List<Header> headers = RealHeaders.everyFork().stream().map(Block::header).toList();
      List<UInt256> totals = new ArrayList<>();
      UInt256 total = UInt256.ZERO;
      for (Header header : headers) {
        total = total.plus(header.difficulty());
        totals.add(total);
      }
      return new Chain(
          new HeaderRules(RealHeaders.everyForkNetwork(), SealRule.NONE), headers, totals);
    }

    Optional<Violation> verify(int number) {
      return verify(number, builder -> builder);
    }

    Optional<Violation> verify(int number, UnaryOperator<Header.Builder> change) {
      return rules.verify(
          change.apply(headers.get(number).toBuilder()).build(),
          headers.get(number - 1),
          totals.get(number - 1));
    }

    Fork fork(int number) {
      return rules.fork(number, headers.get(number).timestamp(), totals.get(number - 1));
    }
  }

  @Test
  void a_chain_through_every_fork_keeps_them() throws IOException {
    Chain chain = Chain.everyFork();
    Set<Fork> passed = EnumSet.noneOf(Fork.class);
    for (int number = 1; number < chain.headers().size(); number++) {
      assertThat(chain.verify(number)).as("block %d", number).isEmpty();
      passed.add(chain.fork(number));
    }
    assertThat(passed).hasSize(19).contains(Fork.HOMESTEAD, Fork.PARIS, Fork.BPO2);
    assertThat(chain.fork(LONDON)).isEqualTo(Fork.LONDON);
    assertThat(chain.fork(LAST_OF_WORK + 1)).isEqualTo(Fork.PARIS);
    assertThat(chain.fork(SHANGHAI)).isEqualTo(Fork.SHANGHAI);
    assertThat(chain.fork(CANCUN)).isEqualTo(Fork.CANCUN);
    assertThat(chain.fork(PRAGUE)).isEqualTo(Fork.PRAGUE);
  }

  @Test
  void each_rule_broken_is_named_with_the_numbers() throws IOException {
    Chain chain = Chain.everyFork();
    refused(chain, 5, b -> b.parentHash(Hash32.ZERO), Rule.PARENT_UNKNOWN, "parent hash 0x0000");
    refused(chain, 5, b -> b.number(7), Rule.NUMBER, "number 7, the parent's is 4");
    refused(
        chain,
        5,
        b -> b.timestamp(40),
        Rule.TIMESTAMP,
        "timestamp 40 is not above the parent's 40");
    refused(
        chain,
        5,
        b -> b.extraData(new byte[33]),
        Rule.EXTRA_DATA,
        "extra data of 33 bytes, at most 32 allowed");
    refused(
        chain,
        5,
        b -> b.gasLimit(100_000_000 + 97_656),
        Rule.GAS_LIMIT,
        "gas limit 100097656 differs by 97656 from 100000000, less than 97656 allowed");
    refused(
        chain,
        5,
        b -> b.gasUsed(100_000_001),
        Rule.GAS_USED_ABOVE_LIMIT,
        "gas used 100000001 exceeds the gas limit 100000000");
    refused(
        chain,
        5,
        b -> b.difficulty(UInt256.of(131_073)),
        Rule.DIFFICULTY,
        "difficulty 131073, expected 131072 after 131072 and 10 seconds under TANGERINE_WHISTLE");
    refused(
        chain,
        5,
        b -> b.difficulty(UInt256.ZERO),
        Rule.TOTAL_DIFFICULTY,
        "proof-of-stake block, while the total difficulty 655360 of its parent is below the"
            + " terminal 4732352");
    refused(
        chain,
        5,
        b -> b.baseFeePerGas(UInt256.ONE),
        Rule.FIELD_UNEXPECTED,
        "base fee present, which TANGERINE_WHISTLE does not have");
    refused(chain, LONDON, b -> b.gasLimit(100_000_000), Rule.GAS_LIMIT, "from 200000000");
    refused(
        chain,
        LONDON,
        b -> b.baseFeePerGas(UInt256.of(7)),
        Rule.BASE_FEE,
        "base fee 7, expected 1000000000");
    refused(
        chain,
        LONDON,
        b -> b.baseFeePerGas(null),
        Rule.FIELD_MISSING,
        "base fee missing, which LONDON requires");
    refused(
        chain,
        LAST_OF_WORK + 1,
        b -> b.difficulty(UInt256.of(131_072)),
        Rule.TOTAL_DIFFICULTY,
        "difficulty 131072, expected zero");
    refused(chain, LAST_OF_WORK + 1, b -> b.nonce(-1), Rule.NONCE, "nonce 18446744073709551615");
    refused(
        chain, LAST_OF_WORK + 1, b -> b.ommersHash(Hash32.ZERO), Rule.OMMERS_HASH, "ommers hash");
    refused(
        chain,
        SHANGHAI - 1,
        b -> b.withdrawalsRoot(Hash32.ZERO),
        Rule.FIELD_UNEXPECTED,
        "withdrawals root present, which PARIS does not have");
    refused(
        chain,
        SHANGHAI,
        b -> b.withdrawalsRoot(null),
        Rule.FIELD_MISSING,
        "withdrawals root missing, which SHANGHAI requires");
    refused(
        chain, SHANGHAI, b -> b.blobGasUsed(0L), Rule.FIELD_UNEXPECTED, "blob gas used present");
    refused(
        chain,
        CANCUN,
        b -> b.parentBeaconBlockRoot(null),
        Rule.FIELD_MISSING,
        "parent beacon block root missing");
    refused(
        chain,
        CANCUN,
        b -> b.blobGasUsed(7 * 131_072L),
        Rule.BLOB_GAS_USED,
        "blob gas used 917504, at most 786432 (6 blobs) allowed");
    refused(
        chain,
        CANCUN,
        b -> b.blobGasUsed(5L),
        Rule.BLOB_GAS_USED,
        "blob gas used 5 is no multiple of a blob's 131072");
    refused(
        chain,
        CANCUN + 1,
        b -> b.excessBlobGas(1L),
        Rule.EXCESS_BLOB_GAS,
        "excess blob gas 1, expected 0");
    refused(
        chain,
        CANCUN,
        b -> b.requestsHash(Hash32.ZERO),
        Rule.FIELD_UNEXPECTED,
        "requests hash present");
    refused(chain, PRAGUE, b -> b.requestsHash(null), Rule.FIELD_MISSING, "requests hash missing");
    refused(
        chain,
        PRAGUE,
        b -> b.blockAccessListHash(Hash32.ZERO),
        Rule.FIELD_UNEXPECTED,
        "block access list hash present");
    refused(chain, PRAGUE, b -> b.slotNumber(1L), Rule.FIELD_UNEXPECTED, "slot number present");
  }

  private static void refused(
      Chain chain, int number, UnaryOperator<Header.Builder> change, Rule rule, String message) {
    Optional<Violation> verdict = chain.verify(number, change);
    assertThat(verdict).as("%s at block %d", rule, number).isPresent();
    assertThat(verdict.get().rule()).as("%s", verdict.get()).isEqualTo(rule);
    assertThat(verdict.get().message()).contains(message);
  }

  @Test
  void fields_the_state_decides_are_left_to_execution() throws IOException {
    Chain chain = Chain.everyFork();
    assertThat(
            chain.verify(
                50,
                b ->
                    b.stateRoot(Hash32.ZERO)
                        .receiptsRoot(Hash32.ZERO)
                        .transactionsRoot(Hash32.ZERO)
                        .logsBloom(Bloom.EMPTY)
                        .beneficiary(Address.ZERO)
                        .mixHash(Hash32.ZERO)))
        .isEmpty();
  }

  @Test
  void the_gas_limit_has_a_floor() {
    Network network = network("");
    HeaderRules rules = new HeaderRules(network, SealRule.NONE);
    Header parent = Header.builder().gasLimit(5_000).difficulty(UInt256.of(131_072)).build();
    Header.Builder child = child(parent);
    assertThat(rules.verify(child.gasLimit(5_000).build(), parent, UInt256.ONE)).isEmpty();
    assertThat(rules.verify(child.gasLimit(4_999).build(), parent, UInt256.ONE))
        .contains(new Violation(Rule.GAS_LIMIT, "gas limit 4999 is below 5000"));
  }

  @Test
  void the_seal_is_looked_at_last() {
    Header parent = Header.builder().gasLimit(5_000).difficulty(UInt256.of(131_072)).build();
    Violation bad = new Violation(Rule.SEAL, "bad");
    HeaderRules rules = new HeaderRules(network(""), (header, of) -> Optional.of(bad));
    Header good = child(parent).gasLimit(5_000).build();
    assertThat(rules.verify(good, parent, UInt256.ONE)).contains(bad);
    assertThat(rules.verify(good.toBuilder().number(9).build(), parent, UInt256.ONE))
        .map(Violation::rule)
        .contains(Rule.NUMBER);
  }

  @Test
  void ten_blocks_bear_the_mark_of_the_dao_fork() {
    HeaderRules supports =
        new HeaderRules(network(", \"daoForkBlock\": 1, \"daoForkSupport\": true"), SealRule.NONE);
    HeaderRules refuses =
        new HeaderRules(network(", \"daoForkBlock\": 1, \"daoForkSupport\": false"), SealRule.NONE);
    byte[] mark = "dao-hard-fork".getBytes(StandardCharsets.US_ASCII);
    for (long number = 1; number <= 12; number++) {
      Header parent =
          Header.builder()
              .number(number - 1)
              .gasLimit(5_000)
              .difficulty(UInt256.of(131_072))
              .build();
      Header plain = child(parent).number(number).gasLimit(5_000).build();
      Header marked = plain.toBuilder().extraData(mark).build();
      boolean fixed = number <= 10;
      assertThat(supports.verify(marked, parent, UInt256.ONE)).isEmpty();
      assertThat(supports.verify(plain, parent, UInt256.ONE).isPresent()).isEqualTo(fixed);
      assertThat(refuses.verify(plain, parent, UInt256.ONE)).isEmpty();
      assertThat(refuses.verify(marked, parent, UInt256.ONE).isPresent()).isEqualTo(fixed);
    }
    assertThat(
            supports
                .verify(
                    child(Header.builder().gasLimit(5_000).build()).gasLimit(5_000).build(),
                    Header.builder().gasLimit(5_000).build(),
                    UInt256.ONE)
                .map(Violation::message))
        .contains("extra data is not 'dao-hard-fork' at block 1, one of the 10 from block 1 on");
  }

  @Test
  void the_dao_forks_accounts() {
    assertThat(DaoFork.DRAINED).hasSize(116).doesNotHaveDuplicates().doesNotContain(DaoFork.REFUND);
    assertThat(DaoFork.DRAINED)
        .contains(
            Address.of("0xbb9bc244d798123fde783fcc1c72d3bb8c189413"),
            Address.of("0x304a554a310c7e546dfe434669c62820b7d83490"));
    Network mainnet = PublicNetwork.MAINNET.network();
    assertThat(DaoFork.movesEther(mainnet, 1_920_000)).isTrue();
    assertThat(DaoFork.movesEther(mainnet, 1_920_001)).isFalse();
    assertThat(DaoFork.movesEther(PublicNetwork.SEPOLIA.network(), 0)).isFalse();
  }

  @Test
  void networks_with_fixed_difficulty_or_without_base_fee() {
    HeaderRules fixed =
        new HeaderRules(network(", \"ethash\": {\"fixeddifficulty\": 100}"), SealRule.NONE);
    Header parent = Header.builder().gasLimit(5_000).difficulty(UInt256.of(100)).build();
    Header header = child(parent).gasLimit(5_000).difficulty(UInt256.of(100)).build();
    assertThat(fixed.verify(header, parent, UInt256.ONE)).isEmpty();
    HeaderRules free =
        new HeaderRules(network(", \"londonBlock\": 0, \"zeroBaseFee\": true"), SealRule.NONE);
    assertThat(free.nextBaseFee(parent)).isEqualTo(UInt256.ZERO);
  }

  /// Eleven consecutive blocks of Ethereum itself, as JSON-RPC gives them.
  @Test
  void consecutive_mainnet_blocks_of_our_day() {
    Map<Long, Header> headers = new TreeMap<>();
    for (Header header : RealHeaders.mainnetSamples(name -> name.matches("224310\\d\\d"))) {
      headers.put(header.number(), header);
    }
    HeaderRules rules = new HeaderRules(PublicNetwork.MAINNET.network(), SealRule.NONE);
    int pairs = 0;
    for (Map.Entry<Long, Header> entry : headers.entrySet()) {
      Header parent = headers.get(entry.getKey() - 1);
      if (parent != null) {
        assertThat(rules.verify(entry.getValue(), parent, UInt256.MAX))
            .as("block %d", entry.getKey())
            .isEmpty();
        pairs++;
      }
    }
    assertThat(pairs).isEqualTo(10);
  }

  private static Header.Builder child(Header parent) {
    return Header.builder()
        .parentHash(parent.hash())
        .number(parent.number() + 1)
        .timestamp(parent.timestamp() + 13)
        .difficulty(UInt256.of(131_072));
  }

  private static Network network(String config) {
    return Genesis.read(
        ("{\"config\": {\"chainId\": 7, \"homesteadBlock\": 0" + config + "}, \"alloc\": {}}")
            .getBytes(StandardCharsets.UTF_8));
  }
}
