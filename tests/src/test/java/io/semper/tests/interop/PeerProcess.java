package io.semper.tests.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// Another libp2p implementation as a process: JSON lines in, JSON lines out.
final class PeerProcess implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long DEADLINE_MILLIS = 60_000;

  private final Process process;
  private final Writer input;
  private final List<JsonNode> lines = new ArrayList<>();
  private int lastId;

  /// Nothing more will be read. Guarded by the lines.
  private boolean ended;

  private volatile boolean killed;

  private PeerProcess(List<String> command) throws IOException {
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    input = process.outputWriter();
    Thread.ofVirtual().start(this::readLines);
  }

  /// The program of an implementation with these options, or null if it is not installed.
  ///
  /// @param implementation `go` or `js`
  static PeerProcess start(String implementation, String... options) throws IOException {
    List<String> command = new ArrayList<>(program(implementation));
    if (command.isEmpty()) {
      return null;
    }
    command.addAll(List.of(options));
    PeerProcess peer = new PeerProcess(command);
    peer.await(line -> line.path("ev").asText().equals("ready"), "ready");
    return peer;
  }

  private static List<String> program(String implementation) {
    if (implementation.equals("go")) {
      String file = System.getenv("SEMPER_GO_PEER");
      return file == null || !Files.isExecutable(Path.of(file)) ? List.of() : List.of(file);
    }
    String folder = System.getenv("SEMPER_JS_PEER");
    String node = System.getenv().getOrDefault("SEMPER_JS_NODE", "node");
    return folder == null || !Files.isDirectory(Path.of(folder, "node_modules"))
        ? List.of()
        : List.of(node, Path.of(folder, "peer.mjs").toString());
  }

  private void readLines() {
    try (BufferedReader reader = process.inputReader()) {
      for (String line; (line = reader.readLine()) != null; ) {
        JsonNode json = JSON.readTree(line);
        synchronized (lines) {
          lines.add(json);
          lines.notifyAll();
        }
      }
    } catch (IOException e) {
      if (!killed) {
        throw new UncheckedIOException(e);
      }
    } finally {
      synchronized (lines) {
        ended = true;
        lines.notifyAll();
      }
    }
  }

  /// The first line, past or to come, that matches.
  ///
  /// @throws AssertionError if it does not come in time, or the process ends before
  JsonNode await(Predicate<JsonNode> matches, String what) {
    long deadline = System.nanoTime() + DEADLINE_MILLIS * 1_000_000;
    synchronized (lines) {
      for (int seen = 0; ; ) {
        for (; seen < lines.size(); seen++) {
          if (matches.test(lines.get(seen))) {
            return lines.get(seen);
          }
        }
        if (ended) {
          throw new AssertionError("no " + what + " from a process that has ended: " + lines);
        }
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          throw new AssertionError("no " + what + " in " + DEADLINE_MILLIS + " ms: " + lines);
        }
        try {
          lines.wait(left);
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
    }
  }

  /// Everything it said so far.
  List<JsonNode> lines() {
    synchronized (lines) {
      return List.copyOf(lines);
    }
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  /// Ends it as `kill -9` does.
  void kill() {
    killed = true;
    process.destroyForcibly();
  }

  JsonNode event(String name) {
    return await(line -> line.path("ev").asText().equals(name), name);
  }

  /// Sends a command and returns its reply, which must be a success.
  ///
  /// @param arguments names and values in turn
  JsonNode command(String name, Object... arguments) {
    JsonNode reply = tryCommand(name, arguments);
    if (!reply.path("ok").asBoolean()) {
      throw new AssertionError(name + ": " + reply);
    }
    return reply;
  }

  JsonNode tryCommand(String name, Object... arguments) {
    ObjectNode command = JSON.createObjectNode().put("cmd", name);
    for (int i = 0; i < arguments.length; i += 2) {
      command.set((String) arguments[i], JSON.valueToTree(arguments[i + 1]));
    }
    int id;
    try {
      synchronized (input) {
        id = ++lastId;
        input.write(command.put("id", id) + "\n");
        input.flush();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return await(line -> line.has("reply") && line.path("id").asInt() == id, name);
  }

  /// Its first address, with the peer id.
  String address() {
    return event("listening").path("addrs").get(0).asText();
  }

  String peerId() {
    return event("listening").path("peerId").asText();
  }

  @Override
  public void close() throws IOException {
    input.close();
    try {
      if (!process.waitFor(3, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      throw new AssertionError(e);
    }
  }
}
