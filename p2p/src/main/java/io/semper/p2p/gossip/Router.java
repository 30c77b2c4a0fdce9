package io.semper.p2p.gossip;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.gossip.Rpc.ExchangedPeer;
import io.semper.p2p.gossip.Rpc.IHave;
import io.semper.p2p.gossip.Rpc.Prune;
import io.semper.p2p.gossip.Rpc.Subscription;
import io.semper.p2p.gossip.SeenCache.Fate;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PeerRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/// Gossipsub as a state machine: events in, [Action]s out.
///
/// Every method is an event and returns once all its actions were handed to the consumer, which
/// must not call back. One thread at a time; nothing here waits for anything.
///
/// A message's way: known topic, size, fields the topic's policy asks for -> its identifier -> seen
/// before? -> [Action.Verify], on signed topics: a forged copy must not make the true one count as
/// seen -> [Action.Validate] -> on [Verdict#ACCEPT] delivered and forwarded.
///
/// Times are milliseconds of a clock that never runs backwards.
public final class Router {
  /// How long peers published to without being subscribed are kept.
  static final long FANOUT_MILLIS = 60_000;

  /// Backoff asked of peers where this node leaves a topic.
  static final long UNSUBSCRIBE_BACKOFF_MILLIS = 10_000;

  /// A graft this soon after a prune counts twice.
  static final long GRAFT_FLOOD_MILLIS = 10_000;

  /// Heartbeats between two looks for better peers than the mesh has, and how many are grafted.
  static final int OPPORTUNISTIC_GRAFT_HEARTBEATS = 60;

  static final int OPPORTUNISTIC_GRAFT_PEERS = 2;

  /// Share of the peers outside the mesh that get announcements.
  static final double GOSSIP_FACTOR = 0.25;

  /// Times one message is sent to one peer that asks for it.
  static final int GOSSIP_RETRANSMISSIONS = 3;

  /// RPCs with announcements followed up, and identifiers asked for, for a peer and heartbeat.
  static final int MAX_IHAVE_MESSAGES = 10;

  static final int MAX_IHAVE_LENGTH = 5_000;

  /// In which time a message asked for has to come.
  static final long IWANT_FOLLOW_UP_MILLIS = 3_000;

  /// How long it is remembered that a peer does not want a message.
  static final int UNWANTED_HEARTBEATS = 3;

  /// Peers recommended to one that is pruned, and dialled on one peer's word within a heartbeat.
  static final int EXCHANGED_PEERS = 16;

  /// A check or verdict not in by then counts as [Verdict#IGNORE].
  static final long VALIDATION_MILLIS = 30_000;

  /// Bytes of announcements put into one RPC.
  private static final int IHAVE_RPC_BYTES = 256 * 1024;

  private static final int BACKOFF_EXPIRY_HEARTBEATS = 15;

  /// What an RPC with one message takes besides the message.
  private static final int RPC_OVERHEAD_BYTES = 16;

  private static final class Pending {
    private final Peer peer;
    private final TopicMesh topic;
    private final GossipMessage message;
    private final SeenCache.Entry seen;
    private long endsMillis;

    private Pending(
        Peer peer, TopicMesh topic, GossipMessage message, SeenCache.Entry seen, long endsMillis) {
      this.peer = peer;
      this.topic = topic;
      this.message = message;
      this.seen = seen;
      this.endsMillis = endsMillis;
    }
  }

  private static final class Control {
    private final List<String> graft = new ArrayList<>(1);
    private final List<Prune> prune = new ArrayList<>(1);
    private final List<IHave> ihave = new ArrayList<>(1);
  }

  private final PeerId self;
  private final byte[] selfBytes;
  private final GossipParameters parameters;
  private final GossipLimits limits;
  private final Set<PeerId> direct;
  private final Function<PeerId, byte[]> signedRecords;
  private final LongSupplier clock;
  private final RandomGenerator random;
  private final Consumer<Action> actions;

  private final Map<PeerId, Peer> peers = new LinkedHashMap<>();
  private final Map<String, TopicMesh> topics = new LinkedHashMap<>();
  private final Scores scores;
  private final SeenCache seen;
  private final MessageCache history;
  private final Promises promises = new Promises(IWANT_FOLLOW_UP_MILLIS);

  // On their way through a check outside: signatures by message, verdicts by identifier.
  private final Map<GossipMessage, Pending> verifying = new LinkedHashMap<>();
  private final Map<MessageId, Pending> validating = new LinkedHashMap<>();
  private long pendingBytes;

