package io.semper.node.light;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.fixtures.Fixtures;
import io.semper.core.rlp.MalformedInputException;
import io.semper.lightclient.beacon.BeaconFollower;
import io.semper.lightclient.beacon.BeaconSource;
import io.semper.lightclient.beacon.ConsensusNetwork;
import io.semper.lightclient.upstream.Evidence;
import io.semper.p2p.Host;
import io.semper.p2p.HostOptions;
import io.semper.p2p.discovery.NodeRecord;
import io.semper.p2p.gossip.Gossip;
import io.semper.p2p.gossip.GossipLimits;
import io.semper.p2p.gossip.GossipParameters;
import io.semper.p2p.gossip.SignaturePolicy;
import io.semper.p2p.gossip.Topic;
import io.semper.p2p.gossip.TopicScore;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.reqresp.Answer;
import io.semper.p2p.reqresp.Protocol;
import io.semper.p2p.reqresp.RefusedException;
import io.semper.p2p.reqresp.RequestLimits;
import io.semper.p2p.reqresp.Requests;
import io.semper.p2p.wire.Snappy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A beacon node on a socket, which says what the published Electra case of the sync protocol has,
/// and the light client that asks it, hears it and tells it what beacon nodes want to know.
class BeaconLinkTest {
  private static final String FOLDER =
      "ethereum/consensus-core/testdata/electra/light_client_sync/";
  private static final String FIRST =
      "update_0xed3633b21718e0ad4f0eafca7349e20d78c2bd1128e9fb52ce63e60732635ade_sf";
  private static final String SECOND =
      "update_0x6ad1512a26e6b430d9916050f6bee1fde680c1fd1057f5d82a9695f7ba05b1ab_sf";
  private static final Supplier<byte[]> NO_CONTEXT = () -> new byte[0];
  private static final byte[] DIGEST = Hex.decode("0x9acb230d");
  private static final String GOSSIP_TOPIC =
      "/eth2/9acb230d/light_client_optimistic_update/ssz_snappy";
  private static final String ROOT =
      "0x0a08c27fe4ece2483f9e581f78c66379a06f96e9c24cd1390594ff939b26f95b";
  private static final Hash32 CHECKPOINT =
      Hash32.of("0x381b93f69ccc772fbe71d8093f0560343ca3e5c6893dcaae7e5f677ecfd823fb");
  private static final byte[] KEY = Hash32.of(0, 0, 0, 5).toBytes();
  private static final long GENESIS = 1_578_009_900L;
  private static final int RESOURCE_UNAVAILABLE = 3;

  /// Where an optimistic update has its attested header, and that the root of the state.
  private static final int OPTIMISTIC_STATE_ROOT = 112 + 8 + 8 + 32;

  private static final long PATIENCE_NANOS = 60_000_000_000L;

  private final Map<String, byte[]> files = new HashMap<>();
  private final AtomicLong slot = new AtomicLong(41);
  private final BlockingQueue<byte[]> statuses = new LinkedBlockingQueue<>();
  private final List<Evidence> lies = new CopyOnWriteArrayList<>();
  private volatile byte[] digest = DIGEST;
  private byte[] bootstrap;
  private ConsensusNetwork network;
  private Host node;
  private Requests requests;
  private Gossip gossip;
  private BeaconLink link;
  private BeaconSource source;

