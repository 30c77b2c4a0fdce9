package io.semper.core.types;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Signature;
import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;

class LegacyTransactionTest {
  private static Transaction of(UInt256 chainId, Signature signature) {
    return new LegacyTransaction(
        chainId, 1, UInt256.ONE, 21_000, Address.of(2), UInt256.ONE, new byte[0], signature);
  }

  /// No key makes such a signature; what somebody sent is still what was sent.
  @ParameterizedTest
  @NullSource
  @CsvSource("46")
  void zerosForASignatureAreEncodedAsTheyCame(Long chain) {
    UInt256 chainId = chain == null ? null : UInt256.of(chain);
    byte[] encoded = of(chainId, new Signature(0, UInt256.ZERO, UInt256.ZERO)).encode();
    LegacyTransaction decoded = (LegacyTransaction) Transaction.decode(encoded);
    assertThat(decoded.encode()).isEqualTo(encoded);
    assertThat(decoded.v()).isEqualTo(BigInteger.valueOf(chain == null ? 27 : 35 + 2 * chain));
  }

  @Test
  void whatNobodySignedHasNoV() {
    Transaction signed = of(UInt256.ONE, new Signature(1, UInt256.ONE, UInt256.ONE));
    LegacyTransaction unsigned = (LegacyTransaction) signed.unsigned(Address.of(3));
    assertThat(unsigned.v()).isZero();
    assertThat(unsigned.encode()).endsWith((byte) 0x80, (byte) 0x80, (byte) 0x80);
  }
}