  // Control a heartbeat, a join or a leave has for each peer, sent at its end.
  private final Map<Peer, Control> outgoing = new LinkedHashMap<>();

  private long heartbeats;
  private long nextHeartbeatMillis;
  private long nextDecayMillis;

  private long delivered;
  private long duplicates;
  private long ignored;
  private long rejected;
  private long dropped;
  private long graylisted;

  /// @param direct peers that always get every message and are never in a mesh
  /// @param signedRecords the sealed record of a peer, `null` where none is known
  public Router(
      PeerId self,
      GossipParameters parameters,
      GossipLimits limits,
      Set<PeerId> direct,
      Function<PeerId, byte[]> signedRecords,
      LongSupplier clock,
      RandomGenerator random,
      Consumer<Action> actions) {
    this.self = self;
    selfBytes = self.toBytes();
    this.parameters = parameters;
    this.limits = limits;
    this.direct = Set.copyOf(direct);
    this.signedRecords = signedRecords;
    this.clock = clock;
    this.random = random;
    this.actions = actions;
    scores = new Scores(parameters.score());
    seen = new SeenCache(limits.maxSeen(), parameters.seenMillis());
    history =
        new MessageCache(
            parameters.historyLength(), parameters.historyGossip(), limits.maxHistoryBytes());
    nextHeartbeatMillis = clock.getAsLong() + parameters.heartbeatMillis();
    nextDecayMillis = clock.getAsLong() + parameters.score().decayMillis();
  }

  // Peers

  /// A peer that speaks gossip is connected: its stream is open.
  ///
  /// @param outbound whether this node dialled
  /// @param address what P6 counts peers by, `null` to leave this one out
  /// @return false where the router has no room for it
  public boolean joined(PeerId id, GossipVersion version, boolean outbound, String address) {
    if (peers.containsKey(id)) {
      throw new IllegalStateException("peer joined twice: " + id);
    }
    if (peers.size() >= limits.maxPeers()) {
      return false;
    }
    Peer peer = new Peer(id, version, outbound, direct.contains(id));
    peers.put(id, peer);
    scores.joined(id, address);
    greet(peer);
    return true;
  }

  /// The peer opened its stream anew: what it said on the old one is void, and it may have
  /// forgotten what it was told.
  public void reopened(PeerId id) {
    Peer peer = peers.get(id);
    if (peer != null) {
      removeFromTopics(peer);
      peer.topics.clear();
      greet(peer);
    }
  }

  public void left(PeerId id) {
    Peer peer = peers.remove(id);
    if (peer != null) {
      scores.left(id, clock.getAsLong());
      removeFromTopics(peer);
      promises.left(id);
    }
  }

  private void removeFromTopics(Peer peer) {
    for (TopicMesh topic : topics.values()) {
      topic.subscribers.remove(peer);
      topic.fanout.remove(peer);
      topic.fresh.remove(peer);
      if (topic.mesh.remove(peer)) {
        scores.pruned(peer.id, topic.topic);
      }
    }
  }

  private void greet(Peer peer) {
    List<Subscription> all = new ArrayList<>();
    for (TopicMesh topic : topics.values()) {
      if (topic.joined) {
        all.add(new Subscription(true, topic.topic.name()));
      }
    }
    for (int at = 0; at < all.size(); at += GossipLimits.MAX_SUBSCRIPTIONS) {
      int end = Math.min(all.size(), at + GossipLimits.MAX_SUBSCRIPTIONS);
      send(peer, Rpc.subscriptions(List.copyOf(all.subList(at, end))));
    }
  }

  /// Whatever the peer did outside this protocol: P5.
  public void setApplicationScore(PeerId id, double score) {
    scores.setApplicationScore(id, score);
  }

  /// The peer sent what does not decode.
  public void malformed(PeerId id) {
    scores.misbehaved(id, 1);
  }

  public double score(PeerId id) {
    return scores.score(id);
  }

  // Topics

  /// Makes a topic known without subscribing: messages can be published to it.
  public void declare(Topic topic) {
    TopicMesh known = topics.get(topic.name());
    if (known == null) {
      TopicMesh mesh = new TopicMesh(topic);
      topics.put(topic.name(), mesh);
      for (Peer peer : peers.values()) {
        if (peer.topics.contains(topic.name())) {
          mesh.subscribers.add(peer);
        }
      }
    } else if (!known.topic.equals(topic)) {
      throw new IllegalStateException("topic declared otherwise before: " + topic.name());
    }
  }

