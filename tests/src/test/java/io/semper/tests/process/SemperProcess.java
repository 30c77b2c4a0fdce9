package io.semper.tests.process;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.semper.node.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A `semper` command that serves, as a process of its own. Runs the launcher that the system
/// property `semper.launcher` names, otherwise the classes of this build.
public final class SemperProcess implements AutoCloseable {
  private static final Pattern SERVING =
      Pattern.compile("JSON-RPC at http://127\\.0\\.0\\.1:(\\d+)");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  /// On a machine that does other things as well; a launcher may build first.
  private static final long START_SECONDS = 300;

  private static final long STOP_SECONDS = 60;
  private static final Duration CALL = Duration.ofSeconds(30);

  private final Process process;
  private final StringBuffer output = new StringBuffer();
  private final CompletableFuture<Integer> port = new CompletableFuture<>();

  private SemperProcess(List<String> command) throws IOException {
    process = new ProcessBuilder(command).redirectErrorStream(true).start();
    Thread.ofVirtual().name("semper-output").start(this::read);
  }

  /// Starts a command and waits until it answers.
  ///
  /// @param arguments such as `dev --port 0`
  public static SemperProcess start(List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    String launcher = System.getProperty("semper.launcher");
    if (launcher != null) {
      command.add(launcher);
    } else {
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      // Many at once on few processors: what costs least to start.
      command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx512m"));
      command.add("--enable-native-access=ALL-UNNAMED");
      command.add("-cp");
      command.add(System.getProperty("java.class.path"));
      command.add(Main.class.getName());
    }
    command.addAll(arguments);
    SemperProcess started = new SemperProcess(command);
    try {
      started.port.get(START_SECONDS, TimeUnit.SECONDS);
      return started;
    } catch (ExecutionException | TimeoutException e) {
      started.kill();
      throw new IOException("no node:\n" + started.output, e);
    }
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        output.append(line).append('\n');
        Matcher serving = SERVING.matcher(line);
        if (serving.find()) {
          port.complete(Integer.valueOf(serving.group(1)));
        }
      }
      port.completeExceptionally(new IOException("the process ended:\n" + output));
    } catch (IOException e) {
      port.completeExceptionally(e);
    }
  }

  public int port() {
    return port.join();
  }

  public long pid() {
    return process.pid();
  }

  /// Everything it printed.
  public String output() {
    return output.toString();
  }

  /// Calls a method and returns its result.
  ///
  /// @param params a JSON array
  /// @throws IOException where the node does not answer, or answers with an error
  public JsonNode call(String method, String params) throws IOException, InterruptedException {
    String body =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":" + params + "}";
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port()))
            .timeout(CALL)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build();
    JsonNode reply = JSON.readTree(HTTP.send(request, BodyHandlers.ofByteArray()).body());
    if (!reply.has("result")) {
      throw new IOException(method + ": " + reply);
    }
    return reply.get("result");
  }

  public long blockNumber() throws IOException, InterruptedException {
    return Long.decode(call("eth_blockNumber", "[]").asText());
  }

  /// Waits until the node has a block.
  ///
  /// @throws IOException where it has not in time
  public void awaitBlock(long number, Duration atMost) throws IOException, InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    long at = blockNumber();
    while (at < number) {
      if (System.nanoTime() > end) {
        throw new IOException("at block " + at + " instead of " + number + ":\n" + output);
      }
      process.waitFor(100, TimeUnit.MILLISECONDS);
      at = blockNumber();
    }
  }

  /// Ends it as a failing machine would.
  public void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /// Asks it to stop and waits; it has to end in order.
  public void stop() throws IOException, InterruptedException {
    process.destroy();
    if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException("the node did not stop:\n" + output);
    }
    if (process.exitValue() != 0) {
      throw new IOException("the node ended with " + process.exitValue() + ":\n" + output);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
