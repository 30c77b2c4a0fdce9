package io.semper.tests.examples;

import com.fasterxml.jackson.databind.JsonNode;
import io.reactivex.BackpressureStrategy;
import io.reactivex.Flowable;
import io.reactivex.subjects.PublishSubject;
import io.semper.core.bytes.Address;
import io.semper.genesis.Network;
import io.semper.lightclient.LightClient;
import io.semper.rpc.Dispatcher;
import io.semper.rpc.MethodPolicy;
import io.semper.rpc.Provider;
import io.semper.rpc.RpcLimits;
import io.semper.rpc.eth.EthMethods;
import io.semper.rpc.eth.EthSettings;
import io.semper.rpc.eth.NetworkSettings;
import io.semper.rpc.eth.NodeStatus;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.web3j.protocol.Service;
import org.web3j.protocol.core.Request;
import org.web3j.protocol.core.methods.response.EthSubscribe;
import org.web3j.protocol.websocket.events.Notification;

/// web3j on a light client of the same process: `Web3j.build(new VerifiedWeb3jService(client))`
/// instead of `Web3j.build(new HttpService(url))`, and every answer is proven.
public final class VerifiedWeb3jService extends Service {
  private final EthMethods methods;
  private final Provider provider;
  private final PublishSubject<JsonNode> notifications = PublishSubject.create();

  public VerifiedWeb3jService(LightClient client) {
    super(false);
    Network network = client.network();
    methods =
        new EthMethods(
            client.chain(),
            client.pool(),
            NodeStatus.alone("wallet", network.chainId()),
            EthSettings.DEFAULT.withNetwork(
                new NetworkSettings(
                    Address.ZERO,
                    network.depositContract(),
                    network.zeroBaseFee(),
                    network.contractSizeLimit())),
            RpcLimits.DEFAULT,
            Optional.empty());
    provider =
        new Provider(
            new Dispatcher(methods.handlers(), MethodPolicy.ALL),
            RpcLimits.DEFAULT,
            this::notified);
  }

  @Override
  protected InputStream performIO(String payload) {
    return new ByteArrayInputStream(provider.exchange(payload).getBytes(StandardCharsets.UTF_8));
  }

  private void notified(String message) {
    try {
      notifications.onNext(objectMapper.readTree(message));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /// What is told between the reply and the first listener is told as well.
  @Override
  @SuppressWarnings("rawtypes")
  public <T extends Notification<?>> Flowable<T> subscribe(
      Request request, String unsubscribeMethod, Class<T> type) {
    return Flowable.defer(() -> {
      var early = notifications.replay();
      var heard = early.connect();
      EthSubscribe reply = send(request, EthSubscribe.class);
      if (reply.hasError()) {
        heard.dispose();
        return Flowable.error(new IOException(reply.getError().getMessage()));
      }
      String id = reply.getSubscriptionId();
      return early
          .filter(each -> each.path("params").path("subscription").asText().equals(id))
          .map(each -> objectMapper.treeToValue(each, type))
          .toFlowable(BackpressureStrategy.BUFFER)
          .doFinally(() -> {
            heard.dispose();
            provider.exchange(
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":[\"%s\"]}"
                    .formatted(unsubscribeMethod, id));
          });
    });
  }

  @Override
  public void close() {
    provider.close();
    methods.close();
  }
}
