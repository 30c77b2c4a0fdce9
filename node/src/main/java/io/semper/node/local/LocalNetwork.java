package io.semper.node.local;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.node.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;

/// The nodes of a network as processes of this machine, each logging to `log` in its directory: the
/// validators, then whoever has joined.
public final class LocalNetwork implements AutoCloseable {
  private static final Duration ANSWER = Duration.ofSeconds(2);

  /// For all together: less than the process that runs them is given when it is told to end itself.
  private static final long STOP_SECONDS = Main.MAX_STOP_SECONDS - 2;

  private static final long LOOK_MILLIS = 20;
  private static final Place HERE = new Place(List.of(), "127.0.0.1");

  /// Where a validator's process runs.
  ///
  /// @param prefix of its command line, such as `ip netns exec NAME`
  /// @param rpcHost where its JSON-RPC listens
  public record Place(List<String> prefix, String rpcHost) {}

  private final NetworkLayout layout;
  private final List<String> program;
  private final List<NodeProcess> nodes = new ArrayList<>();
  private final Map<String, String> namesByAddress = new HashMap<>();

  /// @param program such as [NodeProcess#java]
  public LocalNetwork(NetworkLayout layout, List<String> program) {
    this(layout, program, i -> HERE);
  }

  /// @param places of the validators
  public LocalNetwork(NetworkLayout layout, List<String> program, IntFunction<Place> places) {
    this.layout = layout;
    this.program = List.copyOf(program);
    for (int i = 0; i < layout.nodes().size(); i++) {
      NetworkLayout.NodeFiles node = layout.nodes().get(i);
      Place place = places.apply(i);
      String name = node.directory().getFileName().toString();
      namesByAddress.put(node.validator().toString(), name);
      nodes.add(process(name, node.directory(), layout.command(node), place, node.rpcPort()));
    }
  }

  private NodeProcess process(
      String name, Path directory, List<String> arguments, Place place, int rpcPort) {
    List<String> command = new ArrayList<>(place.prefix());
    command.addAll(program);
    command.addAll(arguments);
    command.addAll(List.of("--host", place.rpcHost()));
    return new NodeProcess(name, command, directory.resolve("log"), place.rpcHost(), rpcPort);
  }

  public NetworkLayout layout() {
    return layout;
  }

  /// Adds a node that is no validator, or none yet. It is not started.
  ///
  /// @param options besides its directory, ports and network
  public NodeProcess join(String name, int rpcPort, int peerPort, List<String> options)
      throws IOException {
    Path directory = Files.createDirectories(layout.directory().resolve(name));
    List<String> arguments = new ArrayList<>(layout.command(directory, rpcPort, peerPort));
    arguments.addAll(options);
    NodeProcess joined = process(name, directory, arguments, HERE, rpcPort);
    nodes.add(joined);
    return joined;
  }

  public List<NodeProcess> nodes() {
    return List.copyOf(nodes);
  }

  public NodeProcess node(int i) {
    return nodes.get(i);
  }

  public List<NodeProcess> validators() {
    return nodes.subList(0, layout.nodes().size());
  }

  public void startAll() throws IOException {
    for (NodeProcess node : nodes) {
      if (!node.isAlive()) {
        node.start();
      }
    }
  }

  /// The highest block of any node that answers, -1 where none does.
  public long head() throws InterruptedException {
    long highest = -1;
    for (NodeProcess node : nodes) {
      highest = Math.max(highest, node.head(ANSWER));
    }
    return highest;
  }

  /// Waits until every given node has a block.
  ///
  /// @return whether they have in time
  public static boolean awaitHead(List<NodeProcess> nodes, long number, Duration atMost)
      throws InterruptedException {
    return awaitEach(nodes, node -> node.head(ANSWER) >= number, atMost);
  }

