package io.semper.rpc.ledger;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.Fork;
import io.semper.core.fork.ForkSchedule;
import io.semper.core.trie.Trie;
import io.semper.core.types.Block;
import io.semper.core.types.Bloom;
import io.semper.core.types.Header;
import io.semper.core.types.Receipt;
import io.semper.core.types.Transaction;
import io.semper.core.view.Account;
import io.semper.core.view.ChainView;
import io.semper.core.view.HistoryUnavailableException;
import io.semper.core.view.PoolView.PendingBlock;
import io.semper.core.view.StateView;
import io.semper.evm.BlockEnv;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.state.Journal;
import io.semper.evm.trace.Tracer;
import io.semper.evm.tx.Message;
import io.semper.evm.tx.Transition;
import io.semper.evm.tx.TxResult;
import io.semper.rpc.trace.Replay;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// A chain of blocks made on demand, under Osaka's rules from genesis on. Blocks on top of any
/// known block may be made; the newest longest one is the head.
public final class MemoryChain implements ChainView {
  public static final UInt256 CHAIN_ID = UInt256.of(1337);
  public static final long GAS_LIMIT = 30_000_000;
  private static final UInt256 BASE_FEE = UInt256.of(1_000_000_000);
  private static final long SECONDS_A_BLOCK = 12;

  private final ForkSchedule forks;
  private final Map<Hash32, Block> blocks = new HashMap<>();
  private final Map<Hash32, List<Receipt>> receipts = new HashMap<>();
  private final Map<Hash32, MemoryState> states = new HashMap<>();
  private final Map<Hash32, TransactionLocation> locations = new HashMap<>();
  private final List<Hash32> canonical = new ArrayList<>();
  private final List<Consumer<HeadChange>> listeners = new CopyOnWriteArrayList<>();
  private volatile long oldestState;

  public MemoryChain(Map<Address, UInt256> balances) {
    EnumMap<Fork, Long> activations = new EnumMap<>(Fork.class);
    for (Fork fork : Fork.values()) {
      if (fork != Fork.PARIS && !fork.atLeast(Fork.BPO1)) activations.put(fork, 0L);
    }
    forks = new ForkSchedule(activations, Map.of(), UInt256.ZERO);
    MemoryState state = MemoryState.of(balances);
    Header genesis =
        header(null, 0)
            .stateRoot(state.root())
            .transactionsRoot(Account.EMPTY_ROOT)
            .receiptsRoot(Account.EMPTY_ROOT)
            .build();
    store(new Block(genesis, List.of(), List.of(), List.of()), List.of(), state);
    canonical.add(genesis.hash());
  }

  private static Header.Builder header(Header parent, long extra) {
    return Header.builder()
        .parentHash(parent == null ? Hash32.ZERO : parent.hash())
        .number(parent == null ? 0 : parent.number() + 1)
        .timestamp(parent == null ? 1_700_000_000 : parent.timestamp() + SECONDS_A_BLOCK + extra)
        .gasLimit(GAS_LIMIT)
        .baseFeePerGas(BASE_FEE)
        .withdrawalsRoot(Account.EMPTY_ROOT)
        .blobGasUsed(0L)
        .excessBlobGas(0L)
        .parentBeaconBlockRoot(Hash32.ZERO)
        .requestsHash(Hash32.ZERO);
  }

  /// Makes the block after the head.
  public synchronized Block add(Transaction... transactions) {
    return addOn(head(), 0, transactions);
  }

  /// Makes a block on any other; it becomes the head where it is higher than the head.
  ///
  /// @param extraSeconds makes it differ from others like it
  public synchronized Block addOn(Header parent, long extraSeconds, Transaction... transactions) {
    Built built = build(parent, extraSeconds, List.of(transactions));
    store(built.block, built.receipts, built.state);
    Header header = built.block.header();
    if (header.number() > head().number()) {
      becomeHead(header);
    }
    return built.block;
  }

  private record Built(Block block, List<Receipt> receipts, MemoryState state) {}

  PendingBlock pending(List<Transaction> transactions) {
    Built built = build(head(), 0, transactions);
    return new PendingBlock(built.block, built.receipts, built.state);
  }

  /// Executes its blocks again.
  public Replay replay() {
    return new Replay() {
      @Override
      public Execution begin(Block block) {
        MemoryState before = state(header(block.header().parentHash()).orElseThrow());
        return new MemoryExecution(new Journal(before), env(block.header()));
      }

      @Override
      public List<Reward> rewards(Block block) {
        return List.of();
      }
    };
  }

  private static final class MemoryExecution implements Replay.Execution {
    private final Journal state;
    private final BlockEnv env;
    private long gasUsed;

    MemoryExecution(Journal state, BlockEnv env) {
      this.state = state;
      this.env = env;
    }

    @Override
    public Journal state() {
      return state;
    }

    @Override
    public BlockEnv env() {
      return env;
    }

    @Override
    public ForkRules rules() {
      return ForkRules.of(Fork.OSAKA);
    }

    @Override
    public TxResult execute(Transaction transaction, Tracer tracer) {
      Message message = Message.of(transaction, transaction.sender());
      TxResult result = Transition.apply(state, env, rules(), message, GAS_LIMIT - gasUsed, tracer);
      if (result instanceof TxResult.Executed executed) {
        gasUsed += executed.gasUsed();
      }
      return result;
    }
  }

