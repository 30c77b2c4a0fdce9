package io.semper.p2p.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.identity.KeyType;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.identity.PublicKey;
import io.semper.p2p.wire.Await;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Looking for nodes among some on sockets that challenge, answer, or forge.
class DiscoveryTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<Server> servers = new ArrayList<>();
  private int seed;
  private final List<NodeRecord> found = new CopyOnWriteArrayList<>();

  /// A node that answers, as the protocol says: who has not proven who he is, is challenged.
  private static final class Server implements AutoCloseable {
    private final byte[] privateKey;
    private final NodeRecord record;
    private final DatagramSocket socket;
    private final List<NodeRecord> known = new CopyOnWriteArrayList<>();
    private final Map<Hash32, Session> sessions = new HashMap<>();
    private final Map<SocketAddress, byte[]> challenges = new HashMap<>();
    private final AtomicInteger questions = new AtomicInteger();
    private final AtomicInteger handshakes = new AtomicInteger();
    private final AtomicInteger pongs = new AtomicInteger();
    private final Random random;

    Server(int seed) throws IOException {
      privateKey = new byte[32];
      privateKey[31] = (byte) seed;
      random = new Random(seed);
      socket = new DatagramSocket(new InetSocketAddress(LOOPBACK, 0));
      record = sign(1);
      Thread.ofPlatform().daemon().name("server-" + seed).start(this::run);
    }

    NodeRecord sign(long sequence) {
      int port = socket.getLocalPort();
      TreeMap<String, byte[]> values = new TreeMap<>();
      values.put("ip", new byte[] {127, 0, 0, 1});
      values.put("udp", new byte[] {(byte) (port >> 8), (byte) port});
      values.put("tcp", new byte[] {35, 40});
      PublicKey key = PrivateKey.secp256k1(privateKey).publicKey();
      return NodeRecord.sign(privateKey, key, sequence, values);
    }

    private void run() {
      byte[] buffer = new byte[2000];
      while (!socket.isClosed()) {
        try {
          DatagramPacket in = new DatagramPacket(buffer, buffer.length);
          socket.receive(in);
          answer(
              in.getSocketAddress(),
              Packet.decode(record.id(), Arrays.copyOf(buffer, in.getLength())));
        } catch (IOException | MalformedInputException unreadable) {
          // Of somebody else, or closed.
        }
      }
    }

    private byte[] random(int count) {
      byte[] bytes = new byte[count];
      random.nextBytes(bytes);
      return bytes;
    }

    private void answer(SocketAddress from, Packet packet) throws IOException {
      Hash32 who = Hash32.of(packet.authdata(), 0);
      if (packet.kind() == Packet.Kind.HANDSHAKE) {
        byte[] authdata = packet.authdata();
        byte[] ephemeral = Arrays.copyOfRange(authdata, 98, 131);
        NodeRecord asker = NodeRecord.decode(Arrays.copyOfRange(authdata, 131, authdata.length));
        assertThat(asker.id()).isEqualTo(who);
        Session agreed =
            Session.initiator(
                privateKey,
                PublicKey.of(KeyType.SECP256K1, ephemeral),
                who,
                record.id(),
                challenges.remove(from));
        sessions.put(who, agreed.seenFromTheOtherSide());
        handshakes.incrementAndGet();
      }
      Session session = sessions.get(who);
      Optional<Message> read = read(session, packet);
      if (read.isEmpty()) {
        byte[] authdata = Arrays.copyOf(random(16), Packet.CHALLENGE_BYTES);
        byte[] header =
            Packet.associated(
                random(Packet.IV_BYTES), Packet.Kind.CHALLENGE, packet.nonce(), authdata);
        challenges.put(from, header);
        send(from, who, header, new byte[0]);
        return;
      }
      switch (read.get()) {
        case Message.FindNode question -> {
          questions.incrementAndGet();
          List<byte[]> near =
              known.stream()
                  .filter(each ->
                      question.distances().contains(Discovery.distance(record.id(), each.id())))
                  .map(NodeRecord::encode)
                  .toList();
          say(from, who, session, new Message.Ping(new byte[] {9}, 1));
          // In two packets, of which one may be empty.
          int half = near.size() / 2;
          byte[] id = question.requestId();
          say(from, who, session, new Message.Nodes(id, 2, near.subList(0, half)));
          say(from, who, session, new Message.Nodes(id, 2, near.subList(half, near.size())));
          // And more than was said.
          say(from, who, session, new Message.Nodes(id, 2, List.of(record.encode())));
        }
        case Message.Pong pong -> pongs.incrementAndGet();
        case Message other -> throw new IllegalStateException(other.toString());
      }
    }

    /// Nothing from who has no session, or has forgotten it: then it is challenged.
    private static Optional<Message> read(Session session, Packet packet) {
      if (session == null) {
        return Optional.empty();
      }
      byte[] plain;
      try {
        plain = session.decrypt(packet.nonce(), packet.message(), packet.associated());
      } catch (MalformedInputException forgotten) {
        return Optional.empty();
      }
      return Optional.of(Message.decode(plain));
    }

    private void say(SocketAddress to, Hash32 who, Session session, Message message)
        throws IOException {
      byte[] nonce = random(Packet.NONCE_BYTES);
      byte[] header =
          Packet.associated(
              random(Packet.IV_BYTES), Packet.Kind.MESSAGE, nonce, record.id().toBytes());
      send(to, who, header, session.encrypt(nonce, message.encode(), header));
    }

    private void send(SocketAddress to, Hash32 who, byte[] header, byte[] message)
        throws IOException {
      byte[] packet = Packet.encode(who, header, message);
      socket.send(new DatagramPacket(packet, packet.length, to));
    }

    @Override
    public void close() {
      socket.close();
    }
  }

  /// The next one whose id differs early from all others, as most ids do.
  private Server server() throws IOException {
    while (true) {
      Server server = new Server(++seed);
      open.add(server);
      if (servers.stream()
          .allMatch(each -> Discovery.distance(each.record.id(), server.record.id()) >= 254)) {
        servers.add(server);
        return server;
      }
    }
  }

  private Discovery start(Server... bootnodes) throws IOException {
    byte[] key = new byte[32];
    key[30] = 7;
    Discovery discovery =
        Discovery.start(
            key,
            new InetSocketAddress(LOOPBACK, 0),
            Arrays.stream(bootnodes).map(each -> each.record).toList(),
            new Random(1),
            () -> true,
            found::add);
    open.add(discovery);
    return discovery;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private List<Hash32> ids() {
    return found.stream().map(NodeRecord::id).toList();
  }

  @Test
  void nodesAreFoundFromOneToTheNext() throws Exception {
    Server boot = server();
    Server second = server();
    Server third = server();
    Server fourth = server();
    boot.known.addAll(List.of(boot.record, second.record, third.record));
    second.known.addAll(List.of(fourth.record, boot.record));
    third.known.addAll(List.of(fourth.sign(2), boot.record));
    start(boot);
    Await.until("the fourth", () -> found.stream().anyMatch(each -> each.sequence() == 2));
    assertThat(ids()).contains(boot.record.id(), second.record.id(), third.record.id());
    assertThat(ids().stream().filter(boot.record.id()::equals).count()).isEqualTo(1);
    assertThat(found.getLast().tcp().orElseThrow().toString())
        .startsWith("/ip4/127.0.0.1/tcp/9000/p2p/16Uiu2");
    Await.until("all asked", () -> fourth.questions.get() > 0);
    // More than one of each where an answer took too long.
    Await.until("a handshake a question", () -> boot.handshakes.get() == boot.questions.get());
    Await.until("pings answered", () -> boot.pongs.get() > 0 && second.pongs.get() > 0);
  }

  /// What comes from anywhere else, or was not asked for, changes nothing.
  @Test
  void strangersAreNotListenedTo() throws Exception {
    Server boot = server();
    Server second = server();
    boot.known.add(second.record);
    Discovery discovery = start(boot);
    Await.until("the second", () -> ids().contains(second.record.id()));
    Await.until("all asked", () -> second.questions.get() > 0);
    // Its own record, in a packet more than it said there were, and at no distance asked for.
    assertThat(found).hasSize(2);
    discovery.close();
    assertThat(found).hasSize(2);
  }

  @Test
  void distances() {
    assertThat(Discovery.distance(Hash32.ZERO, Hash32.ZERO)).isZero();
    assertThat(Discovery.distance(Hash32.ZERO, Hash32.of(0, 0, 0, 1))).isEqualTo(1);
    assertThat(Discovery.distance(Hash32.ZERO, Hash32.of(0, 0, 1, 0))).isEqualTo(65);
    assertThat(Discovery.distance(Hash32.ZERO, Hash32.of(Long.MIN_VALUE, 0, 0, 0))).isEqualTo(256);
    assertThat(Discovery.distance(Hash32.ZERO, Hash32.of(Long.MAX_VALUE, 0, 0, 0))).isEqualTo(255);
  }

  /// Nobody outside has us knock at doors inside.
  @Test
  void nobodyOutsideTellsOfWhatIsInside() throws Exception {
    InetSocketAddress outside = new InetSocketAddress("203.0.113.5", 9000);
    InetSocketAddress inside = new InetSocketAddress("192.168.1.5", 9000);
    InetSocketAddress here = new InetSocketAddress("127.0.0.1", 9000);
    InetAddress public4 = InetAddress.getByName("198.51.100.7");
    InetAddress private4 = InetAddress.getByName("10.0.0.7");
    assertThat(Discovery.mayTellOf(outside, public4)).isTrue();
    assertThat(Discovery.mayTellOf(outside, private4)).isFalse();
    assertThat(Discovery.mayTellOf(outside, LOOPBACK)).isFalse();
    assertThat(Discovery.mayTellOf(inside, private4)).isTrue();
    assertThat(Discovery.mayTellOf(inside, LOOPBACK)).isFalse();
    assertThat(Discovery.mayTellOf(here, LOOPBACK)).isTrue();
    assertThat(Discovery.mayTellOf(here, InetAddress.getByName("0.0.0.0"))).isFalse();
    assertThat(Discovery.mayTellOf(here, InetAddress.getByName("224.0.0.1"))).isFalse();
  }
}
