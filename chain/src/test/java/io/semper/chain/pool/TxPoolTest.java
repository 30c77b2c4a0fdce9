package io.semper.chain.pool;

import static io.semper.chain.producer.DevChain.ETHER;
import static io.semper.chain.producer.DevChain.GWEI;
import static io.semper.chain.producer.DevChain.address;
import static io.semper.chain.producer.DevChain.transfer;
import static org.assertj.core.api.Assertions.assertThat;

import io.semper.chain.producer.BlockBuilder;
import io.semper.chain.producer.DevChain;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.types.FeeMarketTransaction;
import io.semper.core.types.PooledTransaction;
import io.semper.core.types.Transaction;
import io.semper.core.view.PoolView.Submission;
import io.semper.genesis.DevNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Admission, replacement, order, bounds and persistence, on a real chain in memory.
class TxPoolTest {
  private static final UInt256 TIP = GWEI;
  private final DevChain chain = new DevChain(PoolLimits.DEFAULT, null);

  private static String reason(Submission submission) {
    assertThat(submission).isInstanceOf(Submission.Rejected.class);
    return ((Submission.Rejected) submission).reason();
  }

  private static void accepted(Submission submission) {
    assertThat(submission).isInstanceOf(Submission.Accepted.class);
  }

  @Test
  void refusesWithTheWordsLibrariesMatchOn() {
    UInt256 cap = GWEI.timesExact(100);
    Transaction first = transfer(0, 0, UInt256.ONE, TIP);
    accepted(chain.submit(first));
    assertThat(reason(chain.submit(first))).isEqualTo("already known");
    chain.mine();
    assertThat(reason(chain.submit(first))).isEqualTo("nonce too low: next nonce 1, tx nonce 0");
    assertThat(reason(chain.submit(transfer(0, 1, ETHER, TIP))))
        .startsWith("insufficient funds for gas * price + value: balance ");
    assertThat(
            reason(
                chain.submit(transfer(0, 1, UInt256.ONE, TIP, cap, 20_999, DevNetwork.CHAIN_ID))))
        .isEqualTo("intrinsic gas too low: gas 20999, minimum needed 21000");
    assertThat(
            reason(
                chain.submit(transfer(0, 1, UInt256.ONE, TIP, cap, 1L << 25, DevNetwork.CHAIN_ID))))
        .isEqualTo("transaction gas limit too high (cap: 16777216, tx: 33554432)");
    assertThat(reason(chain.submit(transfer(0, 1, UInt256.ONE, TIP, cap, 21_000, UInt256.of(7)))))
        .isEqualTo("invalid sender: invalid chain id for signer: have 7 want 31337");
    assertThat(
            reason(
                chain.submit(
                    transfer(
                        0, 1, UInt256.ONE, GWEI.timesExact(2), GWEI, 21_000, DevNetwork.CHAIN_ID))))
        .isEqualTo("max priority fee per gas higher than max fee per gas");
    assertThat(reason(chain.submit(transfer(0, 1, UInt256.ONE, UInt256.ZERO))))
        .isEqualTo("transaction gas price below minimum: gas tip cap 0, minimum needed 1");
  }

  @Test
  void replacesOnlyForTenPercentMoreOfBothFees() {
    Transaction old = transfer(0, 0, UInt256.ONE, GWEI);
    accepted(chain.submit(old));
    assertThat(reason(chain.submit(transfer(0, 0, UInt256.of(2), GWEI.timesExact(2)))))
        .isEqualTo("replacement transaction underpriced");
    Transaction better =
        transfer(
            0,
            0,
            UInt256.of(2),
            UInt256.of(1_100_000_000),
            GWEI.timesExact(110),
            21_000,
            DevNetwork.CHAIN_ID);
    accepted(chain.submit(better));
    assertThat(chain.pool.transaction(old.hash())).isEmpty();
    assertThat(chain.mine().block().transactions()).containsExactly(better);
  }

