package io.semper.rpc;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.rpc.param.Decoders;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// One served method: how to decode its parameters and how to call it.
final class RpcMethod {
  private final String name;
  private final Object owner;
  private final Method method;
  private final Rpc rpc;
  private final Class<?> resultType;
  private final List<Slot> slots;
  private final int positional;

  /// Linked by the first call: linking all of them at the start took a tenth of it.
  private volatile MethodHandle handle;

  /// @param decoder `null` for the call context
  record Slot(String name, Class<?> type, boolean omittable, Function<JsonNode, Object> decoder) {}

  private RpcMethod(String name, Object owner, Method method, Rpc rpc) {
    this.name = name;
    this.owner = owner;
    this.method = method;
    this.rpc = rpc;
    resultType = method.getReturnType();
    slots = new ArrayList<>();
    int count = 0;
    for (Parameter parameter : method.getParameters()) {
      boolean context = parameter.getType() == CallContext.class;
      slots.add(
          new Slot(
              parameter.getName(),
              parameter.getType(),
              parameter.isAnnotationPresent(Omittable.class),
              context ? null : Decoders.of(parameter.getType())));
      count += context ? 0 : 1;
    }
    positional = count;
  }

  private MethodHandle link() {
    try {
      method.setAccessible(true);
      return MethodHandles.lookup()
          .unreflect(method)
          .bindTo(owner)
          .asSpreader(Object[].class, slots.size())
          .asType(MethodType.methodType(Object.class, Object[].class));
    } catch (IllegalAccessException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /// The annotated methods of a handler object.
  static List<RpcMethod> of(Object owner) {
    List<RpcMethod> methods = new ArrayList<>();
    for (Method method : owner.getClass().getDeclaredMethods()) {
      Rpc rpc = method.getAnnotation(Rpc.class);
      if (rpc != null) {
        for (String name : rpc.value()) {
          methods.add(new RpcMethod(name, owner, method, rpc));
        }
      }
    }
    if (methods.isEmpty()) {
      throw new IllegalArgumentException(owner.getClass() + " serves no method");
    }
    return methods;
  }

  String name() {
    return name;
  }

  Class<?> resultType() {
    return resultType;
  }

  List<Slot> slots() {
    return slots;
  }

  boolean submits() {
    return rpc.submits();
  }

  /// A pending block has to be built first.
  boolean isPrompt(JsonNode params) {
    if (rpc.prompt() && params != null) {
      for (JsonNode each : params) {
        if ("pending".equals(each.textValue())) {
          return false;
        }
      }
    }
    return rpc.prompt();
  }

  Object call(JsonNode params, CallContext context) throws Throwable {
    MethodHandle linked = handle;
    if (linked == null) {
      linked = link();
      handle = linked;
    }
    return linked.invokeExact(decode(params, context));
  }

  private Object[] decode(JsonNode params, CallContext context) {
    int given = params == null || params.isNull() ? 0 : params.size();
    if (given > 0 && !params.isArray()) {
      throw RpcException.invalidParams("non-array args");
    }
    if (given > positional) {
      throw RpcException.invalidParams("too many arguments, want at most " + positional);
    }
    Object[] arguments = new Object[slots.size()];
    int position = 0;
    for (int i = 0; i < arguments.length; i++) {
      Slot slot = slots.get(i);
      arguments[i] =
          slot.decoder == null
              ? context
              : argument(slot, position, position < given ? params.get(position++) : null);
    }
    return arguments;
  }

  private static Object argument(Slot slot, int position, JsonNode node) {
    if (node == null || node.isNull()) {
      if (!slot.omittable) {
        throw RpcException.invalidParams("missing value for required argument " + position);
      }
      return Decoders.absent(slot.type);
    }
    try {
      return slot.decoder.apply(node);
    } catch (IllegalArgumentException bad) {
      throw RpcException.invalidParams("invalid argument " + position + ": " + bad.getMessage());
    }
  }
}
