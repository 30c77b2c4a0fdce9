package io.semper.chain.sync;

import io.semper.chain.importer.BlockImporter;
import io.semper.chain.importer.Ledger;
import java.util.List;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Catches up with whoever is ahead: a session after the other, each towards the head of one peer
/// with the help of all. Owns one thread.
final class RangeSync implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RangeSync.class);

  /// So few blocks behind, gossip is given [#GOSSIP_GRACE_MILLIS] to bring them first.
  private static final long GOSSIP_GAP = 2;

  private static final long GOSSIP_GRACE_MILLIS = 400;
  private static final long LOOK_AGAIN_MILLIS = 250;

  private final BlockImporter importer;
  private final Ledger ledger;
  private final PeerSet peers;
  private final SyncLimits limits;
  private final Thread owner;
  private volatile boolean closing;
  private volatile long target;

  RangeSync(BlockImporter importer, PeerSet peers, SyncLimits limits) {
    this.importer = importer;
    this.peers = peers;
    this.limits = limits;
    ledger = importer.ledger();
    owner = Thread.ofVirtual().name("range-sync").start(this::run);
  }

  /// The block being caught up with; empty where nobody known is ahead.
  OptionalLong target() {
    long t = target;
    return t == 0 ? OptionalLong.empty() : OptionalLong.of(t);
  }

  private void run() {
    try {
      while (!closing) {
        long behind = peers.highest() - ledger.head().number();
        if (behind > 0 && behind <= GOSSIP_GAP) {
          Thread.sleep(GOSSIP_GRACE_MILLIS);
        }
        List<SyncPeer> ahead = peers.having(ledger.head().number() + 1);
        if (ahead.isEmpty()) {
          target = 0;
          peers.awaitChange(LOOK_AGAIN_MILLIS);
        } else {
          catchUpWith(ahead.getFirst());
        }
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    } catch (IllegalStateException importStopped) {
      // The importer has told why. Without it there is nothing to sync into.
      LOG.error("syncing stops: {}", importStopped.getMessage());
    }
  }

  private void catchUpWith(SyncPeer lead) throws InterruptedException {
    long before = ledger.head().number();
    target = Math.max(peers.highest(), before + 1);
    new SyncSession(importer, peers, limits, lead).run();
    long gained = ledger.head().number() - before;
    if (gained > GOSSIP_GAP) {
      LOG.info("synced {} blocks to {}", gained, ledger.head().number());
    }
  }

  @Override
  public void close() {
    closing = true;
    owner.interrupt();
    try {
      owner.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
