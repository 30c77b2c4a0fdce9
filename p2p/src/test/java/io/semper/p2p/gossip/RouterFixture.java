package io.semper.p2p.gossip;

import io.semper.p2p.gossip.Rpc.IHave;
import io.semper.p2p.gossip.Rpc.Prune;
import io.semper.p2p.gossip.Rpc.Subscription;
import io.semper.p2p.identity.PeerId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;

/// One router with a clock the test turns, and the list of what it asked for.
///
/// Peers are numbers; everything goes over the wire format both ways.
final class RouterFixture {
  static final String BLOCKS = "blocks";
  static final Topic TOPIC = Topic.unsigned(BLOCKS, 100_000, TopicScore.DEFAULT);
  static final PeerId SELF = peer(0xffff);

  final Router router;
  final List<Action> actions = new ArrayList<>();
  final Map<PeerId, byte[]> records = new HashMap<>();
  long now = 1_000_000;

  /// The usual limits but for these.
  static GossipLimits limits(int peers, int seen, int pending, long pendingBytes, int perPeer) {
    GossipLimits all = GossipLimits.DEFAULT;
    return new GossipLimits(
        all.maxRpcBytes(),
        peers,
        all.maxTopicsPerPeer(),
        seen,
        all.maxHistoryBytes(),
        pending,
        pendingBytes,
        perPeer,
        all.maxIwantBytes(),
        all.maxSendBytes(),
        all.maxEvents());
  }

  /// The usual limits of peers and of messages seen, others of those that wait for a verdict.
  static GossipLimits limits(int pending, long pendingBytes, int perPeer) {
    GossipLimits all = GossipLimits.DEFAULT;
    return limits(all.maxPeers(), all.maxSeen(), pending, pendingBytes, perPeer);
  }

  /// The usual limits of what waits for a verdict, others of peers and of messages seen.
  static GossipLimits limits(int peers, int seen) {
    GossipLimits all = GossipLimits.DEFAULT;
    return limits(peers, seen, all.maxPending(), all.maxPendingBytes(), all.maxPendingPerPeer());
  }

  RouterFixture() {
    this(GossipParameters.DEFAULT);
  }

  RouterFixture(GossipParameters parameters) {
    this(parameters, GossipLimits.DEFAULT, Set.of());
  }

  RouterFixture(GossipParameters parameters, GossipLimits limits, Set<PeerId> direct) {
    router =
        new Router(
            SELF,
            parameters,
            limits,
            direct,
            records::get,
            () -> now,
            RandomGeneratorFactory.of("Xoshiro256PlusPlus").create(7),
            actions::add);
  }

  static PeerId peer(int number) {
    byte[] id = new byte[34];
    id[0] = 0x12;
    id[1] = 32;
    id[2] = (byte) (number >>> 8);
    id[3] = (byte) number;
    return PeerId.decode(id);
  }

  static MessageId id(int number) {
    return new MessageId(("id-" + number).getBytes(StandardCharsets.UTF_8));
  }

  static GossipMessage message(int number) {
    return message(number, 64);
  }

  static GossipMessage message(int number, int bytes) {
    byte[] data = new byte[bytes];
    data[0] = (byte) (number >>> 8);
    data[1] = (byte) number;
    return GossipMessage.unsigned(BLOCKS, data);
  }

  /// Connects peers `first` to `first + count - 1`, subscribed to [#BLOCKS].
  RouterFixture subscribers(int first, int count, boolean outbound) {
    for (int i = first; i < first + count; i++) {
      router.joined(peer(i), GossipVersion.V1_2, outbound, null);
      subscribe(i, BLOCKS);
    }
    return this;
  }

  RouterFixture joined() {
    router.join(TOPIC);
    return this;
  }

  void receive(int from, Rpc rpc) {
    router.received(peer(from), Rpc.decode(rpc.encode()));
  }

  void subscribe(int from, String topic) {
    receive(from, Rpc.subscriptions(List.of(new Subscription(true, topic))));
  }

  void graft(int from) {
    receive(from, Rpc.mesh(List.of(BLOCKS), List.of()));
  }

  void prune(int from, long backoffSeconds) {
    receive(from, Rpc.mesh(List.of(), List.of(new Prune(BLOCKS, List.of(), backoffSeconds))));
  }

  void announce(int from, MessageId... ids) {
    receive(from, Rpc.ihave(List.of(new IHave(BLOCKS, List.of(ids)))));
  }

  /// The peer sends a message; it waits for its verdict.
  MessageId deliver(int from, GossipMessage message) {
    receive(from, Rpc.message(message));
    return message.id(TOPIC);
  }

  MessageId deliver(int from, GossipMessage message, Verdict verdict) {
    MessageId id = deliver(from, message);
    router.validated(id, verdict);
    return id;
  }

  void heartbeat() {
    heartbeats(1);
  }

  void heartbeats(int count) {
    for (int i = 0; i < count; i++) {
      now += 1_000;
      router.tick();
    }
  }

  List<PeerId> mesh() {
    return router.meshPeers(BLOCKS);
  }

  boolean inMesh(int number) {
    return mesh().contains(peer(number));
  }

  double score(int number) {
    return router.score(peer(number));
  }

  /// What was asked for since the last call, of one kind.
  <A extends Action> List<A> take(Class<A> kind) {
    List<A> found = actions.stream().filter(kind::isInstance).map(kind::cast).toList();
    actions.removeIf(kind::isInstance);
    return found;
  }

  /// The control sent to a peer since the last call, as it arrives.
  List<Rpc> sentTo(int number) {
    List<Rpc> found = new ArrayList<>();
    actions.removeIf(action -> {
      if (action instanceof Action.Send send && send.to().equals(peer(number))) {
        found.add(Rpc.decode(send.control().encode()));
        return true;
      }
      return false;
    });
    return found;
  }

  List<Prune> prunesTo(int number) {
    return sentTo(number).stream().flatMap(rpc -> rpc.prune().stream()).toList();
  }

  List<MessageId> iwantTo(int number) {
    return sentTo(number).stream().flatMap(rpc -> rpc.iwant().stream()).toList();
  }

  /// The peers that a message was forwarded to since the last call.
  List<PeerId> forwarded() {
    return take(Action.Forward.class).stream().map(Action.Forward::to).toList();
  }

  static List<PeerId> peers(int first, int count) {
    return IntStream.range(first, first + count).mapToObj(RouterFixture::peer).toList();
  }
}
