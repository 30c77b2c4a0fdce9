package io.semper.p2p.gossip;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.Connection;
import io.semper.p2p.Host;
import io.semper.p2p.HostListener;
import io.semper.p2p.Stream;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.limits.Account;
import io.semper.p2p.limits.Origin;
import io.semper.p2p.protocol.Identify;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Publish and subscribe with the peers of a [Host].
///
/// One thread owns the [Router] and empties a bounded [Inbox]. Each peer has a reader, which waits
/// while that is full, and a writer with a [SendQueue] of its own, so that neither a fast peer nor
/// a slow one holds up the others. Signatures and validators run on threads of their own; the
/// router bounds how many.
public final class Gossip implements AutoCloseable {
  /// Accepted messages of a topic that wait for its subscriber.
  public static final int MAX_UNDELIVERED = 4_096;

  public static final long MAX_UNDELIVERED_BYTES = 64L << 20;

  private static final Logger LOG = LoggerFactory.getLogger(Gossip.class);

  /// Streams a peer may have open for gossip: the one in use and the one that replaces it.
  private static final int STREAMS_PER_PEER = 2;

  /// How long what a peer sends waits for the stream opened here.
  private static final long JOIN_MILLIS = 15_000;

  /// A stream that breaks while the connection stands is opened again, after twice as long each
  /// time.
  private static final long REOPEN_MILLIS = 250;

  private static final int MAX_DOUBLINGS = 5;

  /// A link that lasted so long was no failure.
  private static final long STEADY_NANOS = 60_000_000_000L;

  /// Bytes of RPCs read and not yet seen by the router, all peers together.
  private static final int MAX_UNSEEN_BYTES = 32 << 20;

  private static final int ENOUGH_FOR_ALL = 1 << 30;

  /// Messages that can wait for each other, validated on one thread: to start a thread and to wake
  /// the router costs as much as to look at a transaction.
  private static final int VALIDATED_TOGETHER = 8;

  private record Handler(Topic topic, Validator validator, Mailbox mailbox) {}

  private final Host host;
  private final PrivateKey identity;
  private final GossipParameters parameters;
  private final GossipLimits limits;
  private final Router router;
  private final Inbox inbox;
  private final Thread owner;
  private final Map<PeerId, Link> links = new ConcurrentHashMap<>();
  private final Map<String, Handler> handlers = new ConcurrentHashMap<>();
  private final Map<String, Topic> topics = new ConcurrentHashMap<>();
  private final Semaphore unseenBytes;
  private final Exchange exchange;
  private final long reopenMillis;

  /// Of messages that can wait for each other, what the router has asked for meanwhile. Its
  /// thread's.
  private final List<Action.Validate> unvalidated = new ArrayList<>();

  private final AtomicLong seqno = new AtomicLong(System.currentTimeMillis() * 1_000_000);
  private volatile boolean closed;

  private Gossip(
      Host host,
      PrivateKey identity,
      GossipParameters parameters,
      GossipLimits limits,
      Set<PeerId> direct,
      RandomGenerator random,
      long reopenMillis) {
    this.host = host;
    this.reopenMillis = reopenMillis;
    this.identity = identity;
    this.parameters = parameters;
    this.limits = limits;
    unseenBytes = new Semaphore(Math.max(MAX_UNSEEN_BYTES, limits.maxRpcBytes()), true);
    exchange = new Exchange(host);
    inbox = new Inbox(limits.maxEvents());
    router =
        new Router(
            host.id(),
            parameters,
            limits,
            direct,
            exchange::record,
            Gossip::millis,
            random,
            this::act);
    owner = Thread.ofPlatform().name("gossip-router").daemon().unstarted(this::run);
  }

  /// Starts to speak gossip with every peer of the host that does.
  ///
  /// @param identity signs messages on topics that want it
  /// @param direct peers that get every message, in both directions; to be connected by others
  public static Gossip start(
      Host host,
      PrivateKey identity,
      GossipParameters parameters,
      GossipLimits limits,
      Set<PeerId> direct,
      RandomGenerator random) {
    return start(host, identity, parameters, limits, direct, random, REOPEN_MILLIS);
  }

