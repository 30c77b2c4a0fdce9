package io.semper.tests.dapps;

import io.semper.node.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
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

/// `semper dev` as a process of its own, on a free port. Runs the launcher that the system property
/// `semper.launcher` names, otherwise the classes of this build.
final class DevProcess {
  private static final Pattern LISTENING = Pattern.compile("Listening on ([0-9.]+):(\\d+)");

  /// On a machine that does other things as well; a launcher may build first.
  private static final long START_SECONDS = 300;

  private static final long STOP_SECONDS = 60;

  private final Process process;
  private final StringBuffer output = new StringBuffer();
  private final CompletableFuture<Integer> port = new CompletableFuture<>();

  private DevProcess(List<String> command) throws IOException {
    process = new ProcessBuilder(command).redirectErrorStream(true).start();
    Thread.ofVirtual().name("semper-output").start(this::read);
  }

  /// A fresh chain in memory; returns when the node is ready.
  static DevProcess start(String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    String launcher = System.getProperty("semper.launcher");
    if (launcher != null) {
      command.add(launcher);
    } else {
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.add("--enable-native-access=ALL-UNNAMED");
      command.add("-cp");
      command.add(System.getProperty("java.class.path"));
      command.add(Main.class.getName());
    }
    command.addAll(List.of("dev", "--port", "0"));
    command.addAll(List.of(options));
    DevProcess node = new DevProcess(command);
    try {
      node.awaitReady();
      return node;
    } catch (IOException | InterruptedException | RuntimeException e) {
      node.process.destroyForcibly();
      throw e;
    }
  }

  String url() {
    return "http://127.0.0.1:" + port.join();
  }

  String webSocketUrl() {
    return "ws://127.0.0.1:" + port.join();
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        output.append(line).append('\n');
        Matcher listening = LISTENING.matcher(line);
        if (listening.find()) {
          port.complete(Integer.valueOf(listening.group(2)));
        }
      }
      port.completeExceptionally(new IOException("the node ended:\n" + output));
    } catch (IOException e) {
      port.completeExceptionally(e);
    }
  }

  private void awaitReady() throws IOException, InterruptedException {
    try {
      port.get(START_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("no node:\n" + output, e);
    }
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest ready =
          HttpRequest.newBuilder(URI.create(url() + "/health/ready"))
              .timeout(Duration.ofSeconds(START_SECONDS))
              .build();
      var reply = http.send(ready, BodyHandlers.ofString());
      if (reply.statusCode() != 200) {
        throw new IOException("not ready: " + reply.body() + "\n" + output);
      }
    }
  }

  /// Asks the node to stop and waits; it has to end in order.
  void stop() throws IOException, InterruptedException {
    process.destroy();
    if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException("the node did not stop:\n" + output);
    }
    if (process.exitValue() != 0) {
      throw new IOException("the node ended with " + process.exitValue() + ":\n" + output);
    }
  }
}
