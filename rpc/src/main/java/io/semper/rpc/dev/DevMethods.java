package io.semper.rpc.dev;

import io.semper.core.view.ChainView;
import java.util.List;

/// All handlers of this package over one development chain.
public final class DevMethods {
  private final List<Object> handlers;

  /// @param clientVersion what the node calls itself
  public DevMethods(ChainView chain, Development development, String clientVersion) {
    handlers =
        List.of(
            new DevMining(development),
            new DevTime(chain, development),
            new DevState(development),
            new DevSnapshots(development),
            new DevTransactions(development),
            new DevNode(chain, development, clientVersion));
  }

  /// For a [io.semper.rpc.Dispatcher].
  public List<Object> handlers() {
    return handlers;
  }
}
