package io.semper.tests.light;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.PooledTransaction;
import io.semper.core.types.Transaction;
import io.semper.core.view.PoolView;
import io.semper.evm.tx.Message;
import io.semper.evm.tx.TxResult;
import io.semper.lightclient.LightClient;
import io.semper.lightclient.LogPage;
import io.semper.lightclient.LogQuery;
import io.semper.lightclient.Verified;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What a wallet asks a light client, against a real chain over real HTTP.
class LightClientTest {
  /// Stores the second word of its input under the first and logs both; with one word, returns what
  /// is stored there.
  static final byte[] REGISTER =
      Hex.decode(
          "0x6020361160135760003554600052"
              + "60206000f3"
              + "5b602035600035556040600060003760003560406000a100");

  private static SealedNetwork network;
  private static LightClient client;
  private static Address register;

  @BeforeAll
  static void start() throws Exception {
    network = new SealedNetwork(4);
    register = network.deploy(REGISTER);
    network.send(network.accounts().get(1), register, UInt256.ZERO, words(7, 42), 200_000);
    network.seal(30);
    client =
        LightClient.builder(network.network())
            .upstream(network.serve())
            .upstream(network.serve())
            .pollMillis(20)
            .build();
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    network.close();
  }

  /// Calls another contract with all of its input and returns one word of what that returns.
  static byte[] forwarder(Address to) {
    return Hex.decode(
        "0x366000600037" // CALLDATACOPY(0, 0, size)
            + "60206000366000600073"
            + to.toString().substring(2)
            + "5af1506020" // CALL(gas, to, 0, 0, size, 0, 32)
            + "6000f3");
  }

  static byte[] words(long... words) {
    byte[] bytes = new byte[32 * words.length];
    for (int i = 0; i < words.length; i++) {
      UInt256.of(words[i]).writeTo(bytes, 32 * i);
    }
    return bytes;
  }

  static Message message(Address from, Address to, byte[] data, long gas) {
    return new Message(
        0,
        from,
        to,
        0,
        gas,
        UInt256.ZERO,
        UInt256.ZERO,
        UInt256.ZERO,
        data,
        List.of(),
        UInt256.ZERO,
        List.of(),
        List.of());
  }

  @Test
  void theStateIsProven() {
    Address account = network.accounts().get(1);
    Verified<UInt256> balance = client.balance(account);
    assertThat(balance.value())
        .isEqualTo(network.ledger().stateAfter(network.ledger().head()).account(account).balance());
    assertThat(client.nonce(account).value()).isEqualTo(1);
    assertThat(client.code(register).value()).isEqualTo(REGISTER);
    assertThat(client.storage(register, UInt256.of(7)).value()).isEqualTo(UInt256.of(42));
    assertThat(client.balance(Address.of(0x1234)).value()).isEqualTo(UInt256.ZERO);
    assertThat(client.account(account, 0).value().orElseThrow().nonce()).isZero();
  }

  @Test
  void callsAreExecutedHere() {
    Message read = message(network.accounts().get(2), register, words(7), 1_000_000);
    TxResult.Executed result = (TxResult.Executed) client.call(read).value();
    assertThat(UInt256.of(result.output())).isEqualTo(UInt256.of(42));
    Message write = message(network.accounts().get(2), register, words(9, 1), 1_000_000);
    long gas = client.estimateGas(write).value().gas();
    assertThat(gas).isBetween(43_000L, 60_000L);
    assertThat(client.createAccessList(write).value().list().getFirst().storageKeys())
        .containsExactly(UInt256.of(9).toHash32());
  }

  @Test
  void logsOfARangeAreComplete() {
    LogQuery query =
        new LogQuery(
            0, Long.MAX_VALUE, List.of(register), List.of(List.of(UInt256.of(7).toHash32())));
    LogPage page = client.logs(query, LogPage.Budget.DEFAULT).value();
    assertThat(page.nextBlock()).isEqualTo(-1);
    assertThat(page.logs()).hasSize(1);
    assertThat(page.logs().getFirst().blockNumber()).isEqualTo(2);
  }

  @Test
  void aTransactionSentIsProvenToBeIncluded() throws Exception {
    Address from = network.accounts().get(3);
    Transaction signed =
        network.transaction(from, Address.of(0x77), UInt256.of(5), new byte[0], 21_000);
    assertThat(client.send(new PooledTransaction(signed, null)))
        .isInstanceOf(PoolView.Submission.Accepted.class);
    assertThat(client.receipt(signed.hash())).isEmpty();
    Hash32 block = network.seal().header().hash();
    long end = System.nanoTime() + 10_000_000_000L;
    while (client.receipt(signed.hash()).isEmpty() && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertThat(client.receipt(signed.hash()).orElseThrow().block().hash()).isEqualTo(block);
    assertThat(client.transaction(signed.hash()).orElseThrow().value()).isEqualTo(signed);
  }
}