  public void join(Topic topic) {
    declare(topic);
    TopicMesh mesh = topics.get(topic.name());
    if (mesh.joined) {
      return;
    }
    mesh.joined = true;
    announce(new Subscription(true, topic.name()));
    long now = clock.getAsLong();
    refreshScores();
    Predicate<Peer> fits = peer -> fitsIn(mesh, peer, now);
    int wanted = parameters.degree().target();
    TopicMesh.choose(mesh.fanout, wanted, fits, random).forEach(peer -> graft(mesh, peer, now));
    TopicMesh.choose(mesh.subscribers, wanted - mesh.mesh.size(), fits, random)
        .forEach(peer -> graft(mesh, peer, now));
    mesh.fanout.clear();
    flush();
  }

  public void leave(String name) {
    TopicMesh mesh = topics.get(name);
    if (mesh == null || !mesh.joined) {
      return;
    }
    mesh.joined = false;
    announce(new Subscription(false, name));
    long now = clock.getAsLong();
    for (Peer peer : List.copyOf(mesh.mesh)) {
      prune(mesh, peer, UNSUBSCRIBE_BACKOFF_MILLIS, false, now);
    }
    flush();
  }

  private void announce(Subscription subscription) {
    Rpc rpc = Rpc.subscriptions(List.of(subscription));
    peers.values().forEach(peer -> send(peer, rpc));
  }

  // Messages

  /// Publishes a message of this node.
  ///
  /// @throws IllegalArgumentException if the message breaks the topic's signature policy
  public Publication publish(GossipMessage message) {
    TopicMesh mesh = topics.get(message.topic());
    if (mesh == null) {
      return new Publication(Publication.Outcome.UNKNOWN_TOPIC, 0);
    }
    message
        .violation(mesh.topic.policy())
        .ifPresent(violation -> {
          throw new IllegalArgumentException(violation);
        });
    if (message.dataLength() > mesh.topic.maxBytes()
        || message.encodedBytes() + RPC_OVERHEAD_BYTES > limits.maxRpcBytes()) {
      return new Publication(Publication.Outcome.TOO_LARGE, 0);
    }
    long now = clock.getAsLong();
    MessageId id = message.id(mesh.topic);
    if (seen.get(id, now) != null) {
      return new Publication(Publication.Outcome.DUPLICATE, 0);
    }
    seen.settle(seen.add(id, now), Fate.ACCEPTED, now);
    history.put(id, message);
    tellMesh(mesh, message, id, null);
    int recipients = 0;
    for (Peer peer : recipients(mesh, message, now)) {
      if (peer.wants(id) && !peer.isAuthorOf(message)) {
        forward(mesh.topic, peer, message, id, true);
        recipients++;
      }
    }
    return new Publication(
        recipients > 0 ? Publication.Outcome.SENT : Publication.Outcome.NO_PEERS, recipients);
  }

  /// Everyone where the message is small: whoever surrounds this node's meshes does not silence it.
  /// Else the mesh, filled up to the target.
  private Collection<Peer> recipients(TopicMesh mesh, GossipMessage message, long now) {
    double least = parameters.score().thresholds().publish();
    Predicate<Peer> mayGet = peer -> peer.direct || scores.score(peer.id) >= least;
    if (message.dataLength() <= parameters.floodPublishMaxBytes()) {
      return mesh.subscribers.stream().filter(mayGet).toList();
    }
    Set<Peer> chosen = new LinkedHashSet<>();
    mesh.subscribers.stream().filter(peer -> peer.direct).forEach(chosen::add);
    Set<Peer> standing = mesh.joined ? mesh.mesh : mesh.fanout;
    chosen.addAll(standing);
    int missing = parameters.degree().target() - standing.size();
    Predicate<Peer> another = peer -> mayGet.test(peer) && !chosen.contains(peer);
    List<Peer> more = TopicMesh.choose(mesh.subscribers, missing, another, random);
    chosen.addAll(more);
    if (!mesh.joined) {
      mesh.fanout.addAll(more);
      mesh.fanoutEndsMillis = now + FANOUT_MILLIS;
    }
    return chosen;
  }

  /// Tells the mesh that a large message is here and need not be sent.
  private void tellMesh(TopicMesh mesh, GossipMessage message, MessageId id, Peer sender) {
    if (message.dataLength() < parameters.idontwantMinBytes()) {
      return;
    }
    Rpc rpc = Rpc.idontwant(id);
    for (Peer peer : mesh.mesh) {
      if (peer != sender && peer.version == GossipVersion.V1_2) {
        send(peer, rpc);
      }
    }
  }

