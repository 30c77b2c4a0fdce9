package io.semper.tests.light;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.semper.chain.db.MemoryStore;
import io.semper.chain.importer.BlockImporter;
import io.semper.chain.importer.ImportResult;
import io.semper.chain.importer.Ledger;
import io.semper.chain.importer.Seals;
import io.semper.chain.pool.PoolLimits;
import io.semper.chain.pool.TxPool;
import io.semper.chain.producer.BlockBuilder;
import io.semper.chain.producer.Mempool;
import io.semper.chain.qbft.Validators;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.crypto.Signature;
import io.semper.core.types.Block;
import io.semper.core.types.ContractAddress;
import io.semper.core.types.FeeMarketTransaction;
import io.semper.core.types.Header;
import io.semper.core.types.PooledTransaction;
import io.semper.core.types.QbftExtraData;
import io.semper.core.types.QbftSeals;
import io.semper.core.types.Transaction;
import io.semper.core.view.Account;
import io.semper.core.view.PoolView;
import io.semper.genesis.DevNetwork;
import io.semper.genesis.Genesis;
import io.semper.genesis.Network;
import io.semper.rpc.Dispatcher;
import io.semper.rpc.MethodPolicy;
import io.semper.rpc.RpcConfig;
import io.semper.rpc.RpcLimits;
import io.semper.rpc.RpcServer;
import io.semper.rpc.eth.EthMethods;
import io.semper.rpc.eth.EthSettings;
import io.semper.rpc.eth.NetworkSettings;
import io.semper.rpc.eth.NodeStatus;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A QBFT network whose validators' keys the test holds, so that it makes blocks as fast as it
/// likes; its ledger and pool are real, and served by as many real JSON-RPC servers as wanted.
final class SealedNetwork implements AutoCloseable {
  static final long CHAIN_ID = 4242;
  private static final UInt256 ETHER = UInt256.of(1_000_000_000_000_000_000L);
  private static final int ACCOUNTS = 8;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<Address, byte[]> keys = new HashMap<>();
  private final List<Address> accounts = new ArrayList<>();
  private final byte[] genesis;
  private final Network network;
  private final Ledger ledger;
  private final BlockImporter importer;
  private final BlockBuilder builder;
  private final TxPool transactions;
  private final Mempool pool;
  private final Validators validators;
  private final Deque<Runnable> servers = new ArrayDeque<>();

  /// A contract that keeps its list in slots: how many, and then each. With four bytes of input it
  /// answers the list, else it stores the second word of its input under the first.
  private static final String VALIDATOR_CONTRACT =
      "0x36600414600f576020356000355500"
          + "5b602060005260005480602052"
          + "5b801560335780548160051b6020015260019003601c56"
          + "5b5060005460051b6040016000f3";

  static final Address CONTRACT = Address.of(0xC0117AC7);

  private final boolean byContract;

  SealedNetwork(int validatorCount) throws IOException {
    this(validatorCount, false);
  }

  /// @param byContract whether a contract names the validators
  SealedNetwork(int validatorCount, boolean byContract) throws IOException {
    this.byContract = byContract;
    List<Address> set = new ArrayList<>();
    for (int i = 0; i < validatorCount; i++) {
      set.add(newKey("validator", i));
    }
    for (int i = 0; i < ACCOUNTS; i++) {
      accounts.add(newKey("account", i));
    }
    genesis = genesis(set.stream().sorted().toList());
    network = Genesis.read(genesis);
    ledger = Ledger.open(new MemoryStore(), network, Seals.of(network));
    importer = new BlockImporter(ledger);
    builder = new BlockBuilder(network, ledger.headerRules(), ledger, ledger::rootAfter);
    transactions =
        new TxPool(
            network,
            ledger,
            head -> builder.fork(head, head.timestamp() + 1),
            PoolLimits.DEFAULT.forDevelopment(),
            null,
            null,
            Clock.systemUTC());
    pool = new Mempool(transactions, builder, ledger, this::attributes);
    validators = new Validators(network, ledger);
  }

