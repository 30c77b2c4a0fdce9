package io.semper.tests.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.p2p.Host;
import io.semper.p2p.HostOptions;
import io.semper.p2p.gossip.Gossip;
import io.semper.p2p.gossip.GossipLimits;
import io.semper.p2p.gossip.GossipParameters;
import io.semper.p2p.gossip.SignaturePolicy;
import io.semper.p2p.gossip.Topic;
import io.semper.p2p.gossip.TopicScore;
import io.semper.p2p.gossip.Verdict;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.limits.Limits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Gossip with other implementations: two nodes of each kind of topic, then a mesh of twenty.
class GossipInteropTest {
  private static final String TOPIC = "interop";
  private static final int MAX_BYTES = 1_000_000;
  private static final int MESSAGES = Integer.getInteger("semper.gossip.messages", 1_000);
  private static final int DIALS = 3;

  /// A member of a mesh, whoever made it.
  private interface Member extends AutoCloseable {
    Multiaddr address();

    void dial(Multiaddr address) throws IOException;

    /// @return the SHA-256 of what was published
    String publish(byte[] data);

    int subscribers();

    int meshPeers();

    /// The SHA-256 of every message received.
    Set<String> received();

    /// Ends it without a word to anyone.
    void kill();

    @Override
    void close();
  }

  private static final class Semper implements Member {
    private final Host host;
    private final Gossip gossip;
    private final Set<String> received = new ConcurrentSkipListSet<>();

    private Semper(int seed, Topic topic) throws IOException {
      byte[] bytes = new byte[32];
      ByteBuffer.wrap(bytes).putInt(seed);
      PrivateKey key = PrivateKey.ed25519(bytes);
      host =
          Host.start(
              HostOptions.of(key, "semper/test")
                  .withListen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
                  .withLimits(manyOfOneAddress()));
      gossip =
          Gossip.start(
              host,
              key,
              GossipParameters.DEFAULT,
              GossipLimits.DEFAULT,
              Set.of(),
              new Random(seed));
      gossip.subscribe(
          topic,
          (from, message) -> Verdict.ACCEPT,
          (from, message) -> received.add(sha256(message.data())));
    }

    private static Limits manyOfOneAddress() {
      Limits all = Limits.defaults();
      return new Limits(
          all.handshakeMillis(),
          all.dialMillis(),
          all.negotiateMillis(),
          all.pendingHandshakes(),
          all.connections(),
          1_000,
          1_000,
          all.inboundStreams(),
          all.outboundStreams(),
          all.unansweredOpens(),
          all.opensPerSecond(),
          all.idleFramesPerSecond(),
          all.maxWindowBytes(),
          all.connectionWindowBytes(),
          all.peerBytes(),
          all.totalBytes(),
          all.keepAliveMillis(),
          all.pingMillis(),
          all.writeStallMillis(),
          all.drainMillis(),
          all.identifyMillis());
    }

    @Override
    public Multiaddr address() {
      return host.addresses().getFirst().withPeerId(host.id());
    }

    @Override
    public void dial(Multiaddr address) throws IOException {
      host.connect(address);
    }

    @Override
    public String publish(byte[] data) {
      gossip.publish(TOPIC, data);
      return sha256(data);
    }

    @Override
    public int subscribers() {
      return gossip.subscribers(TOPIC).size();
    }

    @Override
    public int meshPeers() {
      return gossip.meshPeers(TOPIC).size();
    }

    @Override
    public Set<String> received() {
      return received;
    }

    @Override
    public void kill() {
      host.close();
      gossip.close();
    }

    @Override
    public void close() {
      gossip.close();
      host.close();
    }
  }

  private static final class Other implements Member {
    private final PeerProcess process;

    private Other(PeerProcess process) {
      this.process = process;
    }

    @Override
    public Multiaddr address() {
      return Multiaddr.parse(process.address());
    }