  /// An RPC came from a peer.
  public void received(PeerId from, Rpc rpc) {
    Peer peer = peers.get(from);
    if (peer == null) {
      return;
    }
    subscriptions(peer, rpc.subscriptions());
    if (!peer.direct && scores.score(from) < parameters.score().thresholds().graylist()) {
      graylisted++;
      return;
    }
    for (GossipMessage message : rpc.messages()) {
      message(peer, message);
    }
    if (scores.score(from) >= parameters.score().thresholds().gossip()) {
      ihave(peer, rpc.ihave());
      iwant(peer, rpc.iwant());
    }
    grafts(peer, rpc.graft());
    prunes(peer, rpc.prune());
    idontwant(peer, rpc.idontwant());
  }

  private void subscriptions(Peer peer, List<Subscription> subscriptions) {
    boolean tooMany = false;
    for (Subscription each : subscriptions) {
      TopicMesh mesh = topics.get(each.topic());
      if (!each.subscribe()) {
        peer.topics.remove(each.topic());
        if (mesh != null) {
          mesh.subscribers.remove(peer);
          mesh.fanout.remove(peer);
          if (mesh.mesh.remove(peer)) {
            scores.pruned(peer.id, mesh.topic);
          }
        }
      } else if (mesh != null) {
        peer.topics.add(each.topic());
        mesh.subscribers.add(peer);
      } else if (peer.topics.size() < limits.maxTopicsPerPeer()) {
        peer.topics.add(each.topic());
      } else {
        tooMany |= !peer.topics.contains(each.topic());
      }
    }
    if (tooMany) {
      scores.misbehaved(peer.id, 1);
    }
  }

  private void message(Peer peer, GossipMessage message) {
    TopicMesh mesh = topics.get(message.topic());
    if (mesh == null || !mesh.joined) {
      ignored++;
      return;
    }
    if (message.dataLength() > mesh.topic.maxBytes()
        || message.violation(mesh.topic.policy()).isPresent()) {
      invalid(peer, mesh);
      return;
    }
    if (message.from() != null && Arrays.equals(message.from(), selfBytes)) {
      ignored++;
      return;
    }
    long now = clock.getAsLong();
    MessageId id = message.id(mesh.topic);
    SeenCache.Entry entry = seen.get(id, now);
    if (entry != null) {
      duplicate(peer, mesh, id, entry, now);
      return;
    }
    if (!reserve(peer, message)) {
      promises.kept(id);
      return;
    }
    if (mesh.topic.policy() == SignaturePolicy.STRICT_SIGN) {
      Pending pending = new Pending(peer, mesh, message, null, now + VALIDATION_MILLIS);
      if (verifying.putIfAbsent(message, pending) != null) {
        release(peer, message);
        return;
      }
      actions.accept(new Action.Verify(peer.id, message));
    } else {
      firstCopy(peer, mesh, message, id, now);
    }
  }

  /// A signature asked for by [Action.Verify] is good or not.
  public void signatureChecked(GossipMessage message, boolean good) {
    Pending pending = verifying.remove(message);
    if (pending == null) {
      return;
    }
    Peer peer = pending.peer;
    if (!good) {
      release(peer, message);
      invalid(peer, pending.topic);
      return;
    }
    long now = clock.getAsLong();
    MessageId id = message.id(pending.topic.topic);
    SeenCache.Entry entry = seen.get(id, now);
    if (entry != null) {
      release(peer, message);
      duplicate(peer, pending.topic, id, entry, now);
    } else {
      firstCopy(peer, pending.topic, message, id, now);
    }
  }

  private void firstCopy(Peer peer, TopicMesh mesh, GossipMessage message, MessageId id, long now) {
    promises.kept(id);
    SeenCache.Entry entry = seen.add(id, now);
    entry.addSender(peer.id);
    Pending before =
        validating.put(id, new Pending(peer, mesh, message, entry, now + VALIDATION_MILLIS));
    if (before != null) {
      // So much has come since that this one was forgotten as seen.
      release(before.peer, before.message);
    }
    tellMesh(mesh, message, id, peer);
    actions.accept(new Action.Validate(peer.id, message, id));
  }

  private void duplicate(Peer peer, TopicMesh mesh, MessageId id, SeenCache.Entry entry, long now) {
    duplicates++;
    switch (entry.fate()) {
      case PENDING -> entry.addSender(peer.id);
      case ACCEPTED -> {
        if (mesh.topic.gatherMillis() > 0) {
          actions.accept(new Action.Obsolete(peer.id, id));
        }
        if (now - entry.settledMillis() <= mesh.topic.score().mesh().windowMillis()
            && entry.addSender(peer.id)) {
          scores.laterDelivery(peer.id, mesh.topic);
        }
      }
      case REJECTED -> scores.invalidMessage(peer.id, mesh.topic);
      case IGNORED -> {}
    }
  }

