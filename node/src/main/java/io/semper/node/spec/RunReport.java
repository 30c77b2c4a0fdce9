package io.semper.node.spec;

import io.semper.core.bytes.Hash32;
import java.util.List;

/// The outcome of tests as go-ethereum's `evm` prints it.
final class RunReport {
  private static final String PASS = "[\u001b[32mPASS\u001b[0m]";
  private static final String FAIL = "[\u001b[31mFAIL\u001b[0m]";

  private RunReport() {}

  /// @param stateRoot `null` where none was computed
  /// @param error the first difference, `null` for a pass
  record Result(String name, Hash32 stateRoot, String fork, String error) {}

  /// A JSON array of objects, indented by two; `null` where there is no result.
  static String json(List<Result> results) {
    if (results.isEmpty()) {
      return "null\n";
    }
    StringBuilder out = new StringBuilder("[");
    for (Result result : results) {
      out.append(out.length() == 1 ? "\n  {" : ",\n  {");
      out.append("\n    \"name\": ").append(quoted(result.name));
      out.append(",\n    \"pass\": ").append(result.error == null);
      if (result.stateRoot != null) {
        out.append(",\n    \"stateRoot\": \"").append(result.stateRoot).append('"');
      }
      out.append(",\n    \"fork\": ").append(quoted(result.fork));
      if (result.error != null) {
        out.append(",\n    \"error\": ").append(quoted(result.error));
      }
      out.append("\n  }");
    }
    return out.append("\n]\n").toString();
  }

  /// One line a result, and a summary.
  static String text(List<Result> results) {
    StringBuilder out = new StringBuilder();
    int passed = 0;
    for (Result result : results) {
      if (result.error == null) {
        passed++;
        out.append(PASS).append(' ').append(result.name);
      } else {
        out.append(FAIL).append(' ').append(result.name);
        out.append(", err=").append(result.error).append(", fork=").append(result.fork);
      }
      out.append('\n');
    }
    int failed = results.size() - passed;
    out.append("--\n").append(passed).append(" tests passed, ");
    return out.append(failed).append(" tests failed.\n").toString();
  }

  /// A JSON string, with the escapes Go's encoder chooses.
  static String quoted(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          boolean escaped =
              c < ' ' || c == '<' || c == '>' || c == '&' || c == '\u2028' || c == '\u2029';
          out.append(escaped ? String.format("\\u%04x", (int) c) : String.valueOf(c));
        }
      }
    }
    return out.append('"').toString();
  }
}
