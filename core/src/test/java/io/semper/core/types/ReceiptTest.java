package io.semper.core.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.MalformedInputException;
import java.math.BigInteger;
import java.util.List;
import org.bouncycastle.crypto.digests.KeccakDigest;
import org.junit.jupiter.api.Test;

/// Receipts of both ages and all types, and the bloom over their logs.
class ReceiptTest {
  private static final Address EMITTER = Address.of("0x22341ae42d6dd7384bc8584e50419ea3ac75b83f");
  private static final Hash32 TOPIC =
      Hash32.of("0x04491edcd115127caedbd478e2e7895ed80c7847e903431f94f9cfa579cad47f");

  /// Each value sets three bits of the number the bloom is: the hash's first three 16-bit words,
  /// modulo 2048. Computed here with another Keccak and plain arithmetic.
  @Test
  void bloomOfALog() {
    Bloom bloom = Bloom.ofLogs(List.of(new Log(EMITTER, List.of(TOPIC), new byte[0])));
    BigInteger expected = BigInteger.ZERO;
    for (byte[] value : new byte[][] {EMITTER.toBytes(), TOPIC.toBytes()}) {
      KeccakDigest keccak = new KeccakDigest(256);
      keccak.update(value, 0, value.length);
      byte[] hash = new byte[32];
      keccak.doFinal(hash, 0);
      for (int i = 0; i < 3; i++) {
        int word = (hash[2 * i] & 0xFF) * 256 + (hash[2 * i + 1] & 0xFF);
        expected = expected.setBit(word % 2048);
      }
    }
    assertThat(expected.bitCount()).isEqualTo(6);
    assertThat(new BigInteger(1, bloom.toBytes())).isEqualTo(expected);
    assertThat(bloom.mayContain(EMITTER)).isTrue();
    assertThat(bloom.mayContain(TOPIC)).isTrue();
    assertThat(bloom.mayContain(Hash32.ZERO)).isFalse();
    assertThat(bloom.covers(Bloom.of(EMITTER))).isTrue();
    assertThat(bloom.covers(Bloom.of(TOPIC))).isTrue();
    assertThat(bloom.covers(Bloom.of(Hash32.ZERO))).isFalse();
  }

  @Test
  void everyKindRoundTrips() {
    List<Log> logs =
        List.of(
            new Log(EMITTER, List.of(), new byte[] {1, 2, 3}),
            new Log(Address.ZERO, List.of(TOPIC, TOPIC, Hash32.ZERO, TOPIC), new byte[1000]));
    for (int type = 0; type <= 4; type++) {
      for (Hash32 root : new Hash32[] {null, TOPIC}) {
        for (boolean success : new boolean[] {false, true}) {
          Receipt receipt =
              new Receipt(
                  type, root, root == null && success, 21_000L << type, Bloom.ofLogs(logs), logs);
          byte[] encoded = receipt.encode();
          assertThat(encoded[0] & 0xFF).satisfies(b -> assertThat(b > 4).isEqualTo(isLegacy(b)));
          Receipt decoded = Receipt.decode(encoded);
          assertThat(decoded.encode()).isEqualTo(encoded);
          assertThat(decoded.type()).isEqualTo(type);
          assertThat(decoded.postState()).isEqualTo(root);
          assertThat(decoded.success()).isEqualTo(receipt.success());
          assertThat(decoded.cumulativeGasUsed()).isEqualTo(receipt.cumulativeGasUsed());
          assertThat(decoded.logs()).hasSize(2);
        }
      }
    }
  }

  @Test
  void aStatusIsZeroOneOrARoot() {
    byte[] encoded = new Receipt(0, null, true, 1, Bloom.EMPTY, List.of()).encode();
    assertThat(Receipt.decode(encoded).success()).isTrue();
    encoded[3] = 2;
    assertThatThrownBy(() -> Receipt.decode(encoded)).isInstanceOf(MalformedInputException.class);
    assertThatThrownBy(() -> Receipt.decode(new byte[0]))
        .isInstanceOf(MalformedInputException.class);
  }

  @Test
  void theUnionHoldsEveryReceipt() {
    Bloom one = Bloom.ofLogs(List.of(new Log(EMITTER, List.of(), new byte[0])));
    Bloom two = Bloom.ofLogs(List.of(new Log(Address.ZERO, List.of(TOPIC), new byte[0])));
    Bloom union =
        Bloom.union(
            List.of(
                new Receipt(0, null, true, 1, one, List.of()),
                new Receipt(0, null, true, 2, Bloom.EMPTY, List.of()),
                new Receipt(0, null, true, 3, two, List.of())));
    assertThat(union.mayContain(EMITTER)).isTrue();
    assertThat(union.mayContain(TOPIC)).isTrue();
    for (int i = 0; i < Bloom.BYTES; i++) {
      assertThat(union.toBytes()[i]).isEqualTo((byte) (one.toBytes()[i] | two.toBytes()[i]));
    }
  }

  private static boolean isLegacy(int firstByte) {
    return firstByte >= 0xC0;
  }
}