  private void invalid(Peer peer, TopicMesh mesh) {
    rejected++;
    scores.invalidMessage(peer.id, mesh.topic);
  }

  /// The verdict asked for by [Action.Validate].
  public void validated(MessageId id, Verdict verdict) {
    Pending pending = validating.remove(id);
    if (pending == null) {
      return;
    }
    release(pending.peer, pending.message);
    long now = clock.getAsLong();
    Topic topic = pending.topic.topic;
    switch (verdict) {
      case ACCEPT -> {
        scores.firstDelivery(pending.peer.id, topic);
        for (PeerId sender : pending.seen.senders()) {
          if (!sender.equals(pending.peer.id)) {
            scores.laterDelivery(sender, topic);
          }
        }
        seen.settle(pending.seen, Fate.ACCEPTED, now);
        history.put(id, pending.message);
        if (pending.topic.joined) {
          delivered++;
          actions.accept(new Action.Deliver(pending.peer.id, pending.message));
          forward(pending, id);
        }
      }
      case IGNORE -> {
        ignored++;
        seen.settle(pending.seen, Fate.IGNORED, now);
      }
      case REJECT -> {
        rejected++;
        for (PeerId sender : pending.seen.senders()) {
          scores.invalidMessage(sender, topic);
        }
        seen.settle(pending.seen, Fate.REJECTED, now);
      }
    }
  }

  private void forward(Pending pending, MessageId id) {
    TopicMesh mesh = pending.topic;
    Set<Peer> targets = new LinkedHashSet<>(mesh.mesh);
    if (!direct.isEmpty()) {
      mesh.subscribers.stream().filter(peer -> peer.direct).forEach(targets::add);
    }
    for (Peer peer : targets) {
      if (!pending.seen.senders().contains(peer.id)
          && !peer.isAuthorOf(pending.message)
          && peer.wants(id)) {
        forward(mesh.topic, peer, pending.message, id, false);
      }
    }
  }

  private void forward(Topic topic, Peer to, GossipMessage message, MessageId id, boolean own) {
    actions.accept(new Action.Forward(to.id, message, id, own, topic.gatherMillis()));
  }

  /// Makes room for a message to be checked. Where there is none it is as if it never came: it is
  /// not seen, and nobody is blamed.
  private boolean reserve(Peer peer, GossipMessage message) {
    if (peer.pending >= limits.maxPendingPerPeer()
        || verifying.size() + validating.size() >= limits.maxPending()
        || pendingBytes + message.encodedBytes() > limits.maxPendingBytes()) {
      dropped++;
      return false;
    }
    peer.pending++;
    pendingBytes += message.encodedBytes();
    return true;
  }

  private void release(Peer peer, GossipMessage message) {
    peer.pending--;
    pendingBytes -= message.encodedBytes();
  }

  // Control

  private void ihave(Peer peer, List<IHave> entries) {
    if (entries.isEmpty() || ++peer.announcements > MAX_IHAVE_MESSAGES) {
      return;
    }
    long now = clock.getAsLong();
    Set<MessageId> missing = new LinkedHashSet<>();
    for (IHave entry : entries) {
      TopicMesh mesh = topics.get(entry.topic());
      if (mesh != null && mesh.joined) {
        for (MessageId id : entry.ids()) {
          if (seen.get(id, now) == null) {
            missing.add(id);
          }
        }
      }
    }
    List<MessageId> ask = new ArrayList<>(missing);
    Collections.shuffle(ask, random);
    int most = MAX_IHAVE_LENGTH - peer.asked;
    if (ask.size() > most) {
      ask = ask.subList(0, most);
    }
    if (!ask.isEmpty()) {
      peer.asked += ask.size();
      promises.add(ask.get(random.nextInt(ask.size())), peer.id, now);
      send(peer, Rpc.iwant(List.copyOf(ask)));
    }
  }

  private void iwant(Peer peer, List<MessageId> ids) {
    for (MessageId id : new LinkedHashSet<>(ids)) {
      GossipMessage message =
          peer.wants(id) ? history.take(id, peer.id, GOSSIP_RETRANSMISSIONS) : null;
      if (message != null) {
        peer.iwantBytes += message.encodedBytes();
        if (peer.iwantBytes > limits.maxIwantBytes()) {
          return;
        }
        actions.accept(new Action.Forward(peer.id, message, id, false, 0));
      }
    }
  }

