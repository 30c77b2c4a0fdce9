package io.semper.node.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.trie.StateTrie;
import io.semper.node.spec.TransitionTransactions.Candidate;
import io.semper.rpc.RpcException;
import io.semper.rpc.trace.NamedTrace;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/// `evm t8n`: from a state, a block's environment and transactions to the state after them.
/// Options, files and exit codes are go-ethereum's.
@Command(
    name = "t8n",
    aliases = "transition",
    description = "Execute transactions on a state: files and options are go-ethereum's.")
final class TransitionCommand implements Callable<Integer> {
  private static final String STDIN = "stdin";
  private static final String STDOUT = "stdout";
  private static final String STDERR = "stderr";

  @ParentCommand private EvmCommand evm;

  @Option(names = "--input.alloc", paramLabel = "FILE", defaultValue = "alloc.json")
  private String allocInput;

  @Option(names = "--input.env", paramLabel = "FILE", defaultValue = "env.json")
  private String envInput;

  @Option(
      names = "--input.txs",
      paramLabel = "FILE",
      defaultValue = "txs.json",
      description = "JSON, or RLP if the name ends with .rlp. Inputs may be stdin.")
  private String txsInput;

  @Option(names = "--output.basedir", paramLabel = "FOLDER", defaultValue = "")
  private String folder;

  @Option(
      names = "--output.alloc",
      paramLabel = "FILE",
      defaultValue = "alloc.json",
      description = "Outputs may be stdout or stderr.")
  private String allocOutput;

  @Option(names = "--output.result", paramLabel = "FILE", defaultValue = "result.json")
  private String resultOutput;

  @Option(
      names = "--output.body",
      paramLabel = "FILE",
      defaultValue = "",
      description = "RLP of the transactions included.")
  private String bodyOutput;

  @Option(names = "--state.fork", paramLabel = "NAME", defaultValue = "GrayGlacier")
  private String fork;

  @Option(names = "--state.chainid", paramLabel = "ID", defaultValue = "1")
  private long chainId;

  @Option(
      names = "--state.reward",
      paramLabel = "WEI",
      defaultValue = "0",
      description = "Mining reward, -1 for none.")
  private String reward;

  @Option(names = "--trace.memory", arity = "0..1", fallbackValue = "true")
  private boolean traceMemory;

  @Option(names = "--trace.returndata", arity = "0..1", fallbackValue = "true")
  private boolean traceReturnData;

  @Option(
      names = "--trace.callframes",
      arity = "0..1",
      fallbackValue = "true",
      description = "Trace calls that begin, too.")
  private boolean traceFrames;

  @Option(
      names = "--trace.tracer",
      paramLabel = "NAME",
      description = "Write what this tracer says of each transaction: callTracer, ...")
  private String tracer;

  @Option(names = "--trace.jsonconfig", paramLabel = "JSON", description = "For --trace.tracer.")
  private String tracerConfig;

  @Option(
      names = "--opcode.count",
      paramLabel = "FILE",
      defaultValue = "",
      description = "Write how often each instruction ran.")
  private String opcodeCount;

  @Option(names = "--verbosity", paramLabel = "LEVEL", description = "Accepted.")
  private int verbosity;

  private PreState alloc;
  private TransitionEnv env;
  private List<Candidate> candidates;

  @Override
  public Integer call() {
    try {
      transition();
      return 0;
    } catch (TransitionFailure failure) {
      System.err.println(failure.getMessage());
      return failure.code();
    } catch (IOException | UncheckedIOException e) {
      System.err.println("ERROR(" + TransitionFailure.IO + "): " + e.getMessage());
      return TransitionFailure.IO;
    }
  }

  private void transition() throws IOException {
    UInt256 chain = UInt256.of(chainId);
    if (List.of(allocInput, envInput, txsInput).contains(STDIN)) {
      parse("stdin", System.in, in -> in.object(name -> readStandardInput(name, in, chain)));
    }
    if (!allocInput.equals(STDIN)) {
      read("alloc file", allocInput, in -> alloc = PreState.read(in));
    }
    if (!envInput.equals(STDIN)) {
      read("env file", envInput, in -> env = TransitionEnv.read(in));
    }
    if (!txsInput.equals(STDIN)) {
      read("txs-file", txsInput, in -> candidates = readTransactions(in.tree(), chain));
    }
    if (env == null) {
      throw new TransitionFailure(TransitionFailure.JSON, "failed unmarshalling stdin: no env");
    }
    Path base = Path.of(folder);
    if (!folder.isEmpty()) {
      Files.createDirectories(base);
    }
    TransitionTracing tracing = new TransitionTracing(base, traceForm(), !opcodeCount.isEmpty());
    PreState pre = alloc == null ? PreState.EMPTY : alloc;
    TransitionRun.Outcome outcome =
        new TransitionRun(fork, chain, pre, env)
            .run(candidates == null ? List.of() : candidates, reward(reward), tracing);
    if (!opcodeCount.isEmpty()) {
      Files.writeString(base.resolve(opcodeCount), GoJson.write(tracing.counts(), " "));
    }
    write(base, outcome);
  }

