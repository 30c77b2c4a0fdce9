package io.semper.lightclient;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.Fork;
import io.semper.core.fork.ForkSchedule;
import io.semper.core.fork.SystemContracts;
import io.semper.core.types.Header;
import io.semper.core.view.UnavailableException;
import io.semper.lightclient.upstream.BlockJson;
import io.semper.lightclient.upstream.Call;
import io.semper.lightclient.upstream.LieException;
import io.semper.lightclient.upstream.Reply;
import io.semper.lightclient.upstream.UpstreamPool;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// Headers below the verified head, each proven to be its ancestor: by the hashes of parents, or in
/// far jumps by the contract that keeps the hashes of the last 8191 blocks (EIP-2935).
///
/// Any thread may read. Only the follower of the head adds to it at the top.
final class HeaderChain {
  /// Blocks whose hashes the history contract serves.
  private static final long HISTORY_BLOCKS = 8191;

  /// Headers asked for in one request.
  private static final int SEGMENT = 64;

  /// Headers kept beside the newest and the scattered ones found by number.
  private static final int MAX_HEADERS = 8192;

  /// Every so many blocks a hash is kept for good: a place to start from.
  private static final int ANCHOR_DISTANCE = 256;

  private static final int MAX_ANCHORS = 1 << 16;

  /// Parents followed for one question, where there is no history contract.
  private static final long MAX_WALK = 200_000;

  private final ForkSchedule forks;
  private final StateCache cache;
  private final UpstreamPool upstreams;

  // Guarded by this.
  private final TreeMap<Long, Header> headers = new TreeMap<>();
  private final TreeMap<Long, Hash32> anchors = new TreeMap<>();
  private final Map<Hash32, Header> byHash = new HashMap<>();
  private final ArrayDeque<Long> order = new ArrayDeque<>();
  private volatile Header head;
  private long generation;

  /// Blocks up to this number are never replaced by others.
  private volatile long settled = Long.MAX_VALUE;

  HeaderChain(
      Header genesis, ForkSchedule forks, Header head, StateCache cache, UpstreamPool upstreams) {
    this.forks = forks;
    this.cache = cache;
    this.upstreams = upstreams;
    this.head = head;
    put(genesis);
    put(head);
  }

  Header head() {
    return head;
  }

  /// Takes a verified header above the present head.
  void advance(Header to) {
    put(to);
    head = to;
  }

  /// Takes a verified head that may replace others above `finalized`, as Ethereum's do. Unless it
  /// is the child of the present one, all above `finalized` is forgotten, to be proven anew.
  synchronized void advance(Header to, Header finalized) {
    // What was not settled until now may have been replaced, also below what is settled from now
    // on.
    long common = Math.min(settled, finalized.number());
    settled = finalized.number();
    if (!to.equals(head) && !to.parentHash().equals(head.hash())) {
      generation++;
      NavigableMap<Long, Header> unsettled = headers.tailMap(common, false);
      unsettled.values().forEach(each -> byHash.remove(each.hash()));
      unsettled.clear();
      anchors.tailMap(common, false).clear();
      order.removeIf(number -> number > common);
    }
    put(finalized);
    put(to);
    head = to;
  }

  /// Whether no other block can take the place of the one with this number.
  boolean isSettled(long number) {
    return number <= settled;
  }

  private synchronized long generation() {
    return generation;
  }

  /// Keeps an ancestor of what was the head in a generation.
  private synchronized void put(Header header, long since) {
    if (since == generation) {
      put(header);
    }
  }

  private synchronized void put(Header header) {
    long number = header.number();
    Header replaced = headers.put(number, header);
    if (replaced == null && number > 0) {
      order.add(number);
    } else if (replaced != null) {
      byHash.remove(replaced.hash());
    }
    byHash.put(header.hash(), header);
    if (number % ANCHOR_DISTANCE == 0 && anchors.size() < MAX_ANCHORS) {
      anchors.put(number, header.hash());
    }
    while (order.size() > MAX_HEADERS) {
      long oldest = order.remove();
      if (head != null && oldest == head.number()) {
        order.add(oldest);
        continue;
      }
      Header gone = headers.remove(oldest);
      if (gone != null) {
        byHash.remove(gone.hash());
      }
    }
  }

  /// The header with this number if it is at hand.
  Optional<Header> known(long number) {
    return Optional.ofNullable(kept(number));
  }

  private synchronized Header kept(long number) {
    return headers.get(number);
  }

  /// The verified header with this number, empty above the head.
  Optional<Header> header(long number) {
    if (number < 0 || number > head.number()) {
      return Optional.empty();
    }
    Header found = kept(number);
    while (found == null) {
      long since = generation();
      Header proven = prove(number, since);
      found = since == generation() ? proven : kept(number);
    }
    return Optional.of(found);
  }

