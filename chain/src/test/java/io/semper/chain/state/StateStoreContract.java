package io.semper.chain.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.chain.db.KeyValueStore;
import io.semper.chain.db.MemoryStore;
import io.semper.chain.db.Schema;
import io.semper.chain.db.WriteBatch;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.trie.StateTrie;
import io.semper.core.view.Account;
import io.semper.core.view.ChainView.AccountProof;
import io.semper.core.view.ChainView.SlotProof;
import io.semper.core.view.HistoryUnavailableException;
import io.semper.evm.state.Code;
import io.semper.evm.state.StateDiff;
import io.semper.genesis.Allocation;
import io.semper.genesis.GenesisAccount;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Random chains of state changes against [ModelState].
abstract class StateStoreContract {
  private static final int BLOCKS = 48;

  private KeyValueStore db;
  private StateStore store;
  private final Random random = new Random(42);

  /// Model of each canonical block, genesis first.
  private final List<ModelState> chain = new ArrayList<>();

  abstract KeyValueStore open();

  @BeforeEach
  void openStore() {
    db = open();
    store = new StateStore(db);
  }

  @AfterEach
  void closeStore() {
    db.close();
  }

  private void grow(int blocks) {
    for (int i = 0; i < blocks; i++) {
      ModelState before = chain.isEmpty() ? ModelState.EMPTY : chain.getLast();
      StateDiff diff = before.randomDiff(random);
      ModelState after = before.apply(diff);
      StateDelta delta = store.compute(store.headState(), diff);
      assertThat(delta.root()).isEqualTo(after.root());
      WriteBatch batch = new WriteBatch();
      store.append(batch, chain.size(), delta);
      store.commit(batch, false);
      chain.add(after);
    }
  }

  private static void same(ChainState state, ModelState model) {
    assertThat(state.root()).isEqualTo(model.root());
    for (int a = 0; a < ModelState.ADDRESSES; a++) {
      Address address = ModelState.address(a);
      ModelState.Entry expected = model.accounts().get(address);
      Account account = state.account(address);
      assertThat(account).isEqualTo(expected == null ? null : expected.account());
      if (expected != null) {
        assertThat(state.code(account.codeHash())).isEqualTo(expected.code());
        long[] known = state.jumpDestinations(account.codeHash());
        long[] wanted = new Code(expected.code(), null).jumpDestinations();
        if (known != null || state instanceof StoredState) assertThat(known).isEqualTo(wanted);
      }
      for (int s = 0; s < ModelState.SLOTS; s++) {
        UInt256 slot = ModelState.slot(s);
        UInt256 value =
            expected == null ? UInt256.ZERO : expected.slots().getOrDefault(slot, UInt256.ZERO);
        assertThat(state.storage(address, slot)).isEqualTo(value);
      }
    }
  }

  private static void proven(ChainState state, ModelState model) {
    for (int a = 0; a < ModelState.ADDRESSES; a++) {
      Address address = ModelState.address(a);
      List<UInt256> slots = List.of(ModelState.slot(a), ModelState.slot(a + 1), UInt256.MAX);
      AccountProof proof = state.prove(address, slots);
      ModelState.Entry expected = model.accounts().get(address);
      assertThat(StateTrie.verifyAccount(model.root(), address, proof.proof()).orElse(null))
          .isEqualTo(proof.account())
          .isEqualTo(expected == null ? null : expected.account());
      Account account = expected == null ? Account.EMPTY : expected.account();
      for (SlotProof slot : proof.slots()) {
        UInt256 value = StateTrie.verifySlot(account.storageRoot(), slot.key(), slot.proof());
        assertThat(value)
            .isEqualTo(slot.value())
            .isEqualTo(
                expected == null
                    ? UInt256.ZERO
                    : expected.slots().getOrDefault(slot.key(), UInt256.ZERO));
      }
    }
  }

  private void revertTo(int number) {
    while (chain.size() - 1 > number) {
      int depth = 1 + random.nextInt(chain.size() - 1 - number);
      WriteBatch batch = new WriteBatch();
      for (int i = 0; i < depth; i++) {
        store.revert(batch, chain.size() - 1);
        chain.removeLast();
      }
      store.commit(batch, false);
    }
  }

  @Test
  void everyBlockStaysReadableAndProvable() {
    same(store.headState(), ModelState.EMPTY);
    grow(BLOCKS);
    for (int n = 0; n < BLOCKS; n++) {
      same(store.at(n), chain.get(n));
      proven(store.at(n), chain.get(n));
    }
    assertThat(store.head()).isEqualTo(BLOCKS - 1);
    assertThat(store.recomputeRoot()).isEqualTo(chain.getLast().root());
  }

