package io.semper.chain.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.genesis.Genesis;
import io.semper.genesis.PublicNetwork;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OmmerRulesTest {
  private final Map<Hash32, Block> known = new HashMap<>();
  private final HeaderRules headers =
      new HeaderRules(
          Genesis.read(
              "{\"config\": {\"chainId\": 7, \"homesteadBlock\": 0}, \"alloc\": {}}"
                  .getBytes(StandardCharsets.UTF_8)),
          SealRule.NONE);
  private final OmmerRules rules = new OmmerRules(headers);

  @Test
  void mainnets_first_ommers_are_valid() throws IOException {
    OmmerRules mainnet =
        new OmmerRules(new HeaderRules(PublicNetwork.MAINNET.network(), SealRule.NONE));
    int ommers = 0;
    for (Block block : RealHeaders.mainnet()) {
      assertThat(mainnet.verify(block, UInt256.ONE, known::get))
          .as("block %d", block.header().number())
          .isEmpty();
      known.put(block.header().hash(), block);
      ommers += block.ommers().size();
    }
    assertThat(ommers).isPositive();
  }

  @Test
  void an_ommer_may_be_six_generations_old() {
    List<Block> chain = chain(9);
    for (int number = 1; number <= 9; number++) {
      Header ommer = sibling(chain, number);
      boolean inReach = number >= 4; // the block named in has number 10
      assertThat(verdict(chain, List.of(ommer)).isEmpty()).as("%d", number).isEqualTo(inReach);
    }
    assertThat(rule(chain, List.of(sibling(chain, 3)))).isEqualTo(Rule.OMMER_PARENT);
  }

  @Test
  void what_is_no_ommer() {
    List<Block> chain = chain(9);
    Header ommer = sibling(chain, 8);
    assertThat(rule(chain, List.of(ommer, sibling(chain, 7), sibling(chain, 6))))
        .isEqualTo(Rule.OMMER_COUNT);
    assertThat(rule(chain, List.of(ommer, ommer))).isEqualTo(Rule.OMMER_DUPLICATE);
    assertThat(rule(chain, List.of(chain.get(8).header()))).isEqualTo(Rule.OMMER_ANCESTOR);
    assertThat(rule(chain, List.of(sibling(chain, 10)))).isEqualTo(Rule.OMMER_PARENT);
    Header unknownParent = ommer.toBuilder().parentHash(Hash32.ZERO).build();
    assertThat(rule(chain, List.of(unknownParent))).isEqualTo(Rule.OMMER_PARENT);
    Header invalid = ommer.toBuilder().difficulty(UInt256.of(9)).build();
    Violation verdict = verdict(chain, List.of(invalid)).orElseThrow();
    assertThat(verdict.rule()).isEqualTo(Rule.OMMER_HEADER);
    assertThat(verdict.message()).contains("DIFFICULTY: difficulty 9, expected 131072");
  }

  @Test
  void an_ommer_is_named_once() {
    List<Block> chain = chain(7);
    Header ommer = sibling(chain, 7);
    append(chain, List.of(ommer));
    assertThat(rule(chain, List.of(ommer))).isEqualTo(Rule.OMMER_DUPLICATE);
  }

  @Test
  void the_header_commits_to_the_ommers() {
    List<Block> chain = chain(9);
    Header ommer = sibling(chain, 8);
    Block named = next(chain, List.of(ommer));
    Block stripped = new Block(named.header(), List.of(), List.of(), null);
    assertThat(rules.verify(stripped, UInt256.ONE, known::get))
        .map(Violation::rule)
        .contains(Rule.OMMERS_HASH);
  }

  private Rule rule(List<Block> chain, List<Header> ommers) {
    return verdict(chain, ommers).map(Violation::rule).orElse(null);
  }

  private Optional<Violation> verdict(List<Block> chain, List<Header> ommers) {
    return rules.verify(next(chain, ommers), UInt256.ONE, known::get);
  }

  /// Blocks 0 to `length`.
  private List<Block> chain(int length) {
    List<Block> chain = new ArrayList<>();
    Header genesis = Header.builder().gasLimit(5_000).difficulty(UInt256.of(131_072)).build();
    chain.add(new Block(genesis, List.of(), List.of(), null));
    known.put(genesis.hash(), chain.get(0));
    while (chain.size() <= length) {
      append(chain, List.of());
    }
    return chain;
  }

  private void append(List<Block> chain, List<Header> ommers) {
    Block block = next(chain, ommers);
    known.put(block.header().hash(), block);
    chain.add(block);
  }

  private static Block next(List<Block> chain, List<Header> ommers) {
    Header parent = chain.get(chain.size() - 1).header();
    Header header = child(parent).ommersHash(OmmerRules.hash(ommers)).build();
    return new Block(header, List.of(), ommers, null);
  }

  /// A header beside block `number` of the chain.
  private static Header sibling(List<Block> chain, int number) {
    return child(chain.get(number - 1).header()).extraData(new byte[] {1}).build();
  }

  private static Header.Builder child(Header parent) {
    return Header.builder()
        .parentHash(parent.hash())
        .number(parent.number() + 1)
        .timestamp(parent.timestamp() + 10)
        .gasLimit(5_000)
        .difficulty(UInt256.of(131_072));
  }
}