  /// The header with this hash, if it is the head or one of its ancestors.
  ///
  /// @throws UnavailableException where nobody answers
  Optional<Header> header(Hash32 hash) {
    synchronized (this) {
      Header known = byHash.get(hash);
      if (known != null) {
        return Optional.of(known);
      }
    }
    Optional<Header> found =
        upstreams
            .find(
                List.of(Call.of("eth_getBlockByHash", hash, false)),
                replies -> ofHash(Reply.found(replies.get(0)), hash))
            .map(answer -> answer.value());
    // A block may be sealed, and still not be what became final.
    return found.filter(h -> header(h.number()).filter(h::equals).isPresent());
  }

  /// @throws Reply.RefusedException where it may be the header, but has fields not known here
  static Header ofHash(JsonNode block, Hash32 hash) throws LieException, Reply.RefusedException {
    Header header = BlockJson.header(block);
    if (!header.hash().equals(hash)) {
      List<String> unknown = BlockJson.unknownFields(block);
      if (!unknown.isEmpty()) {
        throw new Reply.RefusedException(
            "a header with " + unknown + ", of which the hash cannot be told");
      }
      throw new LieException("a header that hashes to " + header.hash() + ", not " + hash);
    }
    return header;
  }

  /// A place above a block from which it can be reached.
  private record Above(long number, Hash32 hash) {}

  private synchronized Above above(long number) {
    NavigableMap<Long, Header> known = headers.tailMap(number, false);
    NavigableMap<Long, Hash32> marks = anchors.tailMap(number, true);
    Header header = known.isEmpty() ? head : known.firstEntry().getValue();
    if (!marks.isEmpty() && marks.firstKey() < header.number()) {
      return new Above(marks.firstKey(), marks.firstEntry().getValue());
    }
    return new Above(header.number(), header.hash());
  }

  private Header prove(long number, long since) {
    boolean ascending = number > 0 && kept(number - 1) != null;
    Above from = above(number);
    long walked = 0;
    while (from.number() - number > SEGMENT && walked < MAX_WALK) {
      Header anchor = byNumber(from, since);
      // The next headers will be asked for as well where the ones before were.
      long wanted = ascending ? number + SEGMENT - 1 : number;
      long to = Math.max(wanted, anchor.number() - HISTORY_BLOCKS);
      Hash32 hash = to < anchor.number() ? storedHash(anchor, to) : Hash32.ZERO;
      if (!hash.isZero()) {
        from = new Above(to, hash);
        walked += SEGMENT;
        continue;
      }
      from = segment(anchor, Math.max(number, anchor.number() - SEGMENT), since);
      walked += SEGMENT;
    }
    if (from.number() > number) {
      from = segment(byNumber(from, since), number, since);
    }
    Header proven = kept(number);
    if (proven != null) {
      return proven;
    }
    if (from.number() != number) {
      throw new UnavailableException("block " + number + " is too far below the head");
    }
    return byNumber(from, since);
  }

  /// The header whose hash is known.
  private Header byNumber(Above place, long since) {
    Header known = kept(place.number());
    if (known != null) {
      return known;
    }
    Header header =
        upstreams
            .ask(
                List.of(Call.of("eth_getBlockByHash", place.hash(), false)),
                replies -> ofHash(Reply.found(replies.get(0)), place.hash()))
            .value();
    put(header, since);
    return header;
  }

  /// Headers from `lowest` to the parent of one that is proven.
  private Above segment(Header above, long lowest, long since) {
    List<Call> calls = new ArrayList<>();
    for (long n = above.number() - 1; n >= lowest; n--) {
      calls.add(Call.of("eth_getBlockByNumber", Call.quantity(n), false));
    }
    List<Header> chain =
        upstreams
            .ask(
                calls,
                replies -> {
                  List<Header> read = new ArrayList<>();
                  Hash32 expected = above.parentHash();
                  for (Reply reply : replies) {
                    Header header = ancestor(Reply.found(reply), expected);
                    read.add(header);
                    expected = header.parentHash();
                  }
                  return read;
                })
            .value();
    chain.forEach(each -> put(each, since));
    return new Above(chain.getLast().number(), chain.getLast().hash());
  }

  /// A node that follows another branch than we do says nothing wrong.
  private Header ancestor(JsonNode block, Hash32 hash) throws LieException, Reply.RefusedException {
    Header header = BlockJson.header(block);
    if (!header.hash().equals(hash) && !isSettled(header.number())) {
      throw new Reply.RefusedException("follows another branch");
    }
    return ofHash(block, hash);
  }

  /// What the history contract says after a block, zero where it says nothing.
  private Hash32 storedHash(Header anchor, long number) {
    Fork fork = forks.at(anchor.number(), anchor.timestamp(), anchor.difficulty().isZero());
    if (fork.before(Fork.PRAGUE)) {
      return Hash32.ZERO;
    }
    return new ProvenState(anchor, cache, upstreams)
        .storage(SystemContracts.HISTORY_STORAGE, UInt256.of(number % HISTORY_BLOCKS))
        .toHash32();
  }
}
