package io.semper.core.types;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Signature;
import io.semper.core.fuzz.Fuzz;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Blocks and what is in them, as peers send them. There is one encoding of each value: what is
/// taken encodes to what was read.
class TypesFuzzTest {
  private static final UInt256 ONE = UInt256.ONE;
  private static final Address TO = Address.of(0x42);
  private static final byte[] DATA = {1, 2, 3};
  private static final Signature SIGNATURE = new Signature(1, UInt256.of(7), UInt256.of(9));
  private static final List<AccessListEntry> LIST =
      List.of(new AccessListEntry(Address.of(1), List.of(Hash32.ZERO, Hash32.ZERO)));

  private static List<Transaction> transactions() {
    Authorization authorization = new Authorization(ONE, TO, 3, 1, ONE, ONE);
    List<Hash32> blobs = List.of(Hash32.of(0x0100000000000000L, 0, 0, 1));
    return List.of(
        new LegacyTransaction(null, 1, ONE, 21_000, TO, ONE, DATA, SIGNATURE),
        new LegacyTransaction(UInt256.of(1337), 1, ONE, 21_000, null, ONE, DATA, SIGNATURE),
        new AccessListTransaction(ONE, 2, ONE, 30_000, TO, ONE, DATA, LIST, SIGNATURE),
        new FeeMarketTransaction(ONE, 3, ONE, ONE, 30_000, null, ONE, DATA, LIST, SIGNATURE),
        new BlobTransaction(ONE, 4, ONE, ONE, 30_000, TO, ONE, DATA, LIST, ONE, blobs, SIGNATURE),
        new SetCodeTransaction(
            ONE, 5, ONE, ONE, 30_000, TO, ONE, DATA, LIST, List.of(authorization), SIGNATURE));
  }

  private static byte[][] encoded(List<Transaction> transactions) {
    return transactions.stream().map(Transaction::encode).toArray(byte[][]::new);
  }

  private static Header header() {
    return Header.builder()
        .number(7)
        .gasLimit(30_000_000)
        .timestamp(1_700_000_000)
        .extraData(DATA)
        .baseFeePerGas(ONE)
        .withdrawalsRoot(Hash32.ZERO)
        .blobGasUsed(0L)
        .excessBlobGas(131_072L)
        .parentBeaconBlockRoot(Hash32.ZERO)
        .requestsHash(Hash32.ZERO)
        .build();
  }

  private static DynamicTest same(
      String name, UnaryOperator<byte[]> thereAndBack, byte[]... sound) {
    return Fuzz.of(name, in -> assertThat(thereAndBack.apply(in)).isEqualTo(in), sound);
  }

  @TestFactory
  List<DynamicTest> everyDecoder() {
    Header old = Header.builder().number(1).difficulty(ONE).build();
    Block full =
        new Block(header(), transactions(), List.of(old), List.of(new Withdrawal(1, 2, TO, 3)));
    Block bare = new Block(old, List.of(), List.of(), null);
    Log log = new Log(TO, List.of(Hash32.ZERO), DATA);
    Receipt receipt = new Receipt(2, null, true, 21_000, Bloom.ofLogs(List.of(log)), List.of(log));
    Receipt first = new Receipt(0, Hash32.ZERO, false, 21_000, Bloom.EMPTY, List.of());
    List<byte[]> some = List.of(new byte[48]);
    BlobTransaction blob = (BlobTransaction) transactions().get(4);
    QbftExtraData extra =
        new QbftExtraData(
            new byte[32],
            List.of(Address.of(1), Address.of(2)),
            new QbftExtraData.Vote(TO, true),
            3,
            List.of(SIGNATURE));
    List<DynamicTest> tests = new ArrayList<>();
    tests.add(same("transaction", in -> Transaction.decode(in).encode(), encoded(transactions())));
    tests.add(
        same(
            "pooled transaction",
            in -> PooledTransaction.decode(in).encode(),
            new BlobSidecar(1, List.of(), some, some).encodeWith(blob),
            new BlobSidecar(0, List.of(), some, some).encodeWith(blob),
            blob.encode()));
    tests.add(same("header", in -> Header.decode(in).encode(), header().encode(), old.encode()));
    tests.add(same("block", in -> Block.decode(in).encode(), full.encode(), bare.encode()));
    tests.add(
        Fuzz.of(
            "block body", in -> Block.ofBody(header(), in), full.encodeBody(), bare.encodeBody()));
    tests.add(same("receipt", in -> Receipt.decode(in).encode(), receipt.encode(), first.encode()));
    tests.add(
        same("receipt without bloom", TypesFuzzTest::compact, compact(receipt), compact(first)));
    tests.add(Fuzz.of("QBFT extra data", QbftExtraData::decode, extra.encode()));
    tests.add(Fuzz.of("RLP", in -> walk(new RlpReader(in), 0), full.encode()));
    return tests;
  }

  private static byte[] compact(Receipt receipt) {
    RlpWriter out = new RlpWriter(64);
    receipt.writeCompact(out);
    return out.toBytes();
  }

  private static byte[] compact(byte[] in) {
    RlpReader reader = new RlpReader(in);
    Receipt receipt = Receipt.readCompact(reader);
    reader.end();
    return compact(receipt);
  }

  private static void walk(RlpReader in, int depth) {
    while (in.hasNext()) {
      if (in.nextIsList() && depth < 10) {
        in.enterList();
        walk(in, depth + 1);
        in.leaveList();
      } else {
        in.skip();
      }
    }
  }
}