  @Test
  void gapsWaitUntilTheyClose() {
    List<Transaction> seen = new ArrayList<>();
    List<Transaction> taken = new ArrayList<>();
    chain.pool.onPending(seen::add);
    chain.pool.onTaken(taken::add);
    Transaction first = transfer(0, 0, UInt256.ONE, TIP);
    Transaction second = transfer(0, 1, UInt256.ONE, TIP);
    accepted(chain.submit(second));
    assertThat(seen).isEmpty();
    assertThat(taken).containsExactly(second);
    assertThat(chain.pool.nextNonce(address(0))).isZero();
    assertThat(chain.pool.content().queued()).containsOnlyKeys(address(0));
    assertThat(chain.mine().block().transactions()).isEmpty();
    accepted(chain.submit(first));
    assertThat(seen).containsExactly(first, second);
    assertThat(taken).containsExactly(second, first);
    assertThat(chain.pool.nextNonce(address(0))).isEqualTo(2);
    assertThat(chain.mine().block().transactions()).containsExactly(first, second);
    assertThat(chain.pool.size()).isZero();
  }

  /// Given to different nodes, the first may come in a block before it comes through the pool.
  @Test
  void gapsClosedByABlockLetTheRestBeKnown() {
    List<Transaction> seen = new ArrayList<>();
    chain.pool.onPending(seen::add);
    Transaction first = transfer(0, 0, UInt256.ONE, TIP);
    Transaction second = transfer(0, 1, UInt256.ONE, TIP);
    Transaction third = transfer(0, 2, UInt256.ONE, TIP);
    accepted(chain.submit(second));
    accepted(chain.submit(third));
    chain.importBlock(
        chain.builder.build(
            chain.ledger.head(),
            chain.choices.attributes(chain.ledger.head()),
            List.of(List.of(first))));
    assertThat(seen).containsExactly(second, third);
    chain.importBlock(emptyBlock());
    assertThat(seen).containsExactly(second, third);
    assertThat(chain.mine().block().transactions()).containsExactly(second, third);
  }

  /// However many wait behind a gap, there is room for what closes it.
  @Test
  void gapsCanBeClosedInAFullQueue() {
    DevChain small = new DevChain(new PoolLimits(100, 3, 1 << 20, UInt256.ONE, 1_000), null);
    for (long nonce : new long[] {2, 3, 5}) {
      accepted(small.submit(transfer(0, nonce, UInt256.ONE, TIP)));
    }
    for (long nonce : new long[] {1, 4, 6}) {
      assertThat(reason(small.submit(transfer(0, nonce, UInt256.ONE, TIP))))
          .isEqualTo("account limit exceeded: pooled 3 txs");
    }
    accepted(small.submit(transfer(0, 0, UInt256.ONE, TIP)));
    accepted(small.submit(transfer(0, 1, UInt256.ONE, TIP)));
    // Now there are as many as may be, and the rest has to wait for a block.
    assertThat(reason(small.submit(transfer(0, 4, UInt256.ONE, TIP))))
        .isEqualTo("account limit exceeded: pooled 5 txs");
    assertThat(small.mine().block().transactions()).hasSize(4);
    accepted(small.submit(transfer(0, 4, UInt256.ONE, TIP)));
    assertThat(small.mine().block().transactions()).hasSize(2);
  }

  @Test
  void producersTakeTheBestTipsAndKeepNonceOrder() {
    Transaction cheapFirst = transfer(0, 0, UInt256.ONE, GWEI);
    Transaction dearSecond = transfer(0, 1, UInt256.ONE, GWEI.timesExact(9));
    Transaction middle = transfer(1, 0, UInt256.ONE, GWEI.timesExact(5));
    accepted(chain.submit(dearSecond));
    accepted(chain.submit(cheapFirst));
    accepted(chain.submit(middle));
    BlockBuilder.Built built = chain.mine();
    assertThat(built.block().transactions()).containsExactly(middle, cheapFirst, dearSecond);
    assertThat(built.fees()).isEqualTo(GWEI.timesExact(15 * 21_000));
  }