  /// Bytes for bytes, each chunk after the digest of its fork if it is one of light clients.
  private record Bytes(String name, boolean asks, Supplier<byte[]> context)
      implements Protocol<byte[], byte[]> {
    @Override
    public String id() {
      return "/eth2/beacon_chain/req/" + name + "/ssz_snappy";
    }

    @Override
    public int maxRequestBytes() {
      return 100;
    }

    @Override
    public int maxChunkBytes() {
      return 100;
    }

    @Override
    public int maxChunks(byte[] question) {
      return 16;
    }

    @Override
    public byte[] encodeRequest(byte[] question) {
      return question;
    }

    @Override
    public byte[] decodeRequest(byte[] bytes) {
      return bytes;
    }

    @Override
    public byte[] encodeChunk(byte[] chunk) {
      return chunk;
    }

    @Override
    public byte[] decodeChunk(byte[] bytes) {
      return bytes;
    }

    @Override
    public boolean isBodiless() {
      return !asks;
    }

    @Override
    public boolean endsRequest() {
      return true;
    }

    @Override
    public byte[] contextOf(byte[] chunk) {
      return context.get();
    }
  }

  @BeforeEach
  void start() throws IOException {
    Fixtures.readArchive(
        "light-client.tar.xz",
        name -> name.startsWith(FOLDER),
        (name, content) -> files.put(name.substring(FOLDER.length()), content));
    String config = new String(files.get("config.yaml"), StandardCharsets.UTF_8);
    config += "\nGENESIS_TIME: " + GENESIS + "\nGENESIS_VALIDATORS_ROOT: " + ROOT;
    network = ConsensusNetwork.read(config.getBytes(StandardCharsets.UTF_8));
    PrivateKey key = PrivateKey.secp256k1(KEY);
    node =
        Host.start(
            HostOptions.of(key, "beacon/test").withListen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
    requests = new Requests(node, RequestLimits.defaults());
    requests.serve(
        new Bytes("status/2", true, NO_CONTEXT),
        (peer, question, answer) -> {
          statuses.add(question);
          answer.send(new byte[92]);
        });
    bootstrap = ssz("bootstrap");
    serve("light_client_bootstrap/1", true, bootstrap);
    serve("light_client_updates_by_range/1", true, ssz(FIRST));
    serve("light_client_optimistic_update/1", false, optimistic(ssz(FIRST)));
    requests.serve(
        new Bytes("light_client_finality_update/1", false, () -> digest),
        (peer, question, answer) -> {
          throw new RefusedException(RESOURCE_UNAVAILABLE, "nothing final");
        });
    gossip =
        Gossip.start(
            node, key, GossipParameters.DEFAULT, GossipLimits.DEFAULT, Set.of(), new Random(1));
    link = BeaconLink.start(network, "light/test");
    source = link.peer(node.addresses().getFirst().withPeerId(node.id()));
  }

  @AfterEach
  void stop() {
    link.close();
    gossip.close();
    node.close();
  }

  private void serve(String name, boolean asks, byte[] chunk) {
    requests.serve(
        new Bytes(name, asks, () -> digest), (peer, question, answer) -> answer.send(chunk));
  }

  private byte[] ssz(String file) {
    byte[] compressed = files.get(file + ".ssz_snappy");
    return Snappy.decompress(compressed, 0, compressed.length, 1 << 16);
  }

  /// What of a full update an optimistic one has: the attested header, the signature and its slot.
  private static byte[] optimistic(byte[] full) {
    ByteBuffer in = ByteBuffer.wrap(full).order(ByteOrder.LITTLE_ENDIAN);
    int signature = 4 + 33 * 48 + 6 * 32 + 4 + 7 * 32;
    int from = in.getInt(0);
    int to = in.getInt(4 + 33 * 48 + 6 * 32);
    ByteBuffer out = ByteBuffer.allocate(4 + 108 + to - from).order(ByteOrder.LITTLE_ENDIAN);
    return out.putInt(112).put(full, signature, 108).put(full, from, to - from).array();
  }

  private void publish(byte[] optimistic) {
    gossip.publish(GOSSIP_TOPIC, Snappy.compress(optimistic, 0, optimistic.length));
  }

  private BeaconFollower follower() {
    BeaconFollower follower =
        new BeaconFollower(
            network, List.of(source), () -> 1000 * (GENESIS + 6 * slot.get()), lies::add);
    follower.trust(CHECKPOINT);
    return follower;
  }

  private static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      LockSupport.parkNanos(1_000_000);
    }
  }

  private byte[] ask(PeerId peer, String name, byte[] question) throws IOException {
    Bytes protocol = new Bytes(name, question.length > 0, NO_CONTEXT);
    try (Answer<byte[]> answer = requests.ask(peer, protocol, question)) {
      byte[] chunk = answer.next();
      assertThat(answer.next()).isNull();
      return chunk;
    }
  }

  private static byte[] status(int finalizedEpoch, String finalized, int headSlot, String head) {
    ByteBuffer out = ByteBuffer.allocate(92).order(ByteOrder.LITTLE_ENDIAN);
    out.put(DIGEST).put(Hex.decode(finalized)).putLong(finalizedEpoch);
    return out.put(Hex.decode(head)).putLong(headSlot).putLong(headSlot).array();
  }

  @Test
  void aNodeIsAskedHeardAndToldWhereTheClientIs() throws Exception {
    BeaconFollower follower = follower();
    try (BeaconGossip heard = link.listen(follower::ownStatus, follower::offer)) {
      follower.advance();
      assertThat(follower.latest().slot()).isEqualTo(40);
      assertThat(follower.finalized().slot()).isEqualTo(24);
      assertThatThrownBy(source::finalityUpdate)
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("nothing final");

      // Told when it connected, of what it knew then, and asked again of what it knows now.
      byte[] told = statuses.poll(PATIENCE_NANOS, TimeUnit.NANOSECONDS);
      assertThat(told).hasSize(92).startsWith(DIGEST);
      PeerId client = node.connections().getFirst().peer();
      byte[] known =
          status(
              3,
              "0x811ca9d0c05688129e10bc2f3cc9d093aa1c7a18bedf373cd890ae0e84229a3b",
              40,
              "0xed3633b21718e0ad4f0eafca7349e20d78c2bd1128e9fb52ce63e60732635ade");
      assertThat(ask(client, "status/2", new byte[92])).isEqualTo(known);
      assertThat(ask(client, "status/1", new byte[84])).isEqualTo(Arrays.copyOf(known, 84));
      assertThat(ask(client, "ping/1", new byte[8])).isEqualTo(new byte[8]);
      assertThat(ask(client, "metadata/3", new byte[0])).isEqualTo(new byte[25]);
      assertThat(ask(client, "metadata/2", new byte[0])).isEqualTo(new byte[17]);
      assertThatThrownBy(() -> ask(client, "status/2", new byte[84]))
          .isInstanceOf(RefusedException.class);

      // What is said unasked, in the next period.
      slot.set(89);
      join(client);
      publish(optimistic(ssz(SECOND)));
      await("news by gossip", () -> follower.latest().slot() == 88);
      assertThat(heard.count(BeaconFollower.Offered.BELIEVED)).isEqualTo(1);

      // Who says goodbye is let go, and dialled again when asked.
      try {
        ask(client, "goodbye/1", new byte[8]);
      } catch (IOException ended) {
        // With the connection, at whichever point of the answer.
      }
      await("end of the connection", () -> node.connection(client).isEmpty());
      assertThat(source.optimisticUpdate().value().signatureSlot()).isEqualTo(41);
      assertThat(lies).isEmpty();
    }
  }

  private void join(PeerId client) {
    gossip.declare(
        new Topic(
            GOSSIP_TOPIC,
            SignaturePolicy.STRICT_NO_SIGN,
            Topic::contentId,
            1 << 16,
            TopicScore.DEFAULT));
    await("subscription", () -> gossip.subscribers(GOSSIP_TOPIC).contains(client));
  }

  /// What is old is of no use and no fault; what the committee has not signed is a lie.
  @Test
  void whoPassesALieOnIsBannedWhoIsLateIsNot() {
    BeaconFollower follower = follower();
    try (BeaconGossip heard = link.listen(follower::ownStatus, follower::offer)) {
      follower.advance();
      PeerId client = node.connections().getFirst().peer();
      join(client);
      publish(optimistic(ssz(FIRST)));
      await("old news", () -> heard.count(BeaconFollower.Offered.USELESS) == 1);
      assertThat(follower.status().getFirst().banned()).isFalse();

      slot.set(89);
      byte[] forged = optimistic(ssz(SECOND));
      forged[OPTIMISTIC_STATE_ROOT] ^= 1;
      publish(forged);
      await("end of the connection", () -> node.connection(client).isEmpty());
      await("its count", () -> heard.count(BeaconFollower.Offered.REFUSED) == 1);
      assertThat(follower.latest().slot()).isEqualTo(40);
      assertThat(follower.status().getFirst().banned()).isTrue();
      assertThat(follower.status().getFirst().problem()).contains("signature");
      assertThat(lies).hasSize(1);
      assertThat(lies.getFirst().upstream()).isEqualTo(node.id().toString());
      assertThat(lies.getFirst().reply()).isEqualTo(forged);
      // Neither asked again nor dialled.
      follower.advance();
      assertThatThrownBy(source::optimisticUpdate).isInstanceOf(IOException.class);
      assertThat(node.connections()).isEmpty();
    }
  }

  /// Who lies in an answer is not heard by gossip either.
  @Test
  void whoLiesInAnAnswerIsLetGo() {
    bootstrap[bootstrap.length - 1] ^= 1;
    assertThatThrownBy(follower()::advance).hasMessageContaining("lied");
    await("end of the connection", () -> node.connections().isEmpty());
    assertThat(lies).hasSize(1);
    assertThatThrownBy(source::optimisticUpdate).isInstanceOf(IOException.class);
  }

  /// Attack T82.
  @Test
  void aContainerOfAForkThatIsNotKnownIsUnreadable() {
    digest = new byte[] {1, 2, 3, 4};
    assertThatThrownBy(() -> source.bootstrap(CHECKPOINT))
        .isInstanceOf(MalformedInputException.class)
        .hasMessageContaining("1020304");
  }

  private NodeRecord record(byte[] key, byte[] forkDigest) {
    String address = node.addresses().getFirst().toString();
    int port = Integer.parseInt(address.substring(address.lastIndexOf('/') + 1));
    TreeMap<String, byte[]> values = new TreeMap<>();
    values.put("ip", new byte[] {127, 0, 0, 1});
    values.put("udp", new byte[] {1});
    values.put("tcp", new byte[] {(byte) (port >> 8), (byte) port});
    values.put("eth2", Arrays.copyOf(forkDigest, 16));
    return NodeRecord.sign(key, PrivateKey.secp256k1(key).publicKey(), 1, values);
  }

  @Test
  void aNodeOfThisForkThatIsFoundIsASource() throws Exception {
    NodeRecord other = record(Hash32.of(0, 0, 0, 6).toBytes(), new byte[] {1, 2, 3, 4});
    NodeRecord ours = record(KEY, DIGEST);
    long now = 1000 * (GENESIS + 6 * slot.get());
    try (BeaconSearch search = new BeaconSearch(network, link, List.of(other, ours), () -> now)) {
      source = search.next(0);
      assertThat(source.name()).contains(node.id().toString());
      assertThat(search.next(0)).isNull();
      BeaconFollower follower = follower();
      follower.advance();
      assertThat(follower.latest().slot()).isEqualTo(40);
    }
  }

  @Test
  void thePublicNetworksHaveBootnodes() {
    for (String network : List.of("mainnet", "sepolia", "holesky", "hoodi")) {
      assertThat(BeaconSearch.publicBootnodes(network)).hasSizeGreaterThan(4);
    }
    assertThat(BeaconSearch.publicBootnodes("nowhere")).isEmpty();
    assertThat(BeaconSearch.publicBootnodes("../light/mainnet")).isEmpty();
  }
}
