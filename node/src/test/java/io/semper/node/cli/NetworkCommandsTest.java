package io.semper.node.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.semper.node.local.NetworkLayout;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// `semper network init` and `network check`.
class NetworkCommandsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private Path net;
  private int basePort;

  private int run(String... args) {
    out.getBuffer().setLength(0);
    CommandLine line = SemperCommand.commandLine(args);
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(out, true));
    return SemperCommand.run(line, args, Map.of());
  }

  @BeforeEach
  void init() throws Exception {
    net = folder.resolve("net");
    basePort = NetworkLayout.freeBasePort(4);
    int code =
        run("network", "init", "--dir", net.toString(), "--base-port", String.valueOf(basePort));
    assertThat(code).as(out.toString()).isZero();
  }

  private void check(int code, String said) {
    assertThat(run("network", "check", "--dir", net.toString())).as(out.toString()).isEqualTo(code);
    assertThat(out.toString()).contains(said).doesNotContain("Exception");
  }

  /// Changes the genesis block within `network.json`.
  private void change(Consumer<ObjectNode> change) throws Exception {
    Path file = net.resolve("network.json");
    ObjectNode network = (ObjectNode) JSON.readTree(Files.readAllBytes(file));
    change.accept((ObjectNode) network.get("genesis"));
    Files.write(file, JSON.writeValueAsBytes(network));
  }

  @Test
  void makesWhatCanBeStartedAndFindsNothingWrongWithIt() throws Exception {
    for (int i = 1; i <= 4; i++) {
      Path node = net.resolve("node-" + i);
      assertThat(out.toString())
          .contains(node + ": validator 0x")
          .contains("JSON-RPC on " + (basePort + i - 1) + ", libp2p on " + (basePort + 99 + i));
      assertThat(node.resolve("validator-key")).exists();
      Path start = node.resolve("start");
      assertThat(start).isExecutable();
      assertThat(Files.readString(start)).contains("--port " + (basePort + i - 1));
    }
    check(0, "4 validators, nothing wrong");
    assertThat(run("network", "init", "--dir", net.toString())).isNotZero();
    assertThat(out.toString()).contains("is not empty");
  }

  /// The script finds its command where nothing is on the path.
  @Test
  void startRunsTheCommandThatMadeTheNetwork() throws Exception {
    Path command = Files.writeString(folder.resolve("my 'semper'"), "#!/bin/sh\necho \"ran $*\"\n");
    assertThat(command.toFile().setExecutable(true)).isTrue();
    System.setProperty("semper.launcher", command.toString());
    try {
      Path other = folder.resolve("other");
      assertThat(run("network", "init", "--dir", other.toString())).isZero();
      Process process =
          new ProcessBuilder(other.resolve("node-2/start").toString(), "--history", "archive")
              .redirectErrorStream(true)
              .start();
      String said = new String(process.getInputStream().readAllBytes(), UTF_8);
      assertThat(said)
          .startsWith("ran node --network ../network.json --data-dir . ")
          .contains("--port 8546 --p2p-port 8646 ")
          .endsWith("--history archive\n");
    } finally {
      System.clearProperty("semper.launcher");
    }
  }

  @Test
  void saysWhatIsWrong() throws Exception {
    change(genesis -> genesis.put("extraData", "0x1234"));
    check(1, "genesis: extraData is not of QBFT");
    change(genesis -> {
      ObjectNode config = (ObjectNode) genesis.get("config");
      config.put("terminalTotalDifficulty", 0).remove("qbft");
    });
    check(1, "genesis: config.qbft is missing");
  }

  @Test
  void saysThatAClockIsWrong() throws Exception {
    change(genesis -> genesis.put("timestamp", "0x" + Long.toHexString(1L << 40)));
    check(1, "set the clock");
  }

  @Test
  void saysWhosePortsAreTaken() throws Exception {
    try (ServerSocket other = new ServerSocket(basePort + 2, 1, InetAddress.getLoopbackAddress())) {
      check(1, net.resolve("node-3") + ": port " + other.getLocalPort() + " is in use");
    }
  }

  @Test
  void saysWhoseKeyIsAnothers() throws Exception {
    Files.writeString(net.resolve("node-2/validator-key"), "01".repeat(32));
    check(1, net.resolve("node-2") + ": its key is of 0x");
  }

  /// Who dials it by the id of another key is refused.
  @Test
  void saysWhoseIdentityIsAnothers() throws Exception {
    Path key = net.resolve("node-2/nodekey");
    String made = Files.readString(key);
    Files.writeString(key, "02".repeat(32));
    check(1, key + " is of 16Uiu2");
    Files.delete(key);
    check(1, key + " is missing and would be made anew, network.json names 16Uiu2");
    Files.writeString(key, "00".repeat(32));
    check(1, key + " holds no private key");
    Files.writeString(key, made);
    check(0, "nothing wrong");
  }

  @Test
  void saysThatTheClockWasSetBack() throws Exception {
    Path chain = Files.createDirectories(net.resolve("node-3/chain"));
    Path log = Files.writeString(chain.resolve("000003.log"), "");
    check(0, "nothing wrong");
    Files.setLastModifiedTime(log, FileTime.from(Instant.now().plusSeconds(3_600)));
    check(1, "clock: " + net.resolve("node-3") + " was last written 3");
  }

  /// A port is free or not where the node would listen, which need not be the loopback address.
  @Test
  void looksAtThePortsWhereNodesListen() throws Exception {
    Path ports = net.resolve("node-4/ports.json");
    String written = Files.readString(ports);
    Files.writeString(ports, written.replace("127.0.0.1", "127.0.0.9"));
    InetAddress other = InetAddress.getByName("127.0.0.9");
    try (ServerSocket taken = new ServerSocket(basePort + 103, 1, other)) {
      check(1, net.resolve("node-4") + ": port " + taken.getLocalPort() + " is in use");
    }
    Files.writeString(ports, written.replace("127.0.0.1", "192.0.2.1"));
    check(0, "note: " + net.resolve("node-4") + " is to run elsewhere, at 192.0.2.1");
  }

  /// One machine of several has its own folder alone.
  @Test
  void otherMachinesFoldersNeedNotBeHere() throws Exception {
    for (int i : new int[] {1, 2, 4}) {
      Files.move(net.resolve("node-" + i), folder.resolve("machine-" + i));
    }
    check(0, "note: to run elsewhere");
    assertThat(out.toString()).contains("1 validators, nothing wrong");
  }

  @Test
  void aContractMayNameTheValidators() throws Exception {
    String contract = "0x" + "0".repeat(36) + "1234";
    change(genesis ->
        ((ObjectNode) genesis.get("config").get("qbft")).put("validatorcontractaddress", contract));
    check(0, "note: a contract names the validators");
  }
}