  /// A key made of its name.
  Address newKey(String name, int n) {
    byte[] key = Keccak.hash((name + n).getBytes(StandardCharsets.UTF_8)).toBytes();
    Address address = Secp256k1.address(Secp256k1.publicKey(key));
    keys.put(address, key);
    return address;
  }

  /// Its time is an hour ago, so that as many blocks as there are seconds can be made.
  private byte[] genesis(List<Address> set) throws IOException {
    long time = Instant.now().getEpochSecond() - 3600;
    byte[] plain = DevNetwork.file(accounts, ETHER.timesExact(10_000), time);
    ObjectNode file = (ObjectNode) JSON.readTree(plain);
    ObjectNode config = (ObjectNode) file.get("config");
    config.put("chainId", CHAIN_ID);
    config.remove("terminalTotalDifficulty");
    ObjectNode qbft = config.putObject("qbft").put("blockperiodseconds", 1);
    qbft.put("epochlength", 500);
    if (byContract) {
      qbft.put("validatorcontractaddress", CONTRACT.toString());
      ObjectNode account = ((ObjectNode) file.get("alloc")).putObject(CONTRACT.toString());
      account.put("balance", "0x0").put("code", VALIDATOR_CONTRACT);
      ObjectNode storage = account.putObject("storage");
      storage.put(slot(0), slot(set.size()));
      for (int i = 0; i < set.size(); i++) {
        storage.put(slot(i + 1), "0x" + "0".repeat(24) + set.get(i).toString().substring(2));
      }
    }
    file.put(
        "extraData",
        Hex.encode(new QbftExtraData(new byte[32], named(set), null, 0, List.of()).encode()));
    file.put("mixHash", QbftExtraData.MIX_HASH.toString());
    file.put("difficulty", "0x1");
    return JSON.writeValueAsBytes(file);
  }

  private static String slot(long n) {
    return UInt256.of(n).toHash32().toString();
  }

  /// What headers say of their validators.
  private List<Address> named(List<Address> set) {
    return byContract ? List.of() : set;
  }

  Network network() {
    return network;
  }

  /// The file that the network is read from.
  byte[] genesis() {
    return genesis;
  }

  Ledger ledger() {
    return ledger;
  }

  PoolView pool() {
    return pool;
  }

  byte[] key(Address address) {
    return keys.get(address);
  }

  /// Of the next block.
  List<Address> validators() {
    return validators.after(ledger.head());
  }

  List<Address> accounts() {
    return accounts;
  }

  private BlockBuilder.Attributes attributes(Header parent) {
    return attributes(parent, 0, null, parent.timestamp() + 1);
  }

  private BlockBuilder.Attributes attributes(
      Header parent, int round, QbftExtraData.Vote vote, long time) {
    List<Address> set = validators.after(parent);
    QbftExtraData extra = new QbftExtraData(new byte[32], named(set), vote, round, List.of());
    return new BlockBuilder.Attributes(
        time,
        set.get((int) ((parent.number() + round) % set.size())),
        QbftExtraData.MIX_HASH,
        Hash32.ZERO,
        List.of(),
        parent.gasLimit(),
        extra.encode(),
        null);
  }

  /// Makes and imports a block of what is in the pool.
  Block seal() {
    return seal(null);
  }

