package io.semper.chain.sync;

import io.semper.chain.block.BodyRules;
import io.semper.chain.importer.BlockImporter;
import io.semper.chain.importer.ImportResult;
import io.semper.chain.importer.Ledger;
import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;

/// One stretch of catching up: headers from a leading peer, bodies in ranges from everybody who has
/// them, blocks to the importer in order.
///
/// The thread that runs the session fetches headers, another hands blocks in, so that the importer
/// waits for no round trip; each helping peer has a thread that fetches one range after the other.
/// A range whose peer fails goes to another peer. The one that the importer waits for is asked of
/// another peer too where it does not come: the first answer counts, and who was slower has failed.
/// A leading peer whose headers do not come leads no more where another can. Where nobody is left
/// who could bring that range the session ends, and who gave its headers has failed to lead. What
/// is held is bounded by [SyncLimits].
///
/// Nothing is checked twice: headers must follow each other, all else is for the importer to find.
/// When it refuses a block, the body is compared with its header to tell which peer lied.
final class SyncSession {
  private static final long WAIT_MILLIS = 100;

  /// Peers that are asked for one range at the same time.
  private static final int MAX_HOLDERS = 3;

  /// The search for the common ancestor is many questions: it may take so many times the patience.
  private static final int MAX_SEARCH = 4;

  private final BlockImporter importer;
  private final Ledger ledger;
  private final PeerSet peers;
  private final SyncLimits limits;
  private final long beganNanos = System.nanoTime();
  private SyncPeer lead;

  // Of the session's thread.
  private Header lastHeader;
  private boolean headersEnd;

  // Guarded by this.
  private final PriorityQueue<Chunk> wanted =
      new PriorityQueue<>(Comparator.comparingLong(Chunk::first));
  private final TreeMap<Long, Fetched> ready = new TreeMap<>();
  private final Map<String, Helper> helpers = new HashMap<>();
  private long readyBytes;
  private long next;

  /// Who could not bring the range that comes next.
  private final Set<String> without = new HashSet<>();

  private boolean importerWaits;
  private boolean over;

  private final AtomicReference<Refusal> refusal = new AtomicReference<>();

  /// Headers in need of bodies.
  private record Chunk(List<Header> headers, SyncPeer headersFrom) {
    long first() {
      return headers.getFirst().number();
    }

    long headerBytes() {
      long bytes = 0;
      for (Header header : headers) {
        bytes += HeadersProtocol.FIXED_BYTES + header.extraData().length;
      }
      return bytes;
    }
  }

  private record Fetched(Chunk chunk, List<Block> blocks, long bytes, SyncPeer bodiesFrom) {}

  private record Refusal(Block block, ImportResult result, Fetched in) {}

  /// A peer that helps and what it is asked for, if anything, since when. Guarded by the session.
  private static final class Helper {
    private final SyncPeer peer;
    private Chunk chunk;
    private long sinceNanos;

    Helper(SyncPeer peer) {
      this.peer = peer;
    }

    boolean holds(long first) {
      return chunk != null && chunk.first() == first;
    }
  }

  SyncSession(BlockImporter importer, PeerSet peers, SyncLimits limits, SyncPeer lead) {
    this.importer = importer;
    this.peers = peers;
    this.limits = limits;
    this.lead = lead;
    ledger = importer.ledger();
  }

  /// Runs until the leading peer has no more, or the session cannot go on. Everything imported is
  /// durable afterwards.
  void run() throws InterruptedException {
    Thread handingIn = Thread.ofVirtual().name("hand in").start(this::handIn);
    try {
      lead();
      handingIn.join();
    } finally {
      handingIn.interrupt();
    }
    importer.flush();
    if (refusal.get() != null) {
      blame(refusal.get());
    }
  }

  private void lead() throws InterruptedException {
    try {
      startAfter(commonAncestor());
      while (refusal.get() == null && step()) {}
      giveUpWhatNobodyHas();
    } catch (PeerException e) {
      peers.failedToLead(lead, e);
    } finally {
      end();
    }
  }

