package io.semper.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.crypto.KzgBlobs;
import io.semper.core.fork.Fork;
import io.semper.core.types.BlobSidecar;
import io.semper.core.types.PooledTransaction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Blobs on their way through the pool to the consensus layer, before and after Osaka.
class EngineBlobsTest {
  private static String submit(EngineNode node, PooledTransaction transaction) {
    return node.engine("eth_sendRawTransaction", Hex.encode(transaction.encode())).textValue();
  }

  private static List<byte[]> bytes(JsonNode array) {
    List<byte[]> items = new ArrayList<>();
    array.forEach(item -> items.add(Hex.decode(item.textValue())));
    return items;
  }

  private static List<String> texts(List<Hash32> hashes) {
    return hashes.stream().map(Hash32::toString).toList();
  }

  @Test
  void cellProofsSinceOsaka() {
    try (EngineNode node = new EngineNode(EngineNode.osaka())) {
      BlobSidecar first = Blobs.sidecar(1, 2, 1);
      BlobSidecar second = Blobs.sidecar(1, 1, 2);
      String genesis = node.network.genesisHash().toString();
      String sent = submit(node, Blobs.transaction(node.network.chainId(), 0, 0, first));
      submit(node, Blobs.transaction(node.network.chainId(), 1, 0, second));
      List<String> hashes = new ArrayList<>(texts(Blobs.hashes(first)));
      hashes.addAll(texts(Blobs.hashes(second)));

      JsonNode blobs = node.engine("engine_getBlobsV2", hashes);
      assertThat(blobs).hasSize(3);
      assertThat(blobs.get(1).get("blob").textValue()).isEqualTo(Hex.encode(first.blobs().get(1)));
      assertThat(bytes(blobs.get(1).get("proofs")))
          .usingRecursiveComparison()
          .isEqualTo(first.proofs().subList(128, 256));
      assertThat(bytes(blobs.get(2).get("proofs")))
          .usingRecursiveComparison()
          .isEqualTo(second.proofs());

      List<String> some = List.of(hashes.get(2), EngineNode.ZERO, hashes.get(0));
      assertThat(node.engine("engine_getBlobsV2", some).isNull()).isTrue();
      JsonNode partly = node.engine("engine_getBlobsV3", some);
      assertThat(partly).hasSize(3);
      assertThat(partly.get(0)).isEqualTo(blobs.get(2));
      assertThat(partly.get(1).isNull()).isTrue();
      assertThat(node.engineError("engine_getBlobsV1", some)).isEqualTo(-38005);
      List<String> many = Collections.nCopies(129, EngineNode.ZERO);
      assertThat(node.engineError("engine_getBlobsV2", many)).isEqualTo(-38004);
      assertThat(node.engine("engine_getBlobsV3", many.subList(0, 128))).hasSize(128);

      JsonNode built = node.build(genesis, 12, 0);
      JsonNode bundle = built.get("blobsBundle");
      assertThat(EngineNode.blobs(built.get("executionPayload"))).hasSize(3);
      assertThat(
              KzgBlobs.verifyCellProofs(
                  bytes(bundle.get("blobs")),
                  bytes(bundle.get("commitments")),
                  bytes(bundle.get("proofs"))))
          .isTrue();
      assertThat(built.get("executionPayload").get("blobGasUsed").textValue()).isEqualTo("0x60000");

      String block = EngineNode.hash(built);
      assertThat(node.handIn(built).get("status").textValue()).isEqualTo("VALID");
      node.choose(block);
      assertThat(node.eth("eth_getTransactionReceipt", sent).get("blockHash").textValue())
          .isEqualTo(block);
      assertThat(node.engine("engine_getBlobsV2", hashes).isNull()).isTrue();

      // Another block takes its place: its blobs are there again for the next.
      JsonNode other = node.build(genesis, 12, 1);
      assertThat(EngineNode.blobs(other.get("executionPayload"))).hasSize(3);
      assertThat(node.engine("engine_getBlobsV2", hashes)).isEqualTo(blobs);
    }
  }

  @Test
  void proofsOfBlobsBeforeOsaka() {
    Map<Fork, Long> times =
        Map.of(Fork.SHANGHAI, 0L, Fork.CANCUN, 0L, Fork.PRAGUE, 24L, Fork.OSAKA, 48L);
    try (EngineNode node = new EngineNode(EngineNode.network(times))) {
      BlobSidecar sidecar = Blobs.sidecar(0, 2, 3);
      submit(node, Blobs.transaction(node.network.chainId(), 0, 0, sidecar));
      List<String> hashes = texts(Blobs.hashes(sidecar));
      JsonNode blobs = node.engine("engine_getBlobsV1", hashes);
      assertThat(blobs.get(1).get("proof").textValue())
          .isEqualTo(Hex.encode(sidecar.proofs().get(1)));
      assertThat(node.engine("engine_getBlobsV2", hashes).isNull()).isTrue();

      String genesis = node.network.genesisHash().toString();
      JsonNode cancun = node.build(genesis, 12, 0);
      JsonNode bundle = cancun.get("blobsBundle");
      for (int i = 0; i < 2; i++) {
        assertThat(
                KzgBlobs.verifyBlobProof(
                    bytes(bundle.get("blobs")).get(i),
                    bytes(bundle.get("commitments")).get(i),
                    bytes(bundle.get("proofs")).get(i)))
            .isTrue();
      }
      assertThat(EngineNode.blobs(node.build(genesis, 24, 0).get("executionPayload"))).hasSize(2);
      // Osaka's payloads want proofs of cells, which this transaction did not bring.
      assertThat(EngineNode.blobs(node.build(genesis, 48, 0).get("executionPayload"))).isEmpty();
    }
  }
}
