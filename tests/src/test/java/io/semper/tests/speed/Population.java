package io.semper.tests.speed;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.trie.StateTrie;
import io.semper.core.trie.Trie;
import io.semper.core.trie.TrieBuilder;
import io.semper.core.view.Account;
import io.semper.genesis.Allocation;
import io.semper.genesis.DevNetwork;
import io.semper.genesis.GenesisAccount;
import io.semper.genesis.Network;
import java.nio.charset.StandardCharsets;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// A network whose genesis has any number of accounts, each of them with ether and with a balance
/// in one token, the last of them with the largest code there is. None is held in memory: accounts
/// are made anew whenever somebody asks.
final class Population {
  /// Accounts that can sign.
  static final int SENDERS = 256;

  static final Address TOKEN = Address.of(0xFFFFFFFE, 0, 1);
  static final long GAS_LIMIT = 36_000_000;

  /// `transfer(to, amount)` without a selector: moves the amount from the caller's slot to that of
  /// the first word, and logs it.
  private static final byte[] TOKEN_CODE =
      Hex.decode("0x602035" + "8033540333555f358054820190555f525f353360205fa200");

  private static final int INDEX_BITS = 24;

  /// As many as an index tells apart, less those that have a place of their own.
  private static final int MAX_ACCOUNTS = (1 << INDEX_BITS) - 1_024;

  private static final UInt256 ETHER = UInt256.of(1_000_000_000_000_000_000L);
  private static final UInt256 TOKENS = UInt256.of(1_000_000_000_000L);

  private final List<byte[]> keys = new ArrayList<>();
  private final List<Address> senders = new ArrayList<>();

  /// Those with a place of their own, before all that are numbered.
  private final List<Map.Entry<Address, GenesisAccount>> special;

  private final int contracts;
  private final int size;

  /// @param accounts how many have a number
  /// @param contracts how many of them have code
  Population(int accounts, int contracts) {
    this.contracts = contracts;
    if (accounts > MAX_ACCOUNTS) {
      throw new IllegalArgumentException("at most " + MAX_ACCOUNTS + " accounts");
    }
    for (int i = 0; i < SENDERS; i++) {
      byte[] key = Keccak.hashBytes(("semper growth " + i).getBytes(StandardCharsets.UTF_8));
      keys.add(key);
      senders.add(Secp256k1.address(Secp256k1.publicKey(key)));
    }
    Network dev = DevNetwork.create(senders, ETHER.timesExact(1_000_000), 0);
    TreeMap<Address, GenesisAccount> first = new TreeMap<>(dev.allocation().accounts());
    size = first.size() + 1 + accounts;
    first.put(TOKEN, new GenesisAccount(UInt256.ZERO, 1, TOKEN_CODE, new Balances()));
    special = List.copyOf(first.entrySet());
  }

  byte[] key(int sender) {
    return keys.get(sender);
  }

  Address sender(int sender) {
    return senders.get(sender);
  }

  /// Any account, from 0 up to [#size]; addresses ascend.
  Address account(int index) {
    return index < special.size()
        ? special.get(index).getKey()
        : Address.of(0xFFFFFFFF, -1, index - special.size());
  }

  int size() {
    return size;
  }

  /// The first account with code; all that follow have it too.
  int firstContract() {
    return size - contracts;
  }

  /// Proof of stake with every fork from its genesis block on.
  Network network() {
    Network dev = DevNetwork.create(senders, UInt256.ONE, 0);
    return new Network(
        "population",
        dev.chainId(),
        dev.forks(),
        dev.daoForkSupport(),
        dev.depositContract(),
        dev.fixedDifficulty(),
        dev.zeroBaseFee(),
        dev.contractSizeLimit(),
        dev.qbft(),
        dev.genesis().toBuilder().gasLimit(GAS_LIMIT).stateRoot(stateRoot()).build(),
        new Allocation(new Accounts()));
  }

  private Hash32 stateRoot() {
    Hash32 balances = root(i -> StateTrie.key(slot(account(i))), i -> StateTrie.encode(TOKENS));
    return root(
        i -> StateTrie.key(account(i)),
        i -> {
          GenesisAccount account = state(i);
          Hash32 storage = account(i).equals(TOKEN) ? balances : storageRoot(account.storage());
          return StateTrie.encode(
              new Account(
                  account.nonce(), account.balance(), storage, Keccak.hash(account.code())));
        });
  }

