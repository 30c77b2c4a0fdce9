package io.semper.chain.qbft;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.chain.block.Rule;
import io.semper.chain.db.MemoryStore;
import io.semper.chain.file.BlockFile;
import io.semper.chain.file.FileBlock;
import io.semper.chain.importer.ImportResult;
import io.semper.chain.importer.Ledger;
import io.semper.chain.importer.Seals;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.crypto.Sha256;
import io.semper.core.crypto.Signature;
import io.semper.core.fixtures.Fixtures;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.QbftExtraData;
import io.semper.genesis.Genesis;
import io.semper.genesis.Network;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// 240 blocks that a network of GoQuorum's made: four validators, one voted in, one voted out,
/// seven blocks of round 1, epochs of 60 blocks.
class RecordedChainTest {
  @TempDir private Path folder;
  private final List<Block> blocks = new ArrayList<>();
  private JsonNode summary;
  private Network network;
  private Ledger ledger;

  @BeforeEach
  void read() throws Exception {
    Path chain = folder.resolve("chain.rlp");
    byte[][] genesis = new byte[1][];
    Fixtures.readArchive(
        "chains/qbft.tar.xz",
        name -> name.endsWith("genesis.json") || name.endsWith("chain.rlp"),
        (name, content) -> {
          if (name.endsWith("json")) {
            genesis[0] = content;
          } else {
            Files.write(chain, content);
          }
        });
    Fixtures.readJson(
        "chains/qbft.tar.xz",
        name -> name.endsWith("summary.json"),
        (name, json) -> summary = json);
    try (BlockFile file = BlockFile.open(chain)) {
      for (FileBlock next = file.next(); next != null; next = file.next()) {
        if (next.block().header().number() > 0) {
          blocks.add(next.block());
        }
      }
    }
    network = Genesis.read(genesis[0]);
    ledger = Ledger.open(new MemoryStore(), network, Seals.of(network));
  }

  @Test
  void everyHashProposerCommitterValidatorAndVoteIsAsRecorded() {
    assertThat(network.genesisHash()).hasToString(summary.get("genesisHash").textValue());
    assertThat(blocks).hasSize(240);
    Validators validators = new Validators(network, ledger);
    Header parent = network.genesis();
    for (Block block : blocks) {
      Header header = block.header();
      JsonNode expected = summary.get("blocks").get((int) header.number() - 1);
      List<Address> set = validators.after(parent);
      assertThat(ledger.importBlock(block, false)).isInstanceOf(ImportResult.Imported.class);
      assertThat(header.qbft().orElseThrow().validators()).isEqualTo(set);
      assertThat(validators.after(header))
          .as("validators after block %d", header.number())
          .isEqualTo(addresses(expected.get("validators")));
      assertThat(header.hash()).hasToString(expected.get("hash").textValue());
      assertThat(header.stateRoot()).hasToString(expected.get("stateRoot").textValue());
      QbftExtraData extra = header.qbft().orElseThrow();
      assertThat(extra.round()).isEqualTo(expected.get("round").intValue());
      assertThat(header.beneficiary())
          .isEqualTo(Address.of(expected.get("miner").textValue()))
          .isEqualTo(Quorum.proposer(set, parent.beneficiary(), extra.round()));
      assertThat(QbftSeal.committers(header))
          .containsExactlyInAnyOrderElementsOf(
              addresses(expected.get("signers").get("Committers")));
      assertVote(extra.vote(), expected.get("vote"));
      parent = header;
    }
    assertThat(ledger.head().hash()).hasToString(summary.get("head").textValue());
    assertThat(ledger.finalized()).contains(ledger.head());
  }

  private static List<Address> addresses(JsonNode list) {
    List<Address> addresses = new ArrayList<>();
    list.forEach(each -> addresses.add(Address.of(each.textValue())));
    return addresses;
  }

  private static void assertVote(QbftExtraData.Vote vote, JsonNode expected) {
    if (expected.isNull()) {
      assertThat(vote).isNull();
    } else {
      assertThat(vote.recipient()).isEqualTo(Address.of(expected.get(0).textValue()));
      assertThat(vote.add()).isEqualTo(expected.get(1).textValue().equals("ff"));
    }
  }

  @Test
  void aSealRemovedDoubledOfAFormerValidatorOrOverAnotherRoundIsRefused() {
    importUpTo(199);
    Block block = blocks.get(199);
    List<Signature> seals = block.header().qbft().orElseThrow().seals();
    int quorum = 3; // of the four validators that are left
    assertThat(seals).hasSizeBetween(quorum, 4);

    refused(with(block, e -> e.sealed(seals.subList(0, quorum - 1))), "2 seals, 3 of 4 needed");
    refused(
        with(block, e -> e.sealed(List.of(seals.get(0), seals.get(1), seals.get(0)))),
        "two seals of");
    refused(with(block, e -> e.unsealed(e.round() + 1).sealed(seals)), "who is no validator");
    refused(with(block, e -> e.sealed(List.of())), "0 seals");
    // A seal of another block recovers to somebody, but to no validator.
    Signature other = blocks.get(198).header().qbft().orElseThrow().seals().getFirst();
    refused(
        with(block, e -> e.sealed(List.of(seals.get(0), seals.get(1), other))),
        "who is no validator");

    // The block is the same with other seals: none of this has been held against it.
    assertThat(ledger.importBlock(block, false)).isInstanceOf(ImportResult.Imported.class);
  }

