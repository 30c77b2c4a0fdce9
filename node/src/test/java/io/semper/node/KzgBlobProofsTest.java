package io.semper.node;

import static org.assertj.core.api.Assertions.assertThat;

import ethereum.ckzg4844.CKZG4844JNI;
import ethereum.ckzg4844.CellsAndProofs;
import io.semper.core.crypto.Kzg;
import io.semper.core.types.BlobSidecar;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.web3j.crypto.Credentials;

/// Proofs made by the reference implementation hold, and none of another blob, proof or commitment
/// does.
class KzgBlobProofsTest {
  private final KzgBlobProofs proofs = new KzgBlobProofs();

  @BeforeAll
  static void loadReference() {
    CKZG4844JNI.loadNativeLibrary();
    // A resource of web3j's crypto library.
    CKZG4844JNI.loadTrustedSetupFromResource("/trusted_setup.txt", Credentials.class, 0);
  }

  private static byte[] blob(int seed) {
    byte[] blob = new byte[BlobSidecar.BLOB_BYTES];
    for (int i = 31; i < blob.length; i += 32) {
      blob[i] = (byte) (seed + i / 32);
    }
    return blob;
  }

  private BlobSidecar sidecar(int version, int blobs) {
    List<byte[]> all = new ArrayList<>();
    List<byte[]> commitments = new ArrayList<>();
    List<byte[]> proofList = new ArrayList<>();
    for (int i = 0; i < blobs; i++) {
      byte[] blob = blob(i);
      byte[] commitment = CKZG4844JNI.blobToKzgCommitment(blob);
      all.add(blob);
      commitments.add(commitment);
      if (version == 0) {
        proofList.add(CKZG4844JNI.computeBlobKzgProof(blob, commitment));
      } else {
        CellsAndProofs made = CKZG4844JNI.computeCellsAndKzgProofs(blob);
        for (int cell = 0; cell < BlobSidecar.CELLS_PER_BLOB; cell++) {
          int from = cell * BlobSidecar.PROOF_BYTES;
          proofList.add(Arrays.copyOfRange(made.getProofs(), from, from + BlobSidecar.PROOF_BYTES));
        }
      }
    }
    return new BlobSidecar(version, all, commitments, proofList);
  }

  @Test
  void bothVersionsHoldAndOthersDoNot() {
    for (int version = 0; version <= 1; version++) {
      BlobSidecar right = sidecar(version, 2);
      assertThat(proofs.hold(right)).isTrue();
      List<byte[]> swapped = List.of(right.blobs().get(1), right.blobs().get(0));
      assertThat(
              proofs.hold(new BlobSidecar(version, swapped, right.commitments(), right.proofs())))
          .isFalse();
      List<byte[]> otherProofs = new ArrayList<>(right.proofs());
      otherProofs.set(0, right.proofs().getLast());
      assertThat(
              proofs.hold(
                  new BlobSidecar(version, right.blobs(), right.commitments(), otherProofs)))
          .isFalse();
      byte[] damaged = right.commitments().getFirst().clone();
      damaged[20] ^= 1;
      assertThat(
              proofs.hold(
                  new BlobSidecar(
                      version,
                      right.blobs(),
                      List.of(damaged, right.commitments().get(1)),
                      right.proofs())))
          .isFalse();
    }
  }

  @Test
  void versionedHashesAgreeWithOurOwn() {
    BlobSidecar sidecar = sidecar(0, 1);
    assertThat(Kzg.versionedHash(sidecar.commitments().getFirst())[0]).isEqualTo((byte) 1);
  }
}
