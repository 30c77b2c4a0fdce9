package io.semper.p2p;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PeerRecord;
import io.semper.p2p.protocol.Identify;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells peers about the host and learns about them, by identify and its push.
final class Identification {
  private static final Logger LOG = LoggerFactory.getLogger(Identification.class);

  private final HostOptions options;
  private final int timeoutMillis;
  private final Supplier<List<Multiaddr>> addresses;
  private final Supplier<List<String>> protocols;
  private final Consumer<Connection> identified;

  /// @param addresses where others reach the host
  /// @param protocols what it speaks
  /// @param identified called with a connection whose peer has told about itself
  Identification(
      HostOptions options,
      Supplier<List<Multiaddr>> addresses,
      Supplier<List<String>> protocols,
      Consumer<Connection> identified) {
    this.options = options;
    this.timeoutMillis = options.limits().identifyMillis();
    this.addresses = addresses;
    this.protocols = protocols;
    this.identified = identified;
  }

  /// Asks the peer.
  void ask(Connection connection) {
    try {
      Stream stream = connection.open(Identify.ID);
      try {
        stream.timeoutMillis(timeoutMillis);
        learn(connection, Identify.read(stream));
      } finally {
        stream.close();
      }
    } catch (IOException | MalformedInputException e) {
      LOG.debug("identify with {}: {}", connection, e.toString());
    }
  }

  private void learn(Connection connection, Identify told) {
    if (told.publicKey() != null && !Arrays.equals(told.publicKey(), connection.key().encode())) {
      throw new MalformedInputException("identify with another key than the connection's", 0);
    }
    connection.identity(told);
    identified.accept(connection);
  }

  /// Answers a peer that asks.
  void serve(Stream stream) throws IOException {
    stream.timeoutMillis(timeoutMillis);
    byte[] message = told(stream.connection()).encode();
    stream.writeLast(message, 0, message.length);
  }

  /// Takes what a peer tells unasked.
  void servePush(Stream stream) throws IOException {
    stream.timeoutMillis(timeoutMillis);
    Connection connection = stream.connection();
    if (!connection.mayPush(System.nanoTime())) {
      throw new IOException("identify pushes without end");
    }
    Identify push = Identify.read(stream);
    learn(connection, connection.identity().map(push::over).orElse(push));
  }

  /// Tells all who want to hear it that something has changed, and those who have not yet said.
  void push(List<Connection> connections) {
    for (Connection connection : connections) {
      Optional<Identify> identity = connection.identity();
      if (identity.isEmpty() || identity.get().protocols().contains(Identify.PUSH_ID)) {
        Thread.ofVirtual().name("p2p-push").start(() -> push(connection));
      }
    }
  }

  private void push(Connection connection) {
    try {
      Stream stream = connection.open(Identify.PUSH_ID);
      stream.timeoutMillis(timeoutMillis);
      byte[] message = told(connection).encode();
      stream.writeLast(message, 0, message.length);
      stream.close();
    } catch (IOException e) {
      LOG.debug("identify push to {}: {}", connection, e.toString());
    }
  }

  private Identify told(Connection connection) {
    List<Multiaddr> where = addresses.get();
    PeerId id = options.identity().peerId();
    byte[] record = new PeerRecord(id, System.currentTimeMillis(), where).seal(options.identity());
    return new Identify(
        options.identity().publicKey().encode(),
        where,
        protocols.get(),
        connection.remoteAddress(),
        options.protocolVersion(),
        options.agentVersion(),
        record);
  }
}
