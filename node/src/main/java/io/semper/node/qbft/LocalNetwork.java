package io.semper.node.qbft;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.semper.node.Main;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The nodes of a network as processes of this machine, each logging to `log` in its directory.
public final class LocalNetwork implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration ANSWER = Duration.ofSeconds(2);
  private static final long STOP_SECONDS = 20;

  private final NetworkLayout layout;
  private final Process[] processes;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER).build();

  public LocalNetwork(NetworkLayout layout) {
    this.layout = layout;
    processes = new Process[layout.nodes().size()];
  }

  public NetworkLayout layout() {
    return layout;
  }

  public void startAll() throws IOException {
    for (int i = 0; i < processes.length; i++) {
      start(i);
    }
  }

  /// Starts the node `node-{i + 1}`.
  public void start(int i) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Main.class.getName());
    NetworkLayout.NodeFiles node = layout.nodes().get(i);
    command.addAll(layout.command(node));
    processes[i] =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(node.directory().resolve("log").toFile()))
            .start();
  }

  /// Ends a node as a failing machine would.
  public void kill(int i) throws InterruptedException {
    processes[i].destroyForcibly();
    processes[i].waitFor();
  }

  /// Asks a node to stop and waits.
  public void stop(int i) throws InterruptedException {
    processes[i].destroy();
    if (!processes[i].waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
      kill(i);
    }
  }

  public boolean isAlive(int i) {
    return processes[i] != null && processes[i].isAlive();
  }

  /// The result of a method of a node; `null` where it does not answer or answers with an error.
  public JsonNode call(int i, String method, String params) throws InterruptedException {
    String body =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":" + params + "}";
    URI uri = URI.create("http://127.0.0.1:" + layout.nodes().get(i).rpcPort());
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .timeout(ANSWER)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build();
    try {
      return JSON.readTree(http.send(request, BodyHandlers.ofByteArray()).body()).get("result");
    } catch (IOException silent) {
      return null;
    }
  }

  /// The head of a node, -1 where it does not answer.
  public long head(int i) throws InterruptedException {
    JsonNode number = isAlive(i) ? call(i, "eth_blockNumber", "[]") : null;
    return number == null ? -1 : Long.decode(number.asText());
  }

  /// Who is where, in one line.
  public String line() throws InterruptedException {
    long highest = -1;
    long[] heads = new long[processes.length];
    for (int i = 0; i < heads.length; i++) {
      heads[i] = head(i);
      highest = Math.max(highest, heads[i]);
    }
    StringBuilder line = new StringBuilder("block ").append(highest).append(':');
    for (int i = 0; i < heads.length; i++) {
      line.append(" node-").append(i + 1).append(' ');
      if (!isAlive(i)) {
        line.append("is down");
      } else if (heads[i] < 0) {
        line.append("is silent");
      } else {
        line.append(heads[i] == highest ? "there" : highest - heads[i] + " behind");
      }
      line.append(i + 1 < heads.length ? "," : "");
    }
    return line.toString();
  }

  @Override
  public void close() {
    for (Process process : processes) {
      if (process != null) {
        process.destroy();
      }
    }
    for (Process process : processes) {
      try {
        if (process != null && !process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
    http.close();
  }
}
