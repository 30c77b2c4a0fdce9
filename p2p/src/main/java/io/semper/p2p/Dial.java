package io.semper.p2p;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// One peer dialled at all its addresses, since most of them may swallow what is sent there: the
/// next is dialled when those before have had a moment, or as soon as one has failed. The first
/// connection that stands is taken, and all other dials end.
final class Dial {
  /// Addresses of a peer that are dialled; further ones are left out.
  static final int MAX_ADDRESSES = 16;

  /// Of them at the same time.
  static final int MAX_AT_ONCE = 8;

  /// As of go-libp2p between QUIC and TCP: most peers that can be reached have answered by then.
  private static final int HEAD_START_MILLIS = 250;

  /// Dials one address.
  interface Attempt {
    /// @param admission of what is to be the peer's connection, unless another was faster
    Connection dial(Multiaddr address, Transports.Admission admission) throws IOException;
  }

  private final PeerId peer;
  private final List<Multiaddr> addresses;
  private final Attempt attempt;
  private final Transports.Admission admission;
  private boolean admitted;

  Dial(
      PeerId peer,
      Collection<Multiaddr> addresses,
      Attempt attempt,
      Transports.Admission admission) {
    this.peer = peer;
    this.addresses = ranked(addresses);
    this.attempt = attempt;
    this.admission = admission;
  }

  /// QUIC first, which needs the fewest round trips; otherwise as they stand, each once.
  static List<Multiaddr> ranked(Collection<Multiaddr> addresses) {
    return addresses.stream()
        .map(Multiaddr::withoutPeerId)
        .distinct()
        .sorted(Comparator.comparing(address -> !address.isQuic()))
        .limit(MAX_ADDRESSES)
        .toList();
  }

  /// @throws IOException that names the peer, where it was dialled, and what went wrong last
  Connection run() throws IOException {
    ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("p2p-dial").factory());
    try {
      return first(new ExecutorCompletionService<>(threads));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while dialling");
    } finally {
      // Who is interrupted before its connection is taken in closes its socket.
      threads.shutdownNow();
    }
  }

  private Connection first(CompletionService<Connection> attempts)
      throws IOException, InterruptedException {
    if (addresses.isEmpty()) {
      throw new IOException("no address of " + peer + " can be dialled");
    }
    IOException last = null;
    int begun = 0;
    for (int ended = 0; ended < addresses.size(); ) {
      boolean room = begun < addresses.size() && begun - ended < MAX_AT_ONCE;
      if (room) {
        Multiaddr next = addresses.get(begun++);
        attempts.submit(() -> attempt.dial(next, this::admit));
      }
      Future<Connection> outcome =
          room && begun < addresses.size()
              ? attempts.poll(HEAD_START_MILLIS, TimeUnit.MILLISECONDS)
              : attempts.take();
      if (outcome == null) {
        continue;
      }
      try {
        return outcome.get();
      } catch (ExecutionException e) {
        last = failure(e.getCause());
        ended++;
      }
    }
    String why = Objects.requireNonNullElse(last.getMessage(), last.toString());
    throw new IOException(peer + " cannot be reached at " + addresses + ": " + why, last);
  }

  private static IOException failure(Throwable cause) {
    return switch (cause) {
      case IOException e -> e;
      case MalformedInputException e -> new IOException(e.getMessage(), e);
      case Error e -> throw e;
      case RuntimeException e -> throw e;
      default -> throw new IllegalStateException(cause);
    };
  }

  /// Takes in the first; who comes later closes its connection.
  private synchronized void admit(Connection connection) throws IOException {
    if (admitted) {
      throw new IOException("another address was faster");
    }
    admission.admit(connection);
    admitted = true;
  }
}