  private void grafts(Peer peer, List<String> names) {
    long now = clock.getAsLong();
    List<Prune> refused = new ArrayList<>();
    for (String name : new LinkedHashSet<>(names)) {
      TopicMesh mesh = topics.get(name);
      // No answer for topics not subscribed to: whoever guesses names learns nothing.
      if (mesh == null || !mesh.joined || mesh.contains(peer)) {
        continue;
      }
      peer.topics.add(name);
      mesh.subscribers.add(peer);
      boolean backedOff = mesh.backoffs.holds(peer.id, now, 0);
      double score = scores.score(peer.id);
      if (backedOff) {
        long sincePrune = GRAFT_FLOOD_MILLIS - parameters.pruneBackoffMillis();
        boolean flood = mesh.backoffs.holds(peer.id, now, sincePrune);
        scores.misbehaved(peer.id, flood ? 2 : 1);
      }
      boolean full = mesh.mesh.size() >= parameters.degree().high() && !peer.outbound;
      if (peer.direct || backedOff || score < 0 || full) {
        mesh.backoffs.add(peer.id, parameters.pruneBackoffMillis(), now);
        boolean exchange = !peer.direct && !backedOff && score >= 0;
        refused.add(pruneFor(mesh, peer, parameters.pruneBackoffMillis(), exchange));
      } else {
        enter(mesh, peer, now);
      }
    }
    if (!refused.isEmpty()) {
      send(peer, Rpc.mesh(List.of(), refused));
    }
  }

  private void prunes(Peer peer, List<Prune> prunes) {
    long now = clock.getAsLong();
    for (Prune prune : prunes) {
      TopicMesh mesh = topics.get(prune.topic());
      if (mesh == null) {
        continue;
      }
      if (mesh.mesh.remove(peer)) {
        scores.pruned(peer.id, mesh.topic);
      }
      mesh.backoffs.add(peer.id, backoffMillis(prune), now);
      if (mesh.joined
          && scores.score(peer.id) >= parameters.score().thresholds().acceptPeerExchange()) {
        prune.peers().forEach(other -> exchanged(peer, other));
      }
    }
  }

  private long backoffMillis(Prune prune) {
    long seconds = prune.backoffSeconds();
    if (seconds == 0) {
      return parameters.pruneBackoffMillis();
    }
    if (Long.compareUnsigned(seconds, Backoffs.MAX_MILLIS / 1000) >= 0) {
      return Backoffs.MAX_MILLIS;
    }
    return seconds * 1000;
  }

  /// Dials a recommended peer if it signed where it is.
  private void exchanged(Peer by, ExchangedPeer other) {
    if (other.signedRecord().length == 0 || by.exchanged >= EXCHANGED_PEERS) {
      return;
    }
    by.exchanged++;
    try {
      PeerId id = PeerId.decode(other.peerId());
      if (!PeerRecord.open(other.signedRecord()).peerId().equals(id)) {
        scores.misbehaved(by.id, 1);
      } else if (!peers.containsKey(id) && !id.equals(self)) {
        actions.accept(new Action.Connect(id, other.signedRecord()));
      }
    } catch (MalformedInputException e) {
      scores.misbehaved(by.id, 1);
    }
  }

  private void idontwant(Peer peer, List<MessageId> ids) {
    if (ids.isEmpty() || peer.version != GossipVersion.V1_2 || !isInAnyMesh(peer)) {
      return;
    }
    for (MessageId id : ids) {
      peer.doesNotWant(id, heartbeats + UNWANTED_HEARTBEATS);
    }
  }

  private boolean isInAnyMesh(Peer peer) {
    return topics.values().stream().anyMatch(mesh -> mesh.contains(peer));
  }

  // Time

  /// Time passed: does what is due. To be called at [#nextTickMillis], or whenever.
  public void tick() {
    long now = clock.getAsLong();
    if (now - nextDecayMillis >= 0) {
      scores.decay(now);
      nextDecayMillis = now + parameters.score().decayMillis();
    }
    if (now - nextHeartbeatMillis >= 0) {
      heartbeat(now, now - nextHeartbeatMillis);
      nextHeartbeatMillis = now + parameters.heartbeatMillis();
    }
  }

  public long nextTickMillis() {
    return Math.min(nextDecayMillis, nextHeartbeatMillis);
  }