    @Override
    public void dial(Multiaddr address) {
      process.command("dial", "addr", address.toString());
    }

    @Override
    public String publish(byte[] data) {
      JsonNode reply =
          process.command("publish", "topic", TOPIC, "hex", HexFormat.of().formatHex(data));
      return reply.path("sha256").asText();
    }

    @Override
    public int subscribers() {
      return process.command("meshpeers", "topic", TOPIC).path("subscribers").size();
    }

    @Override
    public int meshPeers() {
      return process.command("meshpeers", "topic", TOPIC).path("mesh").size();
    }

    @Override
    public Set<String> received() {
      return process.lines().stream()
          .filter(line -> line.path("ev").asText().equals("message"))
          .map(line -> line.path("sha256").asText())
          .collect(Collectors.toCollection(TreeSet::new));
    }

    @Override
    public void kill() {
      process.kill();
    }

    @Override
    public void close() {
      process.kill();
    }
  }

  private static String sha256(byte[] data) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Topic topic(SignaturePolicy policy) {
    return switch (policy) {
      case STRICT_SIGN -> Topic.signed(TOPIC, MAX_BYTES, TopicScore.DEFAULT);
      case STRICT_NO_SIGN -> Topic.unsigned(TOPIC, MAX_BYTES, TopicScore.DEFAULT);
    };
  }

  private static PeerProcess start(String implementation, int seed, SignaturePolicy policy)
      throws IOException {
    boolean signed = policy == SignaturePolicy.STRICT_SIGN;
    PeerProcess peer =
        PeerProcess.start(
            implementation,
            "--transports",
            "tcp",
            "--security",
            "noise",
            "--seed",
            Integer.toString(seed),
            "--topics",
            TOPIC,
            "--sign",
            signed ? "strict" : "none",
            "--msgid",
            signed ? "default" : "sha256");
    boolean required = "required".equals(System.getenv("SEMPER_INTEROP"));
    assertThat(peer != null || !required).as(implementation + " peer installed").isTrue();
    assumeTrue(peer != null, implementation + " peer not installed");
    return peer;
  }

  private static byte[] data(int number, int bytes) {
    byte[] data = new byte[bytes];
    new Random(number).nextBytes(data);
    return data;
  }

  @ParameterizedTest(name = "{0}, {1}, Semper dials: {2}")
  @CsvSource({
    "go, STRICT_NO_SIGN, true",
    "go, STRICT_NO_SIGN, false",
    "go, STRICT_SIGN, true",
    "go, STRICT_SIGN, false",
    "js, STRICT_NO_SIGN, true",
    "js, STRICT_NO_SIGN, false",
    "js, STRICT_SIGN, true",
    "js, STRICT_SIGN, false",
  })
  void messagesOfEverySizeBothWays(
      String implementation, SignaturePolicy policy, boolean semperDials) throws Exception {
    try (PeerProcess peer = start(implementation, 1, policy);
        Semper semper = new Semper(1, topic(policy))) {
      if (semperDials) {
        semper.dial(Multiaddr.parse(peer.address()));
      } else {
        peer.command("dial", "addr", semper.address().toString());
      }
      peer.event("subs");
      Waiting.until("subscription", () -> semper.subscribers() == 1);
      int number = 0;
      for (int bytes : new int[] {7, 100, 1_023, 1_024, 16_384, 16_385, 100_000, 900_000}) {
        String sent = semper.publish(data(number++, bytes));
        JsonNode arrived =
            peer.await(
                line ->
                    line.path("ev").asText().equals("message")
                        && line.path("sha256").asText().equals(sent),
                bytes + " bytes");
        if (policy == SignaturePolicy.STRICT_SIGN) {
          assertThat(arrived.path("from").asText()).isEqualTo(semper.host.id().toString());
        }
        String theirs =
            peer.command("publish", "topic", TOPIC, "size", bytes + 1).path("sha256").asText();
        Waiting.until(bytes + " bytes back", () -> semper.received().contains(theirs));
      }
      assertThat(semper.gossip.score(PeerId.parse(peer.peerId()))).isGreaterThanOrEqualTo(0);
      assertThat(semper.gossip.statistics().rejected()).isZero();
    }
  }

