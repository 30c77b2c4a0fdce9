package io.semper.tests.dapps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.reactivex.Flowable;
import io.reactivex.disposables.Disposable;
import io.semper.tests.dapps.Register.Changed;
import io.semper.tests.process.SemperProcess;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.web3j.abi.FunctionEncoder;
import org.web3j.abi.TypeReference;
import org.web3j.abi.datatypes.Function;
import org.web3j.abi.datatypes.Type;
import org.web3j.abi.datatypes.generated.Uint256;
import org.web3j.crypto.Credentials;
import org.web3j.crypto.RawTransaction;
import org.web3j.protocol.Web3j;
import org.web3j.protocol.core.BatchRequest;
import org.web3j.protocol.core.DefaultBlockParameter;
import org.web3j.protocol.core.DefaultBlockParameterName;
import org.web3j.protocol.core.methods.request.EthFilter;
import org.web3j.protocol.core.methods.request.Transaction;
import org.web3j.protocol.core.methods.response.EthBlock;
import org.web3j.protocol.core.methods.response.EthBlockNumber;
import org.web3j.protocol.core.methods.response.EthCall;
import org.web3j.protocol.core.methods.response.EthChainId;
import org.web3j.protocol.core.methods.response.EthFeeHistory.FeeHistory;
import org.web3j.protocol.core.methods.response.EthGetBalance;
import org.web3j.protocol.core.methods.response.EthLog.LogResult;
import org.web3j.protocol.core.methods.response.EthSendTransaction;
import org.web3j.protocol.core.methods.response.Log;
import org.web3j.protocol.core.methods.response.TransactionReceipt;
import org.web3j.protocol.exceptions.TransactionException;
import org.web3j.protocol.http.HttpService;
import org.web3j.protocol.websocket.WebSocketService;
import org.web3j.protocol.websocket.events.LogNotification;
import org.web3j.protocol.websocket.events.NewHeadsNotification;
import org.web3j.tx.RawTransactionManager;
import org.web3j.tx.TransactionManager;
import org.web3j.tx.gas.DynamicEIP1559GasProvider;
import org.web3j.tx.gas.StaticEIP1559GasProvider;
import org.web3j.tx.response.PollingTransactionReceiptProcessor;
import org.web3j.utils.Numeric;

/// web3j 5 against a fresh `semper dev`, over HTTP and over WebSocket.
final class Web3jTest {
  private static final long CHAIN_ID = 31337;
  private static final long POLL_MILLIS = 50;
  private static final int POLLS = 1200;
  private static final long HEARD_SECONDS = 60;
  private static final BigInteger GWEI = BigInteger.TEN.pow(9);
  private static final BigInteger HUNDRED = BigInteger.valueOf(100);
  private static final BigInteger GAS_LIMIT = BigInteger.valueOf(2_000_000);

  /// The first of the development accounts, which every tool knows.
  private static final Credentials ALICE =
      Credentials.create("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");

  private static final String BOB = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8";
  private static final StaticEIP1559GasProvider GAS =
      new StaticEIP1559GasProvider(CHAIN_ID, GWEI.multiply(BigInteger.TEN), GWEI, GAS_LIMIT);

  private static SemperProcess node;
  private static Web3j http;
  private static Web3j socket;
  private static Register register;

  @BeforeAll
  static void start() throws Exception {
    node = SemperProcess.start(List.of("dev", "--port", "0"));
    http =
        Web3j.build(
            new HttpService("http://127.0.0.1:" + node.port()),
            POLL_MILLIS,
            Executors.newSingleThreadScheduledExecutor());
    socket = webSocket();
    register = Register.deploy(http, sender(http), GAS, 7);
  }

  @AfterAll
  static void stop() throws IOException, InterruptedException {
    for (Web3j client : new Web3j[] {http, socket}) {
      if (client != null) {
        client.shutdown();
      }
    }
    node.stop();
  }

  private static Web3j webSocket() throws IOException {
    WebSocketService service = new WebSocketService("ws://127.0.0.1:" + node.port(), false);
    service.connect();
    return Web3j.build(service, POLL_MILLIS, Executors.newSingleThreadScheduledExecutor());
  }

