package io.semper.node.fork;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.chain.block.Alteration;
import io.semper.chain.block.Alteration.Edit;
import io.semper.chain.producer.BlockBuilder;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.fork.ForkSchedule;
import io.semper.core.rlp.RlpWriter;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Receipt;
import io.semper.core.types.Transaction;
import io.semper.core.view.Account;
import io.semper.core.view.ChainView;
import io.semper.core.view.HistoryUnavailableException;
import io.semper.core.view.StateView;
import io.semper.evm.state.StateDiff;
import io.semper.evm.state.StateDiff.AccountDiff;
import io.semper.genesis.GenesisAccount;
import io.semper.genesis.Network;
import io.semper.node.dev.AlterableChain;
import io.semper.rpc.RpcException;
import io.semper.rpc.dev.Development.Forked;
import io.semper.rpc.param.Decoders;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;

/// The chain of another node up to one block, and from there on a chain of its own, in memory.
///
/// Nobody has the whole state, so nobody knows its root: the state roots of blocks made here are a
/// hash over what they changed and their parent's root, and no account can be proven.
///
/// Any thread may read. Changes belong to one, the producer's.
public final class ForkedChain implements ChainView, AlterableChain {
  /// States of blocks before the fork that are kept.
  private static final int MAX_OLDER_STATES = 64;

  private final Network network;
  private final List<Address> funded;
  private final UInt256 balance;
  private final Map<Hash32, byte[]> codes = new ConcurrentHashMap<>();
  private final Versions versions = new Versions();
  private final List<Consumer<HeadChange>> listeners = new CopyOnWriteArrayList<>();