  static Gossip start(
      Host host,
      PrivateKey identity,
      GossipParameters parameters,
      GossipLimits limits,
      Set<PeerId> direct,
      RandomGenerator random,
      long reopenMillis) {
    Gossip gossip = new Gossip(host, identity, parameters, limits, direct, random, reopenMillis);
    gossip.owner.start();
    for (String id : GossipVersion.protocolIds()) {
      host.handle(id, STREAMS_PER_PEER, gossip::serve);
    }
    host.addListener(gossip.new Listener());
    host.connections().forEach(gossip::beginLink);
    return gossip;
  }

  private static long millis() {
    return System.nanoTime() / 1_000_000;
  }

  // What the application calls.

  /// Joins a topic. Messages are delivered from now on, none published here.
  public void subscribe(Topic topic, Validator validator, Subscriber subscriber) {
    Handler handler = new Handler(topic, validator, new Mailbox(topic.name(), subscriber));
    if (handlers.putIfAbsent(topic.name(), handler) != null) {
      handler.mailbox.close();
      throw new IllegalStateException("subscribed already: " + topic.name());
    }
    try {
      ask(() -> {
        router.join(topic);
        topics.put(topic.name(), topic);
        return null;
      });
    } catch (RuntimeException e) {
      handlers.remove(topic.name(), handler);
      handler.mailbox.close();
      throw e;
    }
  }

  public void unsubscribe(String topic) {
    Handler handler = handlers.remove(topic);
    if (handler != null) {
      try {
        ask(() -> {
          router.leave(topic);
          return null;
        });
      } finally {
        handler.mailbox.close();
      }
    }
  }

  /// Makes a topic known, to publish without subscribing.
  public void declare(Topic topic) {
    ask(() -> {
      router.declare(topic);
      topics.put(topic.name(), topic);
      return null;
    });
  }

  /// Publishes data on a topic subscribed to or declared.
  public Publication publish(String name, byte[] data) {
    Topic topic = topics.get(name);
    if (topic == null) {
      return new Publication(Publication.Outcome.UNKNOWN_TOPIC, 0);
    }
    if (data.length > topic.maxBytes()) {
      return new Publication(Publication.Outcome.TOO_LARGE, 0);
    }
    GossipMessage message =
        switch (topic.policy()) {
          case STRICT_SIGN -> GossipMessage.signed(identity, seqno.incrementAndGet(), name, data);
          case STRICT_NO_SIGN -> GossipMessage.unsigned(name, data);
        };
    message.id(topic);
    return ask(() -> router.publish(message));
  }

  /// What the peer is worth to the application: P5.
  public void setApplicationScore(PeerId peer, double score) {
    inbox.add(() -> router.setApplicationScore(peer, score));
  }

  public double score(PeerId peer) {
    return ask(() -> router.score(peer));
  }

  public List<PeerId> meshPeers(String topic) {
    return ask(() -> router.meshPeers(topic));
  }

  public List<PeerId> subscribers(String topic) {
    return ask(() -> router.subscribers(topic));
  }

  public Statistics statistics() {
    return ask(router::statistics);
  }

  /// Messages and announcements not sent to peers that are connected now because they read too
  /// slowly, and accepted messages that subscribers were too slow for.
  public long dropped() {
    return links.values().stream().mapToLong(link -> link.queue.dropped()).sum()
        + handlers.values().stream().mapToLong(handler -> handler.mailbox.dropped()).sum();
  }