  private static TransactionManager sender(Web3j web3j) {
    return new RawTransactionManager(
        web3j, ALICE, CHAIN_ID, new PollingTransactionReceiptProcessor(web3j, POLL_MILLIS, POLLS));
  }

  /// What a flow says, in order.
  private static <T> BlockingQueue<T> heard(Flowable<T> flow, List<Disposable> open) {
    BlockingQueue<T> heard = new LinkedBlockingQueue<>();
    open.add(flow.subscribe(heard::add, failure -> {}));
    return heard;
  }

  private static <T> T next(BlockingQueue<T> heard) throws InterruptedException {
    T next = heard.poll(HEARD_SECONDS, TimeUnit.SECONDS);
    assertThat(next).as("heard within " + HEARD_SECONDS + " s").isNotNull();
    return next;
  }

  private static EthCall call(Function function) throws IOException {
    Transaction call =
        Transaction.createEthCallTransaction(
            ALICE.getAddress(), register.getContractAddress(), FunctionEncoder.encode(function));
    return http.ethCall(call, DefaultBlockParameterName.LATEST).send();
  }

  private static TransactionReceipt receipt(String hash) throws Exception {
    return new PollingTransactionReceiptProcessor(http, POLL_MILLIS, POLLS)
        .waitForTransactionReceipt(hash);
  }

  private static BigInteger nonce() throws IOException {
    return http.ethGetTransactionCount(ALICE.getAddress(), DefaultBlockParameterName.PENDING)
        .send()
        .getTransactionCount();
  }

  @Test
  void findsTheNetworkAndItsAccounts() throws IOException {
    assertThat(http.ethChainId().send().getChainId()).isEqualTo(CHAIN_ID);
    assertThat(http.netVersion().send().getNetVersion()).isEqualTo("31337");
    assertThat(http.web3ClientVersion().send().getWeb3ClientVersion()).contains("Semper");
    assertThat(http.ethSyncing().send().isSyncing()).isFalse();
    List<String> accounts = http.ethAccounts().send().getAccounts();
    assertThat(accounts).hasSize(10).contains(ALICE.getAddress(), BOB);
    EthGetBalance balance =
        http.ethGetBalance(accounts.get(9), DefaultBlockParameterName.LATEST).send();
    assertThat(balance.getBalance()).isEqualTo(BigInteger.TEN.pow(22));
  }

  @Test
  void deploysAContract() throws Exception {
    Register other = Register.deploy(http, sender(http), GAS, 41);
    assertThat(other.getTransactionReceipt().orElseThrow().isStatusOK()).isTrue();
    assertThat(other.value().send()).isEqualTo(41);
    String code =
        http.ethGetCode(other.getContractAddress(), DefaultBlockParameterName.LATEST)
            .send()
            .getCode();
    assertThat(Register.bytecode()).endsWith(code.substring(code.length() - 64));
  }

  @Test
  void callsSendsAndReadsTheReceipt() throws Exception {
    TransactionReceipt receipt = register.set(8, "sent").send();
    assertThat(receipt.isStatusOK()).isTrue();
    assertThat(receipt.getFrom()).isEqualTo(ALICE.getAddress());
    assertThat(receipt.getTo()).isEqualTo(register.getContractAddress());
    assertThat(receipt.getType()).isEqualTo("0x2");
    assertThat(Changed.of(receipt.getLogs().getFirst()))
        .isEqualTo(new Changed(ALICE.getAddress(), BigInteger.valueOf(8), "sent"));
    assertThat(register.value().send()).isEqualTo(8);
    var sent = http.ethGetTransactionByHash(receipt.getTransactionHash()).send().getTransaction();
    assertThat(sent.orElseThrow().getBlockHash()).isEqualTo(receipt.getBlockHash());
    EthBlock.Block block = http.ethGetBlockByHash(receipt.getBlockHash(), false).send().getBlock();
    assertThat(block.getTransactions().getFirst().get()).isEqualTo(receipt.getTransactionHash());
    assertThat(
            http.ethGetBlockReceipts(DefaultBlockParameter.valueOf(receipt.getBlockNumber()))
                .send()
                .getBlockReceipts()
                .orElseThrow())
        .containsExactly(receipt);
  }

