package io.semper.node.cli;

import io.semper.core.bytes.Address;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.types.QbftExtraData;
import io.semper.genesis.Genesis;
import io.semper.genesis.MalformedGenesisException;
import io.semper.genesis.Network;
import io.semper.node.config.NetworkFile;
import io.semper.node.local.NetworkLayout;
import io.semper.p2p.identity.Multiaddr;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `semper network check`: what would go wrong, before it does.
@Command(name = "check", description = "Say what is wrong with a network before it is started.")
final class NetworkCheckCommand implements Callable<Integer> {
  private static final int REACH_MILLIS = 2_000;
  private static final long MAX_AHEAD_SECONDS = 1;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      required = true,
      description = "What `network init` made.")
  private Path directory;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    NetworkLayout layout = NetworkLayout.read(directory);
    List<String> problems = new ArrayList<>();
    PrintWriter out = spec.commandLine().getOut();
    checkGenesis(layout, problems, out);
    checkPorts(layout, problems);
    checkReachability(layout, problems);
    problems.forEach(out::println);
    if (problems.isEmpty()) {
      out.println(layout.nodes().size() + " validators, nothing wrong");
    }
    out.flush();
    return problems.isEmpty() ? 0 : SemperCommand.FAILED;
  }

  private static void checkGenesis(NetworkLayout layout, List<String> problems, PrintWriter out)
      throws IOException {
    NetworkFile file = NetworkFile.read(layout.networkFile());
    Network network;
    try {
      network = Genesis.read(file.genesis());
    } catch (MalformedGenesisException e) {
      problems.add("genesis: " + e.getMessage());
      return;
    }
    if (network.qbft() == null) {
      problems.add("genesis: config.qbft is missing: the network has no validators");
      return;
    }
    long ahead = network.genesis().timestamp() - Instant.now().getEpochSecond();
    if (ahead > MAX_AHEAD_SECONDS) {
      problems.add(
          "clock: the genesis block is " + ahead + " s in this machine's future: set the clock");
    }
    checkKeys(layout, network, problems, out);
    if (file.bootnodes().isEmpty()) {
      problems.add("network.json: no bootnodes: nodes will not find each other");
    }
  }

  private static void checkKeys(
      NetworkLayout layout, Network network, List<String> problems, PrintWriter out) {
    Set<Address> known;
    try {
      known = new TreeSet<>(QbftExtraData.decode(network.genesis().extraData()).validators());
    } catch (MalformedInputException e) {
      problems.add("genesis: extraData is not of QBFT: " + e.getMessage());
      return;
    }
    boolean byContract = network.qbft().initial().validatorContract() != null;
    if (byContract) {
      out.println("note: a contract names the validators; whose keys they are is not checked");
      return;
    }
    if (known.isEmpty()) {
      problems.add("genesis: extraData names no validators");
      return;
    }
    for (NetworkLayout.NodeFiles node : layout.nodes()) {
      if (!known.remove(node.validator())) {
        problems.add(
            node.directory() + ": its key is of " + node.validator() + ", who is no validator");
      }
    }
    if (!known.isEmpty()) {
      out.println("note: to run elsewhere, as their keys are not here: " + known);
    }
  }

  /// A machine that refuses a connection is there; one that says nothing is not.
  private static void checkReachability(NetworkLayout layout, List<String> problems)
      throws IOException {
    for (Multiaddr bootnode : NetworkFile.read(layout.networkFile()).bootnodes()) {
      try (Socket socket = new Socket()) {
        socket.connect(bootnode.resolve(), REACH_MILLIS);
      } catch (ConnectException refused) {
        // Nothing listens there yet.
      } catch (IOException e) {
        problems.add("network.json: " + bootnode + " cannot be reached: " + e.getMessage());
      }
    }
  }

  private static void checkPorts(NetworkLayout layout, List<String> problems) {
    Set<Integer> taken = new HashSet<>();
    for (NetworkLayout.NodeFiles node : layout.nodes()) {
      for (int port : new int[] {node.rpcPort(), node.peerPort()}) {
        if (!taken.add(port)) {
          problems.add(node.directory() + ": port " + port + " is another node's too");
        } else if (!NetworkLayout.isFree(port)) {
          problems.add(node.directory() + ": port " + port + " is in use");
        }
      }
    }
  }
}
