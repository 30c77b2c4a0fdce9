package io.semper.tests.light;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.semper.genesis.Genesis;
import io.semper.lightclient.LightClient;
import io.semper.lightclient.upstream.UpstreamLimits;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// A light client in a process of its own, asked by several threads: `LightProcess GENESIS
/// QUESTIONS URL...`. Prints an answer a line.
final class LightProcess {
  /// Neither how much memory it takes nor who answers is for time to decide.
  static final UpstreamLimits LIMITS = new UpstreamLimits(1 << 20, 120_000, 600_000, 100, 16);

  private static final int THREADS = 24;

  private LightProcess() {}

  public static void main(String[] args) throws Exception {
    LightClient.Builder builder =
        LightClient.builder(Genesis.read(Files.readAllBytes(Path.of(args[0]))))
            .limits(LIMITS)
            .pollMillis(100);
    Arrays.stream(args).skip(2).map(URI::create).forEach(builder::upstream);
    List<String> questions = Files.readAllLines(Path.of(args[1]));
    String[] answers = new String[questions.size()];
    AtomicInteger next = new AtomicInteger();
    try (LightRpc rpc = new LightRpc(builder.build())) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        threads.add(
            Thread.ofPlatform()
                .start(() -> {
                  for (int n = next.getAndIncrement();
                      n < answers.length;
                      n = next.getAndIncrement()) {
                    String[] question = questions.get(n).split(" ", 2);
                    answers[n] = rpc.ask(new Queries.Query(question[0], question[1]));
                  }
                }));
      }
      for (Thread each : threads) {
        each.join();
      }
    }
    System.out.write(String.join("\n", answers).getBytes(UTF_8));
    System.out.flush();
  }
}
