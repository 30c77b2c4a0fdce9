package io.semper.chain.importer;

import io.semper.chain.block.Alteration;
import io.semper.chain.db.KeyValueStore;
import io.semper.chain.db.Schema;
import io.semper.chain.db.WriteBatch;
import io.semper.chain.state.StateDelta;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.BigEndian;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Receipt;
import io.semper.core.types.Transaction;
import io.semper.core.view.ChainView.TransactionLocation;
import io.semper.genesis.Allocation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Blocks in the database: every valid one by hash, the canonical ones by number, their
/// transactions by hash.
///
/// Bodies and receipts lie under number and hash together, so that a growing chain only appends and
/// old blocks are removed by range. Reads may come from any thread.
final class BlockStore {
  /// Headers kept decoded: the 256 ancestors BLOCKHASH may ask for, and what readers ask again.
  private static final int MAX_CACHED_HEADERS = 2048;

  private static final byte[] NOTHING = {};

  private final KeyValueStore store;
  private final Map<Hash32, Header> recent =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Hash32, Header> eldest) {
          return size() > MAX_CACHED_HEADERS;
        }
      };

  BlockStore(KeyValueStore store) {
    this.store = store;
  }

  /// Where a block lies and what its chain weighs.
  record Entry(long number, UInt256 totalDifficulty) {}

  /// `null` where the block is not known.
  Entry entry(Hash32 hash) {
    byte[] value = store.get(Schema.blockEntry(hash));
    return value == null
        ? null
        : new Entry(BigEndian.getLong(value, 0), UInt256.of(value, 8, value.length - 8));
  }

  /// `null` where the block is not known.
  Header header(Hash32 hash) {
    synchronized (recent) {
      Header header = recent.get(hash);
      if (header != null) {
        return header;
      }
    }
    Entry entry = entry(hash);
    byte[] value = entry == null ? null : store.get(Schema.header(entry.number(), hash));
    if (value == null) {
      return null;
    }
    Header header = Header.decode(value);
    remember(header);
    return header;
  }

  /// `null` where the block is not known or its body has been dropped.
  Block block(Hash32 hash) {
    Header header = header(hash);
    byte[] body = header == null ? null : store.get(Schema.body(header.number(), hash));
    return body == null ? null : Block.ofBody(header, body);
  }

  /// `null` where the block is not known or its receipts have been dropped.
  List<Receipt> receipts(Hash32 hash) {
    Entry entry = entry(hash);
    byte[] value = entry == null ? null : store.get(Schema.receipts(entry.number(), hash));
    if (value == null) {
      return null;
    }
    List<Receipt> receipts = new ArrayList<>();
    RlpReader in = new RlpReader(value);
    in.enterList();
    while (in.hasNext()) {
      receipts.add(Receipt.readCompact(in));
    }
    in.leaveList();
    return List.copyOf(receipts);
  }

  /// `null` above the head.
  Hash32 canonicalHash(long number) {
    byte[] value = store.get(Schema.canonical(number));
    return value == null ? null : Hash32.of(value);
  }

  boolean isCanonical(Header header) {
    return header.hash().equals(canonicalHash(header.number()));
  }

  /// `null` where the transaction is in no canonical block.
  TransactionLocation locate(Hash32 transactionHash) {
    byte[] value = store.get(Schema.transaction(transactionHash));
    if (value == null) {
      return null;
    }
    long number = BigEndian.getLong(value, 0);
    Hash32 block = canonicalHash(number);
    return block == null
        ? null
        : new TransactionLocation(block, number, BigEndian.getInt(value, 8));
  }

  /// What the user of a development chain changed in the state before a block.
  Alteration alteration(Header header) {
    byte[] value = store.get(Schema.alteration(header.number(), header.hash()));
    return value == null ? Alteration.NONE : Alteration.decode(value);
  }

  void putAlteration(WriteBatch batch, Header header, Alteration alteration) {
    batch.put(Schema.alteration(header.number(), header.hash()), alteration.encode());
  }

  /// Notes the accounts and slots a development chain has written, which hashed keys do not tell.
  static void putWritten(WriteBatch batch, StateDelta delta) {
    delta
        .accounts()
        .forEach((address, change) ->
            putWritten(
                batch,
                address,
                change.storage() == null ? Set.of() : change.storage().values().keySet()));
  }

  /// The same for what there is before the first block.
  static void putWritten(WriteBatch batch, Allocation allocation) {
    allocation
        .accounts()
        .forEach((address, account) -> putWritten(batch, address, account.storage().keySet()));
  }

  private static void putWritten(WriteBatch batch, Address address, Set<UInt256> slots) {
    batch.put(Schema.written(address), NOTHING);
    slots.forEach(slot -> batch.put(Schema.written(address, slot), NOTHING));
  }

  /// Every account and slot that [#putWritten] noted, in their order.
  Map<Address, List<UInt256>> written() {
    Map<Address, List<UInt256>> written = new LinkedHashMap<>();
    try (KeyValueStore.Cursor cursor = store.cursor()) {
      byte[] from = Schema.written(Address.ZERO);
      for (boolean found = cursor.seek(from);
          found && cursor.key()[0] == from[0];
          found = cursor.next()) {
        byte[] key = cursor.key();
        Address address = Address.of(Arrays.copyOfRange(key, 1, 21));
        List<UInt256> slots = written.computeIfAbsent(address, a -> new ArrayList<>());
        if (key.length > 21) {
          slots.add(UInt256.of(key, 21, 32));
        }
      }
    }
    return written;
  }

  /// A named block hash, `null` where it is not set.
  Hash32 pointer(byte[] key) {
    byte[] value = store.get(key);
    return value == null ? null : Hash32.of(value);
  }

  void putBlock(WriteBatch batch, Block block, UInt256 totalDifficulty, List<Receipt> receipts) {
    Header header = block.header();
    long number = header.number();
    Hash32 hash = header.hash();
    byte[] total = totalDifficulty.toMinimalBytes();
    byte[] entry = new byte[8 + total.length];
    BigEndian.putLong(entry, 0, number);
    System.arraycopy(total, 0, entry, 8, total.length);
    RlpWriter out = new RlpWriter(64 + 128 * receipts.size());
    out.startList();
    for (Receipt receipt : receipts) {
      receipt.writeCompact(out);
    }
    batch.put(Schema.blockEntry(hash), entry);
    batch.put(Schema.header(number, hash), header.encode());
    batch.put(Schema.body(number, hash), block.encodeBody());
    batch.put(Schema.receipts(number, hash), out.endList().toBytes());
  }

  void putCanonical(WriteBatch batch, Block block) {
    long number = block.header().number();
    batch.put(Schema.canonical(number), block.header().hash().toBytes());
    int index = 0;
    for (Transaction transaction : block.transactions()) {
      byte[] value = new byte[12];
      BigEndian.putLong(value, 0, number);
      BigEndian.putInt(value, 8, index++);
      batch.put(Schema.transaction(transaction.hash()), value);
    }
  }

  /// Must come before [#putCanonical] of a block that takes the place, in the same batch or an
  /// earlier one: a transaction may be in both.
  void removeCanonical(WriteBatch batch, Block block) {
    batch.delete(Schema.canonical(block.header().number()));
    for (Transaction transaction : block.transactions()) {
      batch.delete(Schema.transaction(transaction.hash()));
    }
  }

  /// Keeps the header of a block that is in the store by now at hand: who finds it finds the rest.
  void remember(Header header) {
    synchronized (recent) {
      recent.put(header.hash(), header);
    }
  }
}