  @Test
  void theCheapestGivesWayWhereThePoolIsFull() {
    DevChain small = new DevChain(new PoolLimits(3, 2, 1 << 20, UInt256.ONE, 1_000), null);
    Transaction cheapest = transfer(0, 0, UInt256.ONE, GWEI);
    accepted(small.submit(cheapest));
    accepted(small.submit(transfer(0, 1, UInt256.ONE, GWEI.timesExact(3))));
    assertThat(reason(small.submit(transfer(0, 2, UInt256.ONE, GWEI.timesExact(3)))))
        .isEqualTo("account limit exceeded: pooled 2 txs");
    accepted(small.submit(transfer(1, 0, UInt256.ONE, GWEI.timesExact(3))));
    assertThat(reason(small.submit(transfer(2, 0, UInt256.ONE, UInt256.ONE))))
        .isEqualTo("transaction underpriced");
    accepted(small.submit(transfer(2, 0, UInt256.ONE, GWEI.timesExact(2))));
    assertThat(small.pool.transaction(cheapest.hash())).isEmpty();
    assertThat(small.pool.size()).isEqualTo(3);
  }

  @Test
  void bytesAreBoundedToo() {
    DevChain small = new DevChain(new PoolLimits(1_000, 100, 300, UInt256.ONE, 1_000), null);
    accepted(small.submit(transfer(0, 0, UInt256.ONE, GWEI)));
    accepted(small.submit(transfer(1, 0, UInt256.ONE, GWEI)));
    assertThat(reason(small.submit(transfer(2, 0, UInt256.ONE, GWEI))))
        .isEqualTo("transaction underpriced");
  }

