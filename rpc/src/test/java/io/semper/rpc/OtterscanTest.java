package io.semper.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hex;
import io.semper.core.types.ContractAddress;
import io.semper.core.types.Transaction;
import io.semper.rpc.ledger.DevAccount;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What Otterscan asks a node.
final class OtterscanTest {
  private static final DevAccount ALICE = TestNode.ALICE;
  private static final Address REVERTER = ContractAddress.of(ALICE.address(), 0);
  private static final Address FACTORY = ContractAddress.of(ALICE.address(), 1);
  private static final Address CHILD = ContractAddress.of(FACTORY, 1);

  private TestNode node;
  private Transaction reverted;
  private Transaction creates;

  /// Block 1: two contracts; block 2: a call that reverts with its data; block 3: a contract made
  /// by another; block 4: two transfers.
  @BeforeEach
  void start() {
    node = new TestNode();
    // Stores the five bytes of init code that deploy one zero byte, and runs CREATE on them.
    String factory = "6460016000f3" + "600052" + "6005601b6000f000";
    node.chain.add(ALICE.deploy(0, DevAccount.REVERTER), ALICE.deploy(1, Hex.decode(factory)));
    reverted = ALICE.call(2, REVERTER, Hex.decode("0xc0ffee"));
    node.chain.add(reverted);
    creates = ALICE.call(3, FACTORY, new byte[0]);
    node.chain.add(creates);
    node.chain.add(ALICE.transfer(4, TestNode.BOB, 1), ALICE.transfer(5, TestNode.BOB, 2));
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private static String quoted(Object value) {
    return "\"" + value + "\"";
  }

  @Test
  void itFindsTheNodeGoodEnough() {
    assertThat(node.result("ots_getApiLevel", "[]").intValue()).isEqualTo(8);
    JsonNode header = node.result("erigon_getHeaderByNumber", "[\"latest\"]");
    assertThat(header.path("number").textValue()).isEqualTo("0x4");
    assertThat(node.result("erigon_getHeaderByNumber", "[1]").path("number").textValue())
        .isEqualTo("0x1");
  }

  @Test
  void blocksHaveDetailsAndPages() {
    JsonNode details = node.result("ots_getBlockDetails", "[4]");
    assertThat(details.at("/block/transactionCount").isNumber()).isTrue();
    assertThat(details.at("/block/transactionCount").intValue()).isEqualTo(2);
    assertThat(details.at("/block/logsBloom").isNull()).isTrue();
    assertThat(details.at("/issuance/issuance").textValue()).isEqualTo("0x0");
    JsonNode receipts = node.result("eth_getBlockReceipts", "[\"0x4\"]");
    long fees = 0;
    for (JsonNode receipt : receipts) {
      fees +=
          Long.decode(receipt.path("gasUsed").textValue())
              * Long.decode(receipt.path("effectiveGasPrice").textValue());
    }
    assertThat(details.path("totalFees").textValue()).isEqualTo("0x" + Long.toHexString(fees));
    String hash = node.chain.header(4).orElseThrow().hash().toString();
    assertThat(node.result("ots_getBlockDetailsByHash", "[" + quoted(hash) + "]"))
        .isEqualTo(details);

    JsonNode page = node.result("ots_getBlockTransactions", "[\"0x4\",0,1]");
    assertThat(page.at("/fullblock/transactions").size()).isEqualTo(1);
    assertThat(page.at("/fullblock/transactions/0/transactionIndex").textValue()).isEqualTo("0x1");
    assertThat(page.at("/receipts/0/transactionIndex").textValue()).isEqualTo("0x1");
    assertThat(page.at("/receipts/0/logs").isNull()).isTrue();
    JsonNode second = node.result("ots_getBlockTransactions", "[\"0x4\",1,1]");
    assertThat(second.at("/fullblock/transactions/0/transactionIndex").textValue())
        .isEqualTo("0x0");
    assertThat(node.result("ots_getBlockTransactions", "[\"0x4\",9,1]").at("/receipts").isEmpty())
        .isTrue();
  }

  @Test
  void transactionsHaveTracesErrorsAndInternalOperations() {
    String hash = "[" + quoted(creates.hash()) + "]";
    JsonNode operations = node.result("ots_getInternalOperations", hash);
    assertThat(operations.size()).isEqualTo(1);
    assertThat(operations.at("/0/type").intValue()).isEqualTo(2);
    assertThat(operations.at("/0/to").textValue()).isEqualTo(CHILD.toString());
    JsonNode trace = node.result("ots_traceTransaction", hash);
    assertThat(trace.at("/0/depth").intValue()).isZero();
    assertThat(trace.at("/1/type").textValue()).isEqualTo("CREATE");
    assertThat(trace.at("/1/depth").intValue()).isEqualTo(1);
    assertThat(node.result("ots_getTransactionError", hash).textValue()).isEqualTo("0x");
    String failed = "[" + quoted(reverted.hash()) + "]";
    assertThat(node.result("ots_getTransactionError", failed).textValue()).isEqualTo("0xc0ffee");
  }

  @Test
  void contractsKnowTheirCreators() {
    JsonNode child = node.result("ots_getContractCreator", "[" + quoted(CHILD) + "]");
    assertThat(child.path("creator").textValue()).isEqualTo(FACTORY.toString());
    assertThat(child.path("hash").textValue()).isEqualTo(creates.hash().toString());
    JsonNode factory = node.result("ots_getContractCreator", "[" + quoted(FACTORY) + "]");
    assertThat(factory.path("creator").textValue()).isEqualTo(ALICE.address().toString());
    assertThat(node.result("ots_getContractCreator", "[" + quoted(TestNode.BOB) + "]").isNull())
        .isTrue();
    assertThat(node.result("ots_hasCode", "[" + quoted(CHILD) + ",\"latest\"]").booleanValue())
        .isTrue();
    assertThat(node.result("ots_hasCode", "[" + quoted(CHILD) + ",2]").booleanValue()).isFalse();
  }

  @Test
  void sendersTransactionsAreFoundByNonce() {
    String alice = quoted(ALICE.address());
    assertThat(node.result("ots_getTransactionBySenderAndNonce", "[" + alice + ",3]").textValue())
        .isEqualTo(creates.hash().toString());
    assertThat(node.result("ots_getTransactionBySenderAndNonce", "[" + alice + ",99]").isNull())
        .isTrue();
    node.chain.forgetStatesBefore(4);
    assertThat(node.result("ots_getTransactionBySenderAndNonce", "[" + alice + ",4]").isNull())
        .isFalse();
    assertThat(
            node.error("ots_getTransactionBySenderAndNonce", "[" + alice + ",3]")
                .path("code")
                .intValue())
        .as("in a block whose state is no longer kept")
        .isEqualTo(4444);
  }

  @Test
  void anAccountsTransactionsComeInPages() {
    String bob = quoted(TestNode.BOB);
    JsonNode before = node.result("ots_searchTransactionsBefore", "[" + bob + ",0,1]");
    assertThat(before.path("txs").size()).as("whole blocks").isEqualTo(2);
    assertThat(before.at("/txs/0/nonce").textValue()).as("newest first").isEqualTo("0x5");
    assertThat(before.at("/receipts/0/timestamp").isTextual()).isTrue();
    assertThat(before.path("firstPage").booleanValue()).isTrue();
    assertThat(before.path("lastPage").booleanValue()).isFalse();
    JsonNode older = node.result("ots_searchTransactionsBefore", "[" + bob + ",4,25]");
    assertThat(older.path("txs").isEmpty()).isTrue();
    assertThat(older.path("lastPage").booleanValue()).isTrue();
    // Touched only inside a transaction.
    JsonNode child = node.result("ots_searchTransactionsAfter", "[" + quoted(CHILD) + ",0,25]");
    assertThat(child.at("/txs/0/hash").textValue()).isEqualTo(creates.hash().toString());
    assertThat(child.path("txs").size()).isEqualTo(1);
    assertThat(child.path("firstPage").booleanValue()).isTrue();
    JsonNode after =
        node.result("ots_searchTransactionsAfter", "[" + quoted(ALICE.address()) + ",1,25]");
    assertThat(after.path("txs").size()).isEqualTo(4);
    assertThat(after.at("/txs/0/nonce").textValue()).isEqualTo("0x5");
    assertThat(after.at("/txs/3/nonce").textValue()).isEqualTo("0x2");
  }
}
