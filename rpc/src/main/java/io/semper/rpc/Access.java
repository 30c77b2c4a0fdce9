package io.semper.rpc;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// Which `Host` and `Origin` headers are answered.
record Access(Set<String> corsOrigins, Set<String> allowedHosts) {
  private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");

  /// `null` where the host is allowed, else what to tell the caller.
  String hostRefusal(String hostHeader) {
    if (allowedHosts.contains("*") || hostHeader == null) {
      return null;
    }
    String name = withoutPort(hostHeader).toLowerCase(Locale.ROOT);
    if (name.equals("localhost") || isAddress(name) || allowedHosts.contains(name)) {
      return null;
    }
    return "invalid host specified: allow it with --rpc-allowed-hosts " + printable(name);
  }

  boolean originAllowed(String origin, String hostHeader) {
    return corsOrigins.contains("*")
        || corsOrigins.contains(origin)
        || origin.equals("http://" + hostHeader);
  }

  String originRefusal(String origin) {
    return "origin not allowed: allow it with --rpc-cors-origins " + printable(origin);
  }

  private static String withoutPort(String host) {
    int end = host.lastIndexOf(':');
    return end < 0 || host.endsWith("]") ? host : host.substring(0, end);
  }

  /// Rebinding needs a name; an address cannot be rebound.
  private static boolean isAddress(String name) {
    return name.startsWith("[") || IPV4.matcher(name).matches();
  }

  private static String printable(String text) {
    String clean = text.replaceAll("[^a-zA-Z0-9.:/_\\-]", "?");
    return clean.length() > 200 ? clean.substring(0, 200) : clean;
  }
}