  /// The highest block of our canonical chain that the leading peer shares.
  private Header commonAncestor() throws PeerException, InterruptedException {
    long floor = ledger.finalized().map(Header::number).orElse(0L);
    long differs = ledger.head().number() + 1;
    long shared = differs - 1;
    for (long step = 1; !shares(shared); step *= 2) {
      if (shared <= floor) {
        throw PeerException.deceit("its chain lacks our block " + floor + ", which is final");
      }
      differs = shared;
      shared = Math.max(floor, shared - step);
    }
    while (differs - shared > 1) {
      long middle = (shared + differs) >>> 1;
      if (shares(middle)) {
        shared = middle;
      } else {
        differs = middle;
      }
    }
    return ledger.header(shared).orElseThrow();
  }

  private boolean shares(long number) throws PeerException, InterruptedException {
    long wanted = ledger.head().number() + 1;
    Hash32 theirs = askLead(wanted, asked -> asked.hashAt(number));
    if (theirs == null) {
      throw PeerException.unavailable("it claims to be ahead and lacks block " + number, null);
    }
    boolean slow = System.nanoTime() - beganNanos > MAX_SEARCH * limits.patienceNanos();
    if (slow && peers.having(wanted).size() > 1) {
      throw PeerException.unavailable("it takes long to tell where its chain parts", null);
    }
    return ledger.header(number).map(ours -> ours.hash().equals(theirs)).orElse(false);
  }

  private interface Question<A> {
    A ask(SyncPeer lead) throws PeerException, InterruptedException;
  }

  /// Asks the leading peer, and ends the question where no answer comes in time and another could
  /// lead.
  ///
  /// @param number of the block for which somebody is to lead
  private <A> A askLead(long number, Question<A> question)
      throws PeerException, InterruptedException {
    SyncPeer asked = lead;
    Thread watch =
        Thread.ofVirtual().name("headers late").start(() -> cancelWhatIsLate(asked, number));
    try {
      return question.ask(asked);
    } finally {
      watch.interrupt();
    }
  }

  private void cancelWhatIsLate(SyncPeer asked, long number) {
    try {
      do {
        Thread.sleep(limits.patienceMillis());
      } while (peers.having(number).size() < 2);
      asked.cancelHeaders();
    } catch (InterruptedException answered) {
      // It was not late.
    }
  }

  private synchronized void startAfter(Header shared) {
    lastHeader = shared;
    next = shared.number() + 1;
  }

  /// @return whether there is more to do
  private boolean step() throws PeerException, InterruptedException {
    boolean room = roomForHeaders();
    boolean more = !headersEnd && (!room || fetchHeaders());
    callHelpers();
    passOnWhatIsLate();
    synchronized (this) {
      boolean allTaken = next > lastHeader.number();
      if (over || !more && allTaken || nobodyHasNext()) {
        return false;
      }
      if (!room || !more) {
        wait(WAIT_MILLIS);
      }
      return true;
    }
  }

  /// Nobody is left who could bring what comes next: it is wanted, and each who claims to have it
  /// rests or was asked for it.
  private synchronized boolean nobodyHasNext() {
    return isNextWanted()
        && without.containsAll(helpers.keySet())
        && peers.having(next).stream().allMatch(peer -> without.contains(peer.id()));
  }

  private boolean isNextWanted() {
    return !wanted.isEmpty() && wanted.peek().first() == next;
  }

  /// A chain whose blocks nobody has may be made up, and would be led along again.
  private void giveUpWhatNobodyHas() {
    Chunk missing;
    synchronized (this) {
      if (over || !nobodyHasNext()) {
        return;
      }
      missing = wanted.peek();
    }
    String why = "nobody gives the body of its block " + missing.first();
    peers.failedToLead(missing.headersFrom(), PeerException.unavailable(why, null));
  }

  private synchronized boolean roomForHeaders() {
    long bytes = 0;
    for (Chunk chunk : wanted) {
      bytes += chunk.headerBytes();
    }
    for (Helper helper : helpers.values()) {
      bytes += helper.chunk == null ? 0 : helper.chunk.headerBytes();
    }
    return wanted.size() + ready.size() < limits.chunksAhead() && bytes < limits.bytesAhead();
  }