  @Test
  void tellsTheReasonOfARefusedCall() throws IOException {
    EthCall refused = call(Register.refuseCall("not today"));
    assertThat(refused.isReverted()).isTrue();
    assertThat(refused.getRevertReason()).isEqualTo("execution reverted: not today");
    assertThat(refused.getError().getCode()).isEqualTo(3);
  }

  @Test
  @SuppressWarnings("rawtypes") // as the library has it
  void tellsTheCustomErrorOfARefusedCall() throws IOException {
    EthCall refused = call(Register.withdrawCall(BigInteger.TEN));
    assertThat(refused.isReverted()).isTrue();
    String expected =
        FunctionEncoder.encode(
            new Function(
                "Insufficient",
                List.<Type>of(new Uint256(BigInteger.ZERO), new Uint256(BigInteger.TEN)),
                List.<TypeReference<?>>of()));
    // The library keeps the data as JSON has it, in quotes.
    assertThat(refused.getError().getData()).isEqualTo("\"" + expected + "\"");
  }

  @Test
  void tellsTheReasonOfARefusedEstimate() throws IOException {
    Transaction call =
        Transaction.createEthCallTransaction(
            ALICE.getAddress(),
            register.getContractAddress(),
            FunctionEncoder.encode(Register.refuseCall("no estimate")));
    var refused = http.ethEstimateGas(call).send();
    assertThat(refused.hasError()).isTrue();
    assertThat(refused.getError().getCode()).isEqualTo(3);
    assertThat(refused.getError().getMessage()).isEqualTo("execution reverted: no estimate");
  }

  @Test
  void tellsTheReasonOfATransactionThatFailedInItsBlock() {
    assertThatThrownBy(() -> register.refuse("in its block").send())
        .asInstanceOf(type(TransactionException.class))
        .satisfies(failed -> {
          TransactionReceipt receipt = failed.getTransactionReceipt().orElseThrow();
          assertThat(receipt.isStatusOK()).isFalse();
          assertThat(receipt.getRevertReason()).isEqualTo("execution reverted: in its block");
        });
  }

  @Test
  void paysFeesThatTheNodeSuggests() throws Exception {
    DynamicEIP1559GasProvider fees = new DynamicEIP1559GasProvider(http, CHAIN_ID);
    Register paying = new Register(register.getContractAddress(), http, sender(http), fees);
    TransactionReceipt receipt = paying.set(9, "fees").send();
    assertThat(receipt.isStatusOK()).isTrue();
    BigInteger price = Numeric.decodeQuantity(receipt.getEffectiveGasPrice());
    assertThat(price).isPositive().isLessThanOrEqualTo(fees.getMaxFeePerGas());
    assertThat(http.ethMaxPriorityFeePerGas().send().getMaxPriorityFeePerGas()).isNotNegative();
    assertThat(http.ethGasPrice().send().getGasPrice()).isPositive();
    FeeHistory history =
        http.ethFeeHistory(4, DefaultBlockParameterName.LATEST, List.of(10.0, 50.0))
            .send()
            .getFeeHistory();
    assertThat(history.getBaseFeePerGas()).hasSizeGreaterThan(1);
    assertThat(history.getReward()).allSatisfy(rewards -> assertThat(rewards).hasSize(2));
  }

  @Test
  void estimatesGasWithinOnePerCent() throws Exception {
    String data = FunctionEncoder.encode(Register.fillCall(100, 20));
    BigInteger estimate =
        http.ethEstimateGas(
                Transaction.createEthCallTransaction(
                    ALICE.getAddress(), register.getContractAddress(), data))
            .send()
            .getAmountUsed();
    assertThat(sendWithGas(data, estimate.multiply(BigInteger.valueOf(99)).divide(HUNDRED)))
        .returns(false, TransactionReceipt::isStatusOK);
    assertThat(sendWithGas(data, estimate)).returns(true, TransactionReceipt::isStatusOK);
  }

  private static TransactionReceipt sendWithGas(String data, BigInteger gas) throws Exception {
    RawTransaction transaction =
        RawTransaction.createTransaction(
            CHAIN_ID,
            nonce(),
            gas,
            register.getContractAddress(),
            BigInteger.ZERO,
            data,
            GWEI,
            GWEI.multiply(BigInteger.TEN));
    EthSendTransaction sent =
        new RawTransactionManager(http, ALICE, CHAIN_ID).signAndSend(transaction);
    assertThat(sent.hasError()).as(() -> sent.getError().getMessage()).isFalse();
    return receipt(sent.getTransactionHash());
  }

