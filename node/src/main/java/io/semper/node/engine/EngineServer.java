package io.semper.node.engine;

import io.semper.chain.importer.BlockImporter;
import io.semper.chain.pool.TxPool;
import io.semper.chain.producer.BlockBuilder;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.BlobSidecar;
import io.semper.node.Version;
import io.semper.node.config.EngineSettings;
import io.semper.rpc.Dispatcher;
import io.semper.rpc.MethodPolicy;
import io.semper.rpc.RpcConfig;
import io.semper.rpc.RpcLimits;
import io.semper.rpc.RpcServer;
import io.semper.rpc.engine.BlobSource;
import io.semper.rpc.engine.BlobSource.BlobAndProofs;
import io.semper.rpc.engine.ClientVersion;
import io.semper.rpc.engine.EngineMethods;
import io.semper.rpc.engine.JwtGuard;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The Engine API on its port, and beside it what else consensus clients ask.
public final class EngineServer implements AutoCloseable {
  /// Blocks of the greatest size are 20 MiB as text; answers hold the blobs of whole blocks.
  private static final RpcLimits LIMITS = RpcLimits.DEFAULT.withBody(128 << 20, 1000, 250_000_000);

  private static final MethodPolicy POLICY =
      new MethodPolicy(Set.of("engine", "eth", "net", "web3", "rpc_modules"), Set.of());

  /// Two slots of the main network and a little: a consensus client silent for longer is gone.
  private static final long MAX_SILENT_MILLIS = 30_000;

  private final EngineMethods engine;
  private final PayloadBuilds payloads;
  private final RpcServer server;

  private EngineServer(EngineMethods engine, PayloadBuilds payloads, RpcServer server) {
    this.engine = engine;
    this.payloads = payloads;
    this.server = server;
  }

  /// Starts serving.
  ///
  /// @param ethHandlers handlers of the public methods
  public static EngineServer start(
      EngineSettings settings,
      BlockImporter importer,
      TxPool pool,
      BlockBuilder builder,
      List<Object> ethHandlers,
      Dispatcher.Observer observer,
      Clock clock) {
    PayloadBuilds payloads = new PayloadBuilds(builder, pool, settings.gasLimit(), clock);
    EngineMethods engine =
        new EngineMethods(
            importer.ledger(),
            new LedgerConsensus(importer),
            payloads,
            blobs(pool),
            new ClientVersion("SM", "Semper", "v" + Version.number(), Version.commit()));
    List<Object> handlers = new ArrayList<>(ethHandlers);
    handlers.addAll(engine.handlers());
    // Whoever knows the secret may use any name for this host.
    RpcConfig config =
        new RpcConfig(
            settings.host(), settings.port(), Set.of(), Set.of("*"), true, "Semper", LIMITS);
    JwtGuard guard = new JwtGuard(settings.secret(), clock);
    return new EngineServer(
        engine,
        payloads,
        RpcServer.start(config, new Dispatcher(handlers, POLICY, observer), guard, routes -> {}));
  }

  private static BlobSource blobs(TxPool pool) {
    return wanted -> {
      Map<Hash32, BlobAndProofs> found = new HashMap<>();
      pool.blobs(wanted)
          .forEach((hash, blob) -> found.put(hash, withProofs(blob.sidecar(), blob.index())));
      return found;
    };
  }

  private static BlobAndProofs withProofs(BlobSidecar sidecar, int index) {
    int proofs = sidecar.version() == 0 ? 1 : BlobSidecar.CELLS_PER_BLOB;
    return new BlobAndProofs(
        sidecar.version(),
        sidecar.blobs().get(index),
        sidecar.proofs().subList(index * proofs, (index + 1) * proofs));
  }

  /// Why the head stands still; empty while a consensus client is there. Answers at once.
  public Optional<String> problem() {
    long silent = engine.silentMillis();
    return silent <= MAX_SILENT_MILLIS
        ? Optional.empty()
        : Optional.of("no consensus client has been heard of for " + silent / 1000 + " s");
  }

  /// The port listened on.
  public int port() {
    return server.port();
  }

  @Override
  public void close() {
    server.close();
    payloads.close();
  }
}