  private static Hash32 storageRoot(Map<UInt256, UInt256> storage) {
    TreeMap<Hash32, byte[]> slots = new TreeMap<>();
    storage.forEach((slot, value) -> slots.put(StateTrie.key(slot), StateTrie.encode(value)));
    return Trie.root(slots);
  }

  /// The root of a trie with an entry for each account, whose order is that of the keys.
  private Hash32 root(IntFunction<Hash32> key, IntFunction<byte[]> value) {
    // The first bits of each key before its index: in eight bytes an account.
    long[] order = new long[size];
    for (int i = 0; i < size; i++) {
      order[i] = (key.apply(i).toUInt256().limb3() & -1L << INDEX_BITS | i) ^ Long.MIN_VALUE;
    }
    Arrays.sort(order);
    TrieBuilder trie = new TrieBuilder();
    for (int i = 0, next; i < size; i = next) {
      for (next = i + 1; next < size && order[next] >> INDEX_BITS == order[i] >> INDEX_BITS; ) {
        next++;
      }
      IntStream.range(i, next)
          .map(at -> (int) order[at] & (1 << INDEX_BITS) - 1)
          .boxed()
          .sorted(Comparator.comparing(key::apply))
          .forEach(index -> trie.add(key.apply(index), value.apply(index)));
    }
    return trie.root();
  }

  private GenesisAccount state(int index) {
    return index < special.size()
        ? special.get(index).getValue()
        : index < firstContract()
            ? GenesisAccount.holding(ETHER.plus(UInt256.of(index)))
            : new GenesisAccount(UInt256.ZERO, 1, code(index), Map.of());
  }

  /// A jump to the end over nothing but PUSH1, which takes longest to look through for
  /// destinations, with operands that take long to decompress. No two are the same.
  private static byte[] code(int index) {
    SplittableRandom random = new SplittableRandom(index);
    byte[] code = new byte[Network.CONTRACT_SIZE_LIMIT_BYTES];
    for (int i = 4; i < code.length; i += 2) {
      code[i] = 0x60;
      code[i + 1] = (byte) random.nextInt(16);
    }
    int last = code.length - 2;
    code[0] = 0x61;
    code[1] = (byte) (last >>> 8);
    code[2] = (byte) last;
    code[3] = 0x56;
    code[last] = 0x5B;
    code[last + 1] = 0x00;
    return code;
  }

  /// Where the token keeps an account's balance.
  private static UInt256 slot(Address account) {
    return UInt256.of(account.toBytes());
  }

  private final class Accounts extends Made<Address, GenesisAccount> {
    @Override
    Map.Entry<Address, GenesisAccount> entry(int index) {
      return Map.entry(account(index), state(index));
    }
  }

  private final class Balances extends Made<UInt256, UInt256> {
    @Override
    Map.Entry<UInt256, UInt256> entry(int index) {
      return Map.entry(slot(account(index)), TOKENS);
    }
  }

  /// An entry for each account, made where it is asked for.
  private abstract class Made<K, V> extends AbstractMap<K, V> implements SortedMap<K, V> {
    abstract Map.Entry<K, V> entry(int index);

    @Override
    public Set<Map.Entry<K, V>> entrySet() {
      return new AbstractSet<>() {
        @Override
        public Iterator<Map.Entry<K, V>> iterator() {
          return IntStream.range(0, size).mapToObj(Made.this::entry).iterator();
        }

        @Override
        public int size() {
          return size;
        }
      };
    }

    @Override
    public Comparator<? super K> comparator() {
      return null;
    }

    @Override
    public K firstKey() {
      return entry(0).getKey();
    }

    @Override
    public K lastKey() {
      return entry(size - 1).getKey();
    }

    @Override
    public SortedMap<K, V> subMap(K from, K to) {
      throw new UnsupportedOperationException();
    }

    @Override
    public SortedMap<K, V> headMap(K to) {
      throw new UnsupportedOperationException();
    }

    @Override
    public SortedMap<K, V> tailMap(K from) {
      throw new UnsupportedOperationException();
    }
  }
}
