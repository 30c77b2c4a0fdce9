package io.semper.tests.examples;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.genesis.Genesis;
import io.semper.genesis.Network;
import io.semper.lightclient.LightClient;
import io.semper.lightclient.Verified;
import io.semper.node.config.NetworkFile;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import org.web3j.crypto.Credentials;
import org.web3j.protocol.Web3j;
import org.web3j.protocol.core.DefaultBlockParameterName;
import org.web3j.protocol.core.methods.response.TransactionReceipt;
import org.web3j.tx.RawTransactionManager;
import org.web3j.tx.TransactionManager;
import org.web3j.tx.response.PollingTransactionReceiptProcessor;

/// A wallet in a few lines: it trusts no node, only a block's hash.
///
/// ```
/// ExampleWallet network.json http://127.0.0.1:8545,http://127.0.0.1:8546 KEY RECIPIENT WEI
/// ```
public final class ExampleWallet implements AutoCloseable {
  private static final int POLL_MILLIS = 100;
  private static final int POLLS = 600;

  private final LightClient client;
  private final VerifiedWeb3jService service;
  private final Web3j web3j;

  /// @param checkpoint `null` for the genesis block
  /// @param store where what was verified is kept, `null` for nowhere
  public ExampleWallet(Network network, Hash32 checkpoint, List<URI> nodes, Path store) {
    LightClient.Builder builder = LightClient.builder(network).checkpoint(checkpoint);
    nodes.forEach(builder::upstream);
    if (store != null) {
      builder.store(store).staleAnswers(true);
    }
    client = builder.build();
    service = new VerifiedWeb3jService(client);
    // Existing code changes this line.
    web3j = Web3j.build(service, POLL_MILLIS, Executors.newSingleThreadScheduledExecutor());
  }

  public Web3j web3j() {
    return web3j;
  }

  /// Wei, and the block that proves it.
  public Verified<UInt256> balance(Address account) {
    return client.balance(account);
  }

  /// Signs and sends a payment, and returns the hash by which to follow it.
  public String pay(Credentials from, Address to, BigInteger wei) throws IOException {
    TransactionManager manager = new RawTransactionManager(web3j, from, chainId());
    BigInteger baseFee =
        web3j
            .ethGetBlockByNumber(DefaultBlockParameterName.LATEST, false)
            .send()
            .getBlock()
            .getBaseFeePerGas();
    BigInteger tip = web3j.ethMaxPriorityFeePerGas().send().getMaxPriorityFeePerGas();
    BigInteger most = baseFee.shiftLeft(1).add(tip);
    var sent =
        manager.sendEIP1559Transaction(
            chainId(), tip, most, BigInteger.valueOf(21_000), to.toString(), "", wei);
    if (sent.hasError()) {
      throw new IOException(sent.getError().getMessage());
    }
    return sent.getTransactionHash();
  }

  /// Waits until a transaction is proven to be in a block.
  public TransactionReceipt receipt(String hash) throws Exception {
    return new PollingTransactionReceiptProcessor(web3j, POLL_MILLIS, POLLS)
        .waitForTransactionReceipt(hash);
  }

  private long chainId() throws IOException {
    return web3j.ethChainId().send().getChainId().longValueExact();
  }

  @Override
  public void close() {
    web3j.shutdown();
    service.close();
    client.close();
  }

  public static void main(String[] args) throws Exception {
    Network network = Genesis.read(NetworkFile.read(Path.of(args[0])).genesis());
    List<URI> nodes = List.of(args[1].split(",")).stream().map(URI::create).toList();
    Credentials key = Credentials.create(args[2]);
    Address to = Address.of(args[3]);
    try (ExampleWallet wallet = new ExampleWallet(network, null, nodes, null)) {
      System.out.println("before: " + wallet.balance(Address.of(key.getAddress())));
      String hash = wallet.pay(key, to, new BigInteger(args[4]));
      System.out.println("proven in block " + wallet.receipt(hash).getBlockNumber());
      System.out.println("after: " + wallet.balance(Address.of(key.getAddress())));
    }
  }
}