  /// @param lateMillis after a pause of this node, what peers sent in time waits to be read: nobody
  ///   is late by less than this node is
  private void heartbeat(long now, long lateMillis) {
    heartbeats++;
    if (lateMillis > parameters.heartbeatMillis()) {
      promises.postpone(lateMillis);
      validating.values().forEach(pending -> pending.endsMillis += lateMillis);
      verifying.values().forEach(pending -> pending.endsMillis += lateMillis);
    }
    promises.broken(now).forEach((peer, count) -> scores.misbehaved(peer, count));
    peers.values().forEach(peer -> peer.heartbeat(heartbeats));
    expire(now);
    refreshScores();
    for (TopicMesh mesh : topics.values()) {
      if (mesh.joined) {
        maintain(mesh, now);
        gossip(mesh, mesh.mesh);
      } else {
        maintainFanout(mesh, now);
        gossip(mesh, mesh.fanout);
      }
    }
    flush();
    history.shift();
  }

  private void refreshScores() {
    peers.values().forEach(peer -> peer.score = scores.score(peer.id));
  }

  private void expire(long now) {
    long window = 0;
    for (TopicMesh mesh : topics.values()) {
      window = Math.max(window, mesh.topic.score().mesh().windowMillis());
      if (heartbeats % BACKOFF_EXPIRY_HEARTBEATS == 0) {
        mesh.backoffs.expire(now, backoffSlackMillis());
      }
    }
    seen.expire(now, window);
    Iterator<Pending> unverified = verifying.values().iterator();
    while (unverified.hasNext()) {
      Pending pending = unverified.next();
      if (now - pending.endsMillis < 0) {
        break;
      }
      release(pending.peer, pending.message);
      ignored++;
      unverified.remove();
    }
    List<MessageId> unvalidated = new ArrayList<>();
    for (Map.Entry<MessageId, Pending> each : validating.entrySet()) {
      if (now - each.getValue().endsMillis < 0) {
        break;
      }
      unvalidated.add(each.getKey());
    }
    unvalidated.forEach(id -> validated(id, Verdict.IGNORE));
  }

  /// What this node waits beyond a backoff before it grafts: the peer's clock started later.
  private long backoffSlackMillis() {
    return 2 * parameters.heartbeatMillis();
  }

  private boolean fitsIn(TopicMesh mesh, Peer peer, long now) {
    return !mesh.contains(peer)
        && !peer.direct
        && peer.score >= 0
        && !mesh.backoffs.holds(peer.id, now, backoffSlackMillis());
  }

  private void maintain(TopicMesh mesh, long now) {
    GossipParameters.Degree degree = parameters.degree();
    for (Peer peer : List.copyOf(mesh.mesh)) {
      if (peer.score < 0) {
        prune(mesh, peer, parameters.pruneBackoffMillis(), false, now);
      }
    }
    Predicate<Peer> fits = peer -> fitsIn(mesh, peer, now);
    if (mesh.mesh.size() < degree.low()) {
      graftSome(mesh, degree.target() - mesh.mesh.size(), fits, now);
    }
    if (mesh.mesh.size() > degree.high()) {
      for (Peer peer : mesh.surplus(degree, random)) {
        prune(mesh, peer, parameters.pruneBackoffMillis(), true, now);
      }
    }
    int outbound = (int) mesh.mesh.stream().filter(peer -> peer.outbound).count();
    if (mesh.mesh.size() >= degree.low()) {
      graftSome(mesh, degree.outbound() - outbound, peer -> peer.outbound && fits.test(peer), now);
    }
    if (heartbeats % OPPORTUNISTIC_GRAFT_HEARTBEATS == 0 && mesh.mesh.size() > 1) {
      double median = mesh.medianScore();
      if (median < parameters.score().thresholds().opportunisticGraft()) {
        graftSome(
            mesh, OPPORTUNISTIC_GRAFT_PEERS, peer -> peer.score > median && fits.test(peer), now);
      }
    }
  }

  private void graftSome(TopicMesh mesh, int count, Predicate<Peer> condition, long now) {
    TopicMesh.choose(mesh.subscribers, count, condition, random)
        .forEach(peer -> graft(mesh, peer, now));
  }

  private void maintainFanout(TopicMesh mesh, long now) {
    double least = parameters.score().thresholds().publish();
    if (now - mesh.fanoutEndsMillis >= 0) {
      mesh.fanout.clear();
    }
    mesh.fanout.removeIf(peer -> peer.score < least);
    if (!mesh.fanout.isEmpty()) {
      int missing = parameters.degree().target() - mesh.fanout.size();
      mesh.fanout.addAll(
          TopicMesh.choose(
              mesh.subscribers,
              missing,
              peer -> !peer.direct && !mesh.fanout.contains(peer) && peer.score >= least,
              random));
    }
  }

