package io.semper.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.types.FeeMarketTransaction;
import io.semper.genesis.Genesis;
import io.semper.genesis.Network;
import io.semper.node.account.DevAccounts;
import io.semper.node.account.DevAccounts.DevAccount;
import io.semper.node.cli.SemperCommand;
import io.semper.node.config.DataDirectory;
import io.semper.node.config.NetworkFile;
import io.semper.node.config.NodeConfig;
import io.semper.node.config.PeerSettings;
import io.semper.node.config.RpcSettings;
import io.semper.node.config.SecretFile;
import io.semper.node.config.ValidatorSettings;
import io.semper.node.local.LocalNetwork;
import io.semper.node.local.NetworkLayout;
import io.semper.node.local.NodeProcess;
import io.semper.rpc.MethodPolicy;
import io.semper.rpc.RpcConfig;
import io.semper.rpc.eth.EthSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A validator that needs no other, and what its network's genesis says of fees.
class ValidatorNodeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final DevAccount SENDER = DevAccounts.first(1).all().getFirst();

  @TempDir private Path folder;
  private UInt256 chainId;

  private Node start(NetworkLayout.Terms terms, boolean standby) throws IOException {
    NetworkLayout layout =
        NetworkLayout.onLoopback(folder.resolve("net"), 1, NetworkLayout.freeBasePort(1), terms);
    return start(layout, new DataDirectory(layout.nodes().getFirst().directory()), standby);
  }

  private Node start(NetworkLayout layout, DataDirectory directory, boolean standby)
      throws IOException {
    ValidatorSettings settings =
        new ValidatorSettings(
            SecretFile.read(layout.nodes().getFirst().keyFile()),
            directory.votes(),
            30_000_000,
            standby,
            0);
    return start(layout, directory, Optional.of(settings));
  }

  private Node start(
      NetworkLayout layout, DataDirectory directory, Optional<ValidatorSettings> validator)
      throws IOException {
    Network network = Genesis.read(NetworkFile.read(layout.networkFile()).genesis());
    chainId = network.chainId();
    return Node.start(
        new NodeConfig(
            network,
            Optional.of(directory),
            Long.MAX_VALUE,
            new RpcSettings(RpcConfig.local(0), MethodPolicy.ALL, EthSettings.DEFAULT),
            "Semper/test",
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(
                new PeerSettings(
                    "127.0.0.1",
                    0,
                    OptionalInt.empty(),
                    List.of(),
                    Set.of(),
                    SecretFile.readOrCreate(directory.identity()),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty())),
            validator));
  }

  private NodeProcess client(Node node) {
    return new NodeProcess("node", List.of(), folder.resolve("log"), "127.0.0.1", node.port());
  }

  private String transfer(long nonce, UInt256 price) {
    FeeMarketTransaction unsigned =
        new FeeMarketTransaction(
            chainId,
            nonce,
            price,
            price,
            21_000,
            SENDER.address(),
            UInt256.ONE,
            new byte[0],
            List.of(),
            null);
    byte[] signed =
        unsigned.withSignature(Secp256k1.sign(unsigned.signingHash(), SENDER.key())).encode();
    return "[\"" + Hex.encode(signed) + "\"]";
  }

  private static boolean isSealed(NodeProcess node, JsonNode hash) {
    try {
      return node.call("eth_getTransactionReceipt", "[" + hash + "]", PATIENCE).isObject();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aNetworkWithoutFeesTakesFreeTransactions() throws Exception {
    try (Node started = start(new NetworkLayout.Terms(true, 1, true, UInt256.ZERO), false)) {
      NodeProcess node = client(started);
      assertThat(node.call("eth_gasPrice", "[]", PATIENCE).asText()).isEqualTo("0x0");
      JsonNode hash = node.call("eth_sendRawTransaction", transfer(0, UInt256.ZERO), PATIENCE);
      assertThat(LocalNetwork.await(() -> isSealed(node, hash), PATIENCE)).isTrue();
      JsonNode readiness = node.readiness(PATIENCE);
      assertThat(readiness.get("status").asText()).as(readiness.toString()).isEqualTo("ready");
      assertThat(metrics(started)).contains(metricsOfTheDashboard());
    }
  }

  private static String metrics(Node node) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + node.port() + "/metrics");
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
    }
  }

  /// The names that `docs/grafana.json` asks for.
  private static String[] metricsOfTheDashboard() throws IOException {
    String dashboard = Files.readString(Path.of("../docs/grafana.json"));
    String[] names =
        Pattern.compile("\\b(?:semper|jvm)_\\w+(?=[{,])")
            .matcher(dashboard)
            .results()
            .map(MatchResult::group)
            .distinct()
            .toArray(String[]::new);
    assertThat(names).hasSizeGreaterThan(10);
    return names;
  }

  @Test
  void aMinimumPriceFromGenesisIsAskedOfTransactions() throws Exception {
    UInt256 minimum = UInt256.of(5_000);
    try (Node started = start(new NetworkLayout.Terms(true, 1, true, minimum), false)) {
      NodeProcess node = client(started);
      assertThat(node.call("eth_gasPrice", "[]", PATIENCE).asText()).isEqualTo("0x1388");
      assertThatThrownBy(
              () -> node.call("eth_sendRawTransaction", transfer(0, UInt256.of(4_999)), PATIENCE))
          .hasMessageContaining(
              "transaction gas price below minimum: gas price 4999, minimum needed 5000");
      JsonNode hash = node.call("eth_sendRawTransaction", transfer(0, minimum), PATIENCE);
      assertThat(LocalNetwork.await(() -> isSealed(node, hash), PATIENCE)).isTrue();
    }
  }

  /// Who only follows answers what can be known without a vote, and takes no commands.
  @Test
  void aFullNodeSaysWhereTheNetworkStands() throws Exception {
    NetworkLayout layout =
        NetworkLayout.onLoopback(
            folder.resolve("net"), 1, NetworkLayout.freeBasePort(1), NetworkLayout.Terms.TRIAL);
    try (Node started =
        start(layout, new DataDirectory(folder.resolve("full")), Optional.empty())) {
      NodeProcess node = client(started);
      JsonNode status = node.call("qbft_getStatus", "[]", PATIENCE);
      assertThat(status.get("height").asText()).isEqualTo("0x1");
      assertThat(status.get("signing").asBoolean()).isFalse();
      assertThat(status.get("self").isNull()).isTrue();
      String validator = layout.nodes().getFirst().validator().toString();
      assertThat(status.get("validators").get(0).asText()).isEqualTo(validator);
      assertThat(status.get("missing")).isEmpty();
      assertThatThrownBy(() -> node.call("qbft_takeOver", "[]", PATIENCE))
          .hasMessageContaining("does not exist");
      assertThat(LocalNetwork.await(() -> problems(node).contains("no block comes"), PATIENCE))
          .isTrue();
    }
  }

  private static String problems(NodeProcess node) {
    try {
      return node.readiness(PATIENCE).get("problems").toString();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void standbyMakesNoBlocksUntilItTakesOver() throws Exception {
    try (Node started = start(NetworkLayout.Terms.TRIAL, true)) {
      NodeProcess node = client(started);
      assertThat(LocalNetwork.await(() -> statusIs(node, "stalled"), PATIENCE)).isTrue();
      assertThat(node.head(PATIENCE)).isZero();
      node.call("qbft_takeOver", "[true]", PATIENCE);
      assertThat(LocalNetwork.awaitHead(List.of(node), 1, PATIENCE)).isTrue();
      assertThat(LocalNetwork.await(() -> statusIs(node, "ready"), PATIENCE)).isTrue();
    }
  }

  @Test
  void aBackupIsRestoredVerifiedAndSignsNothingAtFirst() throws Exception {
    NetworkLayout layout =
        NetworkLayout.onLoopback(
            folder.resolve("net"), 1, NetworkLayout.freeBasePort(1), NetworkLayout.Terms.TRIAL);
    DataDirectory directory = new DataDirectory(layout.nodes().getFirst().directory());
    try (Node started = start(layout, directory, false)) {
      assertThat(LocalNetwork.awaitHead(List.of(client(started)), 2, PATIENCE)).isTrue();
    }
    String backup = folder.resolve("backup").toString();
    String network = layout.networkFile().toString();
    Path restored = folder.resolve("restored");
    assertThat(backup("backup", directory.path(), "--to", backup, network)).isZero();
    assertThat(backup("restore", restored, "--from", backup, network)).isZero();
    try (Node started = start(layout, new DataDirectory(restored), false)) {
      NodeProcess node = client(started);
      long head = node.head(PATIENCE);
      assertThat(head).isGreaterThanOrEqualTo(2);
      assertThat(LocalNetwork.await(() -> statusIs(node, "stalled"), PATIENCE)).isTrue();
      assertThat(node.head(PATIENCE)).isEqualTo(head);
      node.call("qbft_takeOver", "[true]", PATIENCE);
      assertThat(LocalNetwork.awaitHead(List.of(node), head + 1, PATIENCE)).isTrue();
    }
    // Where there is a chain nothing is restored, and nothing that is damaged or another's.
    assertThat(backup("restore", restored, "--from", backup, network)).isEqualTo(1);
    Path manifest = folder.resolve("backup/MANIFEST");
    String listed = Files.readString(manifest);
    Files.writeString(manifest, listed.replaceFirst("block \\d+ ", "block 1 "));
    Path other = folder.resolve("other");
    assertThat(backup("restore", other, "--from", backup, network)).isEqualTo(1);
    assertThat(other.resolve("chain")).doesNotExist();
    Files.writeString(manifest, listed);
    Path table;
    try (Stream<Path> files = Files.walk(folder.resolve("backup/chain"))) {
      table =
          files
              .filter(Files::isRegularFile)
              .max(Comparator.comparingLong(ValidatorNodeTest::size))
              .orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(table);
    bytes[bytes.length / 2] ^= 1;
    Files.write(table, bytes);
    assertThat(backup("restore", other, "--from", backup, network)).isEqualTo(1);
    assertThat(other.resolve("chain")).doesNotExist();
  }

  private static long size(Path file) {
    return file.toFile().length();
  }

  private static int backup(
      String command, Path directory, String option, String folder, String network) {
    return SemperCommand.run(
        "db", command, "--data-dir", directory.toString(), option, folder, "--network", network);
  }

  private static boolean statusIs(NodeProcess node, String status) {
    try {
      return node.readiness(PATIENCE).get("status").asText().equals(status);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
