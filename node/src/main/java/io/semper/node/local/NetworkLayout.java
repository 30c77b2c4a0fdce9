package io.semper.node.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.semper.chain.qbft.VoteLog;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.QbftExtraData;
import io.semper.genesis.DevNetwork;
import io.semper.node.account.DevAccounts;
import io.semper.node.config.DataDirectory;
import io.semper.node.config.NetworkChoice;
import io.semper.node.config.NetworkFile;
import io.semper.node.config.SecretFile;
import io.semper.node.qbft.LocalKey;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PrivateKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

/// The files of a QBFT network on one machine: `network.json`, and for each validator a data
/// directory `node-1`, `node-2`, ... with its keys, its vote log, its ports and a `start` script.
///
/// @param directory of the network
public record NetworkLayout(Path directory, List<NodeFiles> nodes) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String NETWORK_FILE = "network.json";
  private static final String PORTS_FILE = "ports.json";
  private static final String KEY_FILE = "validator-key";

  /// Folders looked at: `node-1` and so on.
  private static final int MAX_NODES = 1_000;

  private static final String LOOPBACK = "127.0.0.1";
  private static final int PEER_PORT_DISTANCE = 100;

  /// Of those looked at for free ones: below what systems give to outgoing connections.
  private static final int LOWEST_PORT = 12_000;

  private static final int PORTS = 18_000;
  private static final int PORT_ATTEMPTS = 100;
  private static final long CHAIN_ID = 1337;
  private static final int EPOCH_BLOCKS = 30_000;

  /// What the nodes of a network agree on from its first block.
  ///
  /// @param devAccounts whether to fund the accounts of development chains
  /// @param zeroFee whether there is no base fee
  /// @param minimumGasPrice wei, for which validators take a transaction
  public record Terms(
      boolean devAccounts, int blockPeriodSeconds, boolean zeroFee, UInt256 minimumGasPrice) {
    /// Of networks to try things out with.
    public static final Terms TRIAL = new Terms(true, 1, false, UInt256.ZERO);
  }

  /// A validator's files.
  ///
  /// @param validator its address
  /// @param host at which others reach it
  public record NodeFiles(
      Path directory, Address validator, String host, int rpcPort, int peerPort) {
    public Path keyFile() {
      return directory.resolve(KEY_FILE);
    }
  }

  /// Makes everything anew.
  ///
  /// @param hosts an address for each validator, at which the others reach it
  public static NetworkLayout create(Path directory, List<String> hosts, int basePort, Terms terms)
      throws IOException {
    List<NodeFiles> nodes = new ArrayList<>();
    List<Multiaddr> bootnodes = new ArrayList<>();
    for (int i = 0; i < hosts.size(); i++) {
      String host = hosts.get(i);
      NodeFiles node =
          createNode(
              directory.resolve("node-" + (i + 1)),
              host,
              basePort + i,
              basePort + PEER_PORT_DISTANCE + i);
      nodes.add(node);
      byte[] identity = SecretFile.readOrCreate(new DataDirectory(node.directory()).identity());
      bootnodes.add(
          Multiaddr.parse(
              (host.contains(":") ? "/ip6/" : "/ip4/")
                  + host
                  + "/tcp/"
                  + node.peerPort()
                  + "/p2p/"
                  + PrivateKey.secp256k1(identity).peerId()));
    }
    List<Address> set =
        List.copyOf(new TreeSet<>(nodes.stream().map(NodeFiles::validator).toList()));
    byte[] genesis = genesis(set, terms);
    new NetworkFile(genesis, bootnodes).write(directory.resolve(NETWORK_FILE));
    for (NodeFiles node : nodes) {
      writeStart(node);
    }
    return new NetworkLayout(directory, nodes);
  }

  /// A network of this machine alone.
  public static NetworkLayout onLoopback(Path directory, int validators, int basePort, Terms terms)
      throws IOException {
    return create(directory, Collections.nCopies(validators, LOOPBACK), basePort, terms);
  }

  /// A base port of which all that so many nodes need is free now.
  ///
  /// @throws IOException where none is found
  public static int freeBasePort(int nodes) throws IOException {
    Random random = new Random();
    for (int attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
      int base = LOWEST_PORT + random.nextInt(PORTS);
      boolean free = true;
      for (int i = 0; i < nodes && free; i++) {
        free = isFree(base + i) && isFree(base + PEER_PORT_DISTANCE + i);
      }
      if (free) {
        return base;
      }
    }
    throw new IOException("no free ports");
  }

  /// Whether a port of this machine's loopback address can be listened on.
  public static boolean isFree(int port) {
    return isFree(InetAddress.getLoopbackAddress(), port);
  }

  /// @param address of this machine
  public static boolean isFree(InetAddress address, int port) {
    try (ServerSocket probe = new ServerSocket(port, 1, address)) {
      return probe.isBound();
    } catch (IOException inUse) {
      return false;
    }
  }

  private static NodeFiles createNode(Path directory, String host, int rpcPort, int peerPort)
      throws IOException {
    Files.createDirectories(directory);
    byte[] key = SecretFile.readOrCreate(directory.resolve(KEY_FILE));
    ObjectNode ports =
        JSON.createObjectNode().put("host", host).put("rpc", rpcPort).put("p2p", peerPort);
    Files.write(directory.resolve(PORTS_FILE), JSON.writeValueAsBytes(ports));
    // An empty log says that the key has signed nothing; none says that nobody knows.
    VoteLog.create(new DataDirectory(directory).votes());
    return new NodeFiles(directory, new LocalKey(key).address(), host, rpcPort, peerPort);
  }

  private static byte[] genesis(List<Address> set, Terms terms) throws IOException {
    List<Address> funded = terms.devAccounts() ? DevAccounts.first(10).accounts() : List.of();
    byte[] plain =
        DevNetwork.file(funded, NetworkChoice.TEN_THOUSAND_ETHER, Instant.now().getEpochSecond());
    ObjectNode file = (ObjectNode) JSON.readTree(plain);
    ObjectNode config = (ObjectNode) file.get("config");
    config.put("chainId", CHAIN_ID);
    config.remove("terminalTotalDifficulty");
    ObjectNode qbft =
        config
            .putObject("qbft")
            .put("blockperiodseconds", terms.blockPeriodSeconds())
            .put("requesttimeoutseconds", 2 * terms.blockPeriodSeconds())
            .put("epochlength", EPOCH_BLOCKS);
    if (!terms.minimumGasPrice().isZero()) {
      qbft.put("mingasprice", terms.minimumGasPrice().toHex());
    }
    if (terms.zeroFee()) {
      config.put("zeroBaseFee", true);
      file.put("baseFeePerGas", "0x0");
    }
    byte[] vanity = new byte[QbftExtraData.VANITY_BYTES];
    file.put("extraData", Hex.encode(new QbftExtraData(vanity, set, null, 0, List.of()).encode()));
    file.put("mixHash", QbftExtraData.MIX_HASH.toString());
    file.put("difficulty", "0x1");
    return JSON.writeValueAsBytes(file);
  }

  private static void writeStart(NodeFiles node) throws IOException {
    Path start = node.directory().resolve("start");
    Files.writeString(
        start,
        """
        #!/usr/bin/env bash
        # Runs this validator. SEMPER names the semper command, by default the one that made the network, or the
        # one on the PATH where that is not there.
        semper=${SEMPER:-%s}
        cd "$(dirname "$0")"
        command -v "$semper" > /dev/null || semper=semper
        exec "$semper" node --network ../network.json --data-dir . --validator-key %s \\
          --port %d --p2p-port %d --p2p-host %s "$@"
        """
            .formatted(
                quoted(System.getProperty("semper.launcher", "semper")),
                KEY_FILE,
                node.rpcPort(),
                node.peerPort(),
                node.host()));
    if (start.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(start, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  /// As one word of a shell.
  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }

  /// Reads what [#create] made: of the nodes those whose folders are here.
  ///
  /// @throws IOException where it is not whole, naming the file
  public static NetworkLayout read(Path directory) throws IOException {
    List<NodeFiles> nodes = new ArrayList<>();
    for (int i = 1; i <= MAX_NODES; i++) {
      Path node = directory.resolve("node-" + i);
      if (!Files.isDirectory(node)) {
        continue;
      }
      var ports = JSON.readTree(Files.readAllBytes(node.resolve(PORTS_FILE)));
      byte[] key = SecretFile.read(node.resolve(KEY_FILE));
      nodes.add(
          new NodeFiles(
              node,
              new LocalKey(key).address(),
              ports.path("host").asText(LOOPBACK),
              ports.path("rpc").asInt(),
              ports.path("p2p").asInt()));
    }
    if (nodes.isEmpty()) {
      throw new NoSuchFileException(directory.resolve("node-1").toString());
    }
    return new NetworkLayout(directory, nodes);
  }

  public Path networkFile() {
    return directory.resolve(NETWORK_FILE);
  }

  /// The arguments by which a validator of the network runs.
  public List<String> command(NodeFiles node) {
    List<String> arguments =
        new ArrayList<>(command(node.directory(), node.rpcPort(), node.peerPort()));
    arguments.addAll(List.of("--p2p-host", node.host()));
    arguments.addAll(List.of("--validator-key", node.keyFile().toString()));
    return arguments;
  }

  /// The arguments by which any node of the network runs.
  public List<String> command(Path data, int rpcPort, int peerPort) {
    return List.of(
        "node",
        "--network",
        networkFile().toString(),
        "--data-dir",
        data.toString(),
        "--port",
        Integer.toString(rpcPort),
        "--p2p-port",
        Integer.toString(peerPort));
  }
}