  @Test
  void sendsLegacyTransactions() throws Exception {
    RawTransaction transaction =
        RawTransaction.createEtherTransaction(
            nonce(),
            GWEI.multiply(BigInteger.TEN),
            BigInteger.valueOf(21_000),
            BOB,
            BigInteger.ONE);
    TransactionReceipt receipt =
        receipt(
            new RawTransactionManager(http, ALICE, CHAIN_ID)
                .signAndSend(transaction)
                .getTransactionHash());
    assertThat(receipt.isStatusOK()).isTrue();
    assertThat(receipt.getType()).isEqualTo("0x0");
  }

  @Test
  void passesOnWhatThePoolRefuses() throws IOException {
    RawTransaction old =
        RawTransaction.createEtherTransaction(
            CHAIN_ID,
            BigInteger.ZERO,
            BigInteger.valueOf(21_000),
            BOB,
            BigInteger.ONE,
            GWEI,
            GWEI.multiply(BigInteger.TEN));
    EthSendTransaction refused = new RawTransactionManager(http, ALICE, CHAIN_ID).signAndSend(old);
    assertThat(refused.getError().getCode()).isEqualTo(-32000);
    assertThat(refused.getError().getMessage()).startsWith("nonce too low");
  }

  @Test
  void batchesRequests() throws IOException {
    var responses =
        http.newBatch()
            .add(http.ethChainId())
            .add(http.ethBlockNumber())
            .add(http.ethGetBalance("0x12", DefaultBlockParameterName.LATEST))
            .add(http.ethGetBalance(BOB, DefaultBlockParameterName.LATEST))
            .send()
            .getResponses();
    assertThat(responses).hasSize(4);
    assertThat(((EthChainId) responses.get(0)).getChainId()).isEqualTo(CHAIN_ID);
    assertThat(((EthBlockNumber) responses.get(1)).getBlockNumber()).isPositive();
    assertThat(responses.get(2).getError().getCode()).isEqualTo(-32602);
    assertThat(((EthGetBalance) responses.get(3)).getBalance()).isPositive();
  }

  @Test
  void batchesRequestsOverWebSocket() throws IOException {
    BatchRequest batch = socket.newBatch().add(socket.ethChainId()).add(socket.ethBlockNumber());
    var responses = batch.send().getResponses();
    assertThat(((EthChainId) responses.get(0)).getChainId()).isEqualTo(CHAIN_ID);
    assertThat(((EthBlockNumber) responses.get(1)).getBlockNumber()).isPositive();
  }

  @Test
  void getsLogsOverRanges() throws Exception {
    TransactionReceipt first = register.set(50, "range").send();
    TransactionReceipt last = register.set(51, "range").send();
    EthFilter range =
        new EthFilter(
            DefaultBlockParameter.valueOf(first.getBlockNumber()),
            DefaultBlockParameter.valueOf(last.getBlockNumber()),
            register.getContractAddress());
    range.addSingleTopic(Register.CHANGED_TOPIC);
    List<String> notes = new ArrayList<>();
    for (LogResult<?> found : http.ethGetLogs(range).send().getLogs()) {
      notes.add(Changed.of((Log) found.get()).note());
    }
    assertThat(notes).containsExactly("range", "range");
    range
        .addNullTopic()
        .addOptionalTopics(Numeric.toHexStringWithPrefixZeroPadded(BigInteger.valueOf(51), 64));
    assertThat(http.ethGetLogs(range).send().getLogs()).hasSize(1);
  }

  @Test
  void sendsThroughAWebSocket() throws Exception {
    Register through = new Register(register.getContractAddress(), socket, sender(socket), GAS);
    assertThat(through.set(60, "socket").send().isStatusOK()).isTrue();
    assertThat(through.value().send()).isEqualTo(60);
    assertThatThrownBy(() -> through.refuse("by socket").send()).hasMessageContaining("by socket");
  }