  /// `null` where nothing is traced.
  private TransitionTracing.Form traceForm() {
    if (tracer == null) {
      return evm.traces()
          ? new TransitionTracing.Lines(traceMemory, evm.withStack(), traceReturnData, traceFrames)
          : null;
    }
    try {
      JsonNode config = tracerConfig == null ? null : new ObjectMapper().readTree(tracerConfig);
      return new TransitionTracing.Named(NamedTrace.options(tracer, config));
    } catch (RpcException | JsonProcessingException e) {
      throw new TransitionFailure(
          TransitionFailure.CONFIG, "failed instantiating tracer: " + e.getMessage());
    }
  }

  /// Decimal or hexadecimal; `null` where none is to be paid.
  private static UInt256 reward(String text) {
    try {
      long wei = Long.decode(text);
      return wei < 0 ? null : UInt256.of(wei);
    } catch (NumberFormatException e) {
      throw new TransitionFailure(
          TransitionFailure.CONFIG, "invalid value \"" + text + "\" for flag -state.reward");
    }
  }

  private void readStandardInput(String name, FixtureInput in, UInt256 chain) {
    switch (name) {
      case "alloc" -> alloc = in.nextIsNull() ? null : PreState.read(in);
      case "env" -> env = in.nextIsNull() ? null : TransitionEnv.read(in);
      case "txs" -> {
        JsonNode txs = in.tree();
        candidates = candidates == null ? readTransactions(txs, chain) : candidates;
      }
      case "txsRlp" -> {
        String body = in.text();
        if (!body.isEmpty()) {
          candidates = TransitionTransactions.ofRlp(Hex.decode(body));
        }
      }
      default -> in.skip();
    }
  }

  private static List<Candidate> readTransactions(JsonNode json, UInt256 chain) {
    return json.isTextual()
        ? TransitionTransactions.ofRlp(Hex.decode(json.textValue()))
        : TransitionTransactions.ofJson(json, chain);
  }

  private static void read(String what, String file, Consumer<FixtureInput> reader) {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(Path.of(file)))) {
      parse(what, in, reader);
    } catch (IOException e) {
      throw new TransitionFailure(
          TransitionFailure.IO,
          "failed reading " + what + ": open " + file + ": " + e.getMessage());
    }
  }

  private static void parse(String what, InputStream bytes, Consumer<FixtureInput> reader) {
    try (FixtureInput in = new FixtureInput(bytes)) {
      reader.accept(in);
    } catch (MalformedFixtureException | IllegalArgumentException e) {
      throw new TransitionFailure(
          TransitionFailure.JSON, "failed unmarshalling " + what + ": " + e.getMessage());
    }
  }

  // ---- Outputs

  private void write(Path base, TransitionRun.Outcome outcome) throws IOException {
    Map<String, Object> out = new TreeMap<>();
    Map<String, Object> err = new TreeMap<>();
    if (allocOutput.equals(STDOUT)) {
      out.put("alloc", accounts(outcome.post(), Comparator.naturalOrder()));
    } else if (allocOutput.equals(STDERR)) {
      err.put("alloc", accounts(outcome.post(), Comparator.naturalOrder()));
    } else if (!allocOutput.isEmpty()) {
      // In the order of the trie, as a walk over it would come by them.
      Comparator<Address> order = Comparator.comparing(StateTrie::key);
      String text = GoJson.write(accounts(outcome.post(), order), "");
      Files.writeString(base.resolve(allocOutput), text);
    }
    write(base, resultOutput, "result", outcome.result(), out, err);
    write(base, bodyOutput, "body", Hex.encode(outcome.body()), out, err);
    if (!out.isEmpty()) {
      System.out.println(GoJson.write(out, "  "));
    }
    if (!err.isEmpty()) {
      System.err.println(GoJson.write(err, "  "));
    }
  }

  private static void write(
      Path base,
      String where,
      String name,
      Object value,
      Map<String, Object> out,
      Map<String, Object> err)
      throws IOException {
    switch (where) {
      case STDOUT -> out.put(name, value);
      case STDERR -> err.put(name, value);
      case "" -> {}
      default -> Files.writeString(base.resolve(where), GoJson.write(value, " "));
    }
  }

  private static Map<Address, Object> accounts(PreState state, Comparator<Address> order) {
    Map<Address, Object> accounts = new TreeMap<>(order);
    state.entries().forEach((address, entry) -> accounts.put(address, account(entry)));
    return accounts;
  }

  private static Map<String, Object> account(PreState.Entry entry) {
    Map<String, Object> json = new LinkedHashMap<>();
    if (entry.code().length > 0) {
      json.put("code", Hex.encode(entry.code()));
    }
    if (!entry.storage().isEmpty()) {
      Map<Hash32, Object> storage = new TreeMap<>();
      entry.storage().forEach((slot, value) -> storage.put(slot.toHash32(), value.toHash32()));
      json.put("storage", storage);
    }
    json.put("balance", "0x" + entry.account().balance().toBigInteger().toString(16));
    if (entry.account().nonce() != 0) {
      json.put("nonce", "0x" + Long.toHexString(entry.account().nonce()));
    }
    return json;
  }
}
