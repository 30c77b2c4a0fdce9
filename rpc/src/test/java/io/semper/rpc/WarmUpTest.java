package io.semper.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.rpc.ledger.MemoryChain;
import io.semper.rpc.ledger.MemoryPool;
import io.semper.rpc.param.CallRequest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// The call that a server makes itself.
class WarmUpTest {
  private final CountDownLatch called = new CountDownLatch(1);
  private final AtomicInteger observed = new AtomicInteger();
  private final Dispatcher.Observer observer =
      (method, nanos, failed) -> observed.incrementAndGet();

  final class Chain {
    @Rpc("eth_call")
    String call(CallRequest request) {
      assertThat(request.to()).isNull();
      called.countDown();
      throw new IllegalStateException("a call that fails hurts nobody");
    }
  }

  @Test
  void aLocalChainIsCalledAndNobodyIsTold() throws InterruptedException {
    Dispatcher dispatcher =
        Dispatcher.ofLocalChain(
            List.of(new Chain()),
            MethodPolicy.ALL,
            observer,
            new MemoryPool(new MemoryChain(Map.of())));
    try (RpcServer server = RpcServer.start(RpcConfig.local(0), dispatcher)) {
      boolean came = called.await(10, TimeUnit.SECONDS);
      assertThat(came).as("called by the server on port %d", server.port()).isTrue();
    }
    assertThat(observed).hasValue(0);
  }

  @Test
  void whatLiesElsewhereIsLeftAlone() {
    new Dispatcher(List.of(new Chain()), MethodPolicy.ALL, observer).warmUp();
    assertThat(called.getCount()).isEqualTo(1);
  }
}
