package io.semper.tests.cluster;

import io.semper.node.local.LocalNetwork;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Network namespaces of Linux, each with an address in a network that can be cut, and a second one
/// by which the test reaches it always. Needs the right to make them.
final class Namespaces implements AutoCloseable {
  /// Told apart from those of another run at the same time.
  private final int mark = (int) (ProcessHandle.current().pid() % 200);

  private final int count;

  private Namespaces(int count) {
    this.count = count;
  }

  /// Why there can be none here; empty where there can.
  static Optional<String> unavailable() throws InterruptedException {
    String name = "sq-probe-" + ProcessHandle.current().pid();
    try {
      run("ip", "netns", "add", name);
      run("ip", "netns", "delete", name);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e.getMessage());
    }
  }

  static Namespaces create(int count) throws IOException, InterruptedException {
    Namespaces made = new Namespaces(count);
    boolean complete = false;
    try {
      made.makeBridge(0);
      made.makeBridge(1);
      for (int i = 0; i < count; i++) {
        made.make(i);
      }
      complete = true;
      return made;
    } finally {
      if (!complete) {
        made.close();
      }
    }
  }

  private String bridge(int side) {
    return "sqb" + mark + "-" + side;
  }

  private String name(int i) {
    return "sq" + mark + "-" + i;
  }

  private String link(int i) {
    return "sqv" + mark + "-" + i;
  }

  private String reach(int i) {
    return "sqm" + mark + "-" + i;
  }

  /// By which the nodes reach each other.
  String host(int i) {
    return "10.231." + mark + "." + (i + 1);
  }

  /// By which the test reaches a node.
  private String rpcHost(int i) {
    return "10.232." + mark + "." + (4 * i + 2);
  }

  LocalNetwork.Place place(int i) {
    return new LocalNetwork.Place(List.of("ip", "netns", "exec", name(i)), rpcHost(i));
  }

  private void makeBridge(int side) throws IOException, InterruptedException {
    run("ip", "link", "add", bridge(side), "type", "bridge");
    run("ip", "link", "set", bridge(side), "up");
  }

  private void make(int i) throws IOException, InterruptedException {
    run("ip", "netns", "add", name(i));
    inside(i, "ip", "link", "set", "lo", "up");
    run("ip", "link", "add", link(i), "type", "veth", "peer", "name", "peers", "netns", name(i));
    inside(i, "ip", "address", "add", host(i) + "/24", "dev", "peers");
    inside(i, "ip", "link", "set", "peers", "up");
    run("ip", "link", "set", link(i), "master", bridge(0), "up");
    run("ip", "link", "add", reach(i), "type", "veth", "peer", "name", "reach", "netns", name(i));
    run("ip", "address", "add", "10.232." + mark + "." + (4 * i + 1) + "/30", "dev", reach(i));
    run("ip", "link", "set", reach(i), "up");
    inside(i, "ip", "address", "add", rpcHost(i) + "/30", "dev", "reach");
    inside(i, "ip", "link", "set", "reach", "up");
  }

  /// Puts a node on one of two sides, between which nothing goes.
  void side(int i, int side) throws IOException, InterruptedException {
    run("ip", "link", "set", link(i), "master", bridge(side));
  }

  /// Nothing that a node sends reaches another any more, while it receives.
  void mute(int from, int to) throws IOException, InterruptedException {
    inside(from, "ip", "route", "add", "blackhole", host(to) + "/32");
  }

  void unmute(int from, int to) throws IOException, InterruptedException {
    inside(from, "ip", "route", "delete", "blackhole", host(to) + "/32");
  }

  /// All are on one side again.
  void heal() throws IOException, InterruptedException {
    for (int i = 0; i < count; i++) {
      side(i, 0);
    }
  }

  private void inside(int i, String... command) throws IOException, InterruptedException {
    List<String> whole = new ArrayList<>(place(i).prefix());
    whole.addAll(List.of(command));
    run(whole.toArray(String[]::new));
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + output.strip());
    }
  }

  @Override
  public void close() {
    for (int i = 0; i < count; i++) {
      remove("ip", "netns", "delete", name(i));
      remove("ip", "link", "delete", link(i));
      remove("ip", "link", "delete", reach(i));
    }
    remove("ip", "link", "delete", bridge(0));
    remove("ip", "link", "delete", bridge(1));
  }

  private static void remove(String... command) {
    try {
      run(command);
    } catch (IOException gone) {
      // Interfaces go with their namespace.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
