package io.semper.chain.sync;

import io.semper.chain.block.BodyRules;
import io.semper.chain.block.Violation;
import io.semper.chain.importer.BlockImporter;
import io.semper.chain.importer.ImportResult;
import io.semper.chain.importer.Ledger;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.view.ChainView.Subscription;
import io.semper.core.view.HistoryUnavailableException;
import io.semper.p2p.gossip.GossipMessage;
import io.semper.p2p.gossip.Subscriber;
import io.semper.p2p.gossip.Validator;
import io.semper.p2p.gossip.Verdict;
import io.semper.p2p.identity.PeerId;
import java.time.Clock;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// New blocks as they spread: passed on once their header keeps its rules and their body is the
/// header's, imported afterwards.
final class BlockGossip implements Validator, Subscriber, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BlockGossip.class);

  /// A block whose parent is being imported is judged when that is done.
  private static final long PARENT_WAIT_MILLIS = 2_000;

  /// Further above the head nobody waits for the parent.
  private static final long MAX_AHEAD = 64;

  /// A clock may be wrong by so much.
  private static final long MAX_DRIFT_SECONDS = 15;

  private final BlockImporter importer;
  private final Ledger ledger;
  private final PeerSet peers;
  private final Clock clock;
  private final Subscription heads;
  private final Object changed = new Object();

  BlockGossip(BlockImporter importer, PeerSet peers, Clock clock) {
    this.importer = importer;
    this.peers = peers;
    this.clock = clock;
    ledger = importer.ledger();
    heads =
        ledger.onHead(change -> {
          synchronized (changed) {
            changed.notifyAll();
          }
        });
  }

  @Override
  public Verdict validate(PeerId from, GossipMessage message) {
    Block block;
    try {
      block = Block.decode(message.data());
    } catch (MalformedInputException e) {
      return Verdict.REJECT;
    }
    Header header = block.header();
    peers.reached(from.toString(), header.number());
    if (ledger.header(header.hash()).isPresent() || isFinal(header)) {
      return Verdict.IGNORE;
    }
    if (header.timestamp() > clock.instant().getEpochSecond() + MAX_DRIFT_SECONDS) {
      return Verdict.IGNORE;
    }
    try {
      Optional<Header> parent = parent(header);
      return parent.isEmpty() ? Verdict.IGNORE : judge(block, parent.get());
    } catch (HistoryUnavailableException e) {
      return Verdict.IGNORE;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Verdict.IGNORE;
    }
  }

  private Verdict judge(Block block, Header parent) {
    Header header = block.header();
    Optional<Violation> broken =
        ledger
            .headerRules()
            .verify(header, parent, ledger.totalDifficulty(parent.hash()).orElseThrow());
    if (broken.isPresent() || !BodyRules.isBodyOf(block)) {
      LOG.debug("block {} {} is not passed on: {}", header.number(), header.hash(), broken);
      return Verdict.REJECT;
    }
    return Verdict.ACCEPT;
  }

  private boolean isFinal(Header header) {
    return ledger.finalized().map(f -> header.number() <= f.number()).orElse(false);
  }

  private Optional<Header> parent(Header header) throws InterruptedException {
    long end = System.nanoTime() + PARENT_WAIT_MILLIS * 1_000_000;
    synchronized (changed) {
      while (true) {
        Optional<Header> parent = ledger.header(header.parentHash());
        long left = (end - System.nanoTime()) / 1_000_000;
        long ahead = header.number() - ledger.head().number();
        if (parent.isPresent() || left <= 0 || ahead <= 1 || ahead > MAX_AHEAD) {
          return parent;
        }
        changed.wait(left);
      }
    }
  }

  /// Imports an accepted block. One that does not come is fetched by [RangeSync].
  @Override
  public void deliver(PeerId from, GossipMessage message) {
    try {
      ImportResult result = importer.importBlock(Block.decode(message.data()));
      if (result instanceof ImportResult.Invalid invalid) {
        LOG.warn("{}, brought by {}", invalid, from);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IllegalStateException stopped) {
      LOG.debug("a block is dropped: {}", stopped.getMessage());
    }
  }

  @Override
  public void close() {
    heads.close();
  }
}
