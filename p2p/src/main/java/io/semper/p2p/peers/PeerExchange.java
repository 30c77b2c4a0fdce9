package io.semper.p2p.peers;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.Connection;
import io.semper.p2p.Host;
import io.semper.p2p.HostListener;
import io.semper.p2p.Stream;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PeerRecord;
import io.semper.p2p.limits.RateLimiter;
import io.semper.p2p.protocol.Delimited;
import io.semper.p2p.wire.Duplex;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Peers tell each other of peers (`/semper/peers/1`).
///
/// The one who asks says nothing and ends its side; the answer is the signed records of some peers
/// that the other is connected with, each with its length before it. A record says where its own
/// peer listens, under that peer's signature, so the one who passes it on can make none up.
final class PeerExchange implements HostListener {
  static final String ID = "/semper/peers/1";

  /// Records in an answer.
  static final int MAX_RECORDS = 16;

  /// Longest record passed on or read.
  static final int MAX_RECORD_BYTES = 4096;

  private static final Logger LOG = LoggerFactory.getLogger(PeerExchange.class);
  private static final int STREAMS_PER_PEER = 1;
  private static final int TIMEOUT_MILLIS = 5_000;

  /// Questions of one peer that are answered: one a second, and as many at once.
  static final int QUESTIONS_AT_ONCE = 4;

  private final Host host;
  private final Random random;

  /// Of peers that are connected, no others.
  private final Map<PeerId, byte[]> records = new ConcurrentHashMap<>();

  private final Map<PeerId, RateLimiter> questions = new ConcurrentHashMap<>();

  private PeerExchange(Host host, Random random) {
    this.host = host;
    this.random = random;
  }

  /// Answers those who ask the host from now on.
  static PeerExchange start(Host host, Random random) {
    PeerExchange exchange = new PeerExchange(host, random);
    host.addListener(exchange);
    host.handle(ID, STREAMS_PER_PEER, exchange::serve);
    return exchange;
  }

  static boolean isSpokenBy(Connection connection) {
    return connection.identity().filter(told -> told.protocols().contains(ID)).isPresent();
  }

  @Override
  public void identified(Connection connection) {
    byte[] sealed = connection.identity().orElseThrow().signedRecord();
    PeerId peer = connection.peer();
    if (sealed == null || sealed.length > MAX_RECORD_BYTES) {
      return;
    }
    try {
      if (PeerRecord.open(sealed).peerId().equals(peer)) {
        records.put(peer, sealed);
      }
    } catch (MalformedInputException e) {
      LOG.debug("{} told a record that is none: {}", peer, e.getMessage());
    }
    forgetIfGone(connection);
  }

  /// What was kept of a peer after it left, nobody would forget.
  private void forgetIfGone(Connection connection) {
    if (host.connection(connection.peer()).isEmpty()) {
      disconnected(connection);
    }
  }

  @Override
  public void disconnected(Connection connection) {
    records.remove(connection.peer());
    questions.remove(connection.peer());
  }

  private void serve(Stream stream) throws IOException {
    stream.timeoutMillis(TIMEOUT_MILLIS);
    PeerId asker = stream.connection().peer();
    RateLimiter rate =
        questions.computeIfAbsent(
            asker, p -> new RateLimiter(1, QUESTIONS_AT_ONCE, System.nanoTime()));
    forgetIfGone(stream.connection());
    synchronized (rate) {
      if (!rate.tryTake(System.nanoTime())) {
        throw new IOException("asks for peers without end");
      }
    }
    List<PeerId> known = new ArrayList<>(records.keySet());
    known.remove(asker);
    Collections.shuffle(known, random);
    for (PeerId peer : known.subList(0, Math.min(MAX_RECORDS, known.size()))) {
      byte[] sealed = records.get(peer);
      if (sealed != null) {
        stream.write(Delimited.encode(sealed));
      }
    }
  }

  /// Asks a peer for others.
  ///
  /// @throws MalformedInputException if a record is none, or there are too many
  static List<PeerRecord> ask(Connection connection) throws IOException {
    try (Stream stream = connection.open(ID)) {
      stream.timeoutMillis(TIMEOUT_MILLIS);
      stream.closeWrite();
      return read(stream);
    }
  }

  static List<PeerRecord> read(Duplex answer) throws IOException {
    return sealed(answer).stream().map(PeerRecord::open).toList();
  }

  /// The records as they come, in what their peers have sealed.
  static List<byte[]> sealed(Duplex answer) throws IOException {
    List<byte[]> told = new ArrayList<>();
    for (byte[] sealed; (sealed = Delimited.read(answer, MAX_RECORD_BYTES)) != null; ) {
      if (told.size() == MAX_RECORDS) {
        throw new MalformedInputException("more than " + MAX_RECORDS + " peer records", 0);
      }
      told.add(sealed);
    }
    return told;
  }

  /// Records kept.
  int recordCount() {
    return records.size();
  }
}