  private BlockEnv env(Header draft) {
    return new BlockEnv(
        CHAIN_ID,
        draft.beneficiary(),
        draft.number(),
        draft.timestamp(),
        GAS_LIMIT,
        UInt256.ZERO,
        Hash32.ZERO,
        BASE_FEE,
        UInt256.ONE,
        number -> header(number).map(Header::hash).orElse(Hash32.ZERO));
  }

  private synchronized Built build(Header parent, long extraSeconds, List<Transaction> wanted) {
    Header draft = header(parent, extraSeconds).build();
    MemoryState before = states.get(parent.hash());
    Journal journal = new Journal(before);
    BlockEnv env = env(draft);
    List<Receipt> outcome = new ArrayList<>();
    List<byte[]> encoded = new ArrayList<>();
    long used = 0;
    for (Transaction t : wanted) {
      TxResult result =
          Transition.apply(
              journal,
              env,
              ForkRules.of(Fork.OSAKA),
              Message.of(t, t.sender()),
              GAS_LIMIT - used,
              null);
      if (!(result instanceof TxResult.Executed executed)) {
        throw new IllegalArgumentException("not executable: " + result);
      }
      used += executed.gasUsed();
      Bloom bloom = Bloom.ofLogs(executed.logs());
      outcome.add(new Receipt(t.type(), null, executed.success(), used, bloom, executed.logs()));
      encoded.add(t.encode());
    }
    MemoryState after = before.with(journal.diff());
    Header sealed =
        draft.toBuilder()
            .gasUsed(used)
            .stateRoot(after.root())
            .transactionsRoot(Trie.orderedRoot(encoded))
            .receiptsRoot(Trie.orderedRoot(outcome.stream().map(Receipt::encode).toList()))
            .logsBloom(Bloom.union(outcome))
            .build();
    return new Built(new Block(sealed, wanted, List.of(), List.of()), outcome, after);
  }

  private void store(Block block, List<Receipt> outcome, MemoryState state) {
    blocks.put(block.header().hash(), block);
    receipts.put(block.header().hash(), outcome);
    states.put(block.header().hash(), state);
  }

  private void becomeHead(Header head) {
    List<Header> added = new ArrayList<>();
    for (Header h = head; !isCanonical(h); h = blocks.get(h.parentHash()).header()) {
      added.addFirst(h);
    }
    List<Header> removed = new ArrayList<>();
    while (canonical.size() > added.getFirst().number()) {
      Block gone = blocks.get(canonical.removeLast());
      removed.add(gone.header());
      gone.transactions().forEach(t -> locations.remove(t.hash()));
    }
    for (Header h : added) {
      canonical.add(h.hash());
      List<Transaction> body = blocks.get(h.hash()).transactions();
      for (int i = 0; i < body.size(); i++) {
        locations.put(body.get(i).hash(), new TransactionLocation(h.hash(), h.number(), i));
      }
    }
    listeners.forEach(l -> l.accept(new HeadChange(removed, added)));
  }

  /// Forgets the states of blocks before this one.
  public void forgetStatesBefore(long number) {
    oldestState = number;
  }

  @Override
  public UInt256 chainId() {
    return CHAIN_ID;
  }

  @Override
  public ForkSchedule forks() {
    return forks;
  }

  @Override
  public synchronized Header head() {
    return blocks.get(canonical.getLast()).header();
  }

  @Override
  public Optional<Header> safe() {
    return Optional.of(head());
  }

  @Override
  public Optional<Header> finalized() {
    return Optional.of(head());
  }

  @Override
  public synchronized Optional<Header> header(long number) {
    return number < 0 || number >= canonical.size()
        ? Optional.empty()
        : header(canonical.get((int) number));
  }

  @Override
  public synchronized Optional<Header> header(Hash32 hash) {
    return block(hash).map(Block::header);
  }

  @Override
  public synchronized boolean isCanonical(Header header) {
    return header(header.number()).filter(header::equals).isPresent();
  }

  @Override
  public synchronized Optional<Block> block(Hash32 hash) {
    return Optional.ofNullable(blocks.get(hash));
  }

  @Override
  public synchronized Optional<List<Receipt>> receipts(Hash32 blockHash) {
    return Optional.ofNullable(receipts.get(blockHash));
  }

  @Override
  public synchronized Optional<TransactionLocation> locate(Hash32 transactionHash) {
    return Optional.ofNullable(locations.get(transactionHash));
  }

  @Override
  public Optional<UInt256> totalDifficulty(Hash32 blockHash) {
    return block(blockHash).map(b -> UInt256.ZERO);
  }

  @Override
  public synchronized StateView stateAfter(Header header) {
    return state(header);
  }

  private MemoryState state(Header header) {
    if (header.number() < oldestState) {
      throw new HistoryUnavailableException(
          "historical state not available before block " + oldestState);
    }
    return states.get(header.hash());
  }

  @Override
  public synchronized AccountProof prove(Header header, Address address, List<UInt256> keys) {
    return state(header).prove(address, keys);
  }

  @Override
  public long oldestState() {
    return oldestState;
  }

  @Override
  public Subscription onHead(Consumer<HeadChange> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }
}
