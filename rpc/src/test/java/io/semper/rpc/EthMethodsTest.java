package io.semper.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.crypto.Signature;
import io.semper.core.rlp.RlpWriter;
import io.semper.core.types.Block;
import io.semper.core.types.Transaction;
import io.semper.rpc.eth.AccountSigner;
import io.semper.rpc.eth.EthSettings;
import io.semper.rpc.json.Json;
import io.semper.rpc.ledger.DevAccount;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The methods over a chain of known content, asked through HTTP.
final class EthMethodsTest {
  private static final DevAccount ALICE = TestNode.ALICE;
  private static final String A = quoted(ALICE.address());
  private static final String B = quoted(TestNode.BOB);
  private static final Address LOGGER = created(ALICE.address(), 1);
  private static final Address REVERTER = created(ALICE.address(), 2);

  private TestNode node;

  /// Block 1: a transfer and two contracts. Block 2: a call that logs.
  @BeforeEach
  void start() {
    node = new TestNode();
    node.chain.add(
        ALICE.transfer(0, TestNode.BOB, 7),
        ALICE.deploy(1, DevAccount.LOGGER),
        ALICE.deploy(2, DevAccount.REVERTER));
    node.chain.add(ALICE.call(3, LOGGER, new byte[0]));
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private static String quoted(Object value) {
    return "\"" + value + "\"";
  }

  private static Address created(Address sender, long nonce) {
    byte[] rlp = new RlpWriter().startList().address(sender).number(nonce).endList().toBytes();
    return Address.of(Keccak.hash(rlp).toBytes(), 12);
  }

  private String text(String method, String params) {
    return node.result(method, params).textValue();
  }

  @Test
  void everyFormOfBlockReferenceNamesTheSameBlock() {
    String hash = node.chain.header(1).orElseThrow().hash().toString();
    for (String ref :
        List.of(
            "\"0x1\"",
            quoted(hash),
            "{\"blockNumber\":\"0x1\"}",
            "{\"blockHash\":\"" + hash + "\"}",
            "{\"blockHash\":\"" + hash + "\",\"requireCanonical\":true}")) {
      assertThat(text("eth_getTransactionCount", "[" + A + "," + ref + "]")).isEqualTo("0x3");
    }
    for (String tag : List.of("latest", "safe", "finalized", "pending")) {
      assertThat(text("eth_getTransactionCount", "[" + A + ",\"" + tag + "\"]")).isEqualTo("0x4");
    }
    assertThat(text("eth_getTransactionCount", "[" + A + ",\"earliest\"]")).isEqualTo("0x0");
    assertThat(text("eth_getTransactionCount", "[" + A + "]")).isEqualTo("0x4");
  }

  @Test
  void unknownBlocksAreErrorsForStateAndNullForBlocks() {
    String nowhere = "\"0x" + "ab".repeat(32) + "\"";
    assertThat(node.error("eth_getBalance", "[" + A + ",\"0x99\"]").path("message").textValue())
        .isEqualTo("header not found");
    assertThat(node.error("eth_getBalance", "[" + A + "," + nowhere + "]").path("message"))
        .isEqualTo(TestNode.json("\"header for hash not found\""));
    assertThat(node.result("eth_getBlockByNumber", "[\"0x99\",false]").isNull()).isTrue();
    assertThat(node.result("eth_getBlockByHash", "[" + nowhere + ",false]").isNull()).isTrue();
    assertThat(node.result("eth_getBlockReceipts", "[\"0x99\"]").isNull()).isTrue();
    assertThat(node.result("eth_getTransactionByHash", "[" + nowhere + "]").isNull()).isTrue();
    assertThat(node.result("eth_getTransactionReceipt", "[" + nowhere + "]").isNull()).isTrue();
  }

  @Test
  void aBlockOffTheCanonicalChainCanBeRefused() {
    Block side = node.chain.addOn(node.chain.header(1).orElseThrow(), 5);
    String hash = side.header().hash().toString();
    String loose = "{\"blockHash\":\"" + hash + "\"}";
    String strict = "{\"blockHash\":\"" + hash + "\",\"requireCanonical\":true}";
    assertThat(text("eth_getTransactionCount", "[" + A + "," + loose + "]")).isEqualTo("0x3");
    assertThat(
            node.error("eth_getTransactionCount", "[" + A + "," + strict + "]")
                .path("message")
                .textValue())
        .isEqualTo("hash is not currently canonical");
  }

  @Test
  void forgottenStateIsAnErrorAndNeverZero() {
    node.chain.forgetStatesBefore(2);
    JsonNode error = node.error("eth_getBalance", "[" + B + ",\"0x1\"]");
    assertThat(error.path("code").intValue()).isEqualTo(4444);
    assertThat(error.path("message").textValue())
        .startsWith("pruned history unavailable")
        .contains("not available before block 2");
    assertThat(node.result("eth_capabilities", "[]").at("/state/oldestBlock").textValue())
        .isEqualTo("0x2");
  }

  @Test
  void accountsCodeAndStorage() {
    assertThat(text("eth_getBalance", "[" + B + "]")).isEqualTo("0x7");
    assertThat(text("eth_getCode", "[" + quoted(LOGGER) + "]"))
        .isEqualTo(Hex.encode(DevAccount.LOGGER));
    assertThat(text("eth_getCode", "[" + B + "]")).isEqualTo("0x");
    for (String slot : List.of("0x1", "0x01", "1", "0x" + "0".repeat(63) + "1")) {
      assertThat(text("eth_getStorageAt", "[" + quoted(LOGGER) + "," + quoted(slot) + "]"))
          .isEqualTo("0x" + "0".repeat(62) + "2a");
    }
  }

  @Test
  void pendingShowsWhatThePoolHolds() {
    Transaction transfer = ALICE.transfer(4, TestNode.BOB, 5);
    String raw = quoted(Hex.encode(transfer.encode()));
    assertThat(text("eth_sendRawTransaction", "[" + raw + "]"))
        .isEqualTo(transfer.hash().toString());
    assertThat(node.error("eth_sendRawTransaction", "[" + raw + "]").path("message").textValue())
        .isEqualTo("already known");
    assertThat(text("eth_getBalance", "[" + B + ",\"pending\"]")).isEqualTo("0xc");
    assertThat(text("eth_getTransactionCount", "[" + A + ",\"pending\"]")).isEqualTo("0x5");
    JsonNode block = node.result("eth_getBlockByNumber", "[\"pending\",true]");
    assertThat(block.get("hash").isNull()).isTrue();
    assertThat(block.get("nonce").isNull()).isTrue();
    assertThat(block.path("transactions").get(0).path("hash").textValue())
        .isEqualTo(transfer.hash().toString());
    JsonNode header = node.result("eth_getHeaderByNumber", "[\"pending\"]");
    assertThat(header.get("hash").isNull()).isTrue();
    assertThat(header.get("parentHash")).isEqualTo(block.get("parentHash"));
    assertThat(text("eth_getRawTransactionByBlockNumberAndIndex", "[\"pending\",\"0x0\"]"))
        .isEqualTo(Hex.encode(transfer.encode()));
    assertThat(text("eth_getRawTransactionByBlockNumberAndIndex", "[\"pending\",\"0x1\"]"))
        .isEqualTo("0x");
    JsonNode pending = node.result("eth_getTransactionByHash", "[" + quoted(transfer.hash()) + "]");
    assertThat(pending.get("blockHash").isNull()).isTrue();
    assertThat(pending.path("gasPrice")).isEqualTo(pending.path("maxFeePerGas"));
    assertThat(text("debug_getRawTransaction", "[" + quoted(transfer.hash()) + "]"))
        .isEqualTo(Hex.encode(transfer.encode()));
    assertThat(node.result("txpool_status", "[]").path("pending").textValue()).isEqualTo("0x1");
    JsonNode bySender = node.result("txpool_content", "[]").path("pending");
    String checksummed = bySender.fieldNames().next();
    assertThat(checksummed).isEqualToIgnoringCase(ALICE.address().toString());
    assertThat(bySender.path(checksummed).path("4").path("hash").textValue())
        .isEqualTo(transfer.hash().toString());
    assertThat(node.result("txpool_contentFrom", "[" + A + "]").path("pending").has("4")).isTrue();
    assertThat(node.result("txpool_inspect", "[]").at("/pending/" + checksummed + "/4").textValue())
        .contains(": 5 wei + 21000 gas × 3000000000 wei");
    assertThat(node.result("eth_pendingTransactions", "[]")).hasSize(1);
  }

  @Test
  void receiptsKnowTheirPlace() {
    Transaction call =
        node.chain.block(node.chain.head().hash()).orElseThrow().transactions().get(0);
    JsonNode receipt = node.result("eth_getTransactionReceipt", "[" + quoted(call.hash()) + "]");
    assertThat(receipt.path("status").textValue()).isEqualTo("0x1");
    assertThat(receipt.path("blockNumber").textValue()).isEqualTo("0x2");
    assertThat(receipt.path("effectiveGasPrice").textValue()).isEqualTo("0x77359400");
    assertThat(receipt.path("contractAddress").isNull()).isTrue();
    assertThat(receipt.path("logs").get(0).path("logIndex").textValue()).isEqualTo("0x0");
    JsonNode first = node.result("eth_getBlockReceipts", "[\"0x1\"]");
    assertThat(first).hasSize(3);
    assertThat(first.get(1).path("contractAddress").textValue()).isEqualTo(LOGGER.toString());
    long sum = 0;
    for (JsonNode each : first) {
      sum += Long.decode(each.path("gasUsed").textValue());
      assertThat(Long.decode(each.path("cumulativeGasUsed").textValue())).isEqualTo(sum);
    }
  }

  @Test
  void aFeeAboveTheCapAndAnUnprotectedSignatureAreRefused() {
    String unprotected = quoted(Hex.encode(ALICE.unprotected(4, TestNode.BOB).encode()));
    assertThat(
            node.error("eth_sendRawTransaction", "[" + unprotected + "]")
                .path("message")
                .textValue())
        .isEqualTo("only replay-protected (EIP-155) transactions allowed over RPC");
  }

  @Test
  void revertsCarryCodeThreeAndData() {
    String errorString =
        "0x08c379a0"
            + "%064x".formatted(32)
            + "%064x".formatted(5)
            + Hex.encode("sorry".getBytes(StandardCharsets.UTF_8)).substring(2)
            + "0".repeat(54);
    for (String method : List.of("eth_call", "eth_estimateGas")) {
      JsonNode reasoned = node.error(method, "[" + to(REVERTER, errorString) + "]");
      assertThat(reasoned.path("code").intValue()).isEqualTo(3);
      assertThat(reasoned.path("message").textValue()).isEqualTo("execution reverted: sorry");
      assertThat(reasoned.path("data").textValue()).isEqualTo(errorString);
      JsonNode bare = node.error(method, "[" + to(REVERTER, "0x") + "]");
      assertThat(bare.path("message").textValue()).isEqualTo("execution reverted");
      assertThat(bare.path("data").textValue()).isEqualTo("0x");
    }
    String panic = "0x4e487b71" + "%064x".formatted(0x11);
    assertThat(node.error("eth_call", "[" + to(REVERTER, panic) + "]").path("message").textValue())
        .isEqualTo("execution reverted: arithmetic underflow or overflow");
  }

  private static String to(Address contract, String data) {
    return "{\"to\":\"" + contract + "\",\"data\":\"" + data + "\"}";
  }

  @Test
  void otherFailuresHaveGoEthereumsWords() {
    String code = "{\"0x00000000000000000000000000000000000000ff\":{\"code\":\"0xfe\"}}";
    String target = "{\"to\":\"0x00000000000000000000000000000000000000ff\"}";
    JsonNode invalid = node.error("eth_call", "[" + target + ",\"latest\"," + code + "]");
    assertThat(invalid.path("code").intValue()).isEqualTo(-32000);
    assertThat(invalid.path("message").textValue()).isEqualTo("invalid opcode: INVALID");
    String pop = code.replace("0xfe", "0x50");
    for (String method : List.of("eth_call", "eth_estimateGas")) {
      assertThat(
              node.error(method, "[" + target + ",\"latest\"," + pop + "]")
                  .path("message")
                  .textValue())
          .isEqualTo("stack underflow (0 <=> 1)");
    }
    assertThat(
            node.result("eth_createAccessList", "[" + target + ",\"latest\"," + code + "]")
                .path("error")
                .textValue())
        .isEqualTo("invalid opcode: INVALID");
    String poor = "{\"from\":" + B + ",\"to\":" + A + ",\"value\":\"0x64\"}";
    assertThat(node.error("eth_call", "[" + poor + "]").path("message").textValue())
        .contains("insufficient funds");
    assertThat(node.error("eth_estimateGas", "[" + poor + "]").path("message").textValue())
        .contains("insufficient funds");
    String starved = "{\"to\":" + quoted(LOGGER) + ",\"gas\":\"0x5208\"}";
    assertThat(node.error("eth_call", "[" + starved + "]").path("message").textValue())
        .contains("out of gas");
    assertThat(node.error("eth_estimateGas", "[" + starved + "]").path("message").textValue())
        .isEqualTo("gas required exceeds allowance (21000)");
  }

  private String refusal(String method, String call) {
    return node.error(method, "[{" + call + "}]").path("message").textValue();
  }

  @Test
  void whatNoBlobOrSetCodeTransactionMayBeIsRefusedInCallsToo() {
    String to = "\"to\":" + quoted(LOGGER);
    String hash = "\"0x%s" + "0".repeat(62) + "\"";
    String blobs = "\"blobVersionedHashes\":[%s]";
    assertThat(refusal("eth_call", to + "," + blobs.formatted("")))
        .isEqualTo("err: blob transaction missing blob hashes (supplied gas 50000000)");
    assertThat(refusal("eth_call", to + "," + blobs.formatted(hash.formatted("02"))))
        .startsWith("err: blob 0 has invalid hash version");
    assertThat(refusal("eth_call", blobs.formatted(hash.formatted("01"))))
        .startsWith("err: blob transaction of type create");
    assertThat(refusal("eth_estimateGas", to + ",\"authorizationList\":[]"))
        .startsWith("failed with 16777216 gas: EIP-7702 transaction with empty auth list");
    assertThat(refusal("eth_createAccessList", "\"authorizationList\":[]"))
        .contains("EIP-7702 transaction cannot be used to create contract");
  }

  @Test
  void onlyBlobsThatNameNoPriceAreFree() {
    String target = "\"to\":\"0x00000000000000000000000000000000000000ff\"";
    // BLOBBASEFEE PUSH0 MSTORE PUSH1 32 PUSH0 RETURN
    String code =
        "{\"0x00000000000000000000000000000000000000ff\":{\"code\":\"0x4a5f5260205ff3\"}}";
    String plain = "[{" + target + "},\"latest\"," + code + "]";
    String hashes = ",\"blobVersionedHashes\":[\"0x01" + "0".repeat(62) + "\"]";
    String free = "[{" + target + hashes + "},\"latest\"," + code + "]";
    assertThat(text("eth_call", plain)).isEqualTo("0x" + "%064x".formatted(1));
    assertThat(text("eth_call", free)).isEqualTo("0x" + "%064x".formatted(0));
  }

  @Test
  void anEstimateNamesTheGasTransactionsMayHave() {
    // JUMPDEST PUSH0 JUMP, and more than the gas of any transaction (EIP-7825).
    String code = "{\"0x00000000000000000000000000000000000000ff\":{\"code\":\"0x5b5f56\"}}";
    String call = "{\"to\":\"0x00000000000000000000000000000000000000ff\",\"gas\":\"0x2faf080\"}";
    assertThat(
            node.error("eth_estimateGas", "[" + call + ",\"latest\"," + code + "]")
                .path("message")
                .textValue())
        .isEqualTo("gas required exceeds allowance (16777216)");
  }

  @Test
  void overridesChangeStateAndBlockForOneCall() {
    // NUMBER PUSH1 0 MSTORE BALANCE-of-caller PUSH1 32 MSTORE SLOAD(1) PUSH1 64 MSTORE RETURN 96
    String code = "0x4360005233316020526001546040526060" + "6000f3";
    String target = "0x00000000000000000000000000000000000000ff";
    String state =
        ("{\"%s\":{\"code\":\"%s\",\"stateDiff\":{\"0x%064x\":\"0x%064x\"}},"
                + "%s:{\"balance\":\"0x99\"}}")
            .formatted(target, code, 1, 0x55, B);
    String call = "{\"from\":" + B + ",\"to\":\"" + target + "\"}";
    String result =
        text("eth_call", "[" + call + ",\"latest\"," + state + ",{\"number\":\"0x1234\"}]");
    assertThat(result)
        .isEqualTo(
            "0x" + "%064x".formatted(0x1234) + "%064x".formatted(0x99) + "%064x".formatted(0x55));
    assertThat(text("eth_getBalance", "[" + B + "]")).isEqualTo("0x7");
  }

  @Test
  void precompiledContractsMoveAndGiveWayToCode() {
    String identity = "0x0000000000000000000000000000000000000004";
    String elsewhere = "0x00000000000000000000000000000000000000ee";
    String move = "{\"%s\":{\"movePrecompileToAddress\":\"%s\"}}".formatted(identity, elsewhere);
    String there = "{\"to\":\"%s\",\"data\":\"0xabcd\"}".formatted(elsewhere);
    String here = "{\"to\":\"%s\",\"data\":\"0xabcd\"}".formatted(identity);
    assertThat(text("eth_call", "[" + here + "]")).isEqualTo("0xabcd");
    assertThat(text("eth_call", "[" + there + ",\"latest\"," + move + "]")).isEqualTo("0xabcd");
    assertThat(text("eth_call", "[" + here + ",\"latest\"," + move + "]")).isEqualTo("0x");
    // MSIZE PUSH1 0 MSTORE8 PUSH1 1 PUSH1 0 RETURN: one zero byte instead of the input.
    String code = "{\"%s\":{\"code\":\"0x5960005360016000f3\"}}".formatted(identity);
    assertThat(text("eth_call", "[" + here + ",\"latest\"," + code + "]")).isEqualTo("0x00");
    String none = "{\"%s\":{\"movePrecompileToAddress\":\"%s\"}}".formatted(elsewhere, identity);
    assertThat(
            node.error("eth_call", "[" + here + ",\"latest\"," + none + "]")
                .path("message")
                .textValue())
        .isEqualTo("account 0x00000000000000000000000000000000000000eE is not a precompile");
  }

  @Test
  void anEstimateIsEnoughAndHardlyMore() {
    long estimate = Long.decode(text("eth_estimateGas", "[" + to(LOGGER, "0x") + ",\"0x1\"]"));
    long used =
        Long.decode(
            node.result("eth_getBlockReceipts", "[\"0x2\"]").get(0).path("gasUsed").textValue());
    assertThat(estimate).isBetween(used, used + used / 100);
    assertThat(text("eth_estimateGas", "[{\"from\":" + A + ",\"to\":" + B + ",\"value\":\"0x1\"}]"))
        .isEqualTo("0x5208");
  }

  @Test
  void anAccessListNamesTheSlotsTouched() {
    JsonNode list = node.result("eth_createAccessList", "[" + to(LOGGER, "0x") + "]");
    assertThat(list.at("/accessList/0/address").textValue()).isEqualTo(LOGGER.toString());
    assertThat(list.at("/accessList/0/storageKeys/0").textValue())
        .isEqualTo("0x" + "%064x".formatted(1));
    assertThat(list.has("error")).isFalse();
  }

  @Test
  void proofsVerifyAgainstTheStateRoot() {
    JsonNode proof =
        node.result("eth_getProof", "[" + quoted(LOGGER) + ",[\"0x1\",\"0x2\"],\"latest\"]");
    assertThat(proof.path("storageProof").get(0).path("value").textValue()).isEqualTo("0x2a");
    assertThat(proof.path("storageProof").get(1).path("value").textValue()).isEqualTo("0x0");
    assertThat(proof.path("storageProof").get(0).path("key").textValue()).isEqualTo("0x1");
    byte[] root = Hex.decode(proof.path("accountProof").get(0).textValue());
    assertThat(Keccak.hash(root)).isEqualTo(node.chain.head().stateRoot());
  }

  @Test
  void logsAreFoundByAddressTopicAndBlock() {
    String topic = "0x" + "%064x".formatted(7);
    String all = "{\"fromBlock\":\"earliest\",\"toBlock\":\"latest\"";
    assertThat(node.result("eth_getLogs", "[" + all + "}]")).hasSize(1);
    assertThat(node.result("eth_getLogs", "[" + all + ",\"topics\":[\"" + topic + "\"]}]"))
        .hasSize(1);
    assertThat(node.result("eth_getLogs", "[" + all + ",\"topics\":[null,null]}]")).isEmpty();
    assertThat(node.result("eth_getLogs", "[" + all + ",\"address\":" + A + "}]")).isEmpty();
    assertThat(
            node.result(
                "eth_getLogs", "[" + all + ",\"address\":[" + A + "," + quoted(LOGGER) + "]}]"))
        .hasSize(1);
    assertThat(node.result("eth_getLogs", "[{\"fromBlock\":\"0x0\",\"toBlock\":\"0x1\"}]"))
        .isEmpty();
    JsonNode log =
        node.result("eth_getLogs", "[{\"blockHash\":" + quoted(node.chain.head().hash()) + "}]")
            .get(0);
    assertThat(log.path("blockTimestamp").textValue()).startsWith("0x");
    assertThat(log.path("removed").booleanValue()).isFalse();
  }

  @Test
  void logQueriesAreBounded() {
    EthSettings tight = EthSettings.DEFAULT.withLogLimits(2, 1);
    try (TestNode small =
        new TestNode(RpcConfig.local(0), tight, MethodPolicy.ALL, Optional.empty())) {
      small.chain.add(ALICE.deploy(0, DevAccount.LOGGER));
      Address logger = created(ALICE.address(), 0);
      small.chain.add(ALICE.call(1, logger, new byte[0]), ALICE.call(2, logger, new byte[0]));
      JsonNode wide = small.error("eth_getLogs", "[{\"fromBlock\":\"0x0\",\"toBlock\":\"0x2\"}]");
      assertThat(wide.path("code").intValue()).isEqualTo(-32005);
      assertThat(wide.at("/data/limit").intValue()).isEqualTo(2);
      JsonNode many = small.error("eth_getLogs", "[{\"fromBlock\":\"0x1\",\"toBlock\":\"0x2\"}]");
      assertThat(many.path("message").textValue()).isEqualTo("query returned more than 1 results");
    }
  }

  @Test
  void filtersTellWhatHappenedSinceTheLastPoll() {
    String blocks = quoted(text("eth_newBlockFilter", "[]"));
    String logs = quoted(text("eth_newFilter", "[{}]"));
    String pending = quoted(text("eth_newPendingTransactionFilter", "[]"));
    assertThat(node.result("eth_getFilterChanges", "[" + blocks + "]")).isEmpty();
    Transaction call = ALICE.call(4, LOGGER, new byte[0]);
    text("eth_sendRawTransaction", "[" + quoted(Hex.encode(call.encode())) + "]");
    assertThat(node.result("eth_getFilterChanges", "[" + pending + "]").get(0).textValue())
        .isEqualTo(call.hash().toString());
    node.pool.mine();
    assertThat(node.result("eth_getFilterChanges", "[" + blocks + "]").get(0).textValue())
        .isEqualTo(node.chain.head().hash().toString());
    assertThat(node.result("eth_getFilterChanges", "[" + logs + "]")).hasSize(1);
    assertThat(node.result("eth_getFilterChanges", "[" + logs + "]")).isEmpty();
    assertThat(node.result("eth_uninstallFilter", "[" + logs + "]").booleanValue()).isTrue();
    assertThat(node.result("eth_uninstallFilter", "[" + logs + "]").booleanValue()).isFalse();
    assertThat(node.error("eth_getFilterChanges", "[" + logs + "]").path("message").textValue())
        .isEqualTo("filter not found");
  }

  @Test
  void aReorganisationTakesLogsBack() {
    String logs = quoted(text("eth_newFilter", "[{}]"));
    Block fork = node.chain.addOn(node.chain.header(1).orElseThrow(), 5);
    node.chain.addOn(fork.header(), 0);
    JsonNode changes = node.result("eth_getFilterChanges", "[" + logs + "]");
    assertThat(changes).hasSize(1);
    assertThat(changes.get(0).path("removed").booleanValue()).isTrue();
    assertThat(changes.get(0).path("blockNumber").textValue()).isEqualTo("0x2");
  }

  @Test
  void feesComeFromRecentBlocks() {
    assertThat(text("eth_maxPriorityFeePerGas", "[]")).isEqualTo("0x3b9aca00");
    assertThat(text("eth_gasPrice", "[]")).isEqualTo("0x77359400");
    assertThat(text("eth_blobBaseFee", "[]")).isEqualTo("0x1");
    JsonNode history = node.result("eth_feeHistory", "[\"0x2\",\"latest\",[25,75]]");
    assertThat(history.path("oldestBlock").textValue()).isEqualTo("0x1");
    assertThat(history.path("baseFeePerGas")).hasSize(3);
    assertThat(history.path("reward")).hasSize(2);
    assertThat(history.path("reward").get(1).get(1).textValue()).isEqualTo("0x3b9aca00");
    assertThat(history.path("baseFeePerGas").get(2).textValue())
        .isEqualTo(text("eth_baseFee", "[]"));
    assertThat(node.result("eth_feeHistory", "[5000,\"latest\",null]").path("oldestBlock"))
        .isEqualTo(TestNode.json("\"0x0\""));
    assertThat(
            node.result("eth_feeHistory", "[\"0x0\",\"latest\",[]]").path("gasUsedRatio").isNull())
        .isTrue();
  }

  @Test
  void withoutKeysTheSigningMethodsDoNotExist() {
    assertThat(node.result("eth_accounts", "[]")).isEmpty();
    assertThat(node.error("eth_sendTransaction", "[{}]").path("code").intValue()).isEqualTo(-32601);
    assertThat(node.error("personal_sign", "[]").path("code").intValue()).isEqualTo(-32601);
  }

  @Test
  void aDevelopmentNodeFillsSignsAndSends() {
    AccountSigner keys = ALICE;
    EthSettings settings = EthSettings.DEFAULT.forDevelopment(UInt256.of(1_000_000_000));
    try (TestNode dev =
        new TestNode(RpcConfig.local(0), settings, MethodPolicy.ALL, Optional.of(keys))) {
      assertThat(dev.result("eth_accounts", "[]").get(0).textValue())
          .isEqualTo(ALICE.address().toString());
      String hash =
          dev.result(
                  "eth_sendTransaction",
                  "[{\"from\":" + A + ",\"to\":" + B + ",\"value\":\"0x9\"}]")
              .textValue();
      dev.pool.mine();
      assertThat(
              dev.result("eth_getTransactionReceipt", "[\"" + hash + "\"]")
                  .path("status")
                  .textValue())
          .isEqualTo("0x1");
      assertThat(dev.result("eth_getBalance", "[" + B + "]").textValue()).isEqualTo("0x9");
      assertThat(dev.error("eth_sendTransaction", "[{\"from\":" + B + "}]").path("message"))
          .isEqualTo(TestNode.json("\"unknown account\""));
      assertThat(dev.result("personal_sign", "[\"0x68656c6c6f\"," + A + "]"))
          .isEqualTo(dev.result("eth_sign", "[" + A + ",\"0x68656c6c6f\"]"));
    }
  }

  @Test
  void sendingSynchronouslyWaitsForTheReceipt() throws Exception {
    Transaction transfer = ALICE.transfer(4, TestNode.BOB, 5);
    String raw = quoted(Hex.encode(transfer.encode()));
    JsonNode late = node.error("eth_sendRawTransactionSync", "[" + raw + ",50]");
    assertThat(late.path("code").intValue()).isEqualTo(4);
    assertThat(late.path("data").textValue()).isEqualTo(transfer.hash().toString());
    String next = quoted(Hex.encode(ALICE.transfer(5, TestNode.BOB, 6).encode()));
    Thread miner =
        Thread.ofVirtual()
            .start(() -> {
              while (node.pool.content().pending().values().stream()
                  .noneMatch(m -> m.size() == 2)) {
                Thread.onSpinWait();
              }
              node.pool.mine();
            });
    JsonNode receipt = node.result("eth_sendRawTransactionSync", "[" + next + "]");
    assertThat(receipt.path("status").textValue()).isEqualTo("0x1");
    miner.join();
  }

  @Test
  void whatACallerLeavesOutOfATransactionIsFilledIn() {
    JsonNode head = node.result("eth_getBlockByNumber", "[\"latest\",false]");
    UInt256 baseFee = UInt256.ofHex(head.path("baseFeePerGas").textValue().substring(2));
    UInt256 tip = UInt256.ofHex(text("eth_maxPriorityFeePerGas", "[]").substring(2));
    JsonNode filled = node.result("eth_fillTransaction", "[{\"from\":" + A + ",\"to\":" + B + "}]");
    JsonNode tx = filled.path("tx");
    assertThat(tx.path("nonce").textValue())
        .isEqualTo(text("eth_getTransactionCount", "[" + A + "]"));
    assertThat(tx.path("gas").textValue()).isEqualTo("0x5208");
    assertThat(tx.path("type").textValue()).isEqualTo("0x2");
    assertThat(tx.path("maxPriorityFeePerGas").textValue()).isEqualTo(Json.quantity(tip));
    assertThat(tx.path("maxFeePerGas").textValue())
        .isEqualTo(Json.quantity(baseFee.plus(baseFee).plus(tip)));
    assertThat(tx.path("gasPrice").isNull()).isTrue();
    Transaction decoded = Transaction.decode(Hex.decode(filled.path("raw").textValue()));
    assertThat(decoded.hash().toString()).isEqualTo(tx.path("hash").textValue());
    assertThat(decoded.signature()).isEqualTo(Signature.NONE);
    assertThat(
            node.error("eth_fillTransaction", "[{\"from\":" + A + "}]").path("message").textValue())
        .isEqualTo("contract creation without any data provided");
  }
}
