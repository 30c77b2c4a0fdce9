package io.semper.tests.interop;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.semper.p2p.Connection;
import io.semper.p2p.Host;
import io.semper.p2p.HostOptions;
import io.semper.p2p.Stream;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.protocol.Delimited;
import io.semper.p2p.protocol.Perf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.DoubleSupplier;
import org.slf4j.LoggerFactory;

/// Measures one stream between two processes, go-libp2p's beside Semper's in the same run.
///
/// Arguments: security (`noise`, `tls`, or `quic` for all of that), megabytes, repetitions. Prints
/// MB/s, medians. With `serve SECURITY` it is the other process.
final class Libp2pThroughput {
  private Libp2pThroughput() {}

  private static Host host(String security, byte seed, boolean listen) throws IOException {
    byte[] key = new byte[32];
    Arrays.fill(key, seed);
    HostOptions options =
        HostOptions.of(PrivateKey.ed25519(key), "semper/test")
            .withSecurities(security.equals("tls") ? "/tls/1.0.0" : "/noise")
            .withPerf(true);
    Multiaddr any =
        Multiaddr.parse("/ip4/127.0.0.1" + (security.equals("quic") ? "/udp/0/quic-v1" : "/tcp/0"));
    Host host = Host.start(listen ? options.withListen(any) : options);
    InteropProtocols.serve(host);
    return host;
  }

  public static void main(String[] arguments) throws Exception {
    ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
    if (arguments[0].equals("serve")) {
      try (Host host = host(arguments[1], (byte) 1, true)) {
        System.out.println(host.addresses().getFirst().withPeerId(host.id()));
        System.in.transferTo(java.io.OutputStream.nullOutputStream());
      }
      return;
    }
    String security = arguments[0];
    long bytes = Long.parseLong(arguments[1]) * 1_000_000;
    int repetitions = Integer.parseInt(arguments[2]);

    Process server =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                "-XX:+UseSerialGC",
                "-Xmx512m",
                "--enable-native-access=ALL-UNNAMED",
                Libp2pThroughput.class.getName(),
                "serve",
                security)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String ours = server.inputReader().readLine();
    boolean quic = security.equals("quic");
    String[] options = {
      "--transports", quic ? "quic" : "tcp", "--security", quic ? "noise" : security, "--seed"
    };
    try (PeerProcess goServer = PeerProcess.start("go", with(options, "a"));
        PeerProcess goClient = PeerProcess.start("go", with(options, "b"));
        Host host = host(security, (byte) 2, false)) {
      double[][] rates = new double[8][repetitions];
      Connection toOurs = host.connect(Multiaddr.parse(ours));
      Connection toGo = host.connect(Multiaddr.parse(goServer.address()));
      goClient.command("dial", "addr", goServer.address());
      goClient.command("dial", "addr", ours);
      String goId = goServer.peerId();
      String ourId = Multiaddr.parse(ours).peerId().orElseThrow().toString();
      for (int warm = 0; warm < 2; warm++) {
        run(toOurs, bytes, bytes);
      }
      // Who runs: by its processor time the rates can be judged on a machine that is busy.
      ProcessHandle ownClient = ProcessHandle.current();
      ProcessHandle ownServer = server.toHandle();
      ProcessHandle[][] pairs = {
        {goClient.handle(), goServer.handle()},
        {ownClient, ownServer},
        {ownClient, goServer.handle()},
        {goClient.handle(), ownServer},
      };
      DoubleSupplier[] runs = {
        () -> goPerf(goClient, goId, "up", bytes),
        () -> run(toOurs, bytes, 0),
        () -> run(toGo, bytes, 0),
        () -> goPerf(goClient, ourId, "up", bytes),
        () -> goPerf(goClient, goId, "down", bytes),
        () -> run(toOurs, 0, bytes),
        () -> run(toGo, 0, bytes),
        () -> goPerf(goClient, ourId, "down", bytes),
      };
      double[] cpuSeconds = new double[8];
      for (int i = 0; i < repetitions; i++) {
        for (int k = 0; k < runs.length; k++) {
          double before = cpuSeconds(pairs[k % 4]);
          rates[k][i] = runs[k].getAsDouble();
          cpuSeconds[k] += cpuSeconds(pairs[k % 4]) - before;
        }
      }
      String[] names = {
        "go to go", "semper to semper", "semper to go", "go to semper",
        "go from go", "semper from semper", "semper from go", "go from semper"
      };
      for (int i = 0; i < names.length; i++) {
        Arrays.sort(rates[i]);
        System.out.printf(
            Locale.ROOT,
            "%s %-20s %5.0f MB/s (%.0f to %.0f), %.2f s of processor time for 1 GB%n",
            security,
            names[i],
            rates[i][repetitions / 2],
            rates[i][0],
            rates[i][repetitions - 1],
            cpuSeconds[i] / repetitions * 1e9 / bytes);
      }
      latency("semper to semper", toOurs);
      latency("semper to go", toGo);
      double[] go = new double[300];
      for (int i = 0; i < go.length; i++) {
        go[i] = goClient.command("echo", "peer", goId, "size", 64).path("ms").asDouble();
      }
      Arrays.sort(go);
      System.out.printf(
          Locale.ROOT, "64 bytes, go to go: p50 %.3f ms, p99 %.3f ms%n", go[150], go[297]);
    } finally {
      server.destroy();
    }
  }

  private static String[] with(String[] options, String seed) {
    String[] all = Arrays.copyOf(options, options.length + 1);
    all[options.length] = seed;
    return all;
  }

  private static double goPerf(PeerProcess client, String peer, String direction, long bytes) {
    return client.command("perf", "peer", peer, direction, bytes).path("MBps").asDouble();
  }

  private static double cpuSeconds(ProcessHandle... processes) {
    return Arrays.stream(processes)
        .mapToDouble(each -> each.info().totalCpuDuration().orElseThrow().toNanos() / 1e9)
        .sum();
  }

  private static double run(Connection connection, long up, long down) {
    try (Stream stream = connection.open(Perf.ID)) {
      long began = System.nanoTime();
      Perf.run(stream, up, down);
      return (up + down) * 1e3 / (System.nanoTime() - began);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void latency(String what, Connection connection) throws IOException {
    int warm = 3000;
    int count = 3000;
    double[] millis = new double[count];
    byte[] message = Delimited.encode(new byte[64]);
    for (int i = -warm; i < count; i++) {
      long began = System.nanoTime();
      try (Stream stream = connection.open(InteropProtocols.ECHO)) {
        stream.write(message);
        Delimited.read(stream, 64);
        if (i >= 0) {
          millis[i] = (System.nanoTime() - began) / 1e6;
        }
      }
    }
    Arrays.sort(millis);
    System.out.printf(
        Locale.ROOT,
        "64 bytes, %s: p50 %.3f ms, p99 %.3f ms%n",
        what,
        millis[count / 2],
        millis[count * 99 / 100]);
  }
}
