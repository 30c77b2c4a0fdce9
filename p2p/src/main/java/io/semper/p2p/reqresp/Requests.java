package io.semper.p2p.reqresp;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.Connection;
import io.semper.p2p.Host;
import io.semper.p2p.HostListener;
import io.semper.p2p.Stream;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.limits.RateLimiter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Serves and asks questions over a host's streams.
public final class Requests {
  /// Longest pause between looks at the rate of a peer that asks too much.
  private static final long PACE_MILLIS = 20;

  private static final int MAX_MESSAGE_BYTES = 256;
  private static final byte[] NOTHING = {};

  /// What is counted for one peer while it is connected.
  private static final class PeerState {
    private final Map<String, Semaphore> asked = new ConcurrentHashMap<>();
    private final RateLimiter rate;
    private final int burst;

    PeerState(RequestLimits limits) {
      int kilobytes = Math.max(1, limits.bytesPerSecond() >> 10);
      burst = kilobytes;
      rate = new RateLimiter(kilobytes, kilobytes, System.nanoTime());
    }
  }

  private final Host host;
  private final RequestLimits limits;
  private final Map<PeerId, PeerState> peers = new ConcurrentHashMap<>();

  public Requests(Host host, RequestLimits limits) {
    this.host = host;
    this.limits = limits;
    host.addListener(
        new HostListener() {
          @Override
          public void disconnected(Connection connection) {
            peers.remove(connection.peer());
          }
        });
  }

  private PeerState state(PeerId peer) {
    PeerState state = peers.computeIfAbsent(peer, p -> new PeerState(limits));
    if (host.connection(peer).isEmpty()) {
      // It is gone, and nobody would forget it.
      peers.remove(peer);
    }
    return state;
  }

  /// Peers something is counted for.
  int peerCount() {
    return peers.size();
  }

  /// Serves a protocol. A peer's requests above the number allowed at once are reset.
  public <Q, A> void serve(Protocol<Q, A> protocol, Responder<Q, A> responder) {
    int served = 2 * limits.concurrent();
    host.handle(protocol.id(), served, stream -> answer(stream, protocol, responder));
  }

  private <Q, A> void answer(Stream stream, Protocol<Q, A> protocol, Responder<Q, A> responder)
      throws IOException {
    try {
      Q question = readQuestion(stream, protocol);
      stream.timeoutMillis(limits.chunkMillis());
      PeerId peer = stream.connection().peer();
      responder.respond(peer, question, new Sender<>(stream, protocol, question, state(peer)));
    } catch (RefusedException e) {
      refuse(stream, e.code(), e.getMessage());
    } catch (MalformedInputException e) {
      refuse(stream, RefusedException.INVALID_REQUEST, e.getMessage());
    }
  }

  private <Q> Q readQuestion(Stream stream, Protocol<Q, ?> protocol) throws IOException {
    if (protocol.isBodiless()) {
      return protocol.decodeRequest(NOTHING);
    }
    TimedInput in = new TimedInput(stream);
    in.deadline(System.nanoTime() + limits.requestMillis() * 1_000_000L);
    Q question = protocol.decodeRequest(SnappyFrames.read(in, protocol.maxRequestBytes()));
    if (in.hasMore()) {
      throw new MalformedInputException("bytes after the request", 0);
    }
    return question;
  }

  private void refuse(Stream stream, int code, String message) throws IOException {
    byte[] text = String.valueOf(message).getBytes(StandardCharsets.UTF_8);
    byte[] cut = java.util.Arrays.copyOf(text, Math.min(text.length, MAX_MESSAGE_BYTES));
    write(stream, code, NOTHING, cut);
  }

  private static int write(Stream stream, int code, byte[] context, byte[] message)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream(message.length + 64);
    out.write(code);
    out.writeBytes(context);
    SnappyFrames.write(message, out);
    byte[] bytes = out.toByteArray();
    stream.write(bytes);
    return bytes.length;
  }

  /// Sends chunks no faster than the peer takes them and its rate allows.
  private static final class Sender<Q, A> implements Responder.Chunks<A> {
    private final Stream stream;
    private final Protocol<Q, A> protocol;
    private final PeerState peer;
    private final int maxChunks;
    private int sent;

    Sender(Stream stream, Protocol<Q, A> protocol, Q question, PeerState peer) {
      this.stream = stream;
      this.protocol = protocol;
      this.peer = peer;
      this.maxChunks = protocol.maxChunks(question);
    }

    @Override
    public void send(A chunk) throws IOException {
      if (++sent > maxChunks) {
        throw new IllegalStateException("more chunks than the protocol allows");
      }
      int bytes = write(stream, 0, protocol.contextOf(chunk), protocol.encodeChunk(chunk));
      pace(bytes);
    }

    private void pace(int bytes) throws IOException {
      int kilobytes = Math.min(peer.burst, 1 + (bytes >> 10));
      while (true) {
        synchronized (peer.rate) {
          if (peer.rate.tryTake(kilobytes, System.nanoTime())) {
            return;
          }
        }
        try {
          Thread.sleep(PACE_MILLIS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new InterruptedIOException("interrupted while sending an answer");
        }
      }
    }
  }

  /// Asks a connected peer; waits while the allowed number of requests is under way with it.
  ///
  /// The answer must be closed.
  public <Q, A> Answer<A> ask(PeerId peer, Protocol<Q, A> protocol, Q question) throws IOException {
    Semaphore quota =
        state(peer)
            .asked
            .computeIfAbsent(protocol.id(), id -> new Semaphore(limits.concurrent(), true));
    try {
      if (!quota.tryAcquire(limits.answerMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException("too many requests are under way with " + peer);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting to ask");
    }
    Stream stream = null;
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      if (!protocol.isBodiless()) {
        SnappyFrames.write(protocol.encodeRequest(question), out);
      }
      stream = host.open(peer, protocol.id());
      stream.timeoutMillis(limits.requestMillis());
      stream.write(out.toByteArray());
      if (protocol.endsRequest()) {
        stream.closeWrite();
      }
      return new Answer<>(stream, protocol, protocol.maxChunks(question), limits, quota);
    } catch (IOException | RuntimeException e) {
      quota.release();
      if (stream != null) {
        stream.reset(0);
      }
      throw e;
    }
  }
}
