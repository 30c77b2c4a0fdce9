package io.semper.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.types.QbftExtraData;
import io.semper.genesis.Genesis;
import io.semper.genesis.MalformedGenesisException;
import io.semper.genesis.Network;
import io.semper.node.config.DataDirectory;
import io.semper.node.config.NetworkFile;
import io.semper.node.config.SecretFile;
import io.semper.node.local.NetworkLayout;
import io.semper.node.local.NodeProcess;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PrivateKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `semper network check`: what would go wrong, before it does.
@Command(name = "check", description = "Say what is wrong with a network before it is started.")
final class NetworkCheckCommand implements Callable<Integer> {
  private static final int REACH_MILLIS = 2_000;
  private static final long MAX_AHEAD_SECONDS = 1;
  private static final String LOOPBACK = "127.0.0.1";

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
    NetworkFile file = NetworkFile.read(layout.networkFile());
    List<String> problems = new ArrayList<>();
    PrintWriter out = spec.commandLine().getOut();
    checkGenesis(file, layout, problems, out);
    checkFileTimes(layout, problems);
    checkIdentities(file, layout, problems);
    checkPorts(layout, problems, out);
    checkReachability(file, problems);
    problems.forEach(out::println);
    if (problems.isEmpty()) {
      out.println(layout.nodes().size() + " validators, nothing wrong");
    }
    out.flush();
    return problems.isEmpty() ? 0 : SemperCommand.FAILED;
  }

  private static void checkGenesis(
      NetworkFile file, NetworkLayout layout, List<String> problems, PrintWriter out)
      throws IOException {
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
    checkTime("the genesis block is", network.genesis().timestamp(), problems);
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
  private static void checkReachability(NetworkFile file, List<String> problems) {
    for (Multiaddr bootnode : file.bootnodes()) {
      try (Socket socket = new Socket()) {
        socket.connect(bootnode.resolve(), REACH_MILLIS);
      } catch (ConnectException refused) {
        // Nothing listens there yet.
      } catch (IOException e) {
        problems.add("network.json: " + bootnode + " cannot be reached: " + e.getMessage());
      }
    }
  }

  /// What was written was written in the past, unless the clock has been set back since.
  private static void checkFileTimes(NetworkLayout layout, List<String> problems)
      throws IOException {
    for (NetworkLayout.NodeFiles node : layout.nodes()) {
      DataDirectory data = new DataDirectory(node.directory());
      List<Path> files = new ArrayList<>(List.of(data.votes()));
      if (Files.isDirectory(data.chain())) {
        try (Stream<Path> chain = Files.list(data.chain())) {
          chain.forEach(files::add);
        }
      }
      long newest = 0;
      for (Path file : files) {
        if (Files.exists(file)) {
          newest = Math.max(newest, Files.getLastModifiedTime(file).to(TimeUnit.SECONDS));
        }
      }
      checkTime(node.directory() + " was last written", newest, problems);
    }
  }

  private static void checkTime(String what, long seconds, List<String> problems) {
    long ahead = seconds - Instant.now().getEpochSecond();
    if (ahead > MAX_AHEAD_SECONDS) {
      problems.add("clock: " + what + " " + ahead + " s in this machine's future: set the clock");
    }
  }

  /// A bootnode is dialled by the id that its key gives it, and refused where it has another.
  private static void checkIdentities(
      NetworkFile file, NetworkLayout layout, List<String> problems) {
    for (Multiaddr bootnode : file.bootnodes()) {
      for (NetworkLayout.NodeFiles node : layout.nodes()) {
        Optional<PeerId> named = bootnode.peerId();
        if (named.isPresent() && isAt(bootnode, node)) {
          identityProblem(node, named.get()).ifPresent(problems::add);
        }
      }
    }
  }

  private static Optional<String> identityProblem(NetworkLayout.NodeFiles node, PeerId named) {
    Path file = new DataDirectory(node.directory()).identity();
    String told = ", network.json names " + named;
    try {
      byte[] key = SecretFile.read(file);
      if (!Secp256k1.isPrivateKey(key)) {
        return Optional.of(file + " holds no private key of secp256k1" + told);
      }
      PeerId own = PrivateKey.secp256k1(key).peerId();
      return own.equals(named) ? Optional.empty() : Optional.of(file + " is of " + own + told);
    } catch (NoSuchFileException absent) {
      return Optional.of(file + " is missing and would be made anew" + told);
    } catch (IOException e) {
      return Optional.of(e.getMessage() + told);
    }
  }

  /// Whether an address is that of a node whose folder is here.
  private static boolean isAt(Multiaddr bootnode, NetworkLayout.NodeFiles node) {
    try {
      InetSocketAddress address = bootnode.resolve();
      return address.getPort() == node.peerPort()
          && (isHere(address.getAddress())
              || address.getAddress().equals(InetAddress.getByName(node.host())));
    } catch (IOException unresolved) {
      return false;
    }
  }

  private static boolean isHere(InetAddress address) throws IOException {
    return address.isLoopbackAddress()
        || address.isAnyLocalAddress()
        || NetworkInterface.getByInetAddress(address) != null;
  }

  private static void checkPorts(NetworkLayout layout, List<String> problems, PrintWriter out)
      throws IOException {
    Set<Integer> taken = new HashSet<>();
    for (NetworkLayout.NodeFiles node : layout.nodes()) {
      InetAddress host = InetAddress.getByName(node.host());
      boolean here = isHere(host);
      if (!here) {
        out.println("note: " + node.directory() + " is to run elsewhere, at " + node.host());
      }
      for (int port : new int[] {node.rpcPort(), node.peerPort()}) {
        boolean rpc = port == node.rpcPort();
        if (!taken.add(port)) {
          problems.add(node.directory() + ": port " + port + " is another node's too");
        } else if (here && !(rpc ? NetworkLayout.isFree(port) : NetworkLayout.isFree(host, port))) {
          String by = rpc ? user(node, problems) : "";
          problems.add(node.directory() + ": port " + port + " is in use" + by);
        }
      }
    }
  }

  /// Who answers at a node's port; its newest block tells of the clock as well.
  private static String user(NetworkLayout.NodeFiles node, List<String> problems) {
    NodeProcess running =
        new NodeProcess("", List.of(), node.directory(), LOOPBACK, node.rpcPort());
    try {
      JsonNode head =
          running.call(
              "eth_getBlockByNumber", "[\"latest\",false]", Duration.ofMillis(REACH_MILLIS));
      long seconds = Long.decode(head.path("timestamp").asText());
      checkTime("the newest block at port " + node.rpcPort() + " is", seconds, problems);
      return ", by a node at block " + Long.decode(head.path("number").asText());
    } catch (IOException | NumberFormatException another) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }
}
