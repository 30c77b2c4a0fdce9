package io.semper.rpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.view.HistoryUnavailableException;
import io.semper.core.view.PoolView;
import io.semper.core.view.UnavailableException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds the method a request names, calls it, and maps what it throws to an error reply.
///
/// Adds two methods of its own: `rpc_modules` and `rpc.discover`, both made from the others.
public final class Dispatcher {
  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

  /// Longer names are cut in error messages.
  private static final int MAX_ECHOED_NAME = 100;

  private static final long WARM_UP_MILLIS = 1_000;

  /// PUSH2 1000, then JUMPDEST PUSH1 64 PUSH1 0 KECCAK256 POP, PUSH1 1 SWAP1 SUB DUP1 PUSH1 3
  /// JUMPI, STOP.
  private static final String HASH_A_THOUSAND_TIMES = "0x6103e85b604060002050600190038060035700";

  private final Map<String, RpcMethod> methods = new TreeMap<>();
  private final Observer observer;
  private final Fallback fallback;
  private final boolean local;
  private final Optional<PoolView> pool;

  /// What becomes of methods that are not served.
  @FunctionalInterface
  public interface Fallback {
    /// @param params an array, or `null` for none
    /// @return as [Dispatcher#call]
    Object call(String name, JsonNode params);
  }

  /// Told of every call of a served method, on the calling thread.
  public interface Observer {
    /// May refuse the call by throwing what methods throw.
    default void calling(String method) {}

    /// @param nanos time it took
    void called(String method, long nanos, boolean failed);
  }

  /// @param handlers plain objects with [Rpc] methods; a later one replaces methods of an earlier
  ///   one
  public Dispatcher(Collection<?> handlers, MethodPolicy policy) {
    this(handlers, policy, (method, nanos, failed) -> {});
  }

  public Dispatcher(Collection<?> handlers, MethodPolicy policy, Observer observer) {
    this(handlers, policy, observer, Dispatcher::refuse, false, Optional.empty());
  }

  /// @param pool what is submitted to it is waited for, see [Rpc#submits]
  public Dispatcher(Collection<?> handlers, MethodPolicy policy, Observer observer, PoolView pool) {
    this(handlers, policy, observer, Dispatcher::refuse, false, Optional.of(pool));
  }

  /// @param fallback is given names of a bounded length
  public Dispatcher(
      Collection<?> handlers, MethodPolicy policy, Observer observer, Fallback fallback) {
    this(handlers, policy, observer, fallback, false, Optional.empty());
  }

  private Dispatcher(
      Collection<?> handlers,
      MethodPolicy policy,
      Observer observer,
      Fallback fallback,
      boolean local,
      Optional<PoolView> pool) {
    this.observer = observer;
    this.fallback = fallback;
    this.local = local;
    this.pool = pool;
    for (Object handler : handlers) {
      add(handler, policy);
    }
    add(new Discovery(methods), policy);
  }

  /// For handlers whose chain and state lie on this machine, so that [Rpc#prompt] methods are.
  ///
  /// @param pool what is submitted to it is waited for, see [Rpc#submits]
  public static Dispatcher ofLocalChain(
      Collection<?> handlers, MethodPolicy policy, Observer observer, PoolView pool) {
    return new Dispatcher(handlers, policy, observer, Dispatcher::refuse, true, Optional.of(pool));
  }

  private static Object refuse(String name, JsonNode params) {
    throw new RpcException(
        RpcException.METHOD_NOT_FOUND, "the method " + name + " does not exist/is not available");
  }

  private void add(Object handler, MethodPolicy policy) {
    for (RpcMethod method : RpcMethod.of(handler)) {
      if (policy.permits(method.name())) {
        methods.put(method.name(), method);
      }
    }
  }

  /// Runs a contract for nobody, where the chain lies on this machine: what Java links and loads
  /// for the first call, most of the 15 ms that it takes, is there when it comes. It hashes a
  /// thousand times, after which Java compiles the hash, before others wait for it.
  void warmUp() {
    RpcMethod method = local ? methods.get("eth_call") : null;
    if (method == null) {
      return;
    }
    JsonNodeFactory json = JsonNodeFactory.instance;
    JsonNode creation = json.objectNode().put("data", HASH_A_THOUSAND_TIMES);
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WARM_UP_MILLIS);
    try {
      method.call(json.arrayNode().add(creation), new CallContext(end, Optional.empty()));
    } catch (Throwable e) {
      LOG.debug("the first call failed", e);
    }
  }

  /// Names of all served methods, sorted.
  public List<String> names() {
    return List.copyOf(methods.keySet());
  }

  /// Whether a call is answered at once, by memory or a few reads of the database, by [#callNow].
  ///
  /// @param name `null` where the request is invalid
  boolean isPrompt(String name, JsonNode params) {
    RpcMethod method = local && name != null ? methods.get(name) : null;
    return method != null && method.isPrompt(params) && (pool.isEmpty() || pool.get().isSettled());
  }

  /// Calls a method, after the block of what was submitted before. Whatever goes wrong inside it
  /// becomes an [RpcException].
  ///
  /// @param params an array, or `null` for none
  /// @return something [io.semper.rpc.json.Json] writes
  public Object call(String name, JsonNode params, CallContext context) {
    RpcMethod method = methods.get(name);
    if (pool.isPresent() && (method == null || !method.submits())) {
      pool.get().settle();
    }
    return call(method, name, params, context);
  }

  /// As [#call], and waits for no block.
  Object callNow(String name, JsonNode params, CallContext context) {
    return call(methods.get(name), name, params, context);
  }

  /// @param method `null` where none of that name is served
  private Object call(RpcMethod method, String name, JsonNode params, CallContext context) {
    context.checkDeadline();
    if (method == null) {
      try {
        return fallback.call(shorten(name), params);
      } catch (RuntimeException problem) {
        throw error(name, problem);
      }
    }
    long began = System.nanoTime();
    boolean failed = true;
    try {
      observer.calling(name);
      Object result = method.call(params, context);
      failed = false;
      return result;
    } catch (Throwable problem) {
      throw error(name, problem);
    } finally {
      observer.called(name, System.nanoTime() - began, failed);
    }
  }

  /// What to answer where a method, or the writing of its result, has failed.
  static RpcException error(String name, Throwable problem) {
    return switch (problem) {
      case RpcException answer -> answer;
      case HistoryUnavailableException gone ->
          new RpcException(
              RpcException.PRUNED_HISTORY, "pruned history unavailable: " + gone.getMessage());
      case MalformedInputException bad -> RpcException.server(bad.getMessage());
      case UnavailableException now ->
          new RpcException(RpcException.UNAVAILABLE, "not available now: " + now.getMessage());
      default -> {
        LOG.error("{} failed", shorten(name), problem);
        yield new RpcException(RpcException.INTERNAL, "internal error");
      }
    };
  }

  private static String shorten(String name) {
    return name.length() > MAX_ECHOED_NAME ? name.substring(0, MAX_ECHOED_NAME) + "…" : name;
  }
}