  /// Leaves every topic and ends the streams; the host's connections stay.
  @Override
  public void close() {
    GossipVersion.protocolIds().forEach(host::unhandle);
    for (String topic : handlers.keySet()) {
      try {
        unsubscribe(topic);
      } catch (IllegalStateException ended) {
        LOG.debug("leaving {}: {}", topic, ended.getMessage());
      }
    }
    closed = true;
    inbox.close();
    links.values().forEach(Gossip::closeAside);
    handlers.values().forEach(handler -> handler.mailbox.close());
    try {
      owner.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // The router's thread.

  private void run() {
    try {
      while (!closed) {
        inbox.take(Math.max(0, router.nextTickMillis() - millis())).forEach(Runnable::run);
        router.tick();
        for (int at = 0; at < unvalidated.size(); at += VALIDATED_TOGETHER) {
          int end = Math.min(unvalidated.size(), at + VALIDATED_TOGETHER);
          startValidation(List.copyOf(unvalidated.subList(at, end)));
        }
        unvalidated.clear();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      LOG.error("the gossip router failed", e);
      throw e;
    } finally {
      closed = true;
      inbox.close();
      // Whoever waits to be read finds that all is closed.
      unseenBytes.release(ENOUGH_FOR_ALL);
      links.values().forEach(Gossip::closeAside);
    }
  }

  /// Resetting a stream writes to the socket, for which the router's thread must not wait.
  private static void closeAside(Link link) {
    link.queue.close();
    Thread.ofVirtual().name("gossip-close").start(link::close);
  }

  private <T> T ask(Callable<T> question) {
    FutureTask<T> task = new FutureTask<>(question);
    inbox.add(task);
    try {
      while (true) {
        try {
          return task.get(100, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          if (closed && !task.isDone()) {
            throw new IllegalStateException("gossip is closed", e);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    }
  }

  private void act(Action action) {
    switch (action) {
      case Action.Send send -> {
        Link link = links.get(send.to());
        if (link != null && !link.queue.control(send.control())) {
          LOG.debug("{} does not read what it is sent", send.to());
          closeAside(link);
        }
      }
      case Action.Forward forward -> {
        Link link = links.get(forward.to());
        if (link != null) {
          link.queue.message(forward);
        }
      }
      case Action.Obsolete obsolete -> {
        Link link = links.get(obsolete.to());
        if (link != null) {
          link.queue.remove(obsolete.id());
        }
      }
      case Action.Verify verify ->
          Thread.ofVirtual().name("gossip-verify").start(() -> verify(verify.message()));
      case Action.Validate validate -> {
        Topic topic = topics.get(validate.message().topic());
        if (topic != null && topic.gatherMillis() > 0) {
          unvalidated.add(validate);
        } else {
          startValidation(List.of(validate));
        }
      }
      case Action.Deliver deliver -> {
        Handler handler = handlers.get(deliver.message().topic());
        if (handler != null) {
          handler.mailbox.put(deliver.from(), deliver.message());
        }
      }
      case Action.Connect connect -> exchange.begin(connect);
    }
  }

  private void verify(GossipMessage message) {
    boolean good = false;
    try {
      good = message.isSignatureGood();
    } finally {
      // Whatever happens, the message no longer takes a place.
      boolean settled = good;
      inbox.add(() -> router.signatureChecked(message, settled));
    }
  }

  private void startValidation(List<Action.Validate> asked) {
    Thread.ofVirtual().name("gossip-validate").start(() -> validate(asked));
  }

  private void validate(List<Action.Validate> asked) {
    List<Verdict> verdicts = new ArrayList<>(asked.size());
    try {
      for (Action.Validate each : asked) {
        Handler handler = handlers.get(each.message().topic());
        verdicts.add(
            handler == null
                ? Verdict.IGNORE
                : handler.validator.validate(each.from(), each.message()));
      }
    } finally {
      // Whatever happens to one, it no longer takes a place, and the others have their turn.
      int settled = Math.min(asked.size(), verdicts.size() + 1);
      inbox.add(() -> settle(asked.subList(0, settled), verdicts));
      if (settled < asked.size()) {
        startValidation(asked.subList(settled, asked.size()));
      }
    }
  }

  private void settle(List<Action.Validate> asked, List<Verdict> verdicts) {
    for (int i = 0; i < asked.size(); i++) {
      Verdict verdict = i < verdicts.size() ? verdicts.get(i) : Verdict.IGNORE;
      router.validated(asked.get(i).id(), verdict);
    }
  }

  // Peers.

  private final class Listener implements HostListener {
    @Override
    public void connected(Connection connection) {
      beginLink(connection);
    }

    @Override
    public void identified(Connection connection) {
      Identify told = connection.identity().orElseThrow();
      if (speaksGossip(connection)) {
        beginLink(connection);
      }
      if (parameters.peerExchange() && told.signedRecord() != null) {
        exchange.keep(connection.peer(), told.signedRecord());
      }
    }

    @Override
    public void disconnected(Connection connection) {
      exchange.forget(connection.peer());
      Link link = links.get(connection.peer());
      if (link != null && link.connection == connection) {
        link.close();
      }
    }
  }

  /// Whether the peer has said so: where its answer does not come in time, it is asked again.
  private static boolean speaksGossip(Connection connection) {
    return connection
        .identity()
        .filter(told -> told.protocols().stream().anyMatch(GossipVersion.protocolIds()::contains))
        .isPresent();
  }

  /// Begins to speak gossip with a peer, on the connection that stands where there are two.
  private void beginLink(Connection connection) {
    Link present = link(connection, 0);
    if (present.connection != connection
        && host.connection(connection.peer()).filter(c -> c != present.connection).isPresent()) {
      // Its end has another link begin.
      present.close();
    }
  }

  /// The link with a peer, which begins now unless there is one.
  private Link link(Connection connection, int reopening) {
    Link fresh = new Link(connection, limits.maxSendBytes());
    Link present = links.putIfAbsent(connection.peer(), fresh);
    if (present != null) {
      return present;
    }
    Thread.ofVirtual().name("gossip-write").start(() -> run(fresh, reopening));
    return fresh;
  }

  private void run(Link link, int reopening) {
    PeerId peer = link.peer();
    boolean spoken = false;
    try {
      GossipVersion version = link.open();
      spoken = true;
      String address = address(link.connection);
      boolean outbound = link.connection.isOutbound();
      inbox.add(() -> link.decide(router.joined(peer, version, outbound, address)));
      if (link.awaitJoined(JOIN_MILLIS)) {
        link.write();
      }
    } catch (IOException e) {
      LOG.debug("gossip with {}: {}", peer, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      link.close();
      // In this order: whoever links anew has its peer join after it left.
      inbox.add(() -> router.left(peer));
      links.remove(peer, link);
      link.end();
    }
    boolean replaced = host.connection(peer).filter(c -> c != link.connection).isPresent();
    if (spoken || replaced || speaksGossip(link.connection)) {
      reopen(peer, System.nanoTime() - link.startedNanos > STEADY_NANOS ? 0 : reopening + 1);
    }
  }

  /// The stream broke; where the peer is still connected, perhaps only the stream did.
  private void reopen(PeerId peer, int reopening) {
    try {
      Thread.sleep(reopenMillis << Math.min(reopening, MAX_DOUBLINGS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    if (!closed) {
      host.connection(peer).ifPresent(connection -> link(connection, reopening));
    }
  }

  /// What P6 counts by. Loopback says nothing of who shares it.
  private static String address(Connection connection) {
    try {
      InetAddress address = connection.remoteAddress().resolve().getAddress();
      if (address.isLoopbackAddress()) {
        return null;
      }
      return Origin.of(address).getHostAddress();
    } catch (IOException e) {
      return null;
    }
  }

  /// Reads what a peer sends on its stream.
  private void serve(Stream stream) throws IOException {
    PeerId peer = stream.connection().peer();
    // Both sides may wait for each other's answer.
    stream.flush();
    try {
      Link link = standingLink(stream.connection());
      if (link.replaceInbound(stream)) {
        inbox.addFromPeer(peer, () -> router.reopened(peer));
      }
      readAll(stream, link);
    } catch (MalformedInputException e) {
      inbox.add(() -> router.malformed(peer));
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void readAll(Stream stream, Link link) throws IOException, InterruptedException {
    Account account = stream.connection().account();
    int max = limits.maxRpcBytes();
    try (RpcReader reader = new RpcReader(stream, account, max, RpcReader.RPC_MILLIS)) {
      for (byte[] frame; (frame = reader.read()) != null; ) {
        Rpc rpc = Rpc.decode(frame);
        if (!link.mayBring(Math.max(1, rpc.messages().size()), System.nanoTime())) {
          link.connection.fail("gossip without end");
          return;
        }
        rpc.messages().forEach(this::prepare);
        int bytes = frame.length;
        unseenBytes.acquire(bytes);
        inbox.addFromPeer(
            link.peer(),
            () -> {
              unseenBytes.release(bytes);
              if (link.isInbound(stream)) {
                router.received(link.peer(), rpc);
              }
            });
      }
    }
  }

  /// The link with a peer once the router has taken the peer in.
  private Link standingLink(Connection connection) throws IOException, InterruptedException {
    while (!closed) {
      Link link = link(connection, 0);
      if (!link.isClosed()) {
        if (link.awaitJoined(JOIN_MILLIS)) {
          return link;
        }
        throw new IOException("a gossip stream from a peer that takes none");
      }
      link.awaitEnd();
    }
    throw new IOException("gossip is closed");
  }

  /// Computes a message's identifier here, so that hashing does not cost the router's thread.
  private void prepare(GossipMessage message) {
    Topic topic = topics.get(message.topic());
    if (topic != null
        && message.dataLength() <= topic.maxBytes()
        && message.violation(topic.policy()).isEmpty()) {
      message.id(topic);
    }
  }
}