  /// 10 of ours, 6 of go-libp2p and 4 of js-libp2p. Halfway two, one and one of them are killed,
  /// and some time later started again.
  @Test
  void aMeshOfThreeImplementationsDeliversEverything() throws Exception {
    SignaturePolicy policy = SignaturePolicy.STRICT_NO_SIGN;
    List<String> kinds = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      kinds.add("semper");
    }
    for (int i = 0; i < 10; i++) {
      kinds.add(2 * i, i % 5 < 3 ? "go" : "js");
    }
    List<Member> members = new ArrayList<>();
    try {
      for (int i = 0; i < kinds.size(); i++) {
        members.add(member(kinds.get(i), i, policy));
      }
      for (int i = 0; i < members.size(); i++) {
        for (int step : new int[] {1, 4, 7}) {
          members.get(i).dial(members.get((i + step) % members.size()).address());
        }
      }
      for (Member member : members) {
        awaitMesh(member, 2 * DIALS);
      }
      exchange(members, IntStream.range(0, 20).boxed().toList(), 0, MESSAGES / 2);

      List<Integer> killed = List.of(0, 1, 6, 7);
      List<Integer> left = IntStream.range(0, 20).filter(i -> !killed.contains(i)).boxed().toList();
      killed.forEach(i -> members.get(i).kill());
      exchange(members, left, MESSAGES / 2, MESSAGES / 4);

      for (int i : killed) {
        members.set(i, member(kinds.get(i), 100 + i, policy));
      }
      for (int i : killed) {
        for (int step : new int[] {2, 3, 8, 11}) {
          members.get(i).dial(members.get((i + step) % members.size()).address());
        }
      }
      for (int i : killed) {
        awaitMesh(members.get(i), DIALS);
      }
      exchange(members, IntStream.range(0, 20).boxed().toList(), MESSAGES * 3 / 4, MESSAGES / 4);
    } finally {
      members.forEach(Member::close);
    }
  }

  private static Member member(String kind, int seed, SignaturePolicy policy) throws IOException {
    return kind.equals("semper")
        ? new Semper(seed, topic(policy))
        : new Other(start(kind, seed, policy));
  }

  /// What is published while a mesh is made may pass by who joins it: its neighbours tell of
  /// messages only those outside of their meshes, and only at heartbeats.
  private static void awaitMesh(Member member, int subscribers) {
    Waiting.until("subscriptions", () -> member.subscribers() >= subscribers);
    Waiting.until("mesh", () -> member.meshPeers() > 0);
  }

  /// Has the members publish in turn, and waits until each has what the others published.
  private static void exchange(List<Member> members, List<Integer> who, int first, int count)
      throws InterruptedException {
    List<Set<String>> published = new ArrayList<>();
    members.forEach(member -> published.add(new TreeSet<>()));
    for (int i = 0; i < count; i++) {
      int publisher = who.get(i % who.size());
      published.get(publisher).add(members.get(publisher).publish(data(first + i, 1_024)));
    }
    for (int i : who) {
      Set<String> expected = new TreeSet<>();
      for (int other : who) {
        if (other != i) {
          expected.addAll(published.get(other));
        }
      }
      Member member = members.get(i);
      long deadline = System.nanoTime() + 60_000_000_000L;
      for (Set<String> missing = expected; !missing.isEmpty(); ) {
        missing = new TreeSet<>(missing);
        missing.removeAll(member.received());
        if (System.nanoTime() - deadline > 0) {
          throw new AssertionError("member " + i + " lacks " + missing.size() + " of " + count);
        }
        Thread.sleep(50);
      }
    }
  }
}