  @Test
  void survivesReopening() {
    grow(BLOCKS);
    store = new StateStore(db);
    same(store.headState(), chain.getLast());
    same(store.at(BLOCKS / 2), chain.get(BLOCKS / 2));
    grow(5);
    revertTo(BLOCKS / 2);
    store = new StateStore(db);
    same(store.headState(), chain.getLast());
    assertThat(store.recomputeRoot()).isEqualTo(chain.getLast().root());
  }

  @Test
  void revertsToAnyDepthAndGrowsAgain() {
    for (int round = 0; round < 6; round++) {
      grow(20);
      int target = random.nextInt(chain.size());
      revertTo(target);
      same(store.headState(), chain.getLast());
      proven(store.headState(), chain.getLast());
      assertThat(store.recomputeRoot()).isEqualTo(chain.getLast().root());
      for (int n = 0; n <= target; n += 3) same(store.at(n), chain.get(n));
    }
  }

  @Test
  void revertingEverythingLeavesNoTraceButCode() {
    grow(1);
    List<byte[]> genesis = keys();
    grow(BLOCKS);
    revertTo(0);
    assertThat(keys()).containsExactlyElementsOf(genesis);
  }

  private List<byte[]> keys() {
    List<byte[]> keys = new ArrayList<>();
    try (KeyValueStore.Cursor cursor = db.cursor()) {
      for (boolean on = cursor.seek(new byte[0]); on; on = cursor.next()) {
        if (cursor.key()[0] != 'j' && cursor.key()[0] != 'i') keys.add(cursor.key());
      }
    }
    return keys;
  }

  @Test
  void sideBranchInMemoryThenReorganisedInOneBatch() {
    for (int round = 0; round < 5; round++) {
      grow(20);
      int fork = chain.size() - 1 - random.nextInt(10);
      ChainState side = store.at(fork);
      List<StateDelta> deltas = new ArrayList<>();
      List<ModelState> models = new ArrayList<>();
      ModelState model = chain.get(fork);
      for (int i = 0; i < 12; i++) {
        StateDiff diff = model.randomDiff(random);
        model = model.apply(diff);
        StateDelta delta = store.compute(side, diff);
        assertThat(delta.root()).isEqualTo(model.root());
        side = side.plus(delta);
        same(side, model);
        proven(side, model);
        deltas.add(delta);
        models.add(model);
        // The canonical chain may grow meanwhile.
        if (random.nextInt(4) == 0) grow(1);
      }
      WriteBatch batch = new WriteBatch();
      while (chain.size() - 1 > fork) {
        store.revert(batch, chain.size() - 1);
        chain.removeLast();
      }
      for (int i = 0; i < deltas.size(); i++) {
        store.append(batch, chain.size(), deltas.get(i));
        chain.add(models.get(i));
      }
      store.commit(batch, true);
      same(store.headState(), chain.getLast());
      for (int n = fork; n < chain.size(); n++) same(store.at(n), chain.get(n));
      assertThat(store.recomputeRoot()).isEqualTo(chain.getLast().root());
    }
  }

  @Test
  void viewsOutliveNewBlocksAndEndWhenTheirBlockIsReverted() {
    grow(30);
    ChainState old = store.headState();
    ModelState oldModel = chain.getLast();
    ChainState older = store.at(10);
    grow(10);
    same(old, oldModel);
    revertTo(20);
    assertThatThrownBy(() -> same(old, oldModel))
        .isInstanceOf(HistoryUnavailableException.class)
        .hasMessageContaining("removed by a reorganisation");
    same(older, chain.get(10));
    grow(15);
    assertThatThrownBy(() -> same(old, oldModel)).isInstanceOf(HistoryUnavailableException.class);
    same(older, chain.get(10));
  }

