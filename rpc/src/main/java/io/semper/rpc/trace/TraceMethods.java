package io.semper.rpc.trace;

import io.semper.core.view.ChainView;
import io.semper.rpc.eth.EthMethods;
import java.util.List;

/// All handlers of this package over one chain.
public final class TraceMethods {
  private final List<Object> handlers;

  /// @param eth whose caches and rules are shared
  public TraceMethods(ChainView chain, EthMethods eth, Replay replay, TraceLimits limits) {
    BlockTraces traces = new BlockTraces(replay, limits, System::nanoTime);
    handlers =
        List.of(
            new DebugTraces(chain, eth.blocks(), eth.calls(), traces),
            new ParityTraces(chain, eth.blocks(), eth.calls(), replay, traces),
            new ChainTraces(chain, eth.blocks(), traces, System::nanoTime),
            new OtsBlocks(eth.blocks(), replay),
            new OtsTraces(chain, eth.blocks(), traces),
            new OtsSearch(chain, eth.blocks(), traces));
  }

  /// For a [io.semper.rpc.Dispatcher].
  public List<Object> handlers() {
    return handlers;
  }
}
