package io.semper.p2p.gossip;

import io.semper.p2p.Connection;
import io.semper.p2p.Stream;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.limits.RateLimiter;
import io.semper.p2p.protocol.Delimited;
import io.semper.p2p.wire.ProtoReader;
import io.semper.p2p.wire.ProtoWriter;
import io.semper.p2p.wire.Varint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// The gossip streams with one peer: the one opened here, which only writes, and the peer's, which
/// is only read.
///
/// The peer is in the router from the moment it agreed to the protocol on the stream opened here
/// until that stream breaks; what it says on its own stream is read once it is there.
final class Link {
  /// Messages up to this size leave in one piece with their header, and with others together.
  private static final int JOINED_BYTES = 16 * 1024;

  private static final int MESSAGES_FIELD = 2;

  final Connection connection;
  final SendQueue queue;
  final long startedNanos = System.nanoTime();

  private final CountDownLatch decided = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean joined;
  private volatile boolean closed;
  private Stream outbound;
  private volatile Stream inbound;
  private boolean hadInbound;

  private final RateLimiter messages =
      new RateLimiter(
          GossipLimits.MAX_MESSAGES_PER_SECOND,
          10 * GossipLimits.MAX_MESSAGES_PER_SECOND,
          startedNanos);

  Link(Connection connection, int maxSendBytes) {
    this.connection = connection;
    queue = new SendQueue(maxSendBytes);
  }

  PeerId peer() {
    return connection.peer();
  }

  /// Opens the stream to the peer.
  ///
  /// @return the version the peer agreed to
  GossipVersion open() throws IOException {
    Stream stream = connection.open(GossipVersion.protocolIds());
    synchronized (this) {
      outbound = stream;
      if (closed) {
        stream.reset(0);
        throw new IOException("closed meanwhile");
      }
    }
    Thread.ofVirtual().name("gossip-watch").start(() -> watch(stream));
    return GossipVersion.of(stream.protocol());
  }

  /// Nothing comes on a stream that only writes, but that it breaks is noticed at once.
  private void watch(Stream stream) {
    byte[] any = new byte[64];
    try {
      while (stream.read(any, 0, any.length) >= 0) {
        // A peer's words on this stream mean nothing.
      }
    } catch (IOException broken) {
      close();
    }
  }

  /// The router took the peer in, or did not.
  void decide(boolean taken) {
    joined = taken;
    decided.countDown();
  }

  boolean awaitJoined(long millis) throws InterruptedException {
    return decided.await(millis, TimeUnit.MILLISECONDS) && joined;
  }

  boolean isClosed() {
    return closed;
  }

  /// The router has let the peer go and another link may begin.
  void end() {
    ended.countDown();
  }

  void awaitEnd() throws InterruptedException {
    ended.await();
  }

  /// Sends what the router wants sent until the link ends.
  void write() throws IOException, InterruptedException {
    for (List<SendQueue.Entry> due; (due = queue.take(JOINED_BYTES)) != null; ) {
      SendQueue.Entry first = due.getFirst();
      if (due.size() == 1 && first.message() != null) {
        write(first.message().encoded());
      } else {
        writeJoined(due);
      }
    }
  }

  /// Writes control and messages, those that follow each other in one RPC, in one piece: what is
  /// small costs the peer and the system as much as what is large.
  private void writeJoined(List<SendQueue.Entry> entries) throws IOException {
    ProtoWriter messages = new ProtoWriter();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (SendQueue.Entry entry : entries) {
      if (entry.message() != null) {
        messages.bytes(MESSAGES_FIELD, entry.message().encoded());
        continue;
      }
      if (messages.size() > 0) {
        all.writeBytes(Delimited.encode(messages.toByteArray()));
        messages = new ProtoWriter();
      }
      all.writeBytes(Delimited.encode(entry.control()));
    }
    if (messages.size() > 0) {
      all.writeBytes(Delimited.encode(messages.toByteArray()));
    }
    outbound.write(all.toByteArray());
  }

  private void write(byte[] message) throws IOException {
    byte[] header = new byte[2 * Varint.MAX_BYTES + 1];
    int inner = 1 + Varint.size(message.length);
    int at = Varint.write(inner + message.length, header, 0);
    at = Varint.write(MESSAGES_FIELD << 3 | ProtoReader.BYTES, header, at);
    at = Varint.write(message.length, header, at);
    if (message.length <= JOINED_BYTES) {
      byte[] frame = new byte[at + message.length];
      System.arraycopy(header, 0, frame, 0, at);
      System.arraycopy(message, 0, frame, at, message.length);
      outbound.write(frame);
    } else {
      outbound.write(header, 0, at);
      outbound.write(message, 0, message.length);
    }
  }

  /// Counts what the peer sends.
  ///
  /// @return false if that is more than it may
  boolean mayBring(int count, long nanoTime) {
    synchronized (messages) {
      return messages.tryTake(count, nanoTime);
    }
  }

  /// Makes `stream` the one that is read; of two the newer counts.
  ///
  /// @return whether the peer had one before on this link
  /// @throws IOException where the link has ended
  boolean replaceInbound(Stream stream) throws IOException {
    Stream before;
    boolean again;
    synchronized (this) {
      if (closed) {
        throw new IOException("the link has ended meanwhile");
      }
      before = inbound;
      inbound = stream;
      again = hadInbound;
      hadInbound = true;
    }
    // Writes to the socket, for which nobody else is to wait.
    if (before != null) {
      before.reset(0);
    }
    return again;
  }

  /// Never waits: the router's thread asks.
  boolean isInbound(Stream stream) {
    return inbound == stream;
  }

  void close() {
    Stream ours;
    Stream theirs;
    synchronized (this) {
      closed = true;
      ours = outbound;
      theirs = inbound;
    }
    queue.close();
    if (ours != null) {
      ours.reset(0);
    }
    if (theirs != null) {
      theirs.reset(0);
    }
    decided.countDown();
  }
}
