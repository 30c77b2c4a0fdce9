package io.semper.core.fee;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.UInt256;
import io.semper.core.types.Header;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// EIP-1559: a block above target raises the fee by up to an eighth, one below lowers it.
class BaseFeeTest {

  @ParameterizedTest
  @CsvSource({
    // fee, gas limit, gas used, next fee
    "1000000000, 20000000, 10000000, 1000000000",
    "1000000000, 20000000,  9000000,  987500000",
    "1000000000, 20000000, 11000000, 1012500000",
    "1000000000, 20000000, 20000000, 1125000000",
    "1000000000, 20000000,        0,  875000000",
    "7,          20000000, 20000000,          8", // at least one wei up
    "7,          20000000,        0,          7", // an eighth of it rounds to nothing
    "0,          20000000, 20000000,          1",
    "0,          20000000,        0,          0",
    "5,                 1,        1,          5", // a target of nothing
  })
  void next_fee(long fee, long limit, long used, long expected) {
    assertThat(BaseFee.next(block(UInt256.of(fee), limit, used))).isEqualTo(UInt256.of(expected));
  }

  @Test
  void the_first_block_costs_one_gwei() {
    assertThat(BaseFee.next(block(null, 20_000_000, 0))).isEqualTo(UInt256.of(1_000_000_000));
  }

  @Test
  void the_fee_stays_within_256_bits() {
    assertThat(BaseFee.next(block(UInt256.MAX, 20_000_000, 20_000_000))).isEqualTo(UInt256.MAX);
  }

  private static Header block(UInt256 fee, long limit, long used) {
    return Header.builder().baseFeePerGas(fee).gasLimit(limit).gasUsed(used).build();
  }
}
