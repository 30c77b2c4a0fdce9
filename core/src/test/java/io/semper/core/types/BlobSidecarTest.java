package io.semper.core.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.crypto.Signature;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.rlp.RlpReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Blob transactions as they travel to the pool: bare, with proofs (EIP-4844), with cell proofs
/// (EIP-7594).
class BlobSidecarTest {
  private static final byte[] KEY =
      "a private key of thirty-two byte".getBytes(StandardCharsets.US_ASCII);
  private final Random random = new Random(5);

  @Test
  void everyFormRoundTrips() {
    BlobTransaction transaction = transaction(2);
    for (BlobSidecar sidecar : new BlobSidecar[] {sidecar(0, 2, 2), sidecar(1, 2, 256)}) {
      byte[] encoded = new PooledTransaction(transaction, sidecar).encode();
      PooledTransaction decoded = PooledTransaction.decode(encoded);
      assertThat(decoded.transaction()).isEqualTo(transaction);
      assertThat(decoded.transaction().sender())
          .isEqualTo(Secp256k1.address(Secp256k1.publicKey(KEY)));
      assertThat(decoded.sidecar().version()).isEqualTo(sidecar.version());
      same(decoded.sidecar().blobs(), sidecar.blobs());
      same(decoded.sidecar().commitments(), sidecar.commitments());
      same(decoded.sidecar().proofs(), sidecar.proofs());
      assertThat(decoded.encode()).isEqualTo(encoded);
    }
    PooledTransaction bare = PooledTransaction.decode(transaction.encode());
    assertThat(bare.transaction()).isEqualTo(transaction);
    assertThat(bare.sidecar()).isNull();
  }

  /// Version 0 has no version field, version 1 has it between transaction and blobs.
  @Test
  void theWrapperHasFourOrFiveItems() {
    for (int version = 0; version < 2; version++) {
      byte[] encoded = sidecar(version, 1, 1).encodeWith(transaction(1));
      assertThat(encoded[0]).isEqualTo((byte) 3);
      RlpReader in = new RlpReader(encoded, 1, encoded.length - 1);
      in.enterList();
      int items = 0;
      while (in.hasNext()) {
        in.skip();
        items++;
      }
      assertThat(items).isEqualTo(4 + version);
    }
  }

  @Test
  void otherTransactionsHaveNoSidecar() {
    LegacyTransaction legacy =
        new LegacyTransaction(
            UInt256.ONE,
            0,
            UInt256.ONE,
            21_000,
            Address.ZERO,
            UInt256.ZERO,
            new byte[0],
            new Signature(0, UInt256.ONE, UInt256.ONE));
    PooledTransaction decoded = PooledTransaction.decode(legacy.encode());
    assertThat(decoded.transaction()).isEqualTo(legacy);
    assertThat(decoded.sidecar()).isNull();
    assertThat(decoded.encode()).isEqualTo(legacy.encode());
  }

  @Test
  void wrongSizesAndVersionsAreMalformed() {
    BlobTransaction transaction = transaction(1);
    List<byte[]> none = List.of();
    List<byte[]> short47 = List.of(new byte[47]);
    for (BlobSidecar wrong :
        new BlobSidecar[] {
          new BlobSidecar(0, List.of(new byte[BlobSidecar.BLOB_BYTES - 1]), none, none),
          new BlobSidecar(0, none, short47, none),
          new BlobSidecar(0, none, none, short47),
          new BlobSidecar(2, none, none, none),
          new BlobSidecar(0, none, copies(BlobSidecar.MAX_BLOBS + 1, 48), none)
        }) {
      byte[] encoded = wrong.encodeWith(transaction);
      assertThatThrownBy(() -> PooledTransaction.decode(encoded))
          .isInstanceOf(MalformedInputException.class);
    }
    byte[] cut = sidecar(0, 1, 1).encodeWith(transaction);
    for (int length : new int[] {0, 1, 2, 100, cut.length - 1}) {
      byte[] part = Arrays.copyOf(cut, length);
      assertThatThrownBy(() -> PooledTransaction.decode(part))
          .isInstanceOf(MalformedInputException.class);
    }
  }

  private BlobSidecar sidecar(int version, int blobs, int proofs) {
    return new BlobSidecar(
        version,
        copies(blobs, BlobSidecar.BLOB_BYTES),
        copies(blobs, BlobSidecar.COMMITMENT_BYTES),
        copies(proofs, BlobSidecar.PROOF_BYTES));
  }

  private List<byte[]> copies(int count, int bytes) {
    List<byte[]> list = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] item = new byte[bytes];
      random.nextBytes(item);
      list.add(item);
    }
    return list;
  }

  private static void same(List<byte[]> actual, List<byte[]> expected) {
    assertThat(actual.toArray(new byte[0][])).isDeepEqualTo(expected.toArray(new byte[0][]));
  }

  private static BlobTransaction transaction(int blobs) {
    List<Hash32> hashes = new ArrayList<>();
    for (int i = 0; i < blobs; i++) {
      hashes.add(Hash32.of(0x0100000000000000L, 0, 0, i));
    }
    BlobTransaction unsigned =
        new BlobTransaction(
            UInt256.of(1337),
            7,
            UInt256.ONE,
            UInt256.of(1_000_000_000),
            100_000,
            Address.of(0x42),
            UInt256.ZERO,
            new byte[] {1, 2, 3},
            List.of(new AccessListEntry(Address.of(1), List.of(Hash32.ZERO))),
            UInt256.of(10),
            List.copyOf(hashes),
            new Signature(0, UInt256.ONE, UInt256.ONE));
    return unsigned.withSignature(Secp256k1.sign(unsigned.signingHash(), KEY));
  }
}