  /// @return whether there were any
  private boolean fetchHeaders() throws PeerException, InterruptedException {
    long from = lastHeader.number() + 1;
    List<SyncPeer> having = peers.having(from);
    if (!having.contains(lead)) {
      if (having.isEmpty()) {
        return false;
      }
      lead = having.getFirst();
    }
    long began = System.nanoTime();
    List<Header> headers;
    try {
      headers = askLead(from, asked -> asked.headers(from, limits.headersPerRequest()));
    } catch (PeerException e) {
      if (e.isDeceit()) {
        throw e;
      }
      // What it led to so far is as good as it was: whoever can goes on from there.
      peers.failedToLead(lead, e);
      return true;
    }
    boolean slow = System.nanoTime() - began > limits.patienceNanos();
    if (headers.size() > limits.headersPerRequest()) {
      throw PeerException.deceit("more headers than asked for");
    }
    if (headers.isEmpty()) {
      return endHeaders("it claims to have block " + from + " and has not");
    }
    if (!headers.getFirst().parentHash().equals(lastHeader.hash())) {
      return endHeaders("its block " + from + " is on another chain");
    }
    Header before = lastHeader;
    for (Header header : headers) {
      if (header.number() != before.number() + 1 || !header.parentHash().equals(before.hash())) {
        throw PeerException.deceit("header " + header.number() + " does not follow its parent");
      }
      before = header;
    }
    lastHeader = before;
    want(headers);
    if (!slow) {
      peers.led(lead);
    } else if (having.size() > 1) {
      peers.failedToLead(lead, PeerException.unavailable("its headers come slowly", null));
      lead = having.get(having.getFirst() == lead ? 1 : 0);
    }
    return true;
  }

  /// The chain that was led along goes no further. What there are headers for is still fetched: it
  /// may be most of the way, and shows who lied.
  private boolean endHeaders(String why) {
    peers.failedToLead(lead, PeerException.unavailable(why, null));
    headersEnd = true;
    return false;
  }

  private synchronized void want(List<Header> headers) {
    for (int i = 0; i < headers.size(); i += limits.bodiesPerRequest()) {
      int end = Math.min(headers.size(), i + limits.bodiesPerRequest());
      // A copy: a view would hold all headers while one range is left.
      wanted.add(new Chunk(List.copyOf(headers.subList(i, end)), lead));
    }
    notifyAll();
  }

  /// A thread for each peer that can help and has none.
  private synchronized void callHelpers() {
    if (wanted.isEmpty()) {
      return;
    }
    for (SyncPeer peer : peers.having(wanted.peek().first())) {
      helpers.computeIfAbsent(
          peer.id(),
          id -> {
            Helper helper = new Helper(peer);
            Thread.ofVirtual().name("bodies " + id).start(() -> help(helper));
            return helper;
          });
    }
  }

  /// The range that comes next is wanted once more where all who are asked for it take too long.
  private synchronized void passOnWhatIsLate() {
    if (!importerWaits) {
      return;
    }
    long late = System.nanoTime() - limits.patienceNanos();
    Chunk chunk = null;
    int holders = 0;
    for (Helper helper : helpers.values()) {
      if (helper.holds(next)) {
        if (helper.sinceNanos - late > 0 || ++holders == MAX_HOLDERS) {
          return;
        }
        chunk = helper.chunk;
      }
    }
    if (chunk != null && !isSettled(chunk)) {
      wanted.add(chunk);
      notifyAll();
    }
  }