  /// Waits until every given node says of itself that it is what a status names, such as `ready`.
  ///
  /// @return whether they have in time
  public static boolean awaitStatus(List<NodeProcess> nodes, String status, Duration atMost)
      throws InterruptedException {
    return awaitEach(nodes, node -> node.status(ANSWER).equals(status), atMost);
  }

  /// Waits until every given node is a validator that signs.
  ///
  /// @return whether they are in time
  public static boolean awaitSigning(List<NodeProcess> nodes, Duration atMost)
      throws InterruptedException {
    return awaitEach(nodes, node -> node.isSigning(ANSWER), atMost);
  }

  private interface Look {
    boolean at(NodeProcess node) throws InterruptedException;
  }

  private static boolean awaitEach(List<NodeProcess> nodes, Look look, Duration atMost)
      throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    for (NodeProcess node : nodes) {
      while (!look.at(node)) {
        if (System.nanoTime() > end) {
          return false;
        }
        Thread.sleep(LOOK_MILLIS);
      }
    }
    return true;
  }

  /// Waits for a condition, looking often.
  ///
  /// @return whether it has come true in time
  public static boolean await(BooleanSupplier condition, Duration atMost)
      throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        return false;
      }
      Thread.sleep(LOOK_MILLIS);
    }
    return true;
  }

  /// Who proposed the newest block, who is behind, who is missing; in one line.
  ///
  /// @param coloured for a terminal
  public String line(boolean coloured) throws InterruptedException {
    long highest = -1;
    NodeProcess best = null;
    long[] heads = new long[nodes.size()];
    for (int i = 0; i < heads.length; i++) {
      heads[i] = nodes.get(i).head(ANSWER);
      if (heads[i] > highest) {
        highest = heads[i];
        best = nodes.get(i);
      }
    }
    StringBuilder line = new StringBuilder("block ").append(highest);
    if (best != null) {
      line.append(" of ").append(proposer(best, highest));
    }
    String separator = ": ";
    for (int i = 0; i < heads.length; i++) {
      line.append(separator).append(nodes.get(i).name()).append(' ');
      if (!nodes.get(i).isAlive()) {
        line.append(colour(coloured, RED, "is missing"));
      } else if (heads[i] < 0) {
        line.append(colour(coloured, RED, "is silent"));
      } else if (heads[i] == highest) {
        line.append(colour(coloured, GREEN, "there"));
      } else {
        line.append(colour(coloured, YELLOW, highest - heads[i] + " behind"));
      }
      separator = ", ";
    }
    return line.toString();
  }

  private static final int RED = 31;
  private static final int GREEN = 32;
  private static final int YELLOW = 33;

  private static String colour(boolean coloured, int colour, String text) {
    return coloured ? "\u001b[" + colour + "m" + text + "\u001b[0m" : text;
  }

  private String proposer(NodeProcess node, long number) throws InterruptedException {
    if (number == 0) {
      return "genesis";
    }
    try {
      JsonNode block =
          node.call(
              "eth_getBlockByNumber", "[\"0x" + Long.toHexString(number) + "\",false]", ANSWER);
      String miner = block.path("miner").asText();
      return namesByAddress.getOrDefault(miner, miner);
    } catch (IOException silent) {
      return "?";
    }
  }

  /// Asks all to stop, and ends those that do not.
  @Override
  public void close() {
    List<Thread> stopping = new ArrayList<>();
    for (NodeProcess node : nodes) {
      if (node.isAlive()) {
        stopping.add(Thread.ofVirtual().start(() -> stop(node)));
      }
    }
    long end = System.nanoTime() + Duration.ofSeconds(STOP_SECONDS).toNanos();
    for (Thread thread : stopping) {
      try {
        if (!thread.join(Duration.ofNanos(end - System.nanoTime()))) {
          thread.interrupt();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    nodes.forEach(NodeProcess::close);
  }

  private static void stop(NodeProcess node) {
    try {
      if (node.isFrozen()) {
        node.thaw();
      }
      node.stop();
    } catch (IOException | InterruptedException e) {
      node.close();
    }
  }
}
