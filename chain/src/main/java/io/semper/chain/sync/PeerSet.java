package io.semper.chain.sync;

import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The connected peers, how far each says to be, and which of them to leave alone for a while. Safe
/// for use by several threads.
final class PeerSet {
  private static final Logger LOG = LoggerFactory.getLogger(PeerSet.class);

  /// After the first failure a peer is left alone so long, after each further one twice as long.
  private static final long FIRST_REST_MILLIS = 500;

  private static final int MAX_DOUBLINGS = 7;

  private final Map<String, Member> members = new HashMap<>();
  private final Clock clock;
  private final int max;

  private static final class Member {
    final SyncPeer peer;
    Status status;
    int failures;

    /// As a leading peer: that it helps does not make it a better one.
    int failuresToLead;

    long restsUntilMillis;

    Member(SyncPeer peer, Status status) {
      this.peer = peer;
      this.status = status;
    }
  }

  PeerSet(int max, Clock clock) {
    this.max = max;
    this.clock = clock;
  }

  /// A peer joins, or tells its status again.
  ///
  /// @return whether there is room for it
  synchronized boolean update(SyncPeer peer, Status status) {
    Member member = members.get(peer.id());
    if (member == null) {
      if (members.size() >= max) {
        return false;
      }
      members.put(peer.id(), new Member(peer, status));
    } else {
      member.status = status;
    }
    notifyAll();
    return true;
  }

  /// A peer has this block, as its announcing it shows.
  synchronized void reached(String id, long number) {
    Member member = members.get(id);
    if (member != null && number > member.status.headNumber()) {
      Status old = member.status;
      member.status =
          new Status(
              old.genesisHash(), old.forkId(), number, old.headHash(), old.finalizedNumber());
      notifyAll();
    }
  }

  synchronized void remove(SyncPeer peer) {
    Member member = members.get(peer.id());
    if (member != null) {
      members.remove(peer.id());
      notifyAll();
    }
  }

  synchronized int size() {
    return members.size();
  }

  /// The highest block any peer claims.
  synchronized long highest() {
    long highest = 0;
    for (Member member : members.values()) {
      highest = Math.max(highest, member.status.headNumber());
    }
    return highest;
  }

  /// Peers that claim to have a block and need no rest: those that failed least, of them the
  /// highest first.
  synchronized List<SyncPeer> having(long number) {
    long now = clock.millis();
    List<Member> having = new ArrayList<>();
    for (Member member : members.values()) {
      if (member.status.headNumber() >= number && member.restsUntilMillis <= now) {
        having.add(member);
      }
    }
    having.sort((a, b) -> {
      int byFailures =
          Integer.compare(a.failures + a.failuresToLead, b.failures + b.failuresToLead);
      return byFailures != 0
          ? byFailures
          : Long.compare(b.status.headNumber(), a.status.headNumber());
    });
    return having.stream().map(member -> member.peer).toList();
  }

  synchronized void succeeded(SyncPeer peer) {
    Member member = members.get(peer.id());
    if (member != null) {
      member.failures = 0;
    }
  }

  /// A peer gave headers, and soon.
  synchronized void led(SyncPeer peer) {
    Member member = members.get(peer.id());
    if (member != null) {
      member.failuresToLead = 0;
    }
  }

  /// A request failed. A peer that lied is disconnected, another one rests.
  void failed(SyncPeer peer, PeerException failure) {
    failed(peer, failure, member -> member.failures++);
  }

  /// A request to a peer that is to lead failed.
  void failedToLead(SyncPeer peer, PeerException failure) {
    failed(peer, failure, member -> member.failuresToLead++);
  }

  /// @param count counts the failure, and says how many there were before
  private void failed(SyncPeer peer, PeerException failure, ToIntFunction<Member> count) {
    if (failure.isDeceit()) {
      LOG.warn("peer {} is dropped: {}", peer.id(), failure.getMessage());
      remove(peer);
      peer.disconnect(failure.getMessage());
      return;
    }
    LOG.debug("peer {}: {}", peer.id(), failure.getMessage());
    synchronized (this) {
      Member member = members.get(peer.id());
      if (member != null) {
        int doublings = Math.min(count.applyAsInt(member), MAX_DOUBLINGS);
        long until = clock.millis() + (FIRST_REST_MILLIS << doublings);
        member.restsUntilMillis = Math.max(member.restsUntilMillis, until);
      }
    }
  }

  /// Waits until something about the peers changes, or a time has passed.
  synchronized void awaitChange(long millis) throws InterruptedException {
    wait(millis);
  }
}
