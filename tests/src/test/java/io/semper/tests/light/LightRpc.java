package io.semper.tests.light;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.semper.core.bytes.Address;
import io.semper.genesis.Network;
import io.semper.lightclient.LightClient;
import io.semper.rpc.CallContext;
import io.semper.rpc.Dispatcher;
import io.semper.rpc.MethodPolicy;
import io.semper.rpc.RpcException;
import io.semper.rpc.RpcLimits;
import io.semper.rpc.eth.EthMethods;
import io.semper.rpc.eth.EthSettings;
import io.semper.rpc.eth.NetworkSettings;
import io.semper.rpc.eth.NodeStatus;
import io.semper.rpc.json.Json;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Optional;

/// A light client's methods without a server.
final class LightRpc implements AutoCloseable {
  /// What every refusal begins with.
  static final String ERROR = "error ";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonFactory FACTORY = new JsonFactory();

  /// Longer than anything takes on a busy machine.
  private static final long MAX_NANOS = 600_000_000_000L;

  private final LightClient client;
  private final EthMethods methods;
  private final Dispatcher dispatcher;

  LightRpc(LightClient client) {
    this.client = client;
    Network network = client.network();
    methods =
        new EthMethods(
            client.chain(),
            client.pool(),
            NodeStatus.alone("light", network.chainId()),
            EthSettings.DEFAULT.withNetwork(
                new NetworkSettings(
                    Address.ZERO,
                    network.depositContract(),
                    network.zeroBaseFee(),
                    network.contractSizeLimit())),
            RpcLimits.DEFAULT,
            Optional.empty());
    dispatcher = new Dispatcher(methods.handlers(), MethodPolicy.ALL);
  }

  LightClient client() {
    return client;
  }

  /// The result as JSON, or the error.
  String ask(Queries.Query query) {
    CallContext context = new CallContext(System.nanoTime() + MAX_NANOS, Optional.empty());
    try {
      JsonNode params = JSON.readTree(query.params());
      StringWriter out = new StringWriter();
      try (JsonGenerator json = FACTORY.createGenerator(out)) {
        Json.write(json, dispatcher.call(query.method(), params, context));
      }
      return out.toString();
    } catch (RpcException refused) {
      return ERROR + refused.code() + " " + refused.getMessage();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  @Override
  public void close() {
    methods.close();
    client.close();
  }
}