  @Test
  void prunedHistoryIsRefusedAndTheRestStays() {
    grow(BLOCKS);
    while (store.prune(20, 35)) assertThat(store.oldestProvable()).isLessThanOrEqualTo(35);
    assertThat(store.oldestState()).isEqualTo(20);
    assertThat(store.oldestProvable()).isEqualTo(35);
    assertThatThrownBy(() -> store.at(19))
        .isInstanceOf(HistoryUnavailableException.class)
        .hasMessageContaining("oldest kept is of block 20");
    ChainState unprovable = store.at(34);
    assertThatThrownBy(() -> unprovable.prove(ModelState.address(0), List.of()))
        .isInstanceOf(HistoryUnavailableException.class);
    for (int n = 35; n < BLOCKS; n++) {
      same(store.at(n), chain.get(n));
      proven(store.at(n), chain.get(n));
    }
    revertTo(35);
    same(store.headState(), chain.getLast());
    assertThatThrownBy(() -> store.revert(new WriteBatch(), 35))
        .isInstanceOf(HistoryUnavailableException.class);
    grow(10);
    same(new StateStore(db).headState(), chain.getLast());
  }

  @Test
  void prunedStatesWithoutProofsStayReadable() {
    grow(BLOCKS);
    while (store.prune(0, BLOCKS - 1)) assertThat(store.oldestState()).isZero();
    for (int n = 0; n < BLOCKS; n++) {
      for (int a = 0; a < ModelState.ADDRESSES; a++) {
        ModelState.Entry expected = chain.get(n).accounts().get(ModelState.address(a));
        assertThat(store.at(n).account(ModelState.address(a)))
            .isEqualTo(expected == null ? null : expected.account());
      }
    }
  }

  @Test
  void refusesWhatDoesNotFollow() {
    grow(3);
    StateDelta onGenesis = store.compute(store.at(0), chain.get(0).randomDiff(random));
    assertThatThrownBy(() -> store.append(new WriteBatch(), 5, onGenesis))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> store.revert(new WriteBatch(), 1))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> store.at(3)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void discardedWorkLeavesNothing() {
    grow(3);
    StateDelta delta = store.compute(store.headState(), chain.getLast().randomDiff(random));
    store.append(new WriteBatch(), 3, delta);
    store.discard();
    same(store.headState(), chain.getLast());
    store.revert(new WriteBatch(), 2);
    store.discard();
    same(store.headState(), chain.getLast());
    grow(3);
  }