  /// The keys with which the chain was made.
  private static byte[] key(Address of) {
    for (int i = 0; i < 5; i++) {
      byte[] key = Sha256.hashBytes(("semper qbft " + i).getBytes(StandardCharsets.UTF_8));
      if (Secp256k1.address(Secp256k1.publicKey(key)).equals(of)) {
        return key;
      }
    }
    throw new IllegalArgumentException("no key of " + of);
  }

  /// One who has been voted out, and seals the very next block.
  @Test
  void aFormerValidatorsSealIsRefused() throws Exception {
    importUpTo(114);
    Address leaving = Address.of("0x6e1a6c6ad2d25285d3e0bd6155493bc44efce3b9");
    assertThat(new Validators(network, ledger).after(ledger.head())).contains(leaving);
    importUpTo(115);
    assertThat(new Validators(network, ledger).after(ledger.head())).doesNotContain(leaving);
    Block block = blocks.get(115);
    List<Signature> seals = new ArrayList<>(block.header().qbft().orElseThrow().seals());
    Signature his = Secp256k1.sign(block.header().sealHash(), key(leaving));
    assertThat(recover(block.header().sealHash(), his)).isEqualTo(leaving);
    for (int i = 0; i < seals.size(); i++) {
      List<Signature> with = new ArrayList<>(seals);
      with.set(i, his);
      refused(with(block, e -> e.sealed(with)), "who is no validator");
    }
    seals.add(his);
    refused(with(block, e -> e.sealed(seals)), "who is no validator");
  }

  private static Address recover(Hash32 hash, Signature seal) {
    return Secp256k1.recover(hash, seal);
  }

  @Test
  void otherConstantsAndValidatorsAreRefused() {
    importUpTo(50);
    Block block = blocks.get(50);
    refusedHeader(block, b -> b.mixHash(Hash32.ZERO), Rule.EXTRA_DATA);
    refusedHeader(block, b -> b.extraData(new byte[32]), Rule.EXTRA_DATA);
    refusedHeader(block, b -> b.difficulty(UInt256.of(2)), Rule.DIFFICULTY);
    refusedHeader(block, b -> b.timestamp(ledger.head().timestamp()), Rule.TIMESTAMP);
    refusedHeader(block, b -> b.beneficiary(Address.ZERO), Rule.SEAL);
    List<Address> fewer = block.header().qbft().orElseThrow().validators().subList(1, 5);
    Block shrunk =
        with(block, e -> new QbftExtraData(e.vanity(), fewer, e.vote(), e.round(), e.seals()));
    assertThat(((ImportResult.Invalid) ledger.importBlock(shrunk, false)).violation().rule())
        .isEqualTo(Rule.EXTRA_DATA);
  }

  /// A node that starts anywhere computes the same set from the headers alone.
  @Test
  void theSetIsTheSameFromWhereverItIsComputed() {
    importUpTo(240);
    for (int number : new int[] {47, 48, 49, 59, 60, 61, 114, 115, 119, 120, 121, 239}) {
      Header header = ledger.header(number).orElseThrow();
      assertThat(new Validators(network, ledger).after(header))
          .isEqualTo(addresses(summary.get("blocks").get(number - 1).get("validators")));
    }
  }

  private void importUpTo(int number) {
    for (Block block : blocks.subList((int) ledger.head().number(), number)) {
      assertThat(ledger.importBlock(block, false)).isInstanceOf(ImportResult.Imported.class);
    }
  }

  private void refused(Block block, String why) {
    ImportResult result = ledger.importBlock(block, false);
    assertThat(result).isInstanceOf(ImportResult.Invalid.class);
    assertThat(((ImportResult.Invalid) result).violation().message()).contains(why);
  }

  private void refusedHeader(Block block, UnaryOperator<Header.Builder> change, Rule rule) {
    Block changed =
        new Block(
            change.apply(block.header().toBuilder()).build(),
            block.transactions(),
            block.ommers(),
            block.withdrawals());
    ImportResult result = ledger.importBlock(changed, false);
    assertThat(((ImportResult.Invalid) result).violation().rule()).isEqualTo(rule);
  }

  private static Block with(Block block, UnaryOperator<QbftExtraData> change) {
    byte[] extra = change.apply(block.header().qbft().orElseThrow()).encode();
    return new Block(
        block.header().toBuilder().extraData(extra).build(),
        block.transactions(),
        block.ommers(),
        block.withdrawals());
  }
}
