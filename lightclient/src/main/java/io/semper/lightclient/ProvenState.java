package io.semper.lightclient;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.trie.Proof;
import io.semper.core.trie.StateTrie;
import io.semper.core.types.Header;
import io.semper.core.view.Account;
import io.semper.core.view.ChainView.AccountProof;
import io.semper.core.view.ChainView.SlotProof;
import io.semper.core.view.StateView;
import io.semper.core.view.UnavailableException;
import io.semper.lightclient.StateCache.AccountKey;
import io.semper.lightclient.StateCache.Seen;
import io.semper.lightclient.StateCache.SlotKey;
import io.semper.lightclient.upstream.Call;
import io.semper.lightclient.upstream.Fields;
import io.semper.lightclient.upstream.LieException;
import io.semper.lightclient.upstream.Reply;
import io.semper.lightclient.upstream.UpstreamPool;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/// The state after a verified block, answered by proofs that were checked against its state root.
///
/// Within [#settled] what is not known is guessed first, from what it was in an earlier block, and
/// all of it fetched in one request: a call to a contract seen before needs one round trip, and one
/// more for each time that what it reads depends on what it read.
final class ProvenState implements StateView {
  /// Rounds of guessing and fetching for one piece of work.
  private static final int MAX_ROUNDS = 64;

  /// For all of these together, but the last.
  private static final long WORK_MILLIS = 30_000;

  /// Accounts and slots one piece of work may read from afar.
  private static final int MAX_FETCHED = 8_192;

  /// Slots in one proof; nodes refuse more.
  private static final int MAX_SLOTS_PER_PROOF = 1_024;

  private final Header header;
  private final StateCache cache;
  private final UpstreamPool upstreams;

  /// Which account to ask for a code.
  private final Map<Hash32, Address> holders = new ConcurrentHashMap<>();

  /// What the work of this thread has guessed: the view has no other way to tell its callers apart.
  @SuppressWarnings("ThreadLocalUsage") // belongs to one header's view; removed when the work ends
  private final ThreadLocal<Wanted> guessing = new ThreadLocal<>();

  ProvenState(Header header, StateCache cache, UpstreamPool upstreams) {
    this.header = header;
    this.cache = cache;
    this.upstreams = upstreams;
  }

  /// What has been guessed and is to be fetched.
  private static final class Wanted {
    private final Map<Address, Set<UInt256>> slots = new LinkedHashMap<>();
    private final Set<Address> codes = new LinkedHashSet<>();

    Set<UInt256> slotsOf(Address address) {
      return slots.computeIfAbsent(address, a -> new LinkedHashSet<>());
    }

    boolean isEmpty() {
      return slots.isEmpty() && codes.isEmpty();
    }

    int count() {
      return codes.size() + slots.values().stream().mapToInt(each -> 1 + each.size()).sum();
    }
  }

