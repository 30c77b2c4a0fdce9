package io.semper.lightclient.beacon;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.semper.core.bytes.Hash32;
import io.semper.lightclient.beacon.LightClientUpdate.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/// The light client part of a beacon node's REST interface, over a [TestBeacon]; honest unless a
/// test overrides how it answers.
class BeaconServer implements AutoCloseable {
  private static final String PATH = "/eth/v1/beacon/light_client/";

  final TestBeacon chain;
  final LongSupplier slot;
  final AtomicInteger requests = new AtomicInteger();
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /// @param slot the present one; its block is not yet signed
  BeaconServer(TestBeacon chain, LongSupplier slot) {
    this.chain = chain;
    this.slot = slot;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    server.setExecutor(threads);
    server.createContext(PATH, this::handle);
    server.start();
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  BeaconRest source() {
    return new BeaconRest(chain.network, address());
  }

  private void handle(HttpExchange exchange) throws IOException {
    requests.incrementAndGet();
    String request = exchange.getRequestURI().toString().substring(PATH.length());
    try (exchange) {
      if (request.startsWith("bootstrap/")) {
        bootstrap(exchange, Hash32.of(request.substring("bootstrap/".length())));
      } else if (request.startsWith("updates?start_period=")) {
        String[] numbers = request.replaceAll("[^0-9&]", "").split("&", -1);
        updates(exchange, Long.parseLong(numbers[0]), Integer.parseInt(numbers[1]));
      } else if (request.equals("finality_update")) {
        update(exchange, slot.getAsLong() - 1, Kind.FINALITY);
      } else {
        update(exchange, slot.getAsLong() - 1, Kind.OPTIMISTIC);
      }
    }
  }

  void bootstrap(HttpExchange exchange, Hash32 root) throws IOException {
    for (long at = 0; at < slot.getAsLong(); at += chain.network.slotsPerEpoch()) {
      if (chain.root(at).equals(root)) {
        ConsensusFork fork = chain.network.forkAtSlot(at);
        send(exchange, TestSsz.encode(chain.bootstrap(at), fork), fork);
        return;
      }
    }
    exchange.sendResponseHeaders(404, -1);
  }

  void updates(HttpExchange exchange, long start, int count) throws IOException {
    SszWriter out = new SszWriter();
    long length = chain.network.slotsPerPeriod();
    for (long period = start; period < start + count; period++) {
      // The middle of the period, where finality is of the same.
      long at = Math.min(period * length + length / 2, slot.getAsLong() - 1);
      if (at >= period * length) {
        ConsensusFork fork = chain.network.forkAtSlot(at);
        byte[] ssz =
            TestSsz.encode(
                chain.update(at, Kind.FULL), Kind.FULL, fork, chain.network.syncCommitteeSize());
        int digest = chain.network.digestAt(chain.network.epochAt(at));
        out.uint64(ssz.length + 4).uint32(Integer.reverseBytes(digest)).bytes(ssz);
      }
    }
    send(exchange, out.toBytes(), ConsensusFork.ALTAIR);
  }

  void update(HttpExchange exchange, long at, Kind kind) throws IOException {
    send(exchange, chain.update(at, kind), kind);
  }

  final void send(HttpExchange exchange, LightClientUpdate update, Kind kind) throws IOException {
    ConsensusFork fork = chain.network.forkAtSlot(update.attestedHeader().slot());
    send(exchange, TestSsz.encode(update, kind, fork, chain.network.syncCommitteeSize()), fork);
  }

  final void send(HttpExchange exchange, byte[] ssz, ConsensusFork fork) throws IOException {
    exchange.getResponseHeaders().add("Content-Type", BeaconRest.SSZ);
    exchange.getResponseHeaders().add("Eth-Consensus-Version", fork.spelled());
    exchange.sendResponseHeaders(200, ssz.length == 0 ? -1 : ssz.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(ssz);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
