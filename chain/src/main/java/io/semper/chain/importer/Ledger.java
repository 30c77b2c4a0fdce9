package io.semper.chain.importer;

import io.semper.chain.block.Alteration;
import io.semper.chain.block.HeaderRules;
import io.semper.chain.block.Rule;
import io.semper.chain.block.SealRule;
import io.semper.chain.block.Violation;
import io.semper.chain.db.KeyValueStore;
import io.semper.chain.db.Schema;
import io.semper.chain.db.StorageException;
import io.semper.chain.db.WriteBatch;
import io.semper.chain.importer.BlockVerifier.Verdict;
import io.semper.chain.state.ChainState;
import io.semper.chain.state.StateDelta;
import io.semper.chain.state.StateStore;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.ForkSchedule;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Receipt;
import io.semper.core.view.ChainView;
import io.semper.core.view.HistoryUnavailableException;
import io.semper.evm.state.StateDiff;
import io.semper.genesis.Network;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// All blocks a node knows, which of them are the chain, and the state after each.
///
/// Any thread may read. Everything that changes the ledger ([#importBlock], [#addBlock],
/// [#setForkchoice], [#prune], [#flush]) is for one thread at a time: [BlockImporter] sees to that.
///
/// Fork choice: the chain with the higher total difficulty is canonical, and of equal ones the
/// longer; of equally long ones the first seen stays. Under proof of stake difficulties are zero,
/// so that imported blocks extend or outgrow the chain until a consensus layer says otherwise by
/// [#setForkchoice]. Under QBFT every block is final: none is ever left.
///
/// Everything on disk changes by atomic batches after each of which head, canonical index and state
/// agree; a process killed at any instant opens again at the last of them. A reorganisation too
/// large for one batch notes its target first and is completed on opening.
public final class Ledger implements ChainView {
  /// Blocks found invalid, remembered so that they and their children are refused at once.
  private static final int MAX_REMEMBERED_INVALID = 1024;

  /// Proposed blocks whose outcome is kept until one of them is final.
  private static final int MAX_CHECKED = 4;

  /// Above this a reorganisation is written in several batches.
  private static final long MAX_BATCH_BYTES = 16L << 20;

  private final Network network;
  private final KeyValueStore store;
  private final BlockStore blocks;
  private final StateStore states;
  private final BlockVerifier verifier;
  private final SideStates sides;
  private final long historyBlocks;
  private final long maxBatchBytes;
  private final List<Consumer<HeadChange>> listeners = new CopyOnWriteArrayList<>();