  private void help(Helper helper) {
    try {
      while (takeWanted(helper)) {
        deliver(helper, fetch(helper.peer, helper.chunk));
        peers.succeeded(helper.peer);
      }
    } catch (PeerException e) {
      if (giveBack(helper) || e.isDeceit()) {
        peers.failed(helper.peer, e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      leave(helper);
    }
  }

  private synchronized void leave(Helper helper) {
    helpers.remove(helper.peer.id());
    notifyAll();
  }

  private Fetched fetch(SyncPeer peer, Chunk chunk) throws PeerException, InterruptedException {
    List<Header> headers = chunk.headers();
    List<byte[]> bodies = peer.bodies(headers.stream().map(Header::hash).toList());
    if (bodies.isEmpty()) {
      throw PeerException.unavailable("it gives no body of block " + chunk.first(), null);
    }
    if (bodies.size() > headers.size()) {
      throw PeerException.deceit("more bodies than asked for");
    }
    List<Block> blocks = new ArrayList<>(bodies.size());
    long bytes = 0;
    for (int i = 0; i < bodies.size(); i++) {
      bytes += bodies.get(i).length;
      try {
        blocks.add(Block.ofBody(headers.get(i), bodies.get(i)));
      } catch (MalformedInputException e) {
        throw PeerException.deceit("a body that is none: " + e.getMessage());
      }
    }
    return new Fetched(chunk, blocks, bytes, peer);
  }

  /// Waits for a range that may be fetched now; false at the session's end.
  private synchronized boolean takeWanted(Helper helper) throws InterruptedException {
    while (!over) {
      Chunk first = wanted.peek();
      if (first != null && (readyBytes < limits.bytesAhead() || first.first() == next)) {
        helper.chunk = wanted.poll();
        helper.sinceNanos = System.nanoTime();
        return true;
      }
      wait();
    }
    return false;
  }

  /// Puts what was fetched in its place, and what is left of the range among what is wanted.
  ///
  /// @throws PeerException if another peer was faster
  private synchronized void deliver(Helper helper, Fetched fetched) throws PeerException {
    Chunk chunk = helper.chunk;
    long first = chunk.first();
    if (isDone(first)) {
      throw PeerException.unavailable("others were faster with block " + first, null);
    }
    helper.chunk = null;
    ready.put(first, fetched);
    readyBytes += fetched.bytes();
    wanted.removeIf(copy -> copy.first() == first);
    List<Header> headers = chunk.headers();
    int came = fetched.blocks().size();
    if (came < headers.size()) {
      wanted.add(new Chunk(headers.subList(came, headers.size()), chunk.headersFrom()));
    }
    for (Helper slower : helpers.values()) {
      if (slower.holds(first)) {
        slower.peer.cancelBodies();
      }
    }
    notifyAll();
  }

  /// A range was not fetched.
  ///
  /// @return whether that is held against the peer: at the session's end it is not
  private synchronized boolean giveBack(Helper helper) {
    Chunk chunk = helper.chunk;
    helper.chunk = null;
    if (chunk != null && chunk.first() == next) {
      without.add(helper.peer.id());
    }
    if (chunk != null && !isSettled(chunk)) {
      wanted.add(chunk);
      notifyAll();
    }
    return !over;
  }

  private boolean isDone(long first) {
    return first < next || ready.containsKey(first);
  }

  /// Whether nobody need be asked for a range any more: it is there or wanted already.
  private boolean isSettled(Chunk chunk) {
    long first = chunk.first();
    return isDone(first) || wanted.stream().anyMatch(copy -> copy.first() == first);
  }

  private void handIn() {
    try {
      for (Fetched next = takeReady(); next != null; next = takeReady()) {
        Fetched fetched = next;
        for (Block block : fetched.blocks()) {
          importer.submit(block, result -> check(result, block, fetched));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IllegalStateException importStopped) {
      // The session's thread learns it as it flushes.
      end();
    }
  }

  /// Waits for the range that comes next; `null` at the session's end.
  private synchronized Fetched takeReady() throws InterruptedException {
    while (!over && refusal.get() == null) {
      Fetched fetched = ready.remove(next);
      if (fetched != null) {
        importerWaits = false;
        readyBytes -= fetched.bytes();
        next += fetched.blocks().size();
        without.clear();
        notifyAll();
        return fetched;
      }
      importerWaits = true;
      wait();
    }
    return null;
  }

  private void check(ImportResult result, Block block, Fetched in) {
    switch (result) {
      case ImportResult.Imported ignored -> {}
      case ImportResult.AlreadyKnown ignored -> {}
      case ImportResult.Invalid invalid ->
          refusal.compareAndSet(null, new Refusal(block, invalid, in));
      case ImportResult.UnknownParent unknown ->
          refusal.compareAndSet(null, new Refusal(block, unknown, in));
      case ImportResult.Unavailable unavailable ->
          refusal.compareAndSet(null, new Refusal(block, unavailable, in));
    }
  }

  private void blame(Refusal refused) {
    String why = refused.result().toString();
    if (!(refused.result() instanceof ImportResult.Invalid)) {
      peers.failed(refused.in().chunk().headersFrom(), PeerException.unavailable(why, null));
    } else if (BodyRules.isBodyOf(refused.block())) {
      peers.failed(refused.in().chunk().headersFrom(), PeerException.deceit(why));
    } else {
      peers.failed(
          refused.in().bodiesFrom(), PeerException.deceit("not the body asked for: " + why));
    }
  }

  private void end() {
    List<Helper> left;
    synchronized (this) {
      over = true;
      left = List.copyOf(helpers.values());
      notifyAll();
    }
    left.forEach(helper -> helper.peer.cancelBodies());
  }
}
