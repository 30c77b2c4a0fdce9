package io.semper.rpc.trace;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.evm.trace.StructLogTracer;
import io.semper.rpc.param.BlockOverrides;
import io.semper.rpc.param.Decoders;
import io.semper.rpc.param.StateOverrides;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How a caller wants a transaction traced.
///
/// @param tracer `null` for struct logs
/// @param tracerConfig of the named tracer; `null` where none was given
/// @param timeoutMillis of one transaction, `null` where none was given
/// @param stateOverrides of `debug_traceCall` only, as all that follow
/// @param txIndex the call runs before this transaction of its block; `null` for after the block
public record TraceOptions(
    StructLogTracer.Options structLogs,
    String tracer,
    JsonNode tracerConfig,
    Long timeoutMillis,
    StateOverrides stateOverrides,
    BlockOverrides blockOverrides,
    Long txIndex) {
  public static final TraceOptions DEFAULT =
      new TraceOptions(StructLogTracer.Options.DEFAULT, null, null, null, null, null, null);

  /// One part of a duration as Go writes it: `1m30s`, `250ms`.
  private static final Pattern DURATION_PART =
      Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?)(ns|us|µs|ms|s|m|h)");

  public static TraceOptions fromJson(JsonNode node) {
    Decoders.requireObject(node);
    StructLogTracer.Options structLogs =
        new StructLogTracer.Options(
            flag(node, "enableMemory"),
            flag(node, "disableStack"),
            flag(node, "disableStorage"),
            flag(node, "enableReturnData"),
            number(node, "limit"));
    return new TraceOptions(
        structLogs,
        Decoders.field(node, "tracer", Decoders::text),
        Decoders.field(node, "tracerConfig", each -> each),
        Decoders.field(node, "timeout", TraceOptions::millis),
        Decoders.field(node, "stateOverrides", StateOverrides::fromJson),
        Decoders.field(node, "blockOverrides", BlockOverrides::fromJson),
        Decoders.field(node, "txIndex", Decoders::positiveLong));
  }

  static boolean flag(JsonNode object, String name) {
    Boolean value = object == null ? null : Decoders.field(object, name, Decoders::bool);
    return value != null && value;
  }

  private static long number(JsonNode object, String name) {
    Long value =
        Decoders.field(
            object,
            name,
            node -> {
              if (!node.isIntegralNumber() || !node.canConvertToLong()) {
                throw Decoders.expected("a whole number", node);
              }
              return node.longValue();
            });
    return value == null ? 0 : value;
  }

  private static long millis(JsonNode node) {
    String text = Decoders.text(node);
    Matcher part = DURATION_PART.matcher(text);
    double millis = 0;
    int at = 0;
    while (at < text.length() && part.find(at) && part.start() == at) {
      millis += Double.parseDouble(part.group(1)) * unitMillis(part.group(2));
      at = part.end();
    }
    if (at == 0 || at < text.length()) {
      throw new IllegalArgumentException(
          "time: invalid duration \"" + (text.length() > 40 ? text.substring(0, 40) : text) + "\"");
    }
    return (long) millis;
  }

  private static double unitMillis(String unit) {
    return switch (unit) {
      case "ns" -> 1e-6;
      case "ms" -> 1;
      case "s" -> 1e3;
      case "m" -> 60e3;
      case "h" -> 3600e3;
      default -> 1e-3;
    };
  }
}
