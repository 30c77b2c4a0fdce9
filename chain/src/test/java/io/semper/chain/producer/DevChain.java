package io.semper.chain.producer;

import io.semper.chain.block.SealRule;
import io.semper.chain.db.MemoryStore;
import io.semper.chain.importer.ImportResult;
import io.semper.chain.importer.Ledger;
import io.semper.chain.pool.PoolLimits;
import io.semper.chain.pool.TxPool;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.crypto.Signature;
import io.semper.core.types.FeeMarketTransaction;
import io.semper.core.types.PooledTransaction;
import io.semper.core.types.Transaction;
import io.semper.core.view.PoolView.Submission;
import io.semper.genesis.DevNetwork;
import io.semper.genesis.Network;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.IntStream;

/// A development chain in memory with a pool, blocks being made by hand.
public final class DevChain {
  public static final UInt256 ETHER = UInt256.of(BigInteger.TEN.pow(18));
  public static final UInt256 GWEI = UInt256.of(1_000_000_000L);
  public static final Address SINK = Address.of(0x5151);

  public final Network network;
  public final Ledger ledger;
  public final TxPool pool;
  public final BlockBuilder builder;
  public final Clock clock = Clock.fixed(Instant.ofEpochSecond(1_800_000_000), ZoneOffset.UTC);
  public final Choices choices =
      new Choices(new LocalProducer.Settings(Address.of(0xC0FFEE), 30_000_000, 0), clock);

  public DevChain(PoolLimits limits, Path file) {
    List<Address> accounts =
        IntStream.range(0, 4)
            .mapToObj(i -> Secp256k1.address(Secp256k1.publicKey(key(i))))
            .toList();
    network = DevNetwork.create(accounts, ETHER, 1_700_000_000);
    ledger = Ledger.open(new MemoryStore(), network, SealRule.NONE);
    builder = new BlockBuilder(network, ledger.headerRules(), ledger, ledger::rootAfter);
    pool = openPool(limits, file);
  }

  public TxPool openPool(PoolLimits limits, Path file) {
    return new TxPool(
        network,
        ledger,
        head -> builder.fork(head, head.timestamp() + 1),
        limits,
        sidecar -> true,
        file,
        clock);
  }

  public static byte[] key(int account) {
    return Keccak.hashBytes(("account " + account).getBytes(StandardCharsets.UTF_8));
  }

  public static Address address(int account) {
    return Secp256k1.address(Secp256k1.publicKey(key(account)));
  }

  /// A signed transfer to [#SINK].
  public static Transaction transfer(int account, long nonce, UInt256 value, UInt256 tip) {
    return transfer(account, nonce, value, tip, GWEI.timesExact(100), 21_000, DevNetwork.CHAIN_ID);
  }

  public static Transaction transfer(
      int account,
      long nonce,
      UInt256 value,
      UInt256 tip,
      UInt256 feeCap,
      long gasLimit,
      UInt256 chainId) {
    Transaction unsigned =
        new FeeMarketTransaction(
            chainId,
            nonce,
            tip,
            feeCap,
            gasLimit,
            SINK,
            value,
            new byte[0],
            List.of(),
            new Signature(0, UInt256.ONE, UInt256.ONE));
    return unsigned.withSignature(Secp256k1.sign(unsigned.signingHash(), key(account)));
  }

  public Submission submit(Transaction transaction) {
    return pool.submit(new PooledTransaction(transaction, null));
  }

  /// Makes the next block out of the pool and imports it.
  public BlockBuilder.Built mine() {
    BlockBuilder.Built built =
        builder.build(ledger.head(), choices.attributes(ledger.head()), pool.executable());
    importBlock(built);
    return built;
  }

  public void importBlock(BlockBuilder.Built built) {
    ImportResult result = ledger.importBuilt(built.block(), built.receipts(), built.diff());
    if (!(result instanceof ImportResult.Imported)) {
      throw new AssertionError(result.toString());
    }
  }
}
