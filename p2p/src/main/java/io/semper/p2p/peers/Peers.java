package io.semper.p2p.peers;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.Connection;
import io.semper.p2p.Gate;
import io.semper.p2p.Host;
import io.semper.p2p.HostListener;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PeerRecord;
import io.semper.p2p.limits.Origin;
import io.semper.p2p.protocol.Identify;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the host connected with enough peers and not too many, and with none that misbehaves.
///
/// It is made before the host, whose options take it as gate, and then started with it:
///
/// ```java
/// Peers peers = new Peers(options, System::currentTimeMillis, new Random());
/// Host host = Host.start(hostOptions.withGate(peers));
/// peers.start(host);
/// ```
public final class Peers implements Gate, HostListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Peers.class);

  /// An address that many banned peers came from is refused before its handshake.
  private static final double ADDRESS_SHARE = 0.25;

  private static final int CONCURRENT_DIALS = 8;
  private static final long MAX_BACKOFF_MILLIS = 30 * 60_000L;

  /// Fixed peers are few, and a network of validators waits for them: this does not grow.
  private static final long FIXED_BACKOFF_MILLIS = 1_000;

  private static final long ROUND_MILLIS = 1_000;
  private static final long SAVE_MILLIS = 60_000;

  /// Between looks at what the names of bootnodes stand for.
  private static final long RESOLVE_MILLIS = 30_000;

  /// In which a dial succeeds as a rule; others are dialled after that.
  private static final long PROMISING_MILLIS = 2_000;

  /// Between questions for more peers.
  private static final long ASK_MILLIS = 10_000;

  /// Peers heard of and not met yet; the one heard of first is forgotten first.
  private static final int MAX_CANDIDATES = 256;

  /// What a peer is charged that answers such a question with what nobody signed.
  private static final double FALSE_RECORDS = Penalties.BAN;

  /// A peer that leaves sooner counts as one that could not be reached.
  private static final long STABLE_MILLIS = 60_000;

  private record Link(boolean outbound, long sinceMillis) {}

  private final PeersOptions options;
  private final LongSupplier clock;
  private final Random random;
  private final Bans bans = new Bans();
  private final AddressBook book;
  private final Map<PeerId, List<Multiaddr>> fixed;
  private final Map<PeerId, Link> connected = new ConcurrentHashMap<>();
  private final Redials redials;

  /// Where peers are said to be that were not met yet. The address book is for those that were, so
  /// that nobody can push them out of it by naming others.
  private final Map<PeerId, List<Multiaddr>> candidates = new LinkedHashMap<>();

  private final Semaphore dialling = new Semaphore(CONCURRENT_DIALS);

  /// Since when dials are under way, by peer: one that answers nothing has one of the places, not
  /// all.
  private final Map<PeerId, Long> dialled = new ConcurrentHashMap<>();

  private final DnsAddresses.Lookup names;

  /// What names of bootnodes stood for when they were last looked up.
  private volatile List<Multiaddr> resolved = List.of();

  private volatile boolean resolving;
  private long resolvedMillis = Long.MIN_VALUE / 2;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition wake = lock.newCondition();
  private volatile Host host;
  private volatile boolean closed;
  private boolean awake;
  private long savedMillis;
  private long askedMillis = Long.MIN_VALUE / 2;

  /// @param clock milliseconds, as `System.currentTimeMillis()`
  public Peers(PeersOptions options, LongSupplier clock, Random random) {
    this(options, clock, random, DnsAddresses::systemTxt);
  }

  /// @param names what names of bootnodes are looked up with
  Peers(PeersOptions options, LongSupplier clock, Random random, DnsAddresses.Lookup names) {
    this.options = options;
    this.redials = new Redials(random);
    this.names = names;
    this.clock = clock;
    this.random = random;
    this.book = new AddressBook(options.book(), bans);
    this.fixed = byPeer(options.fixed());
  }

  /// All addresses of each peer that they name, in their order.
  private static Map<PeerId, List<Multiaddr>> byPeer(List<Multiaddr> addresses) {
    Map<PeerId, List<Multiaddr>> all = new LinkedHashMap<>();
    for (Multiaddr address : addresses) {
      address
          .peerId()
          .ifPresent(peer -> all.computeIfAbsent(peer, p -> new ArrayList<>()).add(address));
    }
    return all;
  }

  /// Reads the address book and begins to dial.
  public void start(Host started) throws IOException {
    book.load(clock.getAsLong());
    List<Multiaddr> silenced = options.silencedBootnodes();
    if (!silenced.isEmpty()) {
      LOG.warn("bootnodes that are not among the allowed peers are left alone: {}", silenced);
    }
    host = started;
    started.addListener(this);
    started.connections().stream()
        .filter(early -> isBanned(early.peer()))
        .forEach(early -> Thread.ofVirtual().start(early::close));
    PeerExchange.start(started, random);
    savedMillis = clock.getAsLong();
    Thread.ofVirtual().name("p2p-peers").start(this::run);
  }

  // Gate.

  @Override
  public boolean mayDial(PeerId peer, Multiaddr address) {
    return isWanted(peer);
  }

  @Override
  public boolean mayAccept(InetAddress address) {
    return address.isLoopbackAddress()
        || !bans.addresses.isBanned(Origin.of(address), clock.getAsLong());
  }

  @Override
  public boolean mayConnect(PeerId peer, boolean outbound) {
    if (!isWanted(peer)) {
      return false;
    }
    if (fixed.containsKey(peer) || connected.containsKey(peer)) {
      return true;
    }
    long inbound = connected.values().stream().filter(link -> !link.outbound).count();
    return connected.size() < options.max() && (outbound || inbound < options.maxInbound());
  }

  private boolean isWanted(PeerId peer) {
    return (options.allowed().isEmpty() || options.allowed().contains(peer)) && !isBanned(peer);
  }

  public boolean isBanned(PeerId peer) {
    return !fixed.containsKey(peer) && bans.peers.isBanned(peer, clock.getAsLong());
  }

  /// Counts misbehaviour. At a sum of 100 the peer is disconnected, and banned until enough of it
  /// is forgotten; half is in ten minutes.
  public void report(PeerId peer, double penalty, String reason) {
    long now = clock.getAsLong();
    double sum = bans.peers.add(peer, penalty, now);
    LOG.debug("peer {}: {} (penalty {}, sum {})", peer, reason, penalty, sum);
    if (sum < Penalties.BAN || fixed.containsKey(peer)) {
      return;
    }
    Host of = host;
    if (of != null) {
      of.connection(peer)
          .ifPresent(connection -> {
            if (!connection.isOutbound()) {
              addressOf(connection)
                  .map(Origin::of)
                  .ifPresent(from -> bans.addresses.add(from, penalty * ADDRESS_SHARE, now));
            }
            Thread.ofVirtual().start(() -> of.disconnect(peer));
          });
    }
    book.banned(peer);
  }

  private static java.util.Optional<InetAddress> addressOf(Connection connection) {
    try {
      return java.util.Optional.of(connection.remoteAddress().resolve().getAddress());
    } catch (UnknownHostException e) {
      return java.util.Optional.empty();
    }
  }

  /// Adds a peer to dial when there are too few, as discovery finds them.
  public void discovered(PeerId peer, List<Multiaddr> addresses) {
    if (isWanted(peer) && (host == null || !peer.equals(host.id()))) {
      synchronized (candidates) {
        candidates.put(
            peer,
            addresses.stream()
                .limit(AddressBook.MAX_ADDRESSES)
                .map(Multiaddr::withoutPeerId)
                .toList());
        if (candidates.size() > MAX_CANDIDATES) {
          candidates.remove(candidates.keySet().iterator().next());
        }
      }
      wake();
    }
  }

  /// Peers connected now.
  public int count() {
    return connected.size();
  }

  // HostListener.

  @Override
  public void connected(Connection connection) {
    connected.put(connection.peer(), new Link(connection.isOutbound(), clock.getAsLong()));
  }

  @Override
  public void disconnected(Connection connection) {
    long now = clock.getAsLong();
    Link link = connected.remove(connection.peer());
    if (link != null && now - link.sinceMillis >= STABLE_MILLIS) {
      redials.forget(connection.peer());
    } else {
      failed(connection.peer(), now);
    }
    wake();
  }

  /// Remembers where the peer says it listens. Addresses of private networks are believed only from
  /// a peer that we reach in one ourselves.
  @Override
  public void identified(Connection connection) {
    Identify told = connection.identity().orElseThrow();
    boolean near = addressOf(connection).map(Peers::isPrivate).orElse(false);
    List<Multiaddr> believed = new ArrayList<>();
    if (connection.isOutbound()) {
      believed.add(connection.remoteAddress());
    }
    for (Multiaddr address : told.addresses()) {
      Multiaddr bare = address.withoutPeerId();
      if (!believed.contains(bare) && mayBeTrue(bare, near)) {
        believed.add(bare);
      }
    }
    book.put(connection.peer(), believed, connection.isOutbound());
    forgetCandidate(connection.peer());
    wake();
  }

  private void forgetCandidate(PeerId peer) {
    synchronized (candidates) {
      candidates.remove(peer);
    }
  }

  /// Names are not looked up for this: they are, and are judged, when they are dialled.
  static boolean mayBeTrue(Multiaddr address, boolean near) {
    if (!address.isTcp() && !address.isQuic()) {
      return false;
    }
    byte[] host = address.parts().getFirst().value();
    if (host.length != 4 && host.length != 16) {
      return near;
    }
    try {
      InetAddress ip = InetAddress.getByAddress(host);
      return !ip.isAnyLocalAddress() && !ip.isMulticastAddress() && (near || !isPrivate(ip));
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private static boolean isPrivate(InetAddress ip) {
    byte[] bytes = ip.getAddress();
    boolean uniqueLocal = bytes.length == 16 && (bytes[0] & 0xfe) == 0xfc;
    return ip.isLoopbackAddress()
        || ip.isSiteLocalAddress()
        || ip.isLinkLocalAddress()
        || ip.isAnyLocalAddress()
        || uniqueLocal;
  }

  // The dialling loop.

  private void run() {
    while (!closed) {
      try {
        round();
        pause();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void wake() {
    lock.lock();
    try {
      awake = true;
      wake.signal();
    } finally {
      lock.unlock();
    }
  }

  private void pause() throws InterruptedException {
    lock.lock();
    try {
      long left = TimeUnit.MILLISECONDS.toNanos(ROUND_MILLIS);
      while (!awake && left > 0) {
        left = wake.awaitNanos(left);
      }
      awake = false;
    } finally {
      lock.unlock();
    }
  }

  private void round() {
    long now = clock.getAsLong();
    fixed.forEach((peer, addresses) -> dialIfDue(peer, addresses, now));
    int missing = options.target() - connected.size();
    if (missing > 0) {
      int wanted = missing - underWay(now);
      Set<PeerId> heardOf = new LinkedHashSet<>(book.all());
      synchronized (candidates) {
        heardOf.addAll(candidates.keySet());
      }
      List<PeerId> known = new ArrayList<>(heardOf);
      Collections.shuffle(known, random);
      for (PeerId peer : known) {
        if (wanted > 0 && dialIfDue(peer, addresses(peer), now)) {
          wanted--;
        }
      }
      if (wanted > 0) {
        dialBootnodes(now);
      }
      if (now - askedMillis >= ASK_MILLIS) {
        askForMore(now);
      }
    }
    if (now - savedMillis >= SAVE_MILLIS) {
      savedMillis = now;
      save();
    }
  }

  /// Dials that have just begun and may bring a peer that counts.
  private int underWay(long now) {
    return (int)
        dialled.entrySet().stream()
            .filter(dial -> now - dial.getValue() < PROMISING_MILLIS)
            .filter(
                dial -> !fixed.containsKey(dial.getKey()) && !connected.containsKey(dial.getKey()))
            .count();
  }

  /// Where to dial a peer: first where it is said to be now, then where it was met before.
  private List<Multiaddr> addresses(PeerId peer) {
    List<Multiaddr> all = new ArrayList<>();
    for (Multiaddr bootnode : options.bootnodes()) {
      if (bootnode.peerId().map(peer::equals).orElse(false)) {
        all.add(bootnode);
      }
    }
    all.addAll(book.addresses(peer));
    synchronized (candidates) {
      all.addAll(candidates.getOrDefault(peer, List.of()));
    }
    return all;
  }

  /// Asks one of the connected peers for others.
  private void askForMore(long now) {
    List<Connection> able = host.connections().stream().filter(PeerExchange::isSpokenBy).toList();
    if (!able.isEmpty()) {
      askedMillis = now;
      Connection one = able.get(random.nextInt(able.size()));
      Thread.ofVirtual().name("p2p-ask").start(() -> ask(one));
    }
  }

  private void ask(Connection connection) {
    try {
      boolean near = addressOf(connection).map(Peers::isPrivate).orElse(false);
      for (PeerRecord told : PeerExchange.ask(connection)) {
        List<Multiaddr> believed =
            told.addresses().stream().filter(address -> mayBeTrue(address, near)).toList();
        if (!believed.isEmpty()) {
          discovered(told.peerId(), believed);
        }
      }
    } catch (IOException e) {
      LOG.debug("asking {} for peers: {}", connection, e.toString());
    } catch (MalformedInputException e) {
      report(connection.peer(), FALSE_RECORDS, "peers told: " + e.getMessage());
    }
  }

  private void dialBootnodes(long now) {
    List<Multiaddr> named = options.bootnodes().stream().filter(DnsAddresses::isName).toList();
    if (!named.isEmpty() && !resolving && now - resolvedMillis >= RESOLVE_MILLIS) {
      resolving = true;
      resolvedMillis = now;
      Thread.ofVirtual().name("p2p-names").start(() -> resolve(named));
    }
    List<Multiaddr> all = new ArrayList<>(options.bootnodes());
    all.removeAll(named);
    all.addAll(resolved);
    byPeer(all).forEach((peer, addresses) -> dialIfDue(peer, addresses, now));
  }

  /// A name server that does not answer takes its time: others are dialled meanwhile.
  private void resolve(List<Multiaddr> named) {
    try {
      DnsAddresses dns = new DnsAddresses(names);
      List<Multiaddr> found = named.stream().flatMap(each -> dns.resolve(each).stream()).toList();
      if (!found.isEmpty()) {
        resolved = found;
      }
    } finally {
      resolving = false;
      wake();
    }
  }

  /// Starts to dial a peer, unless it is connected, unwanted, or failed a while ago.
  private boolean dialIfDue(PeerId peer, List<Multiaddr> addresses, long now) {
    if (connected.containsKey(peer) || peer.equals(host.id()) || !isWanted(peer)) {
      return false;
    }
    if (!redials.isDue(peer, now) || dialled.containsKey(peer) || !dialling.tryAcquire()) {
      return false;
    }
    dialled.put(peer, now);
    failed(peer, now); // unless it succeeds
    Thread.ofVirtual().name("p2p-dial").start(() -> dial(peer, addresses));
    return true;
  }

  private void dial(PeerId peer, List<Multiaddr> addresses) {
    try {
      host.connect(peer, addresses);
    } catch (IOException e) {
      LOG.debug("dialling: {}", e.getMessage());
      forgetCandidate(peer);
    } finally {
      dialled.remove(peer);
      dialling.release();
    }
  }

  private void failed(PeerId peer, long now) {
    long most = fixed.containsKey(peer) ? FIXED_BACKOFF_MILLIS : MAX_BACKOFF_MILLIS;
    redials.failed(peer, most, now);
  }

  private void save() {
    try {
      book.save(clock.getAsLong());
    } catch (IOException e) {
      LOG.warn("the address book cannot be written: {}", e.getMessage());
    }
  }

  /// Stops dialling and writes the address book.
  @Override
  public void close() {
    closed = true;
    wake();
    save();
  }
}
