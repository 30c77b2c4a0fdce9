package io.semper.node.spec;

import java.util.Iterator;
import java.util.List;
import java.util.Map;

/// JSON as Go's encoder lays it out. Values are maps in the order of their keys, lists, strings,
/// booleans, `null`, and numbers.
final class GoJson {
  private GoJson() {}

  /// @param indent of one level; empty for everything on one line
  static String write(Object value, String indent) {
    StringBuilder out = new StringBuilder();
    append(out, value, indent, "");
    return out.toString();
  }

  private static void append(StringBuilder out, Object value, String indent, String margin) {
    switch (value) {
      case null -> out.append("null");
      case Map<?, ?> map -> appendMap(out, map, indent, margin);
      case List<?> list -> appendList(out, list, indent, margin);
      case Boolean bool -> out.append(bool.booleanValue());
      case Number number -> out.append(number);
      case Object other -> out.append(RunReport.quoted(other.toString()));
    }
  }

  private static void appendMap(StringBuilder out, Map<?, ?> map, String indent, String margin) {
    out.append('{');
    String inner = margin + indent;
    for (Iterator<? extends Map.Entry<?, ?>> each = map.entrySet().iterator(); each.hasNext(); ) {
      Map.Entry<?, ?> entry = each.next();
      line(out, indent, inner);
      out.append(RunReport.quoted(entry.getKey().toString()));
      out.append(indent.isEmpty() ? ":" : ": ");
      append(out, entry.getValue(), indent, inner);
      out.append(each.hasNext() ? "," : "");
    }
    if (!map.isEmpty()) {
      line(out, indent, margin);
    }
    out.append('}');
  }

  private static void appendList(StringBuilder out, List<?> list, String indent, String margin) {
    out.append('[');
    String inner = margin + indent;
    for (Iterator<?> each = list.iterator(); each.hasNext(); ) {
      line(out, indent, inner);
      append(out, each.next(), indent, inner);
      out.append(each.hasNext() ? "," : "");
    }
    if (!list.isEmpty()) {
      line(out, indent, margin);
    }
    out.append(']');
  }

  private static void line(StringBuilder out, String indent, String margin) {
    if (!indent.isEmpty()) {
      out.append('\n').append(margin);
    }
  }
}