  // Guarded by this.
  private final List<Made> made = new ArrayList<>();
  private final Map<Hash32, Made> byHash = new HashMap<>();
  private final Map<Hash32, TransactionLocation> locations = new HashMap<>();
  private final Map<Long, RemoteState> older =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, RemoteState> eldest) {
          return size() > MAX_OLDER_STATES;
        }
      };
  private Alteration altered = Alteration.NONE;
  private volatile Base base;

  /// Where the chain is forked.
  private record Base(RemoteNode node, Header header, RemoteBlocks blocks, RemoteState state) {}

  private record Made(Block block, List<Receipt> receipts) {
    Header header() {
      return block.header();
    }
  }

  /// @param block number of the last block taken over, `null` for the newest
  /// @throws RpcException where the node cannot be asked or understood
  ForkedChain(Network network, RemoteNode node, Long block, List<Address> funded, UInt256 balance) {
    this.network = network;
    this.funded = funded;
    this.balance = balance;
    base = base(node, block);
    beginning();
  }

  private Base base(RemoteNode node, Long wanted) {
    UInt256 chainId = chainId(node);
    if (!chainId.equals(network.chainId())) {
      throw RpcException.invalidParams(
          "the node's chain id is " + chainId + ", not " + network.chainId() + " as before");
    }
    long number = wanted != null ? wanted : number(node);
    RemoteBlocks blocks = new RemoteBlocks(node, number);
    Header header =
        blocks.header(number).orElseThrow(() -> node.failure("block " + number + " is not there"));
    return new Base(node, header, blocks, new RemoteState(node, number, codes));
  }

  static UInt256 chainId(RemoteNode node) {
    return read(node, "eth_chainId", Decoders::quantity);
  }

  private static long number(RemoteNode node) {
    return read(node, "eth_blockNumber", Decoders::positiveLong);
  }

  private static <T> T read(RemoteNode node, String method, Function<JsonNode, T> decoder) {
    try {
      return decoder.apply(node.call(method));
    } catch (IllegalArgumentException malformed) {
      throw node.failure(method + ": " + malformed.getMessage());
    }
  }

  /// What the chain starts with: ether for the development accounts, and the contracts that blocks
  /// call where the other chain has none.
  private void beginning() {
    Alteration edits = Alteration.NONE;
    for (Address account : funded) {
      edits = edits.and(account, Edit.ofBalance(balance));
    }
    for (Map.Entry<Address, GenesisAccount> each : network.allocation().accounts().entrySet()) {
      Account known =
          each.getValue().code().length == 0 ? null : base.state().account(each.getKey());
      boolean missing = known == null || known.codeHash().equals(Keccak.EMPTY);
      if (each.getValue().code().length > 0 && missing) {
        edits = edits.and(each.getKey(), Edit.ofCode(each.getValue().code()));
        edits = edits.and(each.getKey(), Edit.ofNonce(Math.max(1, each.getValue().nonce())));
      }
    }
    alter(edits);
  }

  /// The state root of a block made here: see the class.
  static Hash32 root(Header parent, StateDiff diff) {
    return root(parent.stateRoot(), diff);
  }

  static Hash32 root(Hash32 parent, StateDiff diff) {
    RlpWriter out = new RlpWriter().startList().hash(parent);
    for (Map.Entry<Address, AccountDiff> each : new TreeMap<>(diff.accounts()).entrySet()) {
      AccountDiff change = each.getValue();
      out.startList().address(each.getKey());
      if (!change.deleted()) {
        out.number(change.nonce()).number(change.balance()).hash(change.codeHash());
        out.number(change.storageCleared() ? 1 : 0);
        new TreeMap<>(change.storage()).forEach((slot, value) -> out.number(slot).number(value));
      }
      out.endList();
    }
    return Keccak.hash(out.endList().toBytes());
  }

  /// Takes a block built on the head.
  void add(BlockBuilder.Built built) {
    Block block = built.block();
    Header header = block.header();
    synchronized (this) {
      if (!header.parentHash().equals(head().hash())) {
        throw new IllegalStateException("block " + header.number() + " is not built on the head");
      }
      versions.put(Versions.sealed(header.number()), built.diff(), codes);
      Made entry = new Made(block, built.receipts());
      made.add(entry);
      byHash.put(header.hash(), entry);
      int index = 0;
      for (Transaction transaction : block.transactions()) {
        locations.put(
            transaction.hash(), new TransactionLocation(header.hash(), header.number(), index++));
      }
      altered = Alteration.NONE;
    }
    tell(new HeadChange(List.of(), List.of(header)));
  }

  private void tell(HeadChange change) {
    listeners.forEach(listener -> listener.accept(change));
  }

  // ---- Altered, and gone back

  @Override
  public synchronized Alteration alteration() {
    return altered;
  }

  @Override
  public synchronized void alter(Alteration alteration) {
    long head = head().number();
    versions.dropAfter(Versions.sealed(head));
    StateView sealed = versions.at(Versions.sealed(head), base.state(), codes);
    versions.put(Versions.altered(head), alteration.on(sealed).diff(), codes);
    altered = alteration;
  }

  @Override
  public void goTo(Header head) {
    List<Header> left = new ArrayList<>();
    synchronized (this) {
      if (head.number() < base.header().number()) {
        throw RpcException.invalidParams("the chain is forked at block " + base.header().number());
      }
      while (!made.isEmpty() && made.getLast().header().number() > head.number()) {
        Made last = made.removeLast();
        last.block().transactions().forEach(t -> locations.remove(t.hash()));
        left.add(last.header());
      }
      versions.dropAfter(Versions.sealed(head.number()));
      altered = Alteration.NONE;
    }
    tell(new HeadChange(left, List.of()));
    // Only told of while they leave: their transactions may be sent again.
    synchronized (this) {
      left.forEach(header -> byHash.remove(header.hash()));
    }
  }

  @Override
  public void startOver(String url, Long block) {
    if (url != null || block != null) {
      RemoteNode node = url == null ? base.node() : new RemoteNode(url);
      Base next = base(node, block);
      goTo(base.header());
      synchronized (this) {
        versions.dropAfter(-1);
        base = next;
      }
      tell(new HeadChange(List.of(), List.of(next.header())));
    } else {
      goTo(base.header());
    }
    beginning();
  }

  @Override
  public void readFrom(String url) {
    Base now = base;
    Base next = base(new RemoteNode(url), now.header().number());
    if (!next.header().equals(now.header())) {
      throw next.node().failure("block " + now.header().number() + " is not the one forked");
    }
    synchronized (this) {
      older.clear();
      base = next;
    }
  }

  @Override
  public Map<Address, List<UInt256>> written() {
    return versions.written();
  }

  @Override
  public Optional<Forked> forked() {
    Base now = base;
    return Optional.of(
        new Forked(
            now.node().address(), network.chainId(), now.header().number(), now.header().hash()));
  }

  // ---- Reading

  @Override
  public UInt256 chainId() {
    return network.chainId();
  }

  @Override
  public ForkSchedule forks() {
    return network.forks();
  }

  @Override
  public synchronized Header head() {
    return made.isEmpty() ? base.header() : made.getLast().header();
  }

  @Override
  public Optional<Header> safe() {
    return Optional.of(head());
  }

  @Override
  public Optional<Header> finalized() {
    return Optional.of(head());
  }

  private synchronized Optional<Made> made(long number) {
    long at = number - base.header().number() - 1;
    return at >= 0 && at < made.size() ? Optional.of(made.get((int) at)) : Optional.empty();
  }

  private synchronized Optional<Made> made(Hash32 hash) {
    return Optional.ofNullable(byHash.get(hash));
  }

  @Override
  public Optional<Header> header(long number) {
    return made(number).map(Made::header).or(() -> base.blocks().header(number));
  }

  @Override
  public Optional<Header> header(Hash32 hash) {
    return made(hash).map(Made::header).or(() -> base.blocks().header(hash));
  }

  @Override
  public boolean isCanonical(Header header) {
    return header(header.number()).filter(header::equals).isPresent();
  }

  @Override
  public Optional<Block> block(Hash32 hash) {
    return made(hash).map(Made::block).or(() -> base.blocks().block(hash));
  }

  @Override
  public Optional<List<Receipt>> receipts(Hash32 blockHash) {
    return made(blockHash).map(Made::receipts).or(() -> base.blocks().receipts(blockHash));
  }

  @Override
  public Optional<TransactionLocation> locate(Hash32 transactionHash) {
    synchronized (this) {
      TransactionLocation here = locations.get(transactionHash);
      if (here != null) {
        return Optional.of(here);
      }
    }
    return base.blocks().locate(transactionHash);
  }

  @Override
  public Optional<UInt256> totalDifficulty(Hash32 blockHash) {
    return Optional.of(UInt256.ZERO);
  }

  @Override
  public StateView stateAfter(Header header) {
    Base now = base;
    long number = header.number();
    if (number < now.header().number()) {
      return older(now, number);
    }
    // As the head was altered; for others, what was altered went into the block after.
    boolean atHead = header.equals(head());
    long version = atHead ? Versions.altered(number) : Versions.sealed(number);
    return versions.at(version, now.state(), codes);
  }

  /// Whether a block stands on the chain's own part, made here or to be made here.
  boolean isForkedAfter(Header header) {
    return header.number() > base.header().number();
  }

  /// What a block was executed on: its parent's state as it was altered afterwards.
  StateView stateBefore(Header header) {
    Base now = base;
    long parent = header.number() - 1;
    return parent < now.header().number()
        ? older(now, parent)
        : versions.at(Versions.altered(parent), now.state(), codes);
  }

  private synchronized StateView older(Base now, long number) {
    return older.computeIfAbsent(number, n -> new RemoteState(now.node(), n, codes));
  }

  @Override
  public AccountProof prove(Header header, Address address, List<UInt256> keys) {
    throw new HistoryUnavailableException("a forked chain has no state trie to prove from");
  }

  @Override
  public long oldestState() {
    return 0;
  }

  /// None can be.
  @Override
  public long oldestProof() {
    return Long.MAX_VALUE;
  }

  @Override
  public Subscription onHead(Consumer<HeadChange> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }
}
