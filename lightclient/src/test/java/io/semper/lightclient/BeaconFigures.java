package io.semper.lightclient;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.view.UnavailableException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/// What a light client of Ethereum costs at its first start in a machine that has just begun, and
/// what it holds after it has followed the recorded network (committees of 512) to its last head. A
/// program, not a test: without arguments within this process, with the launcher's path as `semper
/// light`, a process of its own with a heap of 48 MB.
final class BeaconFigures {
  private static final Hash32 CHECKPOINT =
      Hash32.of("0x66b3035a44466e870572e7f53bd7095d8728fff72ff0fad3b9e97186f44587e7");

  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private static final int STARTS = 5;
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  private BeaconFigures() {}

  public static void main(String[] arguments) throws Exception {
    if (arguments.length > 0) {
      daemon(arguments[0]);
      return;
    }
    try (RecordedEthereum ethereum = new RecordedEthereum()) {
      ethereum.slot.set(ethereum.heads().firstKey() + 1);
      JsonNode first = ethereum.heads().firstEntry().getValue();
      Address account =
          Address.of(first.get("proofs").iterator().next().get("address").textValue());
      for (String what : new String[] {"first", "second", "third"}) {
        long began = System.nanoTime();
        long worked = PROCESS.getProcessCpuTime();
        try (LightClient client = client(ethereum)) {
          client.balance(account);
          System.out.printf(
              Locale.ROOT,
              "%s start to a proven balance: %.0f ms, %.0f ms of processor (servers included)%n",
              what,
              (System.nanoTime() - began) / 1e6,
              (PROCESS.getProcessCpuTime() - worked) / 1e6);
        }
      }
      System.out.printf(Locale.ROOT, "held at the last head: %.1f MB%n", held(ethereum) / 1e6);
    }
  }

  private static LightClient client(RecordedEthereum ethereum) throws Exception {
    long genesis = ethereum.genesisSeconds();
    InstantSource now = () -> Instant.ofEpochSecond(genesis + 2 * ethereum.slot.get());
    return LightClient.builder(ethereum.network())
        .beacon(ethereum.consensus())
        .consensus(ethereum.rest())
        .upstream(ethereum.rpc())
        .pollMillis(20)
        .checkpoint(CHECKPOINT)
        .clock(new Shown(now))
        .build();
  }

  private static void daemon(String launcher) throws Exception {
    Path folder = Files.createTempDirectory("beacon-figures");
    try (RecordedEthereum ethereum = new RecordedEthereum();
        HttpClient http = HttpClient.newHttpClient()) {
      Files.write(folder.resolve("genesis.json"), ethereum.file("genesis.json"));
      // As if the recording had just ended.
      long genesis = Instant.now().getEpochSecond() - 2 * (ethereum.heads().lastKey() + 10);
      Files.write(folder.resolve("beacon.json"), ethereum.consensusConfig(genesis));
      ethereum.slot.set(ethereum.heads().firstKey() + 1);
      for (int i = 1; i <= STARTS; i++) {
        try (Daemon daemon = new Daemon(launcher, folder, ethereum, http)) {
          JsonNode first = ethereum.heads().firstEntry().getValue();
          daemon.awaitBalances(first);
          System.out.printf(
              Locale.ROOT,
              "start %d of a process to a proven balance: %.0f ms, %d ms of processor%n",
              i,
              (System.nanoTime() - daemon.began) / 1e6,
              daemon.process.info().totalCpuDuration().orElseThrow().toMillis());
          if (i == STARTS) {
            for (Map.Entry<Long, JsonNode> each : ethereum.heads().entrySet()) {
              ethereum.slot.set(each.getKey() + 1);
              daemon.awaitBalances(each.getValue());
            }
            System.out.printf("followed over %d heads%n%s", ethereum.heads().size(), daemon.heap());
          }
        }
      }
    }
  }

  /// A light client's process.
  private static final class Daemon implements AutoCloseable {
    private final HttpClient http;
    private final URI url;
    private final long began;
    private final Process process;

    private Daemon(String launcher, Path folder, RecordedEthereum ethereum, HttpClient http)
        throws IOException {
      this.http = http;
      int port;
      try (ServerSocket free = new ServerSocket(0)) {
        port = free.getLocalPort();
      }
      url = URI.create("http://127.0.0.1:" + port);
      ProcessBuilder command =
          new ProcessBuilder(
                  launcher,
                  "light",
                  "--genesis=" + folder.resolve("genesis.json"),
                  "--consensus-config=" + folder.resolve("beacon.json"),
                  "--consensus=" + ethereum.rest(),
                  "--upstream=" + ethereum.rpc(),
                  "--checkpoint=" + CHECKPOINT,
                  "--port=" + port)
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("log").toFile());
      command.environment().put("SEMPER_JAVA_OPTS", "-Xmx48m");
      began = System.nanoTime();
      process = command.start();
    }

    /// Asks for what was recorded at a head until it is told.
    private void awaitBalances(JsonNode head) throws Exception {
      long end = System.nanoTime() + PATIENCE_NANOS;
      for (JsonNode proof : head.get("proofs")) {
        String question =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_getBalance\",\"params\":[\"%s\",\"%s\"]}"
                .formatted(proof.get("address").textValue(), head.at("/block/number").textValue());
        while (!ask(question).equals(proof.get("balance").textValue())) {
          if (System.nanoTime() > end || !process.isAlive()) {
            throw new IllegalStateException("not told in time: " + question);
          }
          LockSupport.parkNanos(2_000_000);
        }
      }
    }

    private String ask(String question) throws Exception {
      try {
        HttpRequest request =
            HttpRequest.newBuilder(url)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(question))
                .build();
        String reply = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        return new ObjectMapper().readTree(reply).path("result").asText();
      } catch (IOException notYet) {
        return "";
      }
    }

    /// What Java says of its heap after a collection.
    private String heap() throws Exception {
      StringBuilder said = new StringBuilder();
      for (String what : new String[] {"GC.run", "GC.heap_info"}) {
        Process jcmd =
            new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                    Long.toString(process.pid()),
                    what)
                .start();
        said.append(new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        jcmd.waitFor();
      }
      return said.toString();
    }

    @Override
    public void close() {
      process.destroy();
      process.onExit().join();
    }
  }

  /// Bytes that go once a client is let go that has followed the recording to its end.
  static long held(RecordedEthereum ethereum) throws Exception {
    ethereum.slot.set(ethereum.heads().firstKey() + 1);
    LightClient client = client(ethereum);
    for (Map.Entry<Long, JsonNode> each : ethereum.heads().entrySet()) {
      ethereum.slot.set(each.getKey() + 1);
      long number = Long.decode(each.getValue().at("/block/number").textValue());
      long end = System.nanoTime() + PATIENCE_NANOS;
      while (client.chain().head().number() != number) {
        if (System.nanoTime() > end) {
          throw new IllegalStateException("no head " + number + " in time");
        }
        client.refresh();
        LockSupport.parkNanos(1_000_000);
      }
      for (JsonNode proof : each.getValue().get("proofs")) {
        try {
          client.balance(Address.of(proof.get("address").textValue()));
        } catch (UnavailableException notRecorded) {
          // Of a head that has come meanwhile.
        }
      }
    }
    long with = used();
    client.close();
    client = null;
    return with - used();
  }

  private static long used() {
    for (int i = 0; i < 4; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  /// The recording's clock.
  private static final class Shown extends Clock {
    private final InstantSource now;

    private Shown(InstantSource now) {
      this.now = now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now.instant();
    }
  }
}
