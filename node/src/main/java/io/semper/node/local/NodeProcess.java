package io.semper.node.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.semper.node.Main;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A `semper` command that serves, as a process that can be started, killed, frozen and asked.
///
/// One that is never started here can be asked where somebody else runs it.
///
/// What it prints is appended to its log. Its port is the one it was told, or the one its log names
/// where that was 0.
public final class NodeProcess implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern SERVING = Pattern.compile("JSON-RPC at http://[^ ]*:(\\d+)");
  private static final Duration CONNECT = Duration.ofSeconds(2);

  /// Longer than a process gives itself, on a machine that has more to do.
  private static final long STOP_SECONDS = 2 * Main.MAX_STOP_SECONDS;

  private static final long LOOK_MILLIS = 20;
  private static final String SILENT = "silent";

  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT).build();

  private final String name;
  private final List<String> command;
  private final Path log;
  private final String host;
  private volatile int port;
  private volatile Process process;
  private volatile boolean frozen;
  private long logFrom;

  /// The node answered, with an error.
  public static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
      super(message);
    }
  }

  /// @param command such as [#java] with the arguments of `semper node`
  /// @param host where its JSON-RPC listens
  /// @param port of it, 0 to find out from the log
  public NodeProcess(String name, List<String> command, Path log, String host, int port) {
    this.name = name;
    this.command = List.copyOf(command);
    this.log = log;
    this.host = host;
    this.port = port;
  }

  /// What runs the program that runs here as another process, the arguments of `semper` being added
  /// to it, with the options of the launcher. The cache of classes that made this start quick
  /// serves that one too.
  public static List<String> java(List<String> options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders"));
    command.addAll(List.of("-XX:-ClipInlining", "-Djava.locale.providers=SPI"));
    command.add("--enable-native-access=ALL-UNNAMED");
    for (String own : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (own.startsWith("-XX:AOTCache=")) {
        command.addAll(List.of(own, "-Xlog:aot=off", "-Xlog:cds=off"));
      }
    }
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    return command;
  }

  public String name() {
    return name;
  }

  /// Starts it. It answers some time after this returns.
  public void start() throws IOException {
    if (isAlive()) {
      throw new IllegalStateException(name + " runs");
    }
    logFrom = Files.exists(log) ? Files.size(log) : 0;
    frozen = false;
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
  }

  /// Waits until it answers.
  ///
  /// @throws IOException where it ends instead, or takes too long, with what it printed
  public void awaitServing(Duration atMost) throws IOException, InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (true) {
      Matcher serving = SERVING.matcher(output());
      if (serving.find()) {
        port = Integer.parseInt(serving.group(1));
        return;
      }
      if (!isAlive() || System.nanoTime() > end) {
        throw new IOException(name + " does not serve:\n" + output());
      }
      Thread.sleep(LOOK_MILLIS);
    }
  }

  /// What it has printed since it was started.
  public String output() throws IOException {
    byte[] all = Files.readAllBytes(log);
    int from = (int) Math.min(logFrom, all.length);
    return new String(all, from, all.length - from, StandardCharsets.UTF_8);
  }

  public boolean isAlive() {
    Process current = process;
    return current != null && current.isAlive();
  }

  public boolean isFrozen() {
    return frozen;
  }

  /// Whether it is worth asking: it has not been ended or frozen here.
  public boolean mayAnswer() {
    return (process == null || isAlive()) && !frozen;
  }

  public long pid() {
    return process.pid();
  }

  public int port() {
    return port;
  }

  /// Ends it as a failing machine would.
  public void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /// Asks it to stop and waits.
  ///
  /// @throws IOException where it does not end, or not in order
  public void stop() throws IOException, InterruptedException {
    process.destroy();
    if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
      kill();
      throw new IOException(name + " did not stop:\n" + output());
    }
    if (process.exitValue() != 0) {
      throw new IOException(name + " ended with " + process.exitValue() + ":\n" + output());
    }
  }

  /// Has it stand still: to others it is silent, as if its cable were pulled.
  public void freeze() throws IOException, InterruptedException {
    frozen = true;
    signal("-STOP");
  }

  /// Has it go on as if no time had passed.
  public void thaw() throws IOException, InterruptedException {
    signal("-CONT");
    frozen = false;
  }

  private void signal(String signal) throws IOException, InterruptedException {
    int code = new ProcessBuilder("kill", signal, Long.toString(pid())).start().waitFor();
    if (code != 0) {
      throw new IOException("kill " + signal + " " + pid() + " ended with " + code);
    }
  }

  private URI uri(String path) {
    return URI.create(
        "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port + path);
  }

  /// The result of a method.
  ///
  /// @param params a JSON array
  /// @throws RefusedException where the answer is an error
  /// @throws IOException where there is no answer
  public JsonNode call(String method, String params, Duration atMost)
      throws IOException, InterruptedException {
    String body =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":" + params + "}";
    JsonNode reply = post(body, atMost);
    if (!reply.has("result")) {
      throw new RefusedException(method + ": " + reply.path("error").path("message").asText());
    }
    return reply.get("result");
  }

  /// What it answers to a request or several.
  public JsonNode post(String body, Duration atMost) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(uri(""))
            .timeout(atMost)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build();
    return JSON.readTree(HTTP.send(request, BodyHandlers.ofByteArray()).body());
  }

  /// What `/health/ready` says.
  public JsonNode readiness(Duration atMost) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(uri("/health/ready")).timeout(atMost).build();
    return JSON.readTree(HTTP.send(request, BodyHandlers.ofByteArray()).body());
  }

  /// In a word how it is, by what `/health/ready` says; `silent` where that does not answer.
  public String status(Duration atMost) throws InterruptedException {
    if (!mayAnswer()) {
      return SILENT;
    }
    try {
      return readiness(atMost).path("status").asText();
    } catch (IOException silent) {
      return SILENT;
    }
  }

  /// Whether it is a validator that signs, as far as it answers.
  public boolean isSigning(Duration atMost) throws InterruptedException {
    try {
      return mayAnswer() && call("qbft_getStatus", "[]", atMost).path("signing").asBoolean();
    } catch (IOException silent) {
      return false;
    }
  }

  /// The number of its newest block, -1 where it does not answer.
  public long head(Duration atMost) throws InterruptedException {
    if (!mayAnswer()) {
      return -1;
    }
    try {
      return Long.decode(call("eth_blockNumber", "[]", atMost).asText());
    } catch (IOException silent) {
      return -1;
    }
  }

  /// Ends it without ceremony, frozen or not.
  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly();
    }
  }
}
