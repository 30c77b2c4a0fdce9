package io.semper.rpc;

import java.util.Set;

/// Which methods are served. Entries are namespaces (`eth`) or whole method names (`eth_sign`).
///
/// The more exact entry wins: a method name over its namespace, and denial over permission at the
/// same level.
///
/// @param allow where empty, everything not denied is served
public record MethodPolicy(Set<String> allow, Set<String> deny) {
  public static final MethodPolicy ALL = new MethodPolicy(Set.of(), Set.of());

  public boolean permits(String method) {
    if (deny.contains(method)) return false;
    if (allow.contains(method)) return true;
    String namespace = namespace(method);
    if (deny.contains(namespace)) return false;
    return allow.isEmpty() || allow.contains(namespace);
  }

  /// The part before the first underscore or dot.
  static String namespace(String method) {
    int end = method.indexOf('_');
    if (end < 0) end = method.indexOf('.');
    return end < 0 ? method : method.substring(0, end);
  }
}
