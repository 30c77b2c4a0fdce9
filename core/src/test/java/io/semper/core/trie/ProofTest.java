package io.semper.core.trie;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.fixtures.Fixtures;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.view.Account;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ProofTest {
  private final SortedMap<Hash32, byte[]> entries = TrieUpdateTest.entries(300);
  private final NodeMap trie = new NodeMap();
  private final Hash32 root = trie.store(Trie.update(trie, entries));
  private final Random random = new Random(5);

  @Test
  void provesEveryEntry() {
    entries.forEach(
        (key, value) -> assertThat(Proof.verify(root, key, Trie.prove(trie, key))).contains(value));
  }

  @Test
  void provesAbsence() {
    for (int i = 0; i < 300; i++) {
      Hash32 key = randomKey();
      assertThat(Proof.verify(root, key, Trie.prove(trie, key))).isEmpty();
    }
  }

  @Test
  void emptyTrieNeedsNoNodes() {
    Hash32 key = randomKey();
    assertThat(Trie.prove(NodeSource.EMPTY, key)).isEmpty();
    assertThat(Proof.verify(Account.EMPTY_ROOT, key, List.of())).isEmpty();
    assertThat(Proof.verify(Account.EMPTY_ROOT, key, List.of(Node.EMPTY_STRING))).isEmpty();
    refused(Account.EMPTY_ROOT, key, Trie.prove(trie, key));
  }

  @Test
  void nodesShorterThanAHashAreProvenInsideTheirParents() {
    SortedMap<Hash32, byte[]> close = new TreeMap<>();
    for (int i = 0; i < 20; i++) close.put(Hash32.of(5, 5, 5, i), new byte[] {(byte) (i + 1)});
    NodeMap small = new NodeMap();
    Hash32 smallRoot = small.store(Trie.update(small, close));
    for (int i = 0; i < 40; i++) {
      Hash32 key = Hash32.of(5, 5, 5, i);
      List<byte[]> proof = Trie.prove(small, key);
      assertThat(proof.size()).isLessThanOrEqualTo(3);
      if (i < 20) {
        assertThat(Proof.verify(smallRoot, key, proof)).contains(new byte[] {(byte) (i + 1)});
      } else {
        assertThat(Proof.verify(smallRoot, key, proof)).isEmpty();
      }
    }
  }

  @Test
  void refusesProofsOfOtherRootsAndKeys() {
    Hash32 key = entries.firstKey();
    List<byte[]> proof = Trie.prove(trie, key);
    refused(randomKey(), key, proof);
    refused(root, entries.lastKey(), proof);
  }

  @Test
  void refusesMissingAndLeftOverNodes() {
    Hash32 key = entries.firstKey();
    List<byte[]> proof = Trie.prove(trie, key);
    for (int i = 0; i < proof.size(); i++) {
      List<byte[]> without = new ArrayList<>(proof);
      without.remove(i);
      refused(root, key, without);
      List<byte[]> twice = new ArrayList<>(proof);
      twice.add(i, proof.get(i));
      refused(root, key, twice);
    }
    List<byte[]> more = new ArrayList<>(proof);
    more.add(Trie.prove(trie, entries.lastKey()).getLast());
    refused(root, key, more);
    refused(root, key, List.of());
    List<byte[]> endless = new ArrayList<>();
    for (int i = 0; i < 1000; i++) endless.add(proof.getFirst());
    refused(root, key, endless);
  }

  @Test
  void refusesEveryFlippedBit() {
    Hash32 key = entries.firstKey();
    List<byte[]> proof = Trie.prove(trie, key);
    for (int node = 0; node < proof.size(); node++) {
      for (int bit = 0; bit < proof.get(node).length * 8; bit++) {
        List<byte[]> damaged = new ArrayList<>(proof);
        byte[] copy = proof.get(node).clone();
        copy[bit / 8] ^= (byte) (1 << bit % 8);
        damaged.set(node, copy);
        refused(root, key, damaged);
      }
    }
  }

  @Test
  void refusesWellHashedNonsense() {
    for (int i = 0; i < 20_000; i++) {
      byte[] node = Trie.prove(trie, entries.firstKey()).getLast().clone();
      for (int flips = 0; flips < 3; flips++) {
        node[random.nextInt(node.length)] = (byte) random.nextInt(256);
      }
      try {
        Proof.verify(Keccak.hash(node), randomKey(), List.of(node));
      } catch (MalformedInputException expected) {
        assertThat(expected).hasMessageContaining("proof node");
      }
    }
    for (String nonsense :
        new String[] {
          "c0",
          "c3010203",
          "81",
          "c22001",
          "c24080",
          "c20080",
          "c3820001c0",
          "d8",
          "d1808080808080808080808080808080808080",
          "d18080808080808080808080808080808001",
        }) {
      byte[] node = Hex.decode(nonsense);
      refused(Keccak.hash(node), randomKey(), List.of(node));
    }
  }

  @Test
  void accountsAndSlotsOfAnotherClient() throws IOException {
    JsonNode reply = null;
    String file = "rpc-compat/eth_getProof/get-account-proof-with-storage.io";
    for (String line : Files.readAllLines(Fixtures.path(file))) {
      if (line.startsWith("<< ")) {
        reply = new ObjectMapper().readTree(line.substring(3)).get("result");
      }
    }
    Address address = Address.of(reply.get("address").asText());
    List<byte[]> proof = nodes(reply.get("accountProof"));
    Account account =
        StateTrie.verifyAccount(Keccak.hash(proof.getFirst()), address, proof).orElseThrow();
    assertThat(account.storageRoot()).isEqualTo(Hash32.of(reply.get("storageHash").asText()));
    assertThat(account.codeHash()).isEqualTo(Hash32.of(reply.get("codeHash").asText()));
    assertThat(account.balance()).isEqualTo(UInt256.ofHex(reply.get("balance").asText()));
    assertThat(StateTrie.decodeAccount(StateTrie.encode(account))).isEqualTo(account);
    assertThat(reply.get("storageProof")).isNotEmpty();
    for (JsonNode slot : reply.get("storageProof")) {
      UInt256 value =
          StateTrie.verifySlot(
              account.storageRoot(),
              UInt256.ofHex(slot.get("key").asText()),
              nodes(slot.get("proof")));
      assertThat(value).isEqualTo(UInt256.ofHex(slot.get("value").asText()));
    }
  }

  private static List<byte[]> nodes(JsonNode array) {
    List<byte[]> nodes = new ArrayList<>();
    array.forEach(n -> nodes.add(Hex.decode(n.asText())));
    return nodes;
  }

  private static void refused(Hash32 root, Hash32 key, List<byte[]> proof) {
    assertThatThrownBy(() -> Proof.verify(root, key, proof))
        .isInstanceOf(MalformedInputException.class);
  }

  private Hash32 randomKey() {
    return Hash32.of(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
  }
}
