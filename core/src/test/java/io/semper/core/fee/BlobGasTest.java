package io.semper.core.fee;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.UInt256;
import io.semper.core.fork.BlobParams;
import io.semper.core.fork.Fork;
import io.semper.core.types.Header;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// EIP-4844, EIP-7691 and EIP-7918. Blob counts stand for multiples of 131,072 gas.
class BlobGasTest {
  private static final BlobParams BPO2 = new BlobParams(14, 21, 11_684_671);

  @ParameterizedTest
  @CsvSource({
    // excess blobs, used blobs, next excess blobs with a target of three
    "0, 0, 0",
    "0, 3, 0",
    "0, 4, 1",
    "0, 6, 3",
    "1, 2, 0",
    "5, 0, 2",
    "5, 3, 5",
    "5, 6, 8"
  })
  void excess_accumulates_above_the_target(long excess, long used, long expected) {
    long next =
        BlobGas.nextExcess(block(UInt256.ONE, excess, used), Fork.CANCUN, BlobParams.CANCUN);
    assertThat(next).isEqualTo(expected * BlobGas.PER_BLOB);
  }

  @Test
  void the_first_block_starts_from_nothing() {
    Header parent = Header.builder().baseFeePerGas(UInt256.ONE).build();
    assertThat(BlobGas.nextExcess(parent, Fork.CANCUN, BlobParams.CANCUN)).isZero();
  }

  @Test
  void where_execution_outweighs_blobs_the_price_does_not_fall() {
    // At one wei a unit a blob costs 131,072 wei, below 8,192 units of gas at 17 wei each.
    Header dear = block(UInt256.of(17), 20, 14);
    assertThat(BlobGas.nextExcess(dear, Fork.OSAKA, BPO2))
        .isEqualTo(20 * BlobGas.PER_BLOB + 14 * BlobGas.PER_BLOB * 7 / 21);
    assertThat(BlobGas.nextExcess(dear, Fork.PRAGUE, BPO2)).isEqualTo(20 * BlobGas.PER_BLOB);
    Header even = block(UInt256.of(16), 20, 14);
    assertThat(BlobGas.nextExcess(even, Fork.OSAKA, BPO2)).isEqualTo(20 * BlobGas.PER_BLOB);
    Header belowTarget = block(UInt256.of(17), 6, 7);
    assertThat(BlobGas.nextExcess(belowTarget, Fork.OSAKA, BPO2)).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    // excess, fee under Cancun's fraction: the values of the reference implementation
    "0, 1",
    "2314057, 1",
    "2314058, 2",
    "10485760, 23",
    "148099578, 18446739238971471609",
  })
  void fee_grows_exponentially(long excess, String fee) {
    assertThat(BlobGas.baseFee(excess, BlobParams.CANCUN).toString()).isEqualTo(fee);
  }

  @Test
  void fee_and_excess_stay_within_their_width() {
    assertThat(BlobGas.baseFee(Long.MAX_VALUE, BlobParams.CANCUN)).isEqualTo(UInt256.MAX);
    assertThat(BlobGas.baseFee(178L * 3_338_477 - 1, BlobParams.CANCUN)).isEqualTo(UInt256.MAX);
    Header parent =
        Header.builder()
            .baseFeePerGas(UInt256.ONE)
            .excessBlobGas(Long.MAX_VALUE)
            .blobGasUsed(Long.MAX_VALUE)
            .build();
    assertThat(BlobGas.nextExcess(parent, Fork.CANCUN, BlobParams.CANCUN))
        .isEqualTo(Long.MAX_VALUE - 3 * BlobGas.PER_BLOB);
  }

  private static Header block(UInt256 baseFee, long excess, long used) {
    return Header.builder()
        .baseFeePerGas(baseFee)
        .excessBlobGas(excess * BlobGas.PER_BLOB)
        .blobGasUsed(used * BlobGas.PER_BLOB)
        .build();
  }
}
