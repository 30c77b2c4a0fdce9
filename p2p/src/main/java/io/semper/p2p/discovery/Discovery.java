package io.semper.p2p.discovery;

import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.identity.PublicKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks nodes for others, and those for others again, for as long as more are wanted. One thread
/// owns all of it.
///
/// Each is asked for those farthest from it, who are most of the network. Of what it says nothing
/// is taken but records, which their own keys have signed.
public final class Discovery implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Discovery.class);

  private static final int MAX_NODES = 1024;
  private static final int MAX_QUESTIONS = 5;
  private static final long ANSWER_MILLIS = 2_000;

  /// A node is asked again so much later, and where it was silent.
  private static final long AGAIN_MILLIS = 60_000;

  private static final long AFTER_SILENCE_MILLIS = 3_000;

  private static final int MAX_FAILURES = 2;
  private static final int MAX_ANSWER_PACKETS = 16;
  private static final List<Integer> DISTANCES = List.of(256, 255, 254);
  private static final int TICK_MILLIS = 100;

  /// Any message that nobody can read draws a challenge.
  private static final int UNREADABLE_BYTES = 44;

  /// A node to ask.
  private static final class Node {
    private final NodeRecord record;
    private final InetSocketAddress address;
    private final boolean bootnode;
    private Session session;
    private Question open;
    private long askedAt = Long.MIN_VALUE;
    private int failures;

    private Node(NodeRecord record, InetSocketAddress address, boolean bootnode) {
      this.record = record;
      this.address = address;
      this.bootnode = bootnode;
    }

    private boolean isDue(long now) {
      long pause = failures > 0 ? AFTER_SILENCE_MILLIS : AGAIN_MILLIS;
      return open == null && (askedAt == Long.MIN_VALUE || now - askedAt > pause);
    }
  }

  /// A question under way.
  private static final class Question {
    private final byte[] id;
    private final byte[] message;
    private final long end;
    private byte[] nonce;
    private boolean challenged;
    private int packetsLeft = -1;

    private Question(byte[] id, byte[] message, long end) {
      this.id = id;
      this.message = message;
      this.end = end;
    }
  }

  private final byte[] privateKey;
  private final NodeRecord self;
  private final RandomGenerator random;
  private final BooleanSupplier wanted;
  private final Consumer<NodeRecord> found;
  private final DatagramSocket socket;
  private final Map<Hash32, Node> nodes = new HashMap<>();
  private final Thread owner;

  private Discovery(
      byte[] privateKey,
      List<NodeRecord> bootnodes,
      RandomGenerator random,
      BooleanSupplier wanted,
      Consumer<NodeRecord> found,
      DatagramSocket socket) {
    this.privateKey = privateKey.clone();
    PublicKey key = PrivateKey.secp256k1(privateKey).publicKey();
    // It says nothing of where it is: nobody is answered who was not asked.
    self = NodeRecord.sign(privateKey, key, 1, new TreeMap<>());
    this.random = random;
    this.wanted = wanted;
    this.found = found;
    this.socket = socket;
    bootnodes.forEach(each -> add(each, true));
    owner = Thread.ofPlatform().daemon().name("discovery").unstarted(this::run);
  }

  /// Begins to look for nodes.
  ///
  /// @param privateKey 32 bytes, of secp256k1
  /// @param at where to send from, port 0 for any
  /// @param wanted whether to go on asking for now
  /// @param found told of every record, each time it is a newer one, on the thread that looks; must
  ///   not block
  public static Discovery start(
      byte[] privateKey,
      InetSocketAddress at,
      List<NodeRecord> bootnodes,
      RandomGenerator random,
      BooleanSupplier wanted,
      Consumer<NodeRecord> found)
      throws IOException {
    DatagramSocket socket = new DatagramSocket(at);
    socket.setSoTimeout(TICK_MILLIS);
    Discovery discovery = new Discovery(privateKey, bootnodes, random, wanted, found, socket);
    discovery.owner.start();
    return discovery;
  }

  private void run() {
    byte[] buffer = new byte[Packet.MAX_BYTES + 1];
    while (!socket.isClosed()) {
      try {
        ask(millis());
        DatagramPacket in = new DatagramPacket(buffer, buffer.length);
        socket.receive(in);
        receive(in.getSocketAddress(), Arrays.copyOf(buffer, in.getLength()));
      } catch (SocketTimeoutException quiet) {
        // Time to look at what is under way.
      } catch (MalformedInputException stranger) {
        LOG.debug("datagram: {}", stranger.getMessage());
      } catch (IOException | UncheckedIOException unsent) {
        LOG.debug("datagram: {}", unsent.toString());
      }
    }
  }

  private static long millis() {
    return System.nanoTime() / 1_000_000;
  }

  private byte[] random(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  // ---- Asking

  private void ask(long now) {
    int open = 0;
    for (Node each : List.copyOf(nodes.values())) {
      if (each.open != null && now >= each.open.end) {
        each.open = null;
        each.session = null;
        if (++each.failures >= MAX_FAILURES && !each.bootnode) {
          nodes.remove(each.record.id());
        }
      }
      open += each.open == null ? 0 : 1;
    }
    while (open < MAX_QUESTIONS && wanted.getAsBoolean()) {
      Optional<Node> next = next(now);
      if (next.isEmpty()) {
        return;
      }
      open++;
      Node node = next.get();
      node.askedAt = now;
      byte[] id = random(Message.MAX_ID_BYTES);
      byte[] message = new Message.FindNode(id, DISTANCES).encode();
      node.open = new Question(id, message, now + ANSWER_MILLIS);
      if (node.session != null) {
        node.open.nonce = send(node, node.session, message);
      } else {
        byte[] nonce = random(Packet.NONCE_BYTES);
        node.open.nonce = nonce;
        byte[] header = associated(Packet.Kind.MESSAGE, nonce, self.id().toBytes());
        send(node, header, random(UNREADABLE_BYTES));
      }
    }
  }

  /// Who was not asked for the longest time.
  private Optional<Node> next(long now) {
    return nodes.values().stream()
        .filter(each -> each.isDue(now))
        .min(Comparator.comparingLong(each -> each.askedAt));
  }

  private byte[] associated(Packet.Kind kind, byte[] nonce, byte[] authdata) {
    return Packet.associated(random(Packet.IV_BYTES), kind, nonce, authdata);
  }

  private byte[] send(Node node, Session session, byte[] message) {
    byte[] nonce = random(Packet.NONCE_BYTES);
    byte[] header = associated(Packet.Kind.MESSAGE, nonce, self.id().toBytes());
    send(node, header, session.encrypt(nonce, message, header));
    return nonce;
  }

  private void send(Node node, byte[] header, byte[] encrypted) {
    byte[] packet = Packet.encode(node.record.id(), header, encrypted);
    try {
      socket.send(new DatagramPacket(packet, packet.length, node.address));
    } catch (IOException unreachable) {
      throw new UncheckedIOException(unreachable);
    }
  }

  // ---- Being answered

  private void receive(SocketAddress from, byte[] datagram) {
    Packet packet = Packet.decode(self.id(), datagram);
    switch (packet.kind()) {
      case CHALLENGE -> challenged(from, packet);
      case MESSAGE -> told(from, packet);
      case HANDSHAKE -> throw new MalformedInputException("a handshake nobody asked for", 0);
    }
  }

  private void challenged(SocketAddress from, Packet packet) {
    if (packet.authdata().length != Packet.CHALLENGE_BYTES) {
      throw new MalformedInputException("challenge of another length", 0);
    }
    for (Node node : nodes.values()) {
      Question open = node.open;
      if (open != null
          && !open.challenged
          && node.address.equals(from)
          && Arrays.equals(open.nonce, packet.nonce())) {
        open.challenged = true;
        shakeHands(node, packet);
        return;
      }
    }
  }

  private void shakeHands(Node node, Packet challenge) {
    byte[] ephemeral = random(32);
    ephemeral[0] &= 0x7f; // below the order, whose first four bytes are ones
    byte[] ephemeralKey = PrivateKey.secp256k1(ephemeral).publicKey().data();
    Hash32 recipient = node.record.id();
    byte[] asked = challenge.associated();
    Session session = Session.initiator(ephemeral, node.record.key(), self.id(), recipient, asked);
    byte[] proof = Session.proof(privateKey, asked, ephemeralKey, recipient);
    long known = ByteBuffer.wrap(challenge.authdata()).getLong(16);
    byte[] record = Long.compareUnsigned(known, self.sequence()) < 0 ? self.encode() : new byte[0];
    byte[] authdata =
        ByteBuffer.allocate(34 + proof.length + ephemeralKey.length + record.length)
            .put(self.id().toBytes())
            .put((byte) proof.length)
            .put((byte) ephemeralKey.length)
            .put(proof)
            .put(ephemeralKey)
            .put(record)
            .array();
    node.session = session;
    byte[] nonce = random(Packet.NONCE_BYTES);
    byte[] header = associated(Packet.Kind.HANDSHAKE, nonce, authdata);
    send(node, header, session.encrypt(nonce, node.open.message, header));
  }

  private void told(SocketAddress from, Packet packet) {
    if (packet.authdata().length != Hash32.BYTES) {
      throw new MalformedInputException("message of nobody", 0);
    }
    Node node = nodes.get(Hash32.of(packet.authdata(), 0));
    if (node == null || node.session == null || !node.address.equals(from)) {
      return;
    }
    byte[] plain = node.session.decrypt(packet.nonce(), packet.message(), packet.associated());
    Message message = Message.decode(plain);
    byte[] id = message.requestId();
    switch (message) {
      case Message.Nodes nodes -> nodes(node, nodes);
      case Message.Ping ping ->
          send(node, node.session, new Message.Pong(id, self.sequence(), node.address).encode());
      case Message.FindNode question ->
          send(node, node.session, new Message.Nodes(id, 1, List.of()).encode());
      case Message.TalkRequest talk ->
          send(node, node.session, new Message.TalkResponse(id).encode());
      case Message.Pong unasked -> {}
      case Message.TalkResponse unasked -> {}
    }
  }

  private void nodes(Node teller, Message.Nodes answer) {
    Question open = teller.open;
    if (open == null || !Arrays.equals(open.id, answer.requestId())) {
      return;
    }
    if (open.packetsLeft < 0) {
      open.packetsLeft = Math.min(Math.max(answer.total(), 1), MAX_ANSWER_PACKETS);
    }
    if (--open.packetsLeft == 0) {
      teller.open = null;
    }
    teller.failures = 0;
    for (byte[] each : answer.records()) {
      try {
        told(teller, NodeRecord.decode(each));
      } catch (MalformedInputException another) {
        // Of another scheme, or forged; the others are not worse for it.
      }
    }
  }

  private void told(Node teller, NodeRecord record) {
    int distance = distance(teller.record.id(), record.id());
    boolean reachable =
        record.udp().filter(at -> mayTellOf(teller.address, at.getAddress())).isPresent();
    if (DISTANCES.contains(distance) && reachable) {
      add(record, false);
    }
  }

  private void add(NodeRecord record, boolean bootnode) {
    if (record.id().equals(self.id()) || record.udp().isEmpty()) {
      return;
    }
    Node before = nodes.get(record.id());
    if (before == null
        ? nodes.size() >= MAX_NODES
        : before.record.sequence() >= record.sequence()) {
      return;
    }
    boolean important = bootnode || before != null && before.bootnode;
    Node node = new Node(record, record.udp().get(), important);
    if (before != null && before.address.equals(node.address)) {
      node.session = before.session;
      node.open = before.open;
      node.askedAt = before.askedAt;
    }
    nodes.put(record.id(), node);
    found.accept(record);
  }

  /// Bits by which two ids differ, leading equal ones not counted.
  static int distance(Hash32 a, Hash32 b) {
    byte[] x = a.toBytes();
    byte[] y = b.toBytes();
    for (int i = 0; i < x.length; i++) {
      int differ = (x[i] ^ y[i]) & 0xFF;
      if (differ != 0) {
        return Byte.SIZE * (x.length - i) - (Integer.numberOfLeadingZeros(differ) - 24);
      }
    }
    return 0;
  }

  /// Whether a node may send us to an address: one from outside never into this network.
  static boolean mayTellOf(InetSocketAddress teller, InetAddress told) {
    InetAddress from = teller.getAddress();
    if (told.isAnyLocalAddress() || told.isMulticastAddress()) {
      return false;
    }
    if (told.isLoopbackAddress()) {
      return from.isLoopbackAddress();
    }
    boolean inside = told.isSiteLocalAddress() || told.isLinkLocalAddress();
    return !inside
        || from.isLoopbackAddress()
        || from.isSiteLocalAddress()
        || from.isLinkLocalAddress();
  }

  @Override
  public void close() {
    socket.close();
    try {
      owner.join(1_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
