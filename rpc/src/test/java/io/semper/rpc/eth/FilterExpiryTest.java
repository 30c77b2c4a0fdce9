package io.semper.rpc.eth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.rpc.RpcException;
import io.semper.rpc.ledger.MemoryChain;
import io.semper.rpc.ledger.MemoryPool;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// A filter lives for five minutes after it was last polled.
final class FilterExpiryTest {
  private final AtomicLong clock = new AtomicLong();
  private final MemoryChain chain = new MemoryChain(Map.of());
  private final MemoryPool pool = new MemoryPool(chain);
  private final Blocks blocks = new Blocks(chain, pool, new Fees(chain.forks(), false));
  private final EthFilters filters =
      new EthFilters(
          chain,
          pool,
          new LogSearch(chain, blocks, EthSettings.DEFAULT),
          EthSettings.DEFAULT,
          clock::get);

  @Test
  void aPolledFilterStaysAndAForgottenOneGoes() {
    String polled = filters.newBlockFilter();
    String forgotten = filters.newBlockFilter();
    clock.addAndGet(200_000);
    assertThat(filters.getFilterChanges(polled)).isEmpty();
    clock.addAndGet(200_000);
    chain.add();
    assertThat(filters.getFilterChanges(polled)).hasSize(1);
    assertThatThrownBy(() -> filters.getFilterChanges(forgotten))
        .isInstanceOf(RpcException.class)
        .hasMessage("filter not found");
  }

  @Test
  void expiredFiltersMakeRoom() {
    for (int i = 0; i < EthSettings.DEFAULT.maxFilters(); i++) {
      filters.newBlockFilter();
    }
    assertThatThrownBy(filters::newBlockFilter)
        .isInstanceOf(RpcException.class)
        .hasMessage("too many filters");
    clock.addAndGet(300_001);
    assertThat(filters.newBlockFilter()).startsWith("0x");
  }
}
