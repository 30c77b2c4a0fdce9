package io.semper.chain.producer;

import static io.semper.chain.producer.DevChain.GWEI;
import static io.semper.chain.producer.DevChain.transfer;
import static org.assertj.core.api.Assertions.assertThat;

import io.semper.chain.pool.PoolLimits;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Block;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What goes into a block where not everything does.
class BlockBuilderTest {
  private final DevChain chain = new DevChain(PoolLimits.DEFAULT, null);
  private int asked;

  @BeforeEach
  void fill() {
    for (long nonce = 0; nonce < 4; nonce++) {
      chain.submit(transfer(0, nonce, UInt256.ONE, GWEI));
    }
  }

  private Block build(BooleanSupplier enough) {
    return chain
        .builder
        .build(
            chain.ledger.head(),
            chain.choices.attributes(chain.ledger.head()),
            chain.pool.executable(),
            enough)
        .block();
  }

  @Test
  void noMoreIsTakenOnceItIsEnough() {
    assertThat(build(() -> false).transactions()).hasSize(4);
    assertThat(build(() -> ++asked > 2).transactions()).hasSize(3);
  }

  /// However slow the machine, what waits gets its turn.
  @Test
  void oneIsAlwaysTaken() {
    assertThat(build(() -> true).transactions()).hasSize(1);
  }
}
