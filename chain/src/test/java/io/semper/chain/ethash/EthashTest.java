package io.semper.chain.ethash;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.chain.block.HeaderRules;
import io.semper.chain.block.RealHeaders;
import io.semper.chain.block.Rule;
import io.semper.chain.block.SealRule;
import io.semper.chain.block.Violation;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.fixtures.Fixtures;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.genesis.Genesis;
import io.semper.genesis.Network;
import io.semper.genesis.PublicNetwork;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EthashTest {
  private static final EpochCache FIRST_EPOCH = EpochCache.generate(0);
  private static final EthashSeal MAINNET = EthashSeal.of(PublicNetwork.MAINNET.network());

  @Test
  void official_vectors() {
    List<String> done = new ArrayList<>();
    Fixtures.readJson(
        "ethereum-tests-state.tar.xz",
        name -> name.startsWith("PoWTests/"),
        (name, vectors) ->
            vectors
                .properties()
                .forEach(vector -> {
                  check(vector.getValue(), FIRST_EPOCH);
                  done.add(vector.getKey());
                }));
    assertThat(done).containsExactlyInAnyOrder("first", "second");
  }

  private static void check(JsonNode vector, EpochCache cache) {
    Header header = Header.decode(Hex.decode(vector.get("header").textValue()));
    int epoch = (int) (header.number() / EpochCache.BLOCKS_PER_EPOCH);
    assertThat(epoch).isZero();
    assertThat(EpochCache.seed(epoch)).isEqualTo(Hash32.of(vector.get("seed").textValue()));
    assertThat(EpochCache.cacheBytes(epoch)).isEqualTo(vector.get("cache_size").longValue());
    assertThat(EpochCache.datasetBytes(epoch)).isEqualTo(vector.get("full_size").longValue());
    assertThat(Keccak.hash(cache.toBytes()))
        .isEqualTo(Hash32.of(vector.get("cache_hash").textValue()));
    assertThat(header.sealHash()).isEqualTo(Hash32.of(vector.get("header_hash").textValue()));
    assertThat(Hex.encode(UInt256.of(header.nonce()).toBytes()))
        .endsWith(vector.get("nonce").textValue());
    Ethash.Proof proof = Ethash.evaluate(cache, header.sealHash(), header.nonce());
    assertThat(proof.mix()).isEqualTo(Hash32.of(vector.get("mixHash").textValue()));
    assertThat(proof.mix()).isEqualTo(header.mixHash());
    assertThat(proof.result()).isEqualTo(Hash32.of(vector.get("result").textValue()));
  }

  @Test
  void sizes_grow_from_epoch_to_epoch() {
    // Yellow Paper, appendix J.2, as its reference tables list them.
    assertThat(EpochCache.cacheBytes(1)).isEqualTo(16_907_456);
    assertThat(EpochCache.datasetBytes(1)).isEqualTo(1_082_130_304);
    assertThat(EpochCache.cacheBytes(2_047)).isEqualTo(285_081_536);
    assertThat(EpochCache.datasetBytes(2_047)).isEqualTo(18_245_220_736L);
  }

  @Test
  void mainnets_first_999_blocks_were_mined() throws IOException {
    List<Header> headers = mainnet();
    HeaderRules rules = new HeaderRules(PublicNetwork.MAINNET.network(), SealRule.NONE);
    UInt256 total = headers.get(0).difficulty();
    MAINNET.verify(headers.get(1), headers.get(0)); // makes the cache
    long start = System.nanoTime();
    for (int i = 1; i < headers.size(); i++) {
      Header parent = headers.get(i - 1);
      assertThat(rules.verify(headers.get(i), parent, total)).as("block %d", i).isEmpty();
      assertThat(MAINNET.verify(headers.get(i), parent)).as("seal of block %d", i).isEmpty();
      total = total.plus(headers.get(i).difficulty());
    }
    long micros = (System.nanoTime() - start) / 1_000;
    System.out.println("ethash: " + micros / (headers.size() - 1) + " us a header");
  }

  /// Epochs 38, 145 and 501 of the 517 mainnet had.
  @Test
  void mainnet_blocks_of_later_epochs_were_mined() {
    List<Header> headers =
        RealHeaders.mainnetSamples(Set.of("Homestead", "Byzantium", "GrayGlacier")::contains);
    assertThat(headers).extracting(Header::number).contains(1_150_000L, 4_370_000L, 15_050_000L);
    Header parent = Header.builder().number(1).nonce(1).build();
    for (Header header : headers) {
      assertThat(MAINNET.verify(header, parent)).as("block %d", header.number()).isEmpty();
      Header other = header.toBuilder().nonce(header.nonce() + 1).build();
      assertThat(ruleBroken(MAINNET.verify(other, parent))).contains(Rule.SEAL);
    }
  }

  @Test
  void verdicts_are_the_same_for_headers_told_ahead() throws IOException {
    List<Header> headers = mainnet().subList(0, 21);
    EthashSeal seal = EthashSeal.of(PublicNetwork.MAINNET.network());
    headers.forEach(seal::ahead);
    for (int i = 1; i < headers.size(); i++) {
      Header header = headers.get(i);
      assertThat(seal.verify(header, headers.get(i - 1))).isEmpty();
      Header other = header.toBuilder().nonce(0).build();
      seal.ahead(other);
      assertThat(ruleBroken(seal.verify(other, headers.get(i - 1)))).contains(Rule.SEAL);
    }
  }

  @Test
  void any_other_nonce_mix_or_content_breaks_the_seal() throws IOException {
    List<Header> headers = mainnet();
    Header parent = headers.get(0);
    Header header = headers.get(1);
    assertThat(MAINNET.verify(header, parent)).isEmpty();
    Header otherNonce = header.toBuilder().nonce(header.nonce() ^ 1).build();
    assertThat(ruleBroken(MAINNET.verify(otherNonce, parent))).contains(Rule.SEAL);
    Header otherMix = header.toBuilder().mixHash(Hash32.ZERO).build();
    assertThat(ruleBroken(MAINNET.verify(otherMix, parent))).contains(Rule.SEAL);
    Header otherContent = header.toBuilder().timestamp(header.timestamp() + 1).build();
    assertThat(ruleBroken(MAINNET.verify(otherContent, parent))).contains(Rule.SEAL);
  }

  @Test
  void too_little_work_is_refused_with_the_right_mix() throws IOException {
    List<Header> headers = mainnet();
    Header header = headers.get(1).toBuilder().difficulty(UInt256.MAX).build();
    Ethash.Proof proof = Ethash.evaluate(FIRST_EPOCH, header.sealHash(), header.nonce());
    Header mixed = header.toBuilder().mixHash(proof.mix()).build();
    Optional<Violation> verdict = MAINNET.verify(mixed, headers.get(0));
    assertThat(verdict.map(Violation::message).orElse("")).contains("above the target");
  }

  @Test
  void a_private_chain_made_without_work_is_accepted_whole() {
    EthashSeal seal = EthashSeal.of(privateNetwork());
    Header genesis = Header.builder().build();
    Header first = Header.builder().number(1).difficulty(UInt256.of(131_072)).build();
    Header second = first.toBuilder().number(2).build();
    assertThat(seal.verify(first, genesis)).isEmpty();
    assertThat(seal.verify(second, first)).isEmpty();
    assertThat(ruleBroken(MAINNET.verify(first, genesis))).contains(Rule.SEAL);
  }

  @Test
  void a_private_chain_with_work_stays_one() throws IOException {
    List<Header> headers = mainnet();
    EthashSeal seal = EthashSeal.of(privateNetwork());
    assertThat(seal.verify(headers.get(1), headers.get(0))).isEmpty();
    Header unsealed = headers.get(2).toBuilder().nonce(0).mixHash(Hash32.ZERO).build();
    assertThat(ruleBroken(seal.verify(unsealed, headers.get(1)))).contains(Rule.SEAL);
  }

  @Test
  void the_least_recently_used_cache_makes_room() {
    List<Integer> made = new ArrayList<>();
    Ethash ethash =
        new Ethash(epoch -> {
          made.add(epoch);
          return FIRST_EPOCH;
        });
    for (int epoch : new int[] {0, 1, 2, 0, 3, 0, 2, 1}) {
      ethash.cache(epoch);
    }
    assertThat(Ethash.MAX_CACHES).isEqualTo(3);
    assertThat(made).containsExactly(0, 1, 2, 3, 1);
  }

  @Test
  void epochs_are_bounded() {
    long number = (long) EpochCache.MAX_EPOCHS * EpochCache.BLOCKS_PER_EPOCH;
    Header header = Header.builder().number(number).difficulty(UInt256.ONE).build();
    assertThat(ruleBroken(MAINNET.verify(header, header))).contains(Rule.SEAL);
  }

  private static Network privateNetwork() {
    return Genesis.read(
        "{\"config\": {\"chainId\": 7}, \"alloc\": {}}".getBytes(StandardCharsets.UTF_8));
  }

  private static Optional<Rule> ruleBroken(Optional<Violation> verdict) {
    return verdict.map(Violation::rule);
  }

  private static List<Header> mainnet() throws IOException {
    List<Header> headers = RealHeaders.mainnet().stream().map(Block::header).toList();
    assertThat(headers).hasSize(1_000);
    return headers;
  }
}
