package io.semper.rpc.eth;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.UInt256;
import io.semper.core.types.Header;
import io.semper.rpc.ledger.MemoryChain;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// EIP-1559 at its edges.
final class FeesTest {
  private final Fees fees = new Fees(new MemoryChain(Map.of()).forks(), false);

  private static Header parent(long baseFee, long gasUsed) {
    return Header.builder()
        .number(7)
        .gasLimit(30_000_000)
        .gasUsed(gasUsed)
        .baseFeePerGas(UInt256.of(baseFee))
        .build();
  }

  @Test
  void theBaseFeeMovesByAnEighthAtMost() {
    assertThat(fees.nextBaseFee(parent(1_000_000_000, 15_000_000)))
        .isEqualTo(UInt256.of(1_000_000_000));
    assertThat(fees.nextBaseFee(parent(1_000_000_000, 30_000_000)))
        .isEqualTo(UInt256.of(1_125_000_000));
    assertThat(fees.nextBaseFee(parent(1_000_000_000, 0))).isEqualTo(UInt256.of(875_000_000));
    assertThat(fees.nextBaseFee(parent(7, 0))).isEqualTo(UInt256.of(7));
    assertThat(fees.nextBaseFee(parent(0, 15_000_001))).isEqualTo(UInt256.ONE);
  }

  @Test
  void aNetworkWithoutBaseFeeKeepsNone() {
    Fees none = new Fees(new MemoryChain(Map.of()).forks(), true);
    assertThat(none.nextBaseFee(parent(0, 30_000_000))).isEqualTo(UInt256.ZERO);
  }
}
