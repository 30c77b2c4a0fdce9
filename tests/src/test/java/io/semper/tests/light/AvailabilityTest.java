package io.semper.tests.light;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Header;
import io.semper.core.view.Account;
import io.semper.core.view.UnavailableException;
import io.semper.lightclient.LightClient;
import io.semper.lightclient.upstream.HttpTransport;
import io.semper.lightclient.upstream.Transport;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Three nodes, of which one after the other fails, falls silent or stays behind, while the chain
/// grows and a wallet reads; what it reads is right. `semper.light.reads` and
/// `semper.light.faultMillis` make it longer.
class AvailabilityTest {
  private static final int READS = Integer.getInteger("semper.light.reads", 600);
  private static final long FAULT_MILLIS = Long.getLong("semper.light.faultMillis", 250);
  private static final int READERS = 4;

  /// What was read once needs nobody until there is another block.
  private static final int READS_OF_A_BLOCK = 20;

  private static final long BLOCK_MILLIS = 50;

  private enum Fault {
    NONE,
    GONE,
    SILENT,

    /// It answers, and knows of no newer block.
    BEHIND
  }

  /// One of the nodes as the client reaches it.
  private static final class Line {
    private final URI full;
    private volatile Fault fault = Fault.NONE;
    private volatile byte[] newest;

    private Line(URI full) {
      this.full = full;
    }
  }

  private static Transport transport(List<Line> lines) {
    HttpTransport http = new HttpTransport();
    return (url, body, max, millis) -> {
      Line line = lines.get(Integer.parseInt(url.getHost().substring(1)));
      switch (line.fault) {
        case NONE, BEHIND -> {
          boolean asksForHead = new String(body, UTF_8).contains("\"latest\"");
          byte[] before = line.newest;
          if (asksForHead && line.fault == Fault.BEHIND && before != null) {
            return before;
          }
          byte[] reply = http.post(line.full, body, max, millis);
          if (asksForHead) {
            line.newest = reply;
          }
          return reply;
        }
        case GONE -> throw new ConnectException("Connection refused");
        case SILENT -> {
          hang(millis);
          throw new SocketTimeoutException("no answer");
        }
      }
      throw new IllegalStateException();
    };
  }

  private static void hang(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void noReadFailsWhileOneNodeOfThreeDoes() throws Exception {
    readThroughFaults(3, 1);
  }

  /// As when they are upgraded.
  @Test
  void fiveNodesRolledOneAtATimeAreNotMissedByTwoClients() throws Exception {
    readThroughFaults(5, 2);
  }

  private static void readThroughFaults(int nodes, int clientCount) throws Exception {
    try (SealedNetwork network = new SealedNetwork(4)) {
      LivelyChain chain = new LivelyChain(network, 10, 9);
      List<Line> lines = new ArrayList<>();
      for (int i = 0; i < nodes; i++) {
        lines.add(new Line(network.serve()));
      }
      ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
      ConcurrentLinkedQueue<Long> nanos = new ConcurrentLinkedQueue<>();
      AtomicInteger left = new AtomicInteger(READS);
      Semaphore permits = new Semaphore(0);
      List<LightClient> clients = new ArrayList<>();
      try {
        List<Thread> readers = new ArrayList<>();
        for (int c = 0; c < clientCount; c++) {
          LightClient client = client(network, lines);
          clients.add(client);
          AtomicLong highest = new AtomicLong();
          for (int r = 0; r < READERS; r++) {
            Random random = new Random(r);
            readers.add(
                Thread.ofVirtual()
                    .start(() -> {
                      while (left.getAndDecrement() > 0) {
                        permits.acquireUninterruptibly();
                        read(client, network, random, highest, failures, nanos);
                      }
                    }));
          }
        }
        int faults = rollFaults(chain, lines, readers, permits);
        tell(faults, failures.size(), nanos);
        assertThat(failures).isEmpty();
        for (LightClient client : clients) {
          assertThat(client.upstreams().evidence()).isEmpty();
          assertThat(client.head().block().number()).isGreaterThan(12);
        }
      } finally {
        clients.forEach(LightClient::close);
      }
    }
  }

  private static LightClient client(SealedNetwork network, List<Line> lines) {
    LightClient.Builder builder =
        LightClient.builder(network.network()).transport(transport(lines)).pollMillis(50);
    for (int i = 0; i < lines.size(); i++) {
      builder.upstream(URI.create("http://n" + i));
    }
    return builder.build();
  }

  private static void tell(int faults, int failed, ConcurrentLinkedQueue<Long> nanos) {
    long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
    System.out.printf(
        "%d reads, %d faults, %d failed; p50 %.1f ms, p99 %.1f ms, most %.1f ms%n",
        sorted.length,
        faults,
        failed,
        sorted[sorted.length / 2] / 1e6,
        sorted[sorted.length * 99 / 100] / 1e6,
        Arrays.stream(sorted).max().orElse(0) / 1e6);
  }

  private static int rollFaults(
      LivelyChain chain, List<Line> lines, List<Thread> readers, Semaphore permits)
      throws InterruptedException {
    int faults = 0;
    while (readers.stream().anyMatch(Thread::isAlive)) {
      lines.forEach(line -> line.fault = Fault.NONE);
      int nodes = lines.size();
      lines.get(faults % nodes).fault = Fault.values()[1 + faults / nodes % 3];
      faults++;
      for (long millis = 0; millis < FAULT_MILLIS; millis += BLOCK_MILLIS) {
        chain.seal();
        permits.release(READS_OF_A_BLOCK);
        for (Thread reader : readers) {
          reader.join(BLOCK_MILLIS / readers.size());
        }
      }
    }
    return faults;
  }

  private static void read(
      LightClient client,
      SealedNetwork network,
      Random random,
      AtomicLong highest,
      ConcurrentLinkedQueue<String> failures,
      ConcurrentLinkedQueue<Long> nanos) {
    long before = highest.get();
    long began = System.nanoTime();
    try {
      List<Address> accounts = network.accounts();
      Address account =
          random.nextBoolean()
              ? accounts.get(random.nextInt(accounts.size()))
              : Address.of(random.nextInt(5000));
      var answer = client.balance(account);
      Header block = network.ledger().header(answer.block().number()).orElseThrow();
      Account known = network.ledger().stateAfter(block).account(account);
      UInt256 right = known == null ? UInt256.ZERO : known.balance();
      if (!answer.value().equals(right) || !answer.block().hash().equals(block.hash())) {
        failures.add(answer + " instead of " + right + " of " + account);
      }
      if (answer.block().number() < before) {
        failures.add("back in time from " + before + " to " + answer.block().number());
      }
      highest.accumulateAndGet(answer.block().number(), Math::max);
    } catch (UnavailableException e) {
      failures.add(e.getMessage());
    }
    nanos.add(System.nanoTime() - began);
  }
}