  @Test
  void readersSeeOneStateWhileBlocksComeAndGo() throws InterruptedException {
    grow(30);
    ModelState pinned = chain.get(10);
    AtomicBoolean done = new AtomicBoolean();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    List<Thread> readers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      readers.add(
          Thread.ofPlatform()
              .start(() -> {
                try {
                  while (!done.get()) {
                    same(store.at(10), pinned);
                    // Every node of the head must belong to one and the same trie.
                    ChainState head = store.headState();
                    try {
                      Account account = head.account(ModelState.address(1));
                      AccountProof proof =
                          head.prove(ModelState.address(1), List.of(ModelState.slot(1)));
                      assertThat(
                              StateTrie.verifyAccount(
                                      head.root(), ModelState.address(1), proof.proof())
                                  .orElse(null))
                          .isEqualTo(account);
                    } catch (HistoryUnavailableException reverted) {
                      assertThat(reverted).hasMessageContaining("reorganisation");
                    }
                  }
                } catch (AssertionError | RuntimeException e) {
                  failure.set(e);
                }
              }));
    }
    for (int round = 0; round < 40 && failure.get() == null; round++) {
      grow(1 + random.nextInt(5));
      revertTo(11 + random.nextInt(chain.size() - 11));
    }
    done.set(true);
    for (Thread reader : readers) reader.join();
    assertThat(failure.get()).isNull();
  }

  @Test
  void damagedFlatStateIsFoundByRecomputing() {
    grow(BLOCKS);
    WriteBatch damage = new WriteBatch();
    try (KeyValueStore.Cursor cursor = db.cursor()) {
      assertThat(cursor.seek(new byte[] {'s'})).isTrue();
      assertThat(cursor.key()[0]).isEqualTo((byte) 's');
      damage.delete(cursor.key());
    }
    db.write(damage, false);
    assertThatThrownBy(() -> store.recomputeRoot()).hasMessageContaining("storage does not match");
  }

  @Test
  void damagedCodeIsFoundByRecomputing() {
    grow(BLOCKS);
    WriteBatch damage = new WriteBatch();
    try (KeyValueStore.Cursor cursor = db.cursor()) {
      assertThat(cursor.seek(Schema.code(Hash32.ZERO))).isTrue();
      byte[] value = cursor.value();
      value[value.length - 1]++;
      damage.put(cursor.key(), value);
    }
    db.write(damage, false);
    assertThatThrownBy(() -> store.recomputeRoot()).hasMessageContaining("other places to jump to");
  }

  @Test
  void jumpDestinationsAreKnownBelowABlockThatIsNotStored() {
    grow(BLOCKS);
    ChainState head = store.headState();
    Code code = new Code(new byte[] {0x5B}, Keccak.hash(new byte[] {0x5B}));
    Hash32 stored =
        chain.getLast().accounts().values().stream()
            .map(entry -> entry.account().codeHash())
            .filter(hash -> !hash.equals(Keccak.EMPTY) && !hash.equals(code.hash()))
            .findFirst()
            .orElseThrow();
    StateDiff.AccountDiff contract =
        new StateDiff.AccountDiff(
            false, 1, UInt256.ZERO, code.hash(), code.toBytes(), false, Map.of());
    StateDelta delta = store.compute(head, new StateDiff(Map.of(Address.of(0xC0DE), contract)));
    ChainState layered = head.plus(delta);
    assertThat(layered.jumpDestinations(stored))
        .isNotNull()
        .isEqualTo(head.jumpDestinations(stored));
    assertThat(layered.jumpDestinations(code.hash())).isNull();
  }

  @Test
  void emptyDiffKeepsTheRoot() {
    grow(5);
    StateDelta delta = store.compute(store.headState(), new StateDiff(Map.of()));
    assertThat(delta.root()).isEqualTo(chain.getLast().root());
    WriteBatch batch = new WriteBatch();
    store.append(batch, 5, delta);
    store.commit(batch, false);
    chain.add(chain.getLast());
    revertTo(4);
    same(store.headState(), chain.getLast());
  }

  /// In small pieces, over what an earlier attempt at another state left.
  @Test
  void aFirstStateLeavesWhatAppendingItWouldAndNothingElse() {
    FirstState.write(db, allocation(), 500);
    db.write(new WriteBatch().put(Schema.bareCode(Hash32.ZERO), new byte[1]), false);
    Allocation allocation = allocation();
    WriteBatch last = new WriteBatch();
    store.begin(last, FirstState.write(db, allocation, 500));
    store.commit(last, true);

    try (MemoryStore other = new MemoryStore()) {
      StateStore appended = new StateStore(other);
      StateDelta delta = appended.compute(appended.headState(), difference(allocation));
      WriteBatch batch = new WriteBatch();
      appended.append(batch, 0, delta);
      appended.commit(batch, true);
      assertThat(store.headState().root()).isEqualTo(delta.root());
      assertThat(state(db)).isEqualTo(state(other)).hasSizeGreaterThan(1_000);
    }
    assertThat(store.recomputeRoot()).isEqualTo(store.headState().root());
    assertThat(new StateStore(db).head()).isZero();
  }

  @Test
  void aSecondFirstStateIsRefused() {
    grow(1);
    assertThatThrownBy(() -> store.writeFirst(allocation()))
        .isInstanceOf(IllegalStateException.class);
  }

  private Allocation allocation() {
    TreeMap<Address, GenesisAccount> accounts = new TreeMap<>();
    for (int i = 0; i < 300; i++) {
      Map<UInt256, UInt256> slots = new HashMap<>();
      for (int slot = random.nextInt(30); slot > 12; slot--) {
        slots.put(UInt256.of(slot), UInt256.of(1 + random.nextInt(1 << 30)));
      }
      byte[] code = new byte[random.nextInt(3)];
      accounts.put(
          Address.of(random.nextInt(1 << 20)),
          new GenesisAccount(UInt256.of(i), random.nextInt(9), code, slots));
    }
    return new Allocation(accounts);
  }

  private static StateDiff difference(Allocation allocation) {
    Map<Address, StateDiff.AccountDiff> accounts = new HashMap<>();
    allocation
        .accounts()
        .forEach((address, account) ->
            accounts.put(
                address,
                new StateDiff.AccountDiff(
                    false,
                    account.nonce(),
                    account.balance(),
                    Keccak.hash(account.code()),
                    account.code(),
                    false,
                    account.storage())));
    return new StateDiff(accounts);
  }

  /// Everything in a database but the number of its last batch.
  private static Map<String, String> state(KeyValueStore db) {
    Map<String, String> entries = new TreeMap<>();
    try (KeyValueStore.Cursor cursor = db.cursor()) {
      for (boolean more = cursor.seek(new byte[0]); more; more = cursor.next()) {
        entries.put(Hex.encode(cursor.key()), Hex.encode(cursor.value()));
      }
    }
    entries.remove(Hex.encode("ibatch".getBytes(StandardCharsets.US_ASCII)));
    return entries;
  }
}
