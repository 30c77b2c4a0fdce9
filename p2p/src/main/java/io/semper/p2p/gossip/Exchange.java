package io.semper.p2p.gossip;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.Host;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PeerRecord;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How peers recommend each other: the signed records of those that are connected, and the dials of
/// those that were recommended here.
final class Exchange {
  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

  /// Dials under way because one peer recommended another.
  private static final int MAX_DIALS = 8;

  /// Addresses tried of a peer that another recommended.
  private static final int MAX_ADDRESSES = 8;

  private final Host host;
  private final Map<PeerId, byte[]> records = new ConcurrentHashMap<>();
  private final Semaphore dials = new Semaphore(MAX_DIALS);

  Exchange(Host host) {
    this.host = host;
  }

  /// The signed record of a connected peer, or null.
  byte[] record(PeerId peer) {
    return records.get(peer);
  }

  void keep(PeerId peer, byte[] sealed) {
    try {
      if (PeerRecord.open(sealed).peerId().equals(peer)) {
        records.put(peer, sealed);
        if (host.connection(peer).isEmpty()) {
          // It left meanwhile, and nobody would forget it.
          records.remove(peer);
        }
      }
    } catch (MalformedInputException e) {
      LOG.debug("{} told a record that is none: {}", peer, e.getMessage());
    }
  }

  void forget(PeerId peer) {
    records.remove(peer);
  }

  /// Dials a peer on a thread of its own, unless as many dials are under way as may be.
  void begin(Action.Connect wanted) {
    Thread.ofVirtual().name("gossip-dial").start(() -> dial(wanted));
  }

  private void dial(Action.Connect wanted) {
    if (!dials.tryAcquire()) {
      return;
    }
    try {
      List<Multiaddr> addresses = PeerRecord.open(wanted.signedRecord()).addresses();
      host.connect(wanted.peer(), addresses.stream().limit(MAX_ADDRESSES).toList());
    } catch (IOException e) {
      LOG.debug("dialling {} as recommended: {}", wanted.peer(), e.toString());
    } finally {
      dials.release();
    }
  }
}