  @Test
  void survivesARestartEvenWhereTheLastRecordIsCutOff(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("transactions.rlp");
    DevChain before = new DevChain(PoolLimits.DEFAULT, file);
    Transaction first = transfer(0, 0, UInt256.ONE, TIP);
    Transaction second = transfer(1, 5, UInt256.ONE, TIP);
    accepted(before.submit(first));
    accepted(before.submit(second));
    // The process ends here without closing the pool.
    byte[] bytes = Files.readAllBytes(file);
    DevChain after = new DevChain(PoolLimits.DEFAULT, file);
    assertThat(after.pool.transaction(first.hash())).isPresent();
    assertThat(after.pool.transaction(second.hash())).isPresent();
    after.pool.close();
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 7));
    DevChain damaged = new DevChain(PoolLimits.DEFAULT, file);
    assertThat(damaged.pool.size()).isEqualTo(1);
    damaged.pool.close();
  }

  @Test
  void returnsTransactionsOfBlocksThatLeaveTheChain() {
    Transaction transfer = transfer(0, 0, UInt256.ONE, TIP);
    BlockBuilder.Built empty = emptyBlock();
    accepted(chain.submit(transfer));
    chain.mine();
    assertThat(chain.pool.size()).isZero();
    chain.importBlock(empty);
    chain.ledger.setForkchoice(empty.block().header().hash(), Hash32.ZERO, Hash32.ZERO);
    assertThat(chain.pool.transaction(transfer.hash()))
        .map(PooledTransaction::transaction)
        .contains(transfer);
    assertThat(chain.mine().block().transactions()).containsExactly(transfer);
  }

  @Test
  void whatReturnsFromALeftBlockSurvivesARestart(@TempDir Path folder) {
    Path file = folder.resolve("transactions");
    DevChain dev = new DevChain(PoolLimits.DEFAULT, file);
    Transaction transfer = transfer(0, 0, UInt256.ONE, TIP);
    BlockBuilder.Built empty =
        dev.builder.build(dev.ledger.head(), dev.choices.attributes(dev.ledger.head()), List.of());
    accepted(dev.submit(transfer));
    dev.mine();
    dev.pool.close(); // rewrites the file, which then holds nothing
    TxPool pool = dev.openPool(PoolLimits.DEFAULT, file);
    dev.importBlock(empty);
    dev.ledger.setForkchoice(empty.block().header().hash(), Hash32.ZERO, Hash32.ZERO);

    // Not closed, as if it had been killed.
    TxPool restarted = dev.openPool(PoolLimits.DEFAULT, file);
    assertThat(restarted.executable()).containsExactly(List.of(transfer));
    restarted.close();
    pool.close();
  }

  @Test
  void anUnreadableRecordOfTheFileCostsNoOther(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("transactions");
    Transaction first = transfer(0, 0, UInt256.ONE, TIP);
    Transaction second = transfer(1, 0, UInt256.ONE, TIP);
    DevChain dev = new DevChain(PoolLimits.DEFAULT, file);
    accepted(dev.submit(first));
    accepted(dev.submit(second));
    dev.pool.close();
    byte[] bytes = Files.readAllBytes(file);
    bytes[4] = 0x7f; // the first record's type, behind its length
    Files.write(file, bytes);

    TxPool restarted = dev.openPool(PoolLimits.DEFAULT, file);
    assertThat(restarted.executable()).containsExactly(List.of(second));
    restarted.close();
  }

  /// Each start would look at the signatures of all that has been included.
  @Test
  void theFileDoesNotGrowByWhatIsInBlocks(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("transactions");
    DevChain dev = new DevChain(PoolLimits.DEFAULT, file);
    int bytes = 30_000;
    for (int nonce = 0; nonce < 14; nonce++) {
      Transaction unsigned =
          new FeeMarketTransaction(
              DevNetwork.CHAIN_ID,
              nonce,
              TIP,
              GWEI.timesExact(100),
              400_000,
              DevChain.SINK,
              UInt256.ZERO,
              new byte[bytes],
              List.of(),
              null);
      accepted(
          dev.submit(
              unsigned.withSignature(Secp256k1.sign(unsigned.signingHash(), DevChain.key(0)))));
      dev.mine();
      assertThat(dev.pool.size()).isZero();
    }
    assertThat(Files.size(file)).isLessThan(10L * bytes);
    dev.pool.close();
  }

  @Test
  void aFileThatCannotBeWrittenRefusesNothingAndIsWrittenAnewLater(@TempDir Path directory)
      throws IOException {
    Path file = Files.createDirectory(directory.resolve("pool")).resolve("transactions");
    AtomicLong millis = new AtomicLong();
    InstantSource time = () -> Instant.ofEpochMilli(millis.get());
    TxPool pool = openPool(file, time);
    Files.delete(file);
    Files.delete(file.getParent());
    Transaction first = transfer(0, 0, UInt256.ONE, TIP);
    Transaction second = transfer(0, 1, UInt256.ONE, TIP);
    accepted(pool.submit(new PooledTransaction(first, null)));
    Files.createDirectory(file.getParent());
    millis.addAndGet(3_600_000);
    accepted(pool.submit(new PooledTransaction(second, null)));

    // Not closed, as if it had been killed.
    TxPool restarted = openPool(file, time);
    assertThat(restarted.executable()).containsExactly(List.of(first, second));
    restarted.close();
    pool.close();
  }

  private TxPool openPool(Path file, InstantSource time) {
    return new TxPool(
        chain.network,
        chain.ledger,
        head -> chain.builder.fork(head, head.timestamp() + 1),
        PoolLimits.DEFAULT,
        null,
        file,
        time.withZone(ZoneOffset.UTC));
  }

  private BlockBuilder.Built emptyBlock() {
    return chain.builder.build(
        chain.ledger.head(), chain.choices.attributes(chain.ledger.head()), List.of());
  }
}