  @Test
  void hearsEventsAndBlocksOverWebSocket() throws Exception {
    List<Disposable> open = new ArrayList<>();
    BlockingQueue<LogNotification> logs =
        heard(
            socket.logsNotifications(
                List.of(register.getContractAddress()), List.of(Register.CHANGED_TOPIC)),
            open);
    BlockingQueue<NewHeadsNotification> heads = heard(socket.newHeadsNotifications(), open);
    // Requests of one connection are answered in order: now both subscriptions stand.
    socket.ethChainId().send();
    TransactionReceipt receipt = register.set(70, "heard").send();
    var log = next(logs).getParams().getResult();
    assertThat(log.getTransactionHash()).isEqualTo(receipt.getTransactionHash());
    assertThat(log.getTopics()).contains(Register.CHANGED_TOPIC);
    assertThat(next(heads).getParams().getResult().getHash()).isEqualTo(receipt.getBlockHash());
    open.forEach(Disposable::dispose);
    socket.ethChainId().send();
    register.set(71, "not heard").send();
    socket.ethChainId().send();
    assertThat(logs).isEmpty();
  }

  @Test
  void pollsForEventsByAFilter() throws Exception {
    TransactionReceipt before = register.set(80, "before").send();
    EthFilter filter =
        new EthFilter(
            DefaultBlockParameter.valueOf(before.getBlockNumber()),
            DefaultBlockParameterName.LATEST,
            register.getContractAddress());
    filter.addSingleTopic(Register.CHANGED_TOPIC);
    List<Disposable> open = new ArrayList<>();
    BlockingQueue<Log> logs = heard(http.ethLogFlowable(filter), open);
    assertThat(Changed.of(next(logs)).note()).isEqualTo("before");
    register.set(81, "after").send();
    assertThat(Changed.of(next(logs)).note()).isEqualTo("after");
    open.forEach(Disposable::dispose);
  }

  @Test
  void pollsForBlocksByAFilter() throws Exception {
    List<Disposable> open = new ArrayList<>();
    BlockingQueue<EthBlock> blocks = heard(http.blockFlowable(true), open);
    BlockingQueue<String> pending = heard(http.ethPendingTransactionHashFlowable(), open);
    // The library makes its filters on another thread; blocks until it has are not heard.
    EthBlock.Block block = null;
    String hash = null;
    for (int i = 0; block == null && i < POLLS; i++) {
      hash = register.set(90 + i, "polled").send().getTransactionHash();
      EthBlock heard = blocks.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
      block = heard == null ? null : heard.getBlock();
    }
    assertThat(block).isNotNull();
    assertThat(block.getTransactions()).hasSize(1);
    assertThat(next(pending)).startsWith("0x").hasSize(66);
    assertThat(hash).isNotNull();
    open.forEach(Disposable::dispose);
  }

  @Test
  void replaysPastBlocks() throws Exception {
    register.set(200, "past").send();
    List<EthBlock> blocks =
        http.replayPastBlocksFlowable(
                DefaultBlockParameterName.EARLIEST,
                DefaultBlockParameter.valueOf(BigInteger.ONE),
                false)
            .toList()
            .blockingGet();
    assertThat(blocks).hasSize(2);
    assertThat(blocks.get(1).getBlock().getParentHash())
        .isEqualTo(blocks.get(0).getBlock().getHash());
  }

  @Test
  void connectsAgainAfterItsWebSocketIsClosed() throws Exception {
    Web3j first = webSocket();
    assertThat(first.ethChainId().send().getChainId()).isEqualTo(CHAIN_ID);
    first.shutdown();
    Web3j second = webSocket();
    List<Disposable> open = new ArrayList<>();
    BlockingQueue<NewHeadsNotification> heads = heard(second.newHeadsNotifications(), open);
    second.ethChainId().send();
    TransactionReceipt receipt = register.set(300, "again").send();
    assertThat(next(heads).getParams().getResult().getHash()).isEqualTo(receipt.getBlockHash());
    open.forEach(Disposable::dispose);
    second.ethChainId().send();
    second.shutdown();
  }

  @Test
  void provesAnAccount() throws IOException {
    var proof =
        http.ethGetProof(register.getContractAddress(), List.of("0x0"), "latest").send().getProof();
    assertThat(proof.getAddress()).isEqualTo(register.getContractAddress());
    assertThat(proof.getStorageProof()).hasSize(1);
    assertThat(proof.getAccountProof()).isNotEmpty();
  }
}
