package io.semper.rpc.trace;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.fork.Fork;
import io.semper.evm.precompile.Precompiles;
import io.semper.evm.trace.CallFrame;
import io.semper.evm.trace.CallTracer;
import io.semper.evm.trace.FanOutTracer;
import io.semper.evm.trace.FourByteTracer;
import io.semper.evm.trace.PreimageTracer;
import io.semper.evm.trace.PrestateTracer;
import io.semper.evm.trace.Tracer;
import io.semper.evm.tx.TxResult;
import io.semper.rpc.RpcException;
import io.semper.rpc.json.Json;
import io.semper.rpc.param.Decoders;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/// The tracers callers can name.
final class Tracers {
  /// Nested fan-outs have no use.
  private static final int MAX_MUX = 16;

  private Tracers() {}

  /// What traces the next transaction as the caller wants.
  ///
  /// @param out where it will be written
  static TransactionTrace of(TraceOptions options, TraceContext context, JsonGenerator out) {
    return options.tracer() == null || options.tracer().isEmpty()
        ? new StructLogs(options.structLogs(), context, out)
        : named(options.tracer(), options.tracerConfig(), context);
  }

  /// Refuses what [#of] would, before anything is executed.
  static void check(TraceOptions options) {
    if (options.tracer() != null && !options.tracer().isEmpty()) {
      check(options.tracer(), options.tracerConfig(), false);
    }
  }

  private static void check(String name, JsonNode config, boolean inside) {
    try {
      if (config != null && !config.isNull()) {
        Decoders.requireObject(config);
      }
      switch (name) {
        case "callTracer" -> {
          TraceOptions.flag(config, "onlyTopCall");
          TraceOptions.flag(config, "withLog");
        }
        case "flatCallTracer" -> {
          TraceOptions.flag(config, "convertParityErrors");
          TraceOptions.flag(config, "includePrecompiles");
        }
        case "prestateTracer" -> {
          PrestateJson.Options options = prestateOptions(config);
          if (options.diffMode() && options.includeEmpty()) {
            throw RpcException.server("cannot use diffMode with includeEmpty");
          }
        }
        case "muxTracer" -> checkMux(config, inside);
        case "4byteTracer", "keccak256PreimageTracer", "noopTracer" -> {}
        default ->
            throw RpcException.server(
                "tracer not found: "
                    + (name.length() > 60 ? name.substring(0, 60) + "…" : name)
                    + " (JavaScript tracers are not supported)");
      }
    } catch (IllegalArgumentException bad) {
      throw RpcException.server(name + ": " + bad.getMessage());
    }
  }

  private static void checkMux(JsonNode config, boolean inside) {
    if (inside) {
      throw RpcException.server("muxTracer inside muxTracer");
    }
    if (config != null) {
      if (config.size() > MAX_MUX) {
        throw RpcException.server("muxTracer: more than " + MAX_MUX + " tracers");
      }
      config.properties().forEach(each -> check(each.getKey(), each.getValue(), true));
    }
  }

  private static TransactionTrace named(String name, JsonNode config, TraceContext context) {
    return switch (name) {
      case "callTracer" -> new Calls(config, context);
      case "flatCallTracer" -> new FlatCalls(config, context);
      case "prestateTracer" -> new Prestate(config, context);
      case "4byteTracer" -> new Selectors(context);
      case "keccak256PreimageTracer" -> new Preimages(new PreimageTracer(context.budget()));
      case "muxTracer" -> new Mux(config, context);
      case "noopTracer" -> new Nothing();
      default -> throw new IllegalStateException("unchecked tracer " + name);
    };
  }

  private static PrestateJson.Options prestateOptions(JsonNode config) {
    return new PrestateJson.Options(
        TraceOptions.flag(config, "diffMode"),
        TraceOptions.flag(config, "disableCode"),
        TraceOptions.flag(config, "disableStorage"),
        TraceOptions.flag(config, "includeEmpty"));
  }

  /// Plain calls to precompiled contracts are not worth a trace in Parity's form.
  static Predicate<CallFrame> withoutPrecompiles(Fork fork) {
    return frame ->
        !frame.type().equals("CALL") && !frame.type().equals("STATICCALL")
            || Precompiles.at(fork, frame.to()) == null;
  }

