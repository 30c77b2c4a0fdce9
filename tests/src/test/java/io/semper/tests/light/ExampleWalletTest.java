package io.semper.tests.light;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.lightclient.LightClient;
import io.semper.rpc.Dispatcher;
import io.semper.rpc.MethodPolicy;
import io.semper.rpc.Provider;
import io.semper.rpc.RpcLimits;
import io.semper.rpc.eth.EthMethods;
import io.semper.rpc.eth.EthSettings;
import io.semper.rpc.eth.NodeStatus;
import io.semper.tests.examples.ExampleWallet;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.web3j.crypto.Credentials;
import org.web3j.protocol.core.DefaultBlockParameterName;

/// A wallet that uses web3j on a light client, and the provider beneath it.
class ExampleWalletTest {
  private static final long HEARD_SECONDS = 30;

  @Test
  void itPaysAndSeesThePaymentProven(@TempDir Path folder) throws Exception {
    Address to = Address.of(0x99);
    try (SealedNetwork network = new SealedNetwork(4)) {
      Address from = network.accounts().get(2);
      Credentials key = Credentials.create(Hex.encode(network.key(from)));
      network.seal(5);
      List<URI> nodes = List.of(network.serve(), network.serve());
      Path store = folder.resolve("store");
      try (ExampleWallet wallet = new ExampleWallet(network.network(), null, nodes, store)) {
        BlockingQueue<String> heads = new LinkedBlockingQueue<>();
        var listening =
            wallet
                .web3j()
                .newHeadsNotifications()
                .subscribe(each -> heads.add(each.getParams().getResult().getHash()));
        String hash = wallet.pay(key, to, BigInteger.TEN);
        String block = network.seal().header().hash().toString();
        assertThat(wallet.receipt(hash).getBlockHash()).isEqualTo(block);
        assertThat(wallet.balance(to).value()).isEqualTo(UInt256.of(10));
        assertThat(heads.poll(HEARD_SECONDS, TimeUnit.SECONDS)).isEqualTo(block);
        listening.dispose();
        assertThat(
                wallet
                    .web3j()
                    .ethGetBalance(to.toString(), DefaultBlockParameterName.LATEST)
                    .send()
                    .getBalance())
            .isEqualTo(BigInteger.TEN);
      }
      // All nodes are gone; what was proven is still there, and says how old it is.
      List<URI> nowhere = List.of(URI.create("http://127.0.0.1:1"));
      try (ExampleWallet wallet = new ExampleWallet(network.network(), null, nowhere, store)) {
        assertThat(wallet.balance(to).value()).isEqualTo(UInt256.of(10));
        assertThat(wallet.balance(to).block().hash()).isEqualTo(network.ledger().head().hash());
        assertThat(wallet.balance(to).ageSeconds()).isPositive();
      }
    }
  }

  @Test
  void theProviderAnswersAsEip1193Says() throws Exception {
    try (SealedNetwork network = new SealedNetwork(1)) {
      network.seal(2);
      try (LightClient client =
              LightClient.builder(network.network()).upstream(network.serve()).build();
          EthMethods methods =
              new EthMethods(
                  client.chain(),
                  client.pool(),
                  NodeStatus.alone("wallet", network.network().chainId()),
                  EthSettings.DEFAULT,
                  RpcLimits.DEFAULT,
                  Optional.empty());
          Provider provider =
              new Provider(
                  new Dispatcher(methods.handlers(), MethodPolicy.ALL),
                  RpcLimits.DEFAULT,
                  message -> {})) {
        var none = JsonNodeFactory.instance.arrayNode();
        assertThat(provider.request("eth_blockNumber", none).asText()).isEqualTo("0x2");
        assertThatThrownBy(() -> provider.request("eth_nonsense", none))
            .isInstanceOfSatisfying(
                Provider.ProviderException.class,
                refused -> assertThat(refused.code()).isEqualTo(Provider.UNSUPPORTED));
      }
    }
  }
}
