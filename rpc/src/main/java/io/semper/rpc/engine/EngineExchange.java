package io.semper.rpc.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.view.ChainView;
import io.semper.rpc.Rpc;
import io.semper.rpc.RpcException;
import io.semper.rpc.param.Decoders;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What both layers tell each other of themselves.
final class EngineExchange {
  private static final Logger LOG = LoggerFactory.getLogger(EngineExchange.class);

  /// What stands for a terminal total difficulty that is not decided: 2^256 - 2^10.
  private static final UInt256 NEVER = UInt256.MAX.minus(UInt256.of(1023));

  private static final int MAX_CAPABILITIES = 1000;

  private final ChainView view;
  private final ClientVersion version;
  private final List<String> capabilities;

  /// @param capabilities names of the served methods
  EngineExchange(ChainView view, ClientVersion version, List<String> capabilities) {
    this.view = view;
    this.version = version;
    this.capabilities = capabilities;
  }

  @Rpc("engine_exchangeCapabilities")
  List<String> exchangeCapabilities(JsonNode methods) {
    try {
      Decoders.list(methods, MAX_CAPABILITIES, Decoders::text);
    } catch (IllegalArgumentException e) {
      throw RpcException.invalidParams("invalid argument 0: " + e.getMessage());
    }
    return capabilities;
  }

  @Rpc("engine_getClientVersionV1")
  List<ClientVersion> getClientVersion(JsonNode consensusClient) {
    LOG.debug("consensus client {}", consensusClient);
    return List.of(version);
  }

  @Rpc("engine_exchangeTransitionConfigurationV1")
  Map<String, Object> exchangeTransitionConfiguration(JsonNode transitionConfiguration) {
    UInt256 ours = view.forks().terminalTotalDifficulty();
    Map<String, Object> reply = new LinkedHashMap<>();
    reply.put("terminalTotalDifficulty", ours == null ? NEVER : ours);
    reply.put("terminalBlockHash", Hash32.ZERO);
    reply.put("terminalBlockNumber", 0L);
    UInt256 theirs;
    try {
      Decoders.requireObject(transitionConfiguration);
      theirs =
          Decoders.required(transitionConfiguration, "terminalTotalDifficulty", Decoders::quantity);
    } catch (IllegalArgumentException e) {
      throw RpcException.invalidParams("invalid argument 0: " + e.getMessage());
    }
    if (!theirs.equals(reply.get("terminalTotalDifficulty"))) {
      LOG.error(
          "the consensus client has terminal total difficulty {}, this chain has {}: they are"
              + " configured for different networks",
          theirs,
          ours);
    }
    return reply;
  }
}