  /// Ends a piece of work that cannot go on with a guess: what has a hash has one value only.
  private static final class CodeWantedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private CodeWantedException() {
      super("code is not yet known", null, false, false);
    }
  }

  @Override
  public <T> T settled(Supplier<T> work) {
    if (header.blockAccessListHash() != null) {
      throw new UnavailableException(
          "block " + header.number() + " is of a fork whose rules are not known here");
    }
    return together(work);
  }

  /// Does work that executes nothing, fetching all it reads in one request.
  <T> T together(Supplier<T> work) {
    if (guessing.get() != null) {
      return work.get();
    }
    long end = upstreams.nowMillis() + WORK_MILLIS;
    int fetched = 0;
    for (int round = 0; round < MAX_ROUNDS; round++) {
      Wanted wanted = new Wanted();
      guessing.set(wanted);
      T outcome = null;
      RuntimeException failure = null;
      try {
        outcome = work.get();
      } catch (RuntimeException e) {
        failure = e;
      } finally {
        guessing.remove();
      }
      if (wanted.isEmpty()) {
        if (failure != null) {
          throw failure;
        }
        return outcome;
      }
      fetched += wanted.count();
      if (fetched > MAX_FETCHED) {
        break;
      }
      if (upstreams.nowMillis() >= end) {
        throw new UnavailableException("not all was fetched within " + WORK_MILLIS + " ms");
      }
      fetch(wanted);
    }
    throw new UnavailableException(
        "the call reads more than can be fetched: over "
            + MAX_FETCHED
            + " values or "
            + MAX_ROUNDS
            + " that depend on each other");
  }

  @Override
  public Account account(Address address) {
    Optional<Account> known = cache.accounts.get(new AccountKey(header.stateRoot(), address));
    if (known == null) {
      Wanted wanted = guessing.get();
      if (wanted != null) {
        return guess(wanted, address);
      }
      Wanted one = new Wanted();
      one.slotsOf(address);
      known = fetch(one).get(address);
    }
    known.ifPresent(account -> holders.put(account.codeHash(), address));
    return known.orElse(null);
  }

  private Account guess(Wanted wanted, Address address) {
    wanted.slotsOf(address);
    Seen seen = cache.seen.get(address);
    if (seen == null) {
      // Whatever has not been seen before may be a contract.
      wanted.codes.add(address);
      return null;
    }
    seen.account().ifPresent(account -> holders.putIfAbsent(account.codeHash(), address));
    return seen.account().orElse(null);
  }

  @Override
  public UInt256 storage(Address address, UInt256 slot) {
    Account account = account(address);
    UInt256 known = account == null ? UInt256.ZERO : cache.slot(account, slot);
    Wanted wanted = guessing.get();
    if (wanted != null) {
      boolean guessed = wanted.slots.containsKey(address);
      if (known == null || guessed) {
        wanted.slotsOf(address).add(slot);
      }
      return known == null ? UInt256.ZERO : known;
    }
    if (known == null) {
      Wanted one = new Wanted();
      one.slotsOf(address).add(slot);
      fetch(one);
      known = cache.slot(account, slot);
    }
    return known == null ? reread(address, slot) : known;
  }

  /// The cache may have dropped what was just put into it, where many threads fill it.
  private UInt256 reread(Address address, UInt256 slot) {
    return prove(address, List.of(slot)).slots().getFirst().value();
  }

  @Override
  public byte[] code(Hash32 codeHash) {
    byte[] known = cache.code(codeHash);
    if (known != null) {
      return known;
    }
    Address holder = holders.get(codeHash);
    if (holder == null) {
      throw new IllegalStateException("code " + codeHash + " of an account that was not read");
    }
    Wanted wanted = guessing.get();
    if (wanted != null) {
      wanted.codes.add(holder);
      throw new CodeWantedException();
    }
    Call call = Call.of("eth_getCode", holder, Call.block(header.hash()));
    byte[] code =
        upstreams.ask(List.of(call), replies -> checkedCode(replies.get(0), codeHash)).value();
    cache.codes.put(codeHash, code);
    return code;
  }

  private static byte[] checkedCode(Reply reply, Hash32 codeHash)
      throws Reply.RefusedException, LieException {
    byte[] code = Fields.bytes(Reply.found(reply));
    if (!Keccak.hash(code).equals(codeHash)) {
      throw new LieException("code does not hash to " + codeHash);
    }
    return code;
  }

  /// An account and its slots, with the proof.
  AccountProof prove(Address address, List<UInt256> slots) {
    return upstreams
        .ask(List.of(proofOf(address, slots)), replies -> proof(replies.get(0), address, slots))
        .value();
  }

  private Call proofOf(Address address, List<UInt256> slots) {
    return Call.of(
        "eth_getProof",
        address,
        slots.stream().map(UInt256::toHash32).toList(),
        Call.block(header.hash()));
  }

  /// What a batch of proofs and codes says.
  private record Fetched(List<AccountProof> proofs, Map<Hash32, byte[]> codes) {}

  private Map<Address, Optional<Account>> fetch(Wanted wanted) {
    List<Call> calls = new ArrayList<>();
    record Part(Address address, List<UInt256> slots) {}
    List<Part> parts = new ArrayList<>();
    for (Address each : wanted.codes) {
      wanted.slotsOf(each);
    }
    wanted.slots.forEach((address, slots) -> {
      List<UInt256> all = List.copyOf(slots);
      int from = 0;
      do {
        int to = Math.min(all.size(), from + MAX_SLOTS_PER_PROOF);
        parts.add(new Part(address, all.subList(from, to)));
        from = to;
      } while (from < all.size());
    });
    parts.forEach(part -> calls.add(proofOf(part.address(), part.slots())));
    List<Address> codes = List.copyOf(wanted.codes);
    codes.forEach(each -> calls.add(Call.of("eth_getCode", each, Call.block(header.hash()))));
    Fetched fetched =
        upstreams
            .ask(
                calls,
                replies -> {
                  List<AccountProof> proofs = new ArrayList<>();
                  Map<Address, Hash32> hashes = new LinkedHashMap<>();
                  for (int i = 0; i < parts.size(); i++) {
                    Part part = parts.get(i);
                    var proof = proof(replies.get(i), part.address(), part.slots());
                    proofs.add(proof);
                    hashes.put(
                        part.address(),
                        proof.account() == null ? Keccak.EMPTY : proof.account().codeHash());
                  }
                  Map<Hash32, byte[]> read = new LinkedHashMap<>();
                  for (int i = 0; i < codes.size(); i++) {
                    Hash32 hash = hashes.get(codes.get(i));
                    read.put(hash, checkedCode(replies.get(parts.size() + i), hash));
                  }
                  return new Fetched(proofs, read);
                })
            .value();
    fetched.codes().forEach(cache.codes::put);
    Map<Address, Optional<Account>> accounts = new LinkedHashMap<>();
    for (var proof : fetched.proofs()) {
      Optional<Account> account = Optional.ofNullable(proof.account());
      accounts.put(proof.address(), account);
      cache.account(header, proof.address(), account);
      account.ifPresent(a -> {
        for (var slot : proof.slots()) {
          cache.slots.put(new SlotKey(a.storageRoot(), slot.key()), slot.value());
        }
      });
    }
    return accounts;
  }

  private AccountProof proof(Reply reply, Address address, List<UInt256> slots)
      throws Reply.RefusedException, LieException {
    JsonNode result = Reply.found(reply);
    List<byte[]> nodes = nodes(result.path("accountProof"));
    JsonNode storage = result.path("storageProof");
    // By key: Besu answers in the order of keys, each once, whatever the question's order.
    Map<UInt256, List<byte[]>> slotNodes = new HashMap<>();
    Fields.list(
        storage,
        MAX_SLOTS_PER_PROOF,
        each ->
            slotNodes.put(
                Fields.required(each, "key", Fields::quantity), nodes(each.path("proof"))));
    try {
      Account account = StateTrie.verifyAccount(header.stateRoot(), address, nodes).orElse(null);
      Hash32 root = account == null ? Account.EMPTY_ROOT : account.storageRoot();
      List<SlotProof> proven = new ArrayList<>();
      for (UInt256 slot : slots) {
        List<byte[]> path = account == null ? List.of() : slotNodes.get(slot);
        if (path == null) {
          throw new IllegalArgumentException("no proof of slot " + slot);
        }
        proven.add(new SlotProof(slot, StateTrie.verifySlot(root, slot, path), path));
      }
      return new AccountProof(address, account, nodes, proven);
    } catch (MalformedInputException unproven) {
      throw new LieException(
          "account " + address + " in block " + header.number() + ": " + unproven.getMessage());
    }
  }

  private static List<byte[]> nodes(JsonNode list) {
    return Fields.list(list, Proof.MAX_NODES, Fields::bytes);
  }
}