  private final Map<Hash32, Violation> invalid =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Hash32, Violation> eldest) {
          return size() > MAX_REMEMBERED_INVALID;
        }
      };

  /// What executing proposed blocks gave, by hash; all on top of the head.
  private final Map<Hash32, Verdict> checked =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Hash32, Verdict> eldest) {
          return size() > MAX_CHECKED;
        }
      };

  private volatile Tip tip;
  private volatile Header safe;
  private volatile Header finalized;
  private volatile Altered altered;
  private volatile Computed computed;

  /// The state after the head as the user of a development chain changed it since.
  private record Altered(Hash32 head, Alteration alteration, StateDelta delta) {}

  /// What the newest root that a producer asked for came of.
  private record Computed(StateDiff diff, StateDelta delta) {}

  private record Tip(Header header, UInt256 totalDifficulty) {}

  /// What became of a choice of head.
  public sealed interface ForkchoiceResult {
    record Updated(Header head) implements ForkchoiceResult {}

    /// The block has not been imported.
    record Unknown(Hash32 hash) implements ForkchoiceResult {}

    /// Safe or finalized block are not ancestors of the head.
    record Refused(String reason) implements ForkchoiceResult {}

    /// The head cannot be gone to: the states on the way are no longer kept.
    record Unreachable(String reason) implements ForkchoiceResult {}
  }

  private Ledger(
      Network network, KeyValueStore store, SealRule seal, long historyBlocks, long maxBatchBytes) {
    this.network = network;
    this.store = store;
    this.historyBlocks = historyBlocks;
    this.maxBatchBytes = maxBatchBytes;
    blocks = new BlockStore(store);
    states = new StateStore(store);
    verifier = new BlockVerifier(network, seal.over(this), blocks, states);
    sides = new SideStates(blocks, states, verifier);
  }

  /// Opens the chain a store holds, or begins it with the network's genesis block. Keeps the state
  /// of every block.
  ///
  /// @param seal what proof-of-work headers must show
  /// @throws StorageException where the store holds another network's chain, or is damaged
  public static Ledger open(KeyValueStore store, Network network, SealRule seal) {
    return open(store, network, seal, Long.MAX_VALUE);
  }

  /// @param historyBlocks how many blocks below the head stay readable with their state
  public static Ledger open(
      KeyValueStore store, Network network, SealRule seal, long historyBlocks) {
    return open(store, network, seal, historyBlocks, MAX_BATCH_BYTES);
  }

  /// @param maxBatchBytes where a reorganisation is cut into batches; tests lower it
  static Ledger open(
      KeyValueStore store, Network network, SealRule seal, long historyBlocks, long maxBatchBytes) {
    Ledger ledger = new Ledger(network, store, seal, historyBlocks, maxBatchBytes);
    Hash32 genesis = ledger.blocks.pointer(Schema.GENESIS);
    if (genesis == null) {
      ledger.begin();
    } else if (!genesis.equals(network.genesisHash())) {
      throw new StorageException(
          "the data directory holds a chain with genesis "
              + genesis
              + ", but network "
              + network.name()
              + " has genesis "
              + network.genesisHash()
              + "; use another data directory");
    }
    ledger.recover();
    return ledger;
  }

  private void begin() {
    Block genesis = network.genesisBlock();
    Header header = genesis.header();
    Hash32 root = states.writeFirst(network.allocation());
    if (!root.equals(header.stateRoot())) {
      throw new IllegalArgumentException(
          "genesis header has state root " + header.stateRoot() + ", its accounts have " + root);
    }
    WriteBatch batch = new WriteBatch();
    states.begin(batch, root);
    if (network.isDevelopment()) {
      BlockStore.putWritten(batch, network.allocation());
    }
    blocks.putBlock(batch, genesis, header.difficulty(), List.of());
    blocks.putCanonical(batch, genesis);
    batch.put(Schema.GENESIS, header.hash().toBytes());
    batch.put(Schema.HEAD, header.hash().toBytes());
    states.commit(batch, true);
  }

  private void recover() {
    Header head = named(Schema.HEAD);
    if (head == null
        || states.head() != head.number()
        || !states.headState().root().equals(head.stateRoot())) {
      throw new StorageException(
          "the database is damaged: head is "
              + (head == null ? "missing" : "block " + head.number())
              + ", the state is that of block "
              + states.head());
    }
    tip = new Tip(head, blocks.entry(head.hash()).totalDifficulty());
    safe = named(Schema.SAFE);
    finalized = named(Schema.FINALIZED);
    Header target = named(Schema.REORGANISING_TO);
    if (target != null) {
      try {
        moveToNoted(target, true);
      } catch (HistoryUnavailableException e) {
        // It stays beside the head, as it would have.
      }
    }
    byte[] edits = store.get(Schema.ALTERED);
    altered = edits == null ? null : altered(Alteration.decode(edits));
  }

  private Header named(byte[] key) {
    Hash32 hash = blocks.pointer(key);
    return hash == null ? null : blocks.header(hash);
  }

  // ---- Importing

  /// Verifies a block and, where it is valid, stores it and follows it if it is the better head.
  ///
  /// @param sync whether the result must survive a power failure; if not, the end of the process
  ///   may take it too, where the store is a [io.semper.chain.db.WriteBehind]
  public ImportResult importBlock(Block block, boolean sync) {
    return importBlock(block, sync, true, null);
  }

  /// Verifies a block and, where it is valid, stores it, but leaves the head where it is: under a
  /// consensus layer [#setForkchoice] alone moves it.
  ///
  /// @param sync as for [#importBlock]
  public ImportResult addBlock(Block block, boolean sync) {
    return importBlock(block, sync, false, null);
  }

  /// Imports a block that was built here, durably, and makes it the head, safe and final, as nobody
  /// can do on a chain with other producers. On top of the head it is not executed again: building
  /// it has told what import would find out.
  ///
  /// @param diff what [#rootAfter] was asked about last, or the block is executed
  public ImportResult importBuilt(Block block, List<Receipt> receipts, StateDiff diff) {
    Header header = block.header();
    Computed last = computed;
    if (last != null && last.diff() == diff && follows(header, last.delta())) {
      checked.put(header.hash(), new Verdict.Valid(receipts, last.delta()));
    }
    Named named = new Named(header, header);
    ImportResult result = importBlock(block, true, true, named);
    boolean taken =
        result instanceof ImportResult.Imported || result instanceof ImportResult.AlreadyKnown;
    if (taken && !header.equals(finalized)) {
      setForkchoice(header.hash(), header.hash(), header.hash());
    }
    return result;
  }

  /// Whether a block on top of the head changes its state as sealed, not as altered since.
  private boolean follows(Header header, StateDelta delta) {
    Header head = tip.header();
    return header.parentHash().equals(head.hash())
        && delta.parentRoot().equals(head.stateRoot())
        && delta.root().equals(header.stateRoot());
  }

  /// @param named what becomes safe and final where the block extends the chain, `null` to change
  ///   neither
  private ImportResult importBlock(Block block, boolean sync, boolean follow, Named named) {
    Header header = block.header();
    Hash32 hash = header.hash();
    if (header.number() == 0 && !hash.equals(network.genesisHash())) {
      return refused(
          header, Rule.GENESIS, "not this network's genesis block " + network.genesisHash());
    }
    if (header.number() == 0 || blocks.entry(hash) != null) {
      return known(block);
    }
    Violation remembered = invalid.get(hash);
    if (remembered != null) {
      return new ImportResult.Invalid(header.number(), hash, remembered);
    }
    if (invalid.containsKey(header.parentHash())) {
      return remember(
          header,
          new Violation(Rule.PARENT_INVALID, "parent " + header.parentHash() + " is invalid"));
    }
    Header parent = blocks.header(header.parentHash());
    if (parent == null) {
      return new ImportResult.UnknownParent(header.number(), hash, header.parentHash());
    }
    try {
      return importOn(parent, block, sync, follow, named);
    } catch (HistoryUnavailableException e) {
      return new ImportResult.Unavailable(header.number(), hash, e.getMessage());
    }
  }

  /// Even of a known block the body could be another one.
  private ImportResult known(Block block) {
    Header header = block.header();
    UInt256 parentTotal =
        header.number() == 0 ? UInt256.ZERO : blocks.entry(header.parentHash()).totalDifficulty();
    Optional<Violation> broken = verifier.verifyBody(block, parentTotal);
    return broken.isPresent()
        ? new ImportResult.Invalid(header.number(), header.hash(), broken.get())
        : new ImportResult.AlreadyKnown(header);
  }

  /// Whether a block on top of the head that is only proposed is valid but for its seal. What
  /// executing it gave is kept for its import.
  ///
  /// @return the first rule broken
  public Optional<Violation> check(Block block) {
    Header header = block.header();
    Header parent = tip.header();
    if (!header.parentHash().equals(parent.hash())) {
      return Optional.of(new Violation(Rule.PARENT_UNKNOWN, "not on top of the head"));
    }
    UInt256 total = tip.totalDifficulty();
    Optional<Violation> broken =
        verifier
            .headers()
            .verifyUnsealed(header, parent, total)
            .or(() -> verifier.verifyBody(block, total));
    if (broken.isPresent()) {
      return broken;
    }
    return switch (verifier.execute(block, total, states.headState(), Alteration.NONE)) {
      case Verdict.Broken b -> Optional.of(b.violation());
      case Verdict.Valid valid -> {
        checked.put(header.hash(), valid);
        yield Optional.empty();
      }
    };
  }

  private ImportResult importOn(
      Header parent, Block block, boolean sync, boolean follow, Named named) {
    Header header = block.header();
    UInt256 parentTotal = blocks.entry(parent.hash()).totalDifficulty();
    Optional<Violation> broken = verifier.verifyHeader(header, parent, parentTotal);
    if (broken.isPresent()) {
      return remember(header, broken.get());
    }
    broken = verifier.verifyBody(block, parentTotal);
    if (broken.isPresent()) {
      // Another body may fit the header: not remembered.
      return new ImportResult.Invalid(header.number(), header.hash(), broken.get());
    }
    boolean extendsHead = parent.equals(tip.header());
    Verdict verdict = extendsHead ? checked.get(header.hash()) : null;
    if (verdict == null) {
      ChainState before = extendsHead ? states.headState() : sides.after(parent);
      Alteration alteration = extendsHead && follow ? alteration() : Alteration.NONE;
      verdict = verifier.execute(block, parentTotal, before, alteration);
    }
    return switch (verdict) {
      case Verdict.Broken b -> remember(header, b.violation());
      case Verdict.Valid valid -> {
        Tip candidate = new Tip(header, parentTotal.plus(header.difficulty()));
        if (extendsHead && follow) {
          extend(block, candidate, valid, sync, named);
        } else {
          addBeside(block, candidate, valid, sync, follow);
        }
        yield new ImportResult.Imported(header, tip.header().equals(header));
      }
    };
  }

  private void extend(Block block, Tip candidate, Verdict.Valid valid, boolean sync, Named named) {
    WriteBatch batch = new WriteBatch();
    states.append(batch, block.header().number(), valid.delta());
    noteWritten(batch, valid.delta());
    blocks.putBlock(batch, block, candidate.totalDifficulty(), valid.receipts());
    blocks.putCanonical(batch, block);
    batch.put(Schema.HEAD, block.header().hash().toBytes());
    if (altered != null) {
      blocks.putAlteration(batch, block.header(), altered.alteration());
      batch.delete(Schema.ALTERED);
    }
    if (named != null) {
      named.writeTo(batch);
    }
    states.commit(batch, sync);
    blocks.remember(block.header());
    tip = candidate;
    altered = null;
    if (named != null) {
      name(named);
    }
    checked.clear();
    tell(List.of(), List.of(block.header()));
  }

  private void addBeside(
      Block block, Tip candidate, Verdict.Valid valid, boolean sync, boolean follow) {
    Header header = block.header();
    WriteBatch batch = new WriteBatch();
    blocks.putBlock(batch, block, candidate.totalDifficulty(), valid.receipts());
    boolean better =
        follow
            && isBetter(candidate, tip)
            && finalized().map(f -> isAncestor(f, header)).orElse(true);
    if (better) {
      // Whoever finds the block on opening must not take an older head for the best.
      batch.put(Schema.REORGANISING_TO, header.hash().toBytes());
    }
    store.write(batch, sync && !better);
    blocks.remember(header);
    sides.keep(header.hash(), valid.delta());
    if (better) {
      moveToNoted(header, sync);
    }
  }

  /// The same as [#moveTo] where the store holds a note of it.
  private void moveToNoted(Header target, boolean sync) {
    try {
      moveTo(target, sync, null);
    } catch (HistoryUnavailableException e) {
      store.write(new WriteBatch().delete(Schema.REORGANISING_TO), sync);
      throw e;
    }
  }

  private static boolean isBetter(Tip candidate, Tip current) {
    int order = candidate.totalDifficulty().compareTo(current.totalDifficulty());
    return order > 0 || order == 0 && candidate.header().number() > current.header().number();
  }

  /// A header's hash does not cover QBFT's seals: the same block may come with good ones.
  private ImportResult remember(Header header, Violation violation) {
    if (violation.rule() != Rule.SEAL || header.qbft().isEmpty()) {
      invalid.put(header.hash(), violation);
    }
    return new ImportResult.Invalid(header.number(), header.hash(), violation);
  }

  private static ImportResult refused(Header header, Rule rule, String message) {
    return new ImportResult.Invalid(header.number(), header.hash(), new Violation(rule, message));
  }

  // ---- Fork choice

  /// Makes an imported block the head, reorganising as far as it takes, and names the blocks that
  /// consensus holds for safe and final.
  ///
  /// @param safeHash zero for none
  /// @param finalizedHash zero for none
  public ForkchoiceResult setForkchoice(Hash32 headHash, Hash32 safeHash, Hash32 finalizedHash) {
    Header head = blocks.header(headHash);
    if (head == null) {
      return new ForkchoiceResult.Unknown(headHash);
    }
    Header newSafe = safeHash.isZero() ? null : blocks.header(safeHash);
    Header newFinalized = finalizedHash.isZero() ? null : blocks.header(finalizedHash);
    if (!safeHash.isZero() && (newSafe == null || !isAncestor(newSafe, head))) {
      return new ForkchoiceResult.Refused("safe block " + safeHash + " is not in the chain");
    }
    if (!finalizedHash.isZero() && (newFinalized == null || !isAncestor(newFinalized, head))) {
      return new ForkchoiceResult.Refused(
          "finalized block " + finalizedHash + " is not in the chain");
    }
    Named named = new Named(newSafe, newFinalized);
    try {
      if (head.equals(tip.header())) {
        WriteBatch batch = new WriteBatch();
        named.writeTo(batch);
        store.write(batch, true);
        name(named);
      } else {
        moveTo(head, true, named);
      }
    } catch (HistoryUnavailableException e) {
      return new ForkchoiceResult.Unreachable(e.getMessage());
    }
    return new ForkchoiceResult.Updated(head);
  }

  /// The blocks that consensus names, each `null` for none.
  private record Named(Header safe, Header finalized) {
    void writeTo(WriteBatch batch) {
      point(batch, Schema.SAFE, safe);
      point(batch, Schema.FINALIZED, finalized);
    }
  }

  private void name(Named named) {
    safe = named.safe();
    finalized = named.finalized();
  }

  private boolean isAncestor(Header ancestor, Header of) {
    Header at = of;
    while (at.number() > ancestor.number() && !blocks.isCanonical(at)) {
      at = blocks.header(at.parentHash());
    }
    return at.number() > ancestor.number() ? blocks.isCanonical(ancestor) : at.equals(ancestor);
  }

  private static void point(WriteBatch batch, byte[] key, Header header) {
    if (header == null) {
      batch.delete(key);
    } else {
      batch.put(key, header.hash().toBytes());
    }
  }

  /// Makes `target`, which is valid, the head: reverts to the block both chains share, applies the
  /// new chain's blocks.
  ///
  /// @param named what becomes safe and final with it, `null` to keep what still can be
  private void moveTo(Header target, boolean sync, Named named) {
    List<Header> added = new ArrayList<>();
    Header common = target;
    while (!blocks.isCanonical(common)) {
      added.addFirst(common);
      common = blocks.header(common.parentHash());
    }
    if (common.number() < tip.header().number() && common.number() < states.oldestProvable()) {
      throw new HistoryUnavailableException(
          "the chains part at block "
              + common.number()
              + ", but the state is kept from block "
              + states.oldestProvable()
              + " on only");
    }
    List<Header> removed = new ArrayList<>();
    Reorganisation moving = new Reorganisation(target);
    for (Header at = tip.header(); !at.equals(common); ) {
      Header parent = blocks.header(at.parentHash());
      moving.remove(at, parent);
      removed.add(at);
      at = parent;
    }
    for (Header header : added) {
      moving.add(header);
    }
    moving.finish(sync, named);
    checked.clear();
    tell(removed, added);
  }

  /// One move from head to head, in as few batches as its size allows.
  private final class Reorganisation {
    private final Header target;
    private WriteBatch batch = new WriteBatch();
    private Header reached = tip.header();

    Reorganisation(Header target) {
      this.target = target;
    }

    void remove(Header header, Header parent) {
      Block block = blocks.block(header.hash());
      states.revert(batch, header.number());
      blocks.removeCanonical(batch, block);
      reached = parent;
      writeIfLarge();
    }

    void add(Header header) {
      StateDelta delta = sides.delta(header.hash());
      if (delta == null) {
        write(false);
        delta = sides.executeAgain(header, states.headState());
      }
      states.append(batch, header.number(), delta);
      blocks.putCanonical(batch, blocks.block(header.hash()));
      sides.forget(header.hash());
      reached = header;
      writeIfLarge();
    }

    void finish(boolean sync, Named chosen) {
      boolean safeLeft = safe != null && !isAncestor(safe, target);
      Named named = chosen == null ? new Named(safeLeft ? null : safe, finalized) : chosen;
      batch.delete(Schema.REORGANISING_TO);
      named.writeTo(batch);
      write(sync);
      name(named);
    }

    private void writeIfLarge() {
      if (batch.bytes() > maxBatchBytes) {
        write(false);
      }
    }

    private void write(boolean sync) {
      if (batch.size() == 0) {
        return;
      }
      if (!reached.equals(target)) {
        batch.put(Schema.REORGANISING_TO, target.hash().toBytes());
      }
      batch.put(Schema.HEAD, reached.hash().toBytes());
      if (altered != null) {
        batch.delete(Schema.ALTERED);
      }
      states.commit(batch, sync);
      altered = null;
      tip = new Tip(reached, blocks.entry(reached.hash()).totalDifficulty());
      batch = new WriteBatch();
    }
  }

  /// One bounded step of forgetting the states below those to be kept.
  ///
  /// @return whether there is more to do
  public boolean prune() {
    long oldest = tip.header().number() - historyBlocks;
    return oldest > states.oldestState() && states.prune(oldest, oldest);
  }

  private void tell(List<Header> removed, List<Header> added) {
    HeadChange change = new HeadChange(removed, added);
    for (Consumer<HeadChange> listener : listeners) {
      listener.accept(change);
    }
  }

  /// Makes everything imported so far durable.
  public void flush() {
    store.write(new WriteBatch(), true);
  }

  // ---- Development chains

  /// Changes the state after the head, as no transaction could: the next block begins with it.
  /// Takes the place of what was altered before, and is forgotten where the head moves otherwise.
  ///
  /// @throws IllegalStateException on other networks
  public void alter(Alteration alteration) {
    if (!network.isDevelopment()) {
      throw new IllegalStateException("only a development chain's state can be altered");
    }
    Altered next = alteration.isEmpty() ? null : altered(alteration);
    WriteBatch batch = new WriteBatch();
    if (next == null) {
      batch.delete(Schema.ALTERED);
    } else {
      batch.put(Schema.ALTERED, alteration.encode());
    }
    store.write(batch, true);
    altered = next;
  }

  private Altered altered(Alteration alteration) {
    ChainState before = states.headState();
    StateDelta delta = states.compute(before, alteration.on(before).diff());
    return new Altered(tip.header().hash(), alteration, delta);
  }

  /// What has been altered since the head.
  public Alteration alteration() {
    Altered now = altered;
    return now == null ? Alteration.NONE : now.alteration();
  }

  /// What was altered before a block, which began with it.
  public Alteration alteration(Header header) {
    return blocks.alteration(header);
  }

  /// The state after a block as it was sealed, whatever has been altered since.
  public ChainState sealedStateAfter(Header header) {
    return sides.after(header);
  }

  private void noteWritten(WriteBatch batch, StateDelta delta) {
    if (network.isDevelopment()) {
      BlockStore.putWritten(batch, delta);
    }
  }

  /// On a development chain, every account that blocks have written, with the slots they have.
  public Map<Address, List<UInt256>> written() {
    return blocks.written();
  }

  // ---- For producers of blocks

  public Network network() {
    return network;
  }

  /// The rules by which the header of a next block is filled in.
  public HeaderRules headerRules() {
    return verifier.headers();
  }

  /// The root of the state after a block with a difference applied, for the header of a next block.
  public Hash32 rootAfter(Header parent, StateDiff diff) {
    StateDelta delta = states.compute(stateAfter(parent), diff);
    computed = new Computed(diff, delta);
    return delta.root();
  }

  /// Where state is stored and roots are computed.
  public StateStore states() {
    return states;
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
  public Header head() {
    return tip.header();
  }

  @Override
  public Optional<Header> safe() {
    return network.qbft() != null ? Optional.of(head()) : Optional.ofNullable(safe);
  }

  @Override
  public Optional<Header> finalized() {
    return network.qbft() != null ? Optional.of(head()) : Optional.ofNullable(finalized);
  }

  @Override
  public Optional<Header> header(long number) {
    Hash32 hash = number < 0 ? null : blocks.canonicalHash(number);
    return hash == null ? Optional.empty() : header(hash);
  }

  @Override
  public Optional<Header> header(Hash32 hash) {
    return Optional.ofNullable(blocks.header(hash));
  }

  @Override
  public boolean isCanonical(Header header) {
    return blocks.isCanonical(header);
  }

  @Override
  public Optional<Block> block(Hash32 hash) {
    return Optional.ofNullable(blocks.block(hash));
  }

  @Override
  public Optional<List<Receipt>> receipts(Hash32 blockHash) {
    return Optional.ofNullable(blocks.receipts(blockHash));
  }

  @Override
  public Optional<TransactionLocation> locate(Hash32 transactionHash) {
    return Optional.ofNullable(blocks.locate(transactionHash));
  }

  @Override
  public Optional<UInt256> totalDifficulty(Hash32 blockHash) {
    return Optional.ofNullable(blocks.entry(blockHash)).map(BlockStore.Entry::totalDifficulty);
  }

  @Override
  public ChainState stateAfter(Header header) {
    ChainState state = sides.after(header);
    Altered now = altered;
    return now != null && now.head().equals(header.hash()) ? state.plus(now.delta()) : state;
  }

  @Override
  public AccountProof prove(Header header, Address address, List<UInt256> keys) {
    return sides.after(header).prove(address, keys);
  }

  @Override
  public long oldestState() {
    return states.oldestState();
  }

  @Override
  public long oldestProof() {
    return states.oldestProvable();
  }

  @Override
  public OptionalLong stateWindow() {
    return historyBlocks == Long.MAX_VALUE
        ? OptionalLong.empty()
        : OptionalLong.of(historyBlocks + 1);
  }

  @Override
  public Subscription onHead(Consumer<HeadChange> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }
}