  /// Announces what came lately to some who are not sent it anyway, and to those who have been in
  /// the mesh for less than a heartbeat: they were not sent what came before.
  private void gossip(TopicMesh mesh, Set<Peer> standing) {
    List<Peer> fresh = mesh.fresh.stream().filter(standing::contains).toList();
    mesh.fresh.clear();
    List<MessageId> ids = history.announceable(mesh.topic.name());
    if (ids.isEmpty()) {
      return;
    }
    double least = parameters.score().thresholds().gossip();
    Predicate<Peer> lazy = peer -> !peer.direct && !standing.contains(peer) && peer.score >= least;
    int all = (int) mesh.subscribers.stream().filter(lazy).count();
    int count = Math.max(parameters.degree().lazy(), (int) (GOSSIP_FACTOR * all));
    List<Peer> chosen = new ArrayList<>(fresh);
    chosen.addAll(TopicMesh.choose(mesh.subscribers, count, lazy, random));
    for (Peer peer : chosen) {
      // Each peer gets another order, and where there are too many another part.
      Collections.shuffle(ids, random);
      List<MessageId> some = ids.subList(0, Math.min(ids.size(), MAX_IHAVE_LENGTH));
      control(peer).ihave.add(new IHave(mesh.topic.name(), List.copyOf(some)));
    }
  }

  private void enter(TopicMesh mesh, Peer peer, long now) {
    mesh.mesh.add(peer);
    mesh.fresh.add(peer);
    scores.grafted(peer.id, mesh.topic, now);
  }

  private void graft(TopicMesh mesh, Peer peer, long now) {
    enter(mesh, peer, now);
    control(peer).graft.add(mesh.topic.name());
  }

  private void prune(TopicMesh mesh, Peer peer, long backoffMillis, boolean exchange, long now) {
    mesh.mesh.remove(peer);
    scores.pruned(peer.id, mesh.topic);
    mesh.backoffs.add(peer.id, backoffMillis, now);
    control(peer).prune.add(pruneFor(mesh, peer, backoffMillis, exchange));
  }

  private Prune pruneFor(TopicMesh mesh, Peer peer, long backoffMillis, boolean exchange) {
    List<ExchangedPeer> others = new ArrayList<>(0);
    if (exchange && parameters.peerExchange() && peer.version != GossipVersion.V1_0) {
      Predicate<Peer> good = other -> other != peer && scores.score(other.id) >= 0;
      for (Peer other : TopicMesh.choose(mesh.subscribers, EXCHANGED_PEERS, good, random)) {
        byte[] signedRecord = signedRecords.apply(other.id);
        if (signedRecord != null) {
          others.add(new ExchangedPeer(other.id.toBytes(), signedRecord));
        }
      }
    }
    return new Prune(mesh.topic.name(), others, backoffMillis / 1000);
  }

  private Control control(Peer peer) {
    return outgoing.computeIfAbsent(peer, none -> new Control());
  }

  private void flush() {
    outgoing.forEach((peer, control) -> {
      if (!control.graft.isEmpty() || !control.prune.isEmpty()) {
        send(peer, Rpc.mesh(control.graft, control.prune));
      }
      List<IHave> batch = new ArrayList<>();
      long bytes = 0;
      for (IHave each : control.ihave) {
        long size = 0;
        for (MessageId id : each.ids()) {
          size += id.bytes().length + 2;
        }
        if (bytes > 0 && bytes + size > IHAVE_RPC_BYTES) {
          send(peer, Rpc.ihave(batch));
          batch = new ArrayList<>();
          bytes = 0;
        }
        batch.add(each);
        bytes += size;
      }
      if (!batch.isEmpty()) {
        send(peer, Rpc.ihave(batch));
      }
    });
    outgoing.clear();
  }

  private void send(Peer peer, Rpc control) {
    actions.accept(new Action.Send(peer.id, control));
  }

  // Views

  /// The peers in the mesh of a topic, none where it is not joined.
  public List<PeerId> meshPeers(String topic) {
    TopicMesh mesh = topics.get(topic);
    return mesh == null ? List.of() : mesh.mesh.stream().map(peer -> peer.id).toList();
  }

  /// The peers known to have subscribed to a topic that is known here.
  public List<PeerId> subscribers(String topic) {
    TopicMesh mesh = topics.get(topic);
    return mesh == null ? List.of() : mesh.subscribers.stream().map(peer -> peer.id).toList();
  }

  public Statistics statistics() {
    return new Statistics(
        delivered,
        duplicates,
        ignored,
        rejected,
        dropped,
        graylisted,
        peers.size(),
        seen.size(),
        history.bytes(),
        verifying.size() + validating.size(),
        pendingBytes,
        scores.retained());
  }
}
