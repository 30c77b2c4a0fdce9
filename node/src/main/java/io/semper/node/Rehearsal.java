package io.semper.node;

import io.semper.node.account.DevAccounts;
import io.semper.node.cli.SemperCommand;
import io.semper.node.local.LocalNetwork;
import io.semper.node.local.NetworkLayout;
import io.semper.node.local.NodeProcess;
import io.semper.node.local.TransferLoad;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What nodes do all day, done for a few seconds in one process, so that Java remembers the classes
/// and the methods it takes: a development chain, and a network of two validators, a follower and a
/// light client, with transactions.
///
/// Run by the launcher with `-XX:AOTCacheOutput`; the cache serves every later start.
public final class Rehearsal {
  private static final int VALIDATORS = 2;
  private static final int RATE = 100;
  private static final long BLOCKS = 5;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String SENDER = DevAccounts.first(1).all().getFirst().address().toString();

  private Rehearsal() {}

  /// @param arguments a folder for the chains
  public static void main(String[] arguments) throws Exception {
    try {
      rehearse(Files.createDirectories(Path.of(arguments[0])));
    } finally {
      // What was learned until then is of use, whatever went wrong.
      System.exit(0);
    }
  }

  private static void rehearse(Path folder) throws Exception {
    int basePort = NetworkLayout.freeBasePort(VALIDATORS + 3);
    NetworkLayout layout =
        NetworkLayout.onLoopback(
            folder.resolve("net"), VALIDATORS, basePort, NetworkLayout.Terms.TRIAL);
    List<Thread> running = new ArrayList<>();
    List<NodeProcess> nodes = new ArrayList<>();
    for (NetworkLayout.NodeFiles validator : layout.nodes()) {
      running.add(run(layout.command(validator)));
      nodes.add(client(validator.rpcPort()));
    }
    int port = basePort + VALIDATORS;
    running.add(run(layout.command(folder.resolve("follower"), port, port + 100)));
    nodes.add(client(port));
    NodeProcess chain = client(port + 1);
    String chainFolder = folder.resolve("chain").toString();
    running.add(run(List.of("dev", "--port", String.valueOf(port + 1), "--data-dir", chainFolder)));
    develop(chain);
    LocalNetwork.awaitHead(nodes, 1, PATIENCE);
    running.add(run(light(layout, nodes.getLast(), port + 2)));
    try (TransferLoad load = TransferLoad.start(nodes, RATE, 1)) {
      LocalNetwork.awaitHead(nodes, 1 + BLOCKS, PATIENCE);
      load.stop();
    }
    prove(client(port + 2));
    for (Thread node : running) {
      node.interrupt();
    }
    for (Thread node : running) {
      node.join(PATIENCE);
    }
  }

  private static Thread run(List<String> command) {
    return Thread.ofPlatform()
        .daemon()
        .start(() -> SemperCommand.run(command.toArray(String[]::new)));
  }

  private static List<String> light(NetworkLayout layout, NodeProcess upstream, int port)
      throws IOException, InterruptedException {
    String genesis =
        upstream.call("eth_getBlockByNumber", "[\"0x0\",false]", PATIENCE).get("hash").asText();
    return List.of(
        "light",
        "--network",
        layout.networkFile().toString(),
        "--checkpoint",
        genesis,
        "--upstream",
        "http://127.0.0.1:" + upstream.port(),
        "--port",
        String.valueOf(port));
  }

  private static NodeProcess client(int port) {
    return new NodeProcess("node", List.of(), Path.of("log"), "127.0.0.1", port);
  }

  /// What a wallet asks of its light client.
  private static void prove(NodeProcess light) throws IOException, InterruptedException {
    LocalNetwork.awaitHead(List.of(light), BLOCKS, PATIENCE);
    String account = "[\"" + SENDER + "\",\"latest\"]";
    light.call("eth_getBalance", account, PATIENCE);
    light.call("eth_getTransactionCount", account, PATIENCE);
    light.call("eth_getBlockByNumber", "[\"latest\",true]", PATIENCE);
    light.call("eth_call", "[{\"to\":\"" + SENDER + "\",\"data\":\"0x\"},\"latest\"]", PATIENCE);
  }

  /// What a dapp's first minute asks of a development chain, some hundred times.
  private static void develop(NodeProcess chain) throws IOException, InterruptedException {
    LocalNetwork.awaitHead(List.of(chain), 0, PATIENCE);
    chain.call("eth_chainId", "[]", PATIENCE);
    String created = "{\"from\":\"" + SENDER + "\",\"data\":\"0x602a60005560016000f3\"}";
    String transfer = "{\"from\":\"" + SENDER + "\",\"to\":\"" + SENDER + "\",\"value\":\"0x1\"}";
    for (int i = 0; i < 200; i++) {
      String hash =
          chain
              .call("eth_sendTransaction", "[" + (i == 0 ? created : transfer) + "]", PATIENCE)
              .asText();
      chain.call("eth_getTransactionReceipt", "[\"" + hash + "\"]", PATIENCE);
      chain.call("eth_getBalance", "[\"" + SENDER + "\",\"latest\"]", PATIENCE);
      chain.call("eth_call", "[" + created + ",\"latest\"]", PATIENCE);
      chain.call("eth_getBlockByNumber", "[\"latest\",true]", PATIENCE);
      chain.call("eth_getLogs", "[{\"fromBlock\":\"latest\"}]", PATIENCE);
    }
  }
}
