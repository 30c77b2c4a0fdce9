package io.semper.node.light;

import io.semper.core.crypto.Sha256;
import io.semper.core.rlp.MalformedInputException;
import io.semper.lightclient.beacon.BeaconChunks;
import io.semper.lightclient.beacon.BeaconFollower.Offered;
import io.semper.lightclient.beacon.Claim;
import io.semper.lightclient.beacon.ConsensusNetwork;
import io.semper.lightclient.beacon.LightClientUpdate;
import io.semper.lightclient.beacon.LightClientUpdate.Kind;
import io.semper.p2p.Host;
import io.semper.p2p.gossip.Gossip;
import io.semper.p2p.gossip.GossipLimits;
import io.semper.p2p.gossip.GossipMessage;
import io.semper.p2p.gossip.GossipParameters;
import io.semper.p2p.gossip.MessageId;
import io.semper.p2p.gossip.SignaturePolicy;
import io.semper.p2p.gossip.Topic;
import io.semper.p2p.gossip.TopicScore;
import io.semper.p2p.gossip.Verdict;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.wire.Snappy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/// The two topics of the beacon chain on which finality and optimistic updates spread
/// (consensus-specs, `altair/light-client/p2p-interface.md`). Whatever is believed is passed on.
/// Peers pass on what they have validated, so one from whom a lie comes is not dealt with any more;
/// who is late, early or cannot be read is left to the score of gossip.
///
/// Topics carry the fork digest, so they change with forks and blob limits.
final class BeaconGossip implements AutoCloseable {
  private static final int MAX_MESSAGE_BYTES = 16 << 10;
  private static final int ID_BYTES = 20;
  private static final int VALID_SNAPPY = 0x01000000;
  private static final int INVALID_SNAPPY = 0;

  private final ConsensusNetwork network;
  private final BeaconChunks containers;
  private final BiFunction<String, Claim<LightClientUpdate>, Offered> offer;
  private final Consumer<PeerId> shun;
  private final Gossip gossip;
  private final Thread watch;
  private final List<String> joined = new ArrayList<>();
  private final Map<Offered, AtomicLong> outcomes = new EnumMap<>(Offered.class);

  /// @param offer judges an update a peer of this name sent, and believes it if it is proven
  /// @param shun ends all dealing with a peer
  BeaconGossip(
      ConsensusNetwork network,
      Host host,
      PrivateKey identity,
      BiFunction<String, Claim<LightClientUpdate>, Offered> offer,
      Consumer<PeerId> shun) {
    this.network = network;
    this.offer = offer;
    this.shun = shun;
    containers = new BeaconChunks(network);
    for (Offered outcome : Offered.values()) {
      outcomes.put(outcome, new AtomicLong());
    }
    gossip =
        Gossip.start(
            host,
            identity,
            GossipParameters.DEFAULT,
            GossipLimits.DEFAULT,
            Set.of(),
            new SecureRandom());
    watch = Thread.ofVirtual().name("beacon-topics").start(this::joinAndStay);
  }

  /// Joins the topics of the digest in force, until it is closed.
  private void joinAndStay() {
    int digest = 0;
    while (true) {
      long now = System.currentTimeMillis();
      int present = network.digestAtMillis(now);
      if (joined.isEmpty() || present != digest) {
        digest = present;
        joined.forEach(gossip::unsubscribe);
        joined.clear();
        join(digest, "light_client_finality_update", Kind.FINALITY);
        join(digest, "light_client_optimistic_update", Kind.OPTIMISTIC);
      }
      try {
        Thread.sleep(network.slotMillis());
      } catch (InterruptedException closing) {
        return;
      }
    }
  }

  private void join(int digest, String topic, Kind kind) {
    String name = "/eth2/%08x/%s/ssz_snappy".formatted(digest, topic);
    joined.add(name);
    gossip.subscribe(
        new Topic(
            name,
            SignaturePolicy.STRICT_NO_SIGN,
            BeaconGossip::id,
            MAX_MESSAGE_BYTES,
            TopicScore.DEFAULT),
        (from, message) -> validate(digest, kind, from, message),
        (from, message) -> {});
  }

  private Verdict validate(int digest, Kind kind, PeerId from, GossipMessage message) {
    Claim<LightClientUpdate> claim;
    try {
      claim = containers.update(digest, decompress(message.data()), kind);
    } catch (MalformedInputException malformed) {
      return Verdict.REJECT;
    }
    Offered outcome = offer.apply(from.toString(), claim);
    outcomes.get(outcome).incrementAndGet();
    return switch (outcome) {
      case BELIEVED -> Verdict.ACCEPT;
      case USELESS -> Verdict.IGNORE;
      case REFUSED -> {
        shun.accept(from);
        yield Verdict.REJECT;
      }
    };
  }

  /// What became of the updates that came so far.
  long count(Offered outcome) {
    return outcomes.get(outcome).get();
  }

  private static byte[] decompress(byte[] data) {
    return Snappy.decompress(data, 0, data.length, MAX_MESSAGE_BYTES);
  }

  /// The beacon chain's name for a message, of what it holds or, where that cannot be decompressed,
  /// of the bytes.
  static MessageId id(GossipMessage message) {
    byte[] data = message.data();
    int domain = VALID_SNAPPY;
    try {
      data = decompress(data);
    } catch (MalformedInputException invalid) {
      domain = INVALID_SNAPPY;
    }
    byte[] topic = message.topic().getBytes(StandardCharsets.UTF_8);
    ByteBuffer all = ByteBuffer.allocate(Integer.BYTES + Long.BYTES + topic.length + data.length);
    all.putInt(domain).order(ByteOrder.LITTLE_ENDIAN).putLong(topic.length).put(topic).put(data);
    return new MessageId(Arrays.copyOf(Sha256.hashBytes(all.array()), ID_BYTES));
  }

  @Override
  public void close() {
    watch.interrupt();
    gossip.close();
  }
}