  Block seal(QbftExtraData.Vote vote) {
    Header parent = ledger.head();
    BlockBuilder.Attributes attributes = attributes(parent, 0, vote, parent.timestamp() + 1);
    Block block = builder.build(parent, attributes, transactions.executable()).block();
    Block sealed = sealed(block, QbftSeals.quorum(validators.after(parent).size()));
    try {
      ImportResult result = importer.importBlock(sealed);
      if (!(result instanceof ImportResult.Imported)) {
        throw new IllegalStateException("own block refused: " + result);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return sealed;
  }

  void seal(int blocks) {
    for (int i = 0; i < blocks; i++) {
      seal(null);
    }
  }

  /// The same block with the seals of so many of its validators.
  Block sealed(Block block, int seals) {
    QbftExtraData extra = block.header().qbft().orElseThrow();
    Hash32 hash = block.header().sealHash();
    List<Signature> signatures = new ArrayList<>();
    Header parent = ledger.header(block.header().parentHash()).orElseThrow();
    for (Address each : validators.after(parent).subList(0, seals)) {
      signatures.add(Secp256k1.sign(hash, keys.get(each)));
    }
    Header header = block.header().toBuilder().extraData(extra.sealed(signatures).encode()).build();
    return new Block(header, block.transactions(), block.ommers(), block.withdrawals());
  }

  /// A signed transaction with the sender's next nonce, tip 1 gwei.
  Transaction transaction(Address from, Address to, UInt256 value, byte[] data, long gas) {
    return signed(from, pool.nextNonce(from), 1, to, value, data, gas);
  }

  /// @param tip in gwei, of a hundred times which is the most for all fees
  private Transaction signed(
      Address from, long nonce, long tip, Address to, UInt256 value, byte[] data, long gas) {
    Transaction unsigned =
        new FeeMarketTransaction(
            network.chainId(),
            nonce,
            UInt256.of(tip * 1_000_000_000L),
            UInt256.of(tip * 100_000_000_000L),
            gas,
            to,
            value,
            data,
            List.of(),
            Signature.NONE);
    return unsigned.withSignature(Secp256k1.sign(unsigned.signingHash(), keys.get(from)));
  }

  /// Sends another in the place of one that waits in the pool, with twice its fees and no input.
  Transaction replace(Transaction waiting) {
    Address to = accounts.getFirst();
    Transaction signed =
        signed(waiting.sender(), waiting.nonce(), 2, to, UInt256.ONE, new byte[0], 100_000);
    submit(signed);
    return signed;
  }

  /// Sends a transaction to the pool.
  Transaction send(Address from, Address to, UInt256 value, byte[] data, long gas) {
    Transaction signed = transaction(from, to, value, data, gas);
    submit(signed);
    return signed;
  }

  private void submit(Transaction signed) {
    PoolView.Submission taken = pool.submit(new PooledTransaction(signed, null));
    if (taken instanceof PoolView.Submission.Rejected rejected) {
      throw new IllegalStateException(rejected.reason());
    }
  }

  /// Puts a contract with this code on the chain.
  Address deploy(byte[] runtime) {
    byte[] copy = Hex.decode("0x61000080600c6000396000f3");
    byte[] whole = Arrays.copyOf(copy, copy.length + runtime.length);
    whole[1] = (byte) (runtime.length >> 8);
    whole[2] = (byte) runtime.length;
    System.arraycopy(runtime, 0, whole, copy.length, runtime.length);
    return create(whole);
  }

  /// Makes a contract by its creation code.
  Address create(byte[] creation) {
    Address creator = accounts.get(0);
    Account account = ledger.stateAfter(ledger.head()).account(creator);
    send(creator, null, UInt256.ZERO, creation, 2_000_000);
    seal();
    return ContractAddress.of(creator, account.nonce());
  }

  /// Serves the chain on a port of its own.
  URI serve() {
    EthMethods methods =
        new EthMethods(
            ledger,
            pool,
            NodeStatus.alone("full", network.chainId()),
            EthSettings.DEFAULT.withNetwork(
                new NetworkSettings(
                    Address.ZERO,
                    network.depositContract(),
                    network.zeroBaseFee(),
                    network.contractSizeLimit())),
            RpcLimits.DEFAULT,
            Optional.empty());
    RpcServer server =
        RpcServer.start(
            new RpcConfig("127.0.0.1", 0, Set.of(), Set.of(), true, "full", RpcLimits.DEFAULT),
            new Dispatcher(methods.handlers(), new MethodPolicy(Set.of(), Set.of())));
    servers.push(methods::close);
    servers.push(server::close);
    return URI.create("http://127.0.0.1:" + server.port());
  }

  @Override
  public void close() {
    servers.forEach(Runnable::run);
    transactions.close();
    importer.close();
  }
}