  private record Calls(CallTracer tracer, long gasLimit) implements TransactionTrace {
    Calls(JsonNode config, TraceContext context) {
      this(
          new CallTracer(
              TraceOptions.flag(config, "onlyTopCall"),
              TraceOptions.flag(config, "withLog"),
              context.firstLog(),
              frame -> true,
              context.budget()),
          context.message().gasLimit());
    }

    @Override
    public void end(TxResult.Executed result, JsonGenerator out) throws IOException {
      CallFrame top = tracer.top().withGas(gasLimit, result.gasUsed());
      new CallFrameJson(top, false).writeTo(out);
    }
  }

  private record FlatCalls(
      CallTracer tracer, long gasLimit, boolean parityErrors, TraceContext.Place place)
      implements TransactionTrace {
    FlatCalls(JsonNode config, TraceContext context) {
      this(
          new CallTracer(
              false,
              false,
              0,
              TraceOptions.flag(config, "includePrecompiles")
                  ? frame -> true
                  : withoutPrecompiles(context.rules().fork()),
              context.budget()),
          context.message().gasLimit(),
          TraceOptions.flag(config, "convertParityErrors"),
          context.place());
    }

    @Override
    public void end(TxResult.Executed result, JsonGenerator out) throws IOException {
      CallFrame top = tracer.top().withGas(gasLimit, result.gasUsed());
      out.writeStartArray();
      for (FlatTraces.Flat flat : FlatTraces.of(top)) {
        out.writeStartObject();
        FlatTraces.write(flat, parityErrors, out);
        FlatTraces.writePlace(place, out);
        out.writeEndObject();
      }
      out.writeEndArray();
    }
  }

  private record Prestate(PrestateTracer tracer, PrestateJson.Options options)
      implements TransactionTrace {
    Prestate(JsonNode config, TraceContext context) {
      this(
          new PrestateTracer(
              context.state(), context.env(), context.rules(), context.message(), context.budget()),
          prestateOptions(config));
    }

    @Override
    public void end(TxResult.Executed result, JsonGenerator out) throws IOException {
      new PrestateJson(options, tracer).writeTo(out);
    }
  }

  private record Selectors(FourByteTracer tracer) implements TransactionTrace {
    Selectors(TraceContext context) {
      this(new FourByteTracer(context.rules().fork(), context.budget()));
    }

    @Override
    public void end(TxResult.Executed result, JsonGenerator out) throws IOException {
      Json.write(out, tracer.counts());
    }
  }

  private record Preimages(PreimageTracer tracer) implements TransactionTrace {
    @Override
    public void end(TxResult.Executed result, JsonGenerator out) throws IOException {
      Json.write(out, tracer.preimages());
    }
  }

  private record Nothing() implements TransactionTrace {
    @Override
    public Tracer tracer() {
      return new Tracer() {};
    }

    @Override
    public void end(TxResult.Executed result, JsonGenerator out) throws IOException {
      Json.write(out, Map.of());
    }
  }

  private record Mux(Map<String, TransactionTrace> traces, Tracer tracer)
      implements TransactionTrace {
    Mux(JsonNode config, TraceContext context) {
      this(traces(config, context), context);
    }

    private Mux(Map<String, TransactionTrace> traces, TraceContext context) {
      this(traces, new FanOutTracer(context.budget(), tracers(traces)));
    }

    private static Map<String, TransactionTrace> traces(JsonNode config, TraceContext context) {
      Map<String, TransactionTrace> traces = new TreeMap<>();
      if (config != null) {
        config
            .properties()
            .forEach(
                each -> traces.put(each.getKey(), named(each.getKey(), each.getValue(), context)));
      }
      return traces;
    }

    private static List<Tracer> tracers(Map<String, TransactionTrace> traces) {
      List<Tracer> tracers = new ArrayList<>();
      traces.values().forEach(each -> tracers.add(each.tracer()));
      return tracers;
    }

    @Override
    public void end(TxResult.Executed result, JsonGenerator out) throws IOException {
      out.writeStartObject();
      for (Map.Entry<String, TransactionTrace> each : traces.entrySet()) {
        out.writeFieldName(each.getKey());
        each.getValue().end(result, out);
      }
      out.writeEndObject();
    }
  }
}
