package io.semper.rpc.engine;

import io.semper.core.view.ChainView;
import io.semper.rpc.Rpc;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;

/// All handlers of the Engine API over one chain.
public final class EngineMethods {
  private final List<Object> handlers = new ArrayList<>();
  private final PayloadTree tree;

  public EngineMethods(
      ChainView view,
      ConsensusChain chain,
      PayloadSource payloads,
      BlobSource blobs,
      ClientVersion version) {
    tree = new PayloadTree(view, chain);
    handlers.add(new EnginePayloads(view, tree));
    handlers.add(new EngineForkchoice(view, tree, payloads));
    handlers.add(new EngineBodies(view));
    handlers.add(new EngineBlobs(view, blobs));
    List<String> names = new ArrayList<>(names(handlers));
    names.add("engine_exchangeTransitionConfigurationV1");
    names.add("engine_getClientVersionV1");
    handlers.add(new EngineExchange(view, version, names.stream().sorted().toList()));
  }

  private static List<String> names(List<Object> handlers) {
    List<String> names = new ArrayList<>();
    for (Object handler : handlers) {
      for (Method method : handler.getClass().getDeclaredMethods()) {
        Rpc rpc = method.getAnnotation(Rpc.class);
        if (rpc != null) {
          names.addAll(List.of(rpc.value()));
        }
      }
    }
    return names;
  }

  /// How long no payload and no choice of head has come, or since the start.
  public long silentMillis() {
    return tree.silentMillis();
  }

  /// For a [io.semper.rpc.Dispatcher] on a port of its own, behind [JwtGuard].
  public List<Object> handlers() {
    return List.copyOf(handlers);
  }
}
