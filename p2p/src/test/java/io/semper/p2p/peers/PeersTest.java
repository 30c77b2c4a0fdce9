package io.semper.p2p.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.p2p.Connection;
import io.semper.p2p.Host;
import io.semper.p2p.TestHosts;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.limits.Limits;
import io.semper.p2p.wire.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class PeersTest {
  private final AtomicLong clock = new AtomicLong(1_000_000_000_000L);
  private final List<AutoCloseable> open = new ArrayList<>();

  private record Node(Host host, Peers peers) {}

  /// No dial ends because a test takes long.
  private static final Limits PATIENT = patient();

  private static Limits patient() {
    Limits usual = Limits.defaults();
    return TestHosts.limits(
        120_000, usual.dialMillis(), usual.negotiateMillis(), usual.pendingHandshakes());
  }

  private Node node(int seed, PeersOptions options) throws IOException {
    Peers peers = new Peers(options, clock::get, new Random(seed));
    Host host = Host.start(TestHosts.options(seed).withGate(peers).withLimits(PATIENT));
    peers.start(host);
    open.add(peers);
    open.add(host);
    return new Node(host, peers);
  }

  private Host host(int seed) throws IOException {
    Host host = TestHosts.start(seed);
    open.add(host);
    return host;
  }

  private static PeerId id(int seed) {
    return TestHosts.options(seed).identity().peerId();
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
  }

  @Test
  void dialsUpToItsTarget() throws Exception {
    Node node = node(1, PeersOptions.of(3, 10));
    for (int i = 2; i < 8; i++) {
      Host other = host(i);
      node.peers.discovered(other.id(), List.of(TestHosts.address(other)));
    }
    Await.until("three peers", () -> node.peers.count() == 3);
    assertThat(node.host.connections()).allMatch(Connection::isOutbound);
  }

  @Test
  void bootnodesAndFixedPeersAreDialled() throws Exception {
    Host boot = host(2);
    Host fixed = host(3);
    Node node =
        node(
            1,
            PeersOptions.of(2, 4)
                .withBootnodes(List.of(TestHosts.address(boot)))
                .withFixed(List.of(TestHosts.address(fixed))));
    Await.until("both", () -> node.peers.count() == 2);
    // A fixed peer that is lost is dialled again, within a second.
    Await.until("seen there", () -> fixed.connection(node.host.id()).isPresent());
    fixed.disconnect(node.host.id());
    Await.until("gone", () -> node.host.connection(fixed.id()).isEmpty());
    Await.until("noticed, at the time it happened", () -> node.peers.count() == 1);
    clock.addAndGet(1_000);
    Await.until("back", () -> node.host.connection(fixed.id()).isPresent());
    node.peers.report(fixed.id(), 1_000, "whatever it does");
    assertThat(node.peers.isBanned(fixed.id())).isFalse();
  }

  /// A bootnode and a fixed peer that are said to be where nobody listens, and somewhere else.
  @Test
  void everyAddressOfAPeerIsDialled() throws Exception {
    Host boot = host(2);
    Host fixed = host(3);
    int unused;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      unused = closed.getLocalPort();
    }
    Multiaddr nobody = Multiaddr.parse("/ip4/127.0.0.1/tcp/" + unused);
    Node node =
        node(
            1,
            PeersOptions.of(2, 4)
                .withBootnodes(List.of(nobody.withPeerId(boot.id()), TestHosts.address(boot)))
                .withFixed(List.of(nobody.withPeerId(fixed.id()), TestHosts.address(fixed))));
    Await.until("both", () -> node.peers.count() == 2);
  }

  /// One that takes connections and says nothing holds up its own dial only.
  @Test
  void whoAnswersNothingDoesNotKeepOthersFromBeingDialled() throws Exception {
    Host fixed = host(3);
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Multiaddr nobody =
          Multiaddr.parse("/ip4/127.0.0.1/tcp/" + silent.getLocalPort()).withPeerId(id(2));
      Node node =
          node(1, PeersOptions.of(0, 4).withFixed(List.of(nobody, TestHosts.address(fixed))));
      try (Socket first = silent.accept()) {
        Await.until("connected", () -> node.peers.count() == 1);
        for (int i = 0; i < 100; i++) {
          passSecond(node);
          LockSupport.parkNanos(2_000_000);
        }
        Connection before = node.host.connection(fixed.id()).orElseThrow();
        fixed.disconnect(node.host.id());
        Await.until(
            "back",
            () -> {
              passSecond(node);
              return node.host.connection(fixed.id()).filter(now -> now != before).isPresent();
            });
        silent.setSoTimeout(1);
        assertThat(first.isConnected()).isTrue();
        assertThatThrownBy(silent::accept).isInstanceOf(SocketTimeoutException.class);
      }
    }
  }

  /// Wakes whoever dials a second later. The peer told of is more than the node wants.
  private void passSecond(Node node) {
    clock.addAndGet(1_000);
    node.peers.discovered(id(99), List.of(TestHosts.address(node.host)));
  }

  @Test
  void misbehaviourAddsUpToABanAndIsForgotten() throws Exception {
    Node node = node(1, PeersOptions.of(5, 10));
    Host bad = host(2);
    node.peers.discovered(bad.id(), List.of(TestHosts.address(bad)));
    Await.until("connected", () -> node.peers.count() == 1);
    node.peers.report(bad.id(), 60, "late");
    assertThat(node.peers.isBanned(bad.id())).isFalse();
    node.peers.report(bad.id(), 60, "wrong");
    assertThat(node.peers.isBanned(bad.id())).isTrue();
    Await.until("disconnected", () -> node.peers.count() == 0);
    assertThat(node.peers.mayConnect(bad.id(), false)).isFalse();
    assertThat(node.peers.mayDial(bad.id(), TestHosts.address(bad))).isFalse();
    clock.addAndGet(10 * 60_000);
    assertThat(node.peers.isBanned(bad.id())).isFalse();
  }

  @Test
  void onlyAllowedPeersAreDealtWith() throws Exception {
    Node node = node(1, PeersOptions.of(5, 10).withAllowed(Set.of(id(2))));
    assertThat(node.peers.mayConnect(id(2), false)).isTrue();
    assertThat(node.peers.mayConnect(id(3), false)).isFalse();
    assertThat(node.peers.mayConnect(id(3), true)).isFalse();
  }

  /// Whoever forgot to allow a bootnode is told which.
  @Test
  void bootnodesThatAreNotAllowedAreNamed() {
    Multiaddr one = Multiaddr.parse("/ip4/192.0.2.1/tcp/1").withPeerId(id(2));
    Multiaddr other = Multiaddr.parse("/ip4/192.0.2.2/tcp/1").withPeerId(id(3));
    Multiaddr name = Multiaddr.parse("/dnsaddr/boot.example");
    PeersOptions options = PeersOptions.of(5, 10).withBootnodes(List.of(one, other, name));
    assertThat(options.silencedBootnodes()).isEmpty();
    assertThat(options.withAllowed(Set.of(id(2))).silencedBootnodes()).containsExactly(other);
    assertThat(options.withAllowed(Set.of(id(2), id(3))).silencedBootnodes()).isEmpty();
  }

  @Test
  void aFifthOfTheConnectionsIsKeptForDialledPeers() throws Exception {
    Node node = node(1, PeersOptions.of(0, 10));
    for (int i = 0; i < 9; i++) {
      Host other = host(10 + i);
      try {
        other.connect(TestHosts.address(node.host));
      } catch (IOException refused) {
        assertThat(i).isGreaterThanOrEqualTo(8);
      }
    }
    Await.until("eight", () -> node.peers.count() == 8);
    assertThat(node.peers.mayConnect(id(90), false)).isFalse();
    assertThat(node.peers.mayConnect(id(90), true)).isTrue();
  }

  @Test
  void addressesOutliveTheProcess(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("peers.txt");
    AddressBook book = new AddressBook(Optional.of(file), new Bans());
    Multiaddr address = Multiaddr.parse("/ip4/192.0.2.1/tcp/4001");
    book.put(id(1), List.of(address), true);
    book.put(id(2), List.of(address, Multiaddr.parse("/dns4/example.org/tcp/1")), false);
    book.save(0);
    Files.writeString(file, Files.readString(file) + "damaged line\n\n");

    AddressBook again = new AddressBook(Optional.of(file), new Bans());
    again.load(0);
    assertThat(again.all()).containsExactly(id(1), id(2));
    assertThat(again.addresses(id(2))).hasSize(2);
  }

  @Test
  void bansOutliveTheProcess(@TempDir Path folder) throws Exception {
    PeersOptions options = PeersOptions.of(0, 10).withBook(folder.resolve("peers.txt"));
    Node node = node(1, options);
    Host bad = host(2);
    bad.connect(TestHosts.address(node.host));
    Await.until("connected", () -> node.peers.count() == 1);
    node.peers.report(bad.id(), 60, "late");
    node.peers.report(bad.id(), 100, "wrong");
    node.peers.report(id(3), 60, "not enough for a ban");
    Await.until("disconnected", () -> bad.connections().isEmpty());
    node.peers.close();
    node.host.close();

    clock.addAndGet(60_000);
    Peers again = new Peers(options, clock::get, new Random(1));
    try (Host host = Host.start(TestHosts.options(1).withGate(again))) {
      // It comes while the file is not read yet.
      Connection early = bad.connect(TestHosts.address(host));
      Await.until("connection", () -> host.connection(bad.id()).isPresent());
      again.start(host);
      Await.until("ended", () -> early.closedBecause().isPresent());
      assertThat(again.isBanned(bad.id())).isTrue();
      assertThat(again.mayConnect(bad.id(), false)).isFalse();
      assertThat(again.isBanned(id(3))).isFalse();
      clock.addAndGet(9 * 60_000);
      assertThat(again.isBanned(bad.id())).isFalse();
    } finally {
      again.close();
    }
  }

  @Test
  void bansOfAddressesStandInTheFile(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("peers.txt");
    Bans bans = new Bans();
    AddressBook book = new AddressBook(Optional.of(file), bans);
    List<InetAddress> addresses =
        List.of(InetAddress.ofLiteral("192.0.2.1"), InetAddress.ofLiteral("2001:db8::"));
    addresses.forEach(address -> bans.addresses.add(address, 150, 1_000));
    book.banned(id(1));
    book.save(1_000);

    Bans later = new Bans();
    new AddressBook(Optional.of(file), later).load(2_000);
    assertThat(addresses).allMatch(address -> later.addresses.isBanned(address, 2_000));
    assertThat(addresses).noneMatch(address -> later.addresses.isBanned(address, 600_000));
  }

  /// Whatever the file says, no ban is for ever, and they are as many as in memory.
  @Test
  void bansOfTheFileAreBounded() {
    Bans bans = new Bans();
    AddressBook book = new AddressBook(Optional.empty(), bans);
    book.read("ban " + id(1) + " 1e300 " + Long.MAX_VALUE, 5);
    assertThat(bans.peers.isBanned(id(1), 5)).isTrue();
    assertThat(bans.peers.isBanned(id(1), 2 * 60 * 60_000)).isFalse();
    for (String damaged : List.of("NaN 5", "-1 5", "1e2", "x 5", "200 x", "200 5 5")) {
      book.read("ban " + id(2) + " " + damaged, 5);
    }
    book.read("ban 192.0.2.300 200 5\nban example.org 200 5\nban", 5);
    assertThat(bans.peers.size()).isEqualTo(1);
    assertThat(bans.addresses.size()).isZero();
    StringBuilder many = new StringBuilder();
    for (int i = 0; i < Penalties.MAX_ENTRIES + 10; i++) {
      many.append("ban 10.0." + i / 256 + "." + i % 256 + " 200 5\n");
    }
    book.read(many.toString(), 5);
    assertThat(bans.addresses.size()).isEqualTo(Penalties.MAX_ENTRIES);
  }

  /// Nobody outlasts others by coming again and again.
  @Test
  void whoComesByItselfDoesNotRefreshItsEntry() {
    AddressBook book = new AddressBook(Optional.empty(), new Bans());
    List<Multiaddr> before = List.of(Multiaddr.parse("/ip4/192.0.2.1/tcp/1"));
    List<Multiaddr> after = List.of(Multiaddr.parse("/ip4/192.0.2.1/tcp/2"));
    for (int i = 0; i < AddressBook.MAX_PEERS; i++) {
      book.put(id(i), before, i != 0);
    }
    book.put(id(0), after, false);
    book.put(id(1), after, true);
    assertThat(book.addresses(id(0))).isEqualTo(after);
    book.put(id(10_000), before, true);
    book.put(id(10_001), before, true);
    assertThat(book.all()).doesNotContain(id(0), id(2)).contains(id(1), id(10_000), id(10_001));
  }

  @Test
  void theBookIsBounded() {
    AddressBook book = new AddressBook(Optional.empty(), new Bans());
    List<Multiaddr> many = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      many.add(Multiaddr.parse("/ip4/192.0.2.1/tcp/" + (i + 1)));
    }
    for (int i = 0; i < AddressBook.MAX_PEERS + 10; i++) {
      book.put(id(i), many, true);
    }
    assertThat(book.all()).hasSize(AddressBook.MAX_PEERS).doesNotContain(id(0));
    List<PeerId> before = book.all();
    for (int i = 0; i < 10; i++) {
      book.put(id(10_000 + i), many, false);
    }
    assertThat(book.all()).isEqualTo(before);
    assertThat(book.addresses(id(100))).hasSize(AddressBook.MAX_ADDRESSES);
  }

  /// T61: nobody far away has us dial into our own network, or a name that may lead there.
  @Test
  void addressesOfPrivateNetworksAreBelievedFromThereOnly() {
    for (String inside :
        List.of(
            "/ip4/127.0.0.1/tcp/1",
            "/ip4/10.1.2.3/tcp/1",
            "/ip4/192.168.0.1/udp/1/quic-v1",
            "/ip4/169.254.169.254/tcp/80",
            "/ip6/::1/tcp/1",
            "/ip6/fd00::1/tcp/1",
            "/ip6/fe80::1/tcp/1",
            "/ip6/::ffff:127.0.0.1/tcp/1",
            "/dns4/rebound.example/tcp/1")) {
      assertThat(Peers.mayBeTrue(Multiaddr.parse(inside), false)).as(inside).isFalse();
      assertThat(Peers.mayBeTrue(Multiaddr.parse(inside), true)).as(inside).isTrue();
    }
    for (String nowhere :
        List.of("/ip4/0.0.0.0/tcp/1", "/ip4/224.0.0.1/tcp/1", "/dnsaddr/a.example")) {
      assertThat(Peers.mayBeTrue(Multiaddr.parse(nowhere), true)).as(nowhere).isFalse();
    }
    assertThat(Peers.mayBeTrue(Multiaddr.parse("/ip4/198.51.100.7/tcp/1"), false)).isTrue();
    assertThat(Peers.mayBeTrue(Multiaddr.parse("/ip6/2001:db8::1/tcp/1"), false)).isTrue();
  }

  @Test
  void penaltiesAreBounded() throws Exception {
    Penalties<InetAddress> penalties = new Penalties<>(1000);
    for (int i = 0; i < Penalties.MAX_ENTRIES + 100; i++) {
      byte[] ip = {10, (byte) (i >>> 16), (byte) (i >>> 8), (byte) i};
      penalties.add(InetAddress.getByAddress(ip), 200 + i, 0);
    }
    assertThat(penalties.size()).isEqualTo(Penalties.MAX_ENTRIES);
    assertThat(penalties.isBanned(InetAddress.getByAddress(new byte[] {10, 0, 0, 0}), 0)).isFalse();
  }

  @Test
  void waitsForRedialsAreBounded() {
    Redials redials = new Redials(new Random(1));
    for (int i = 0; i < Redials.MAX_PEERS + 100; i++) {
      redials.failed(id(i), 60_000, 0);
    }
    assertThat(redials.size()).isEqualTo(Redials.MAX_PEERS);
    assertThat(redials.isDue(id(0), 0)).isTrue();
    PeerId last = id(Redials.MAX_PEERS + 99);
    assertThat(redials.isDue(last, 0)).isFalse();
    assertThat(redials.isDue(last, 5_000)).isTrue();
    for (int i = 0; i < 70; i++) {
      redials.failed(last, 60_000, 0);
    }
    assertThat(redials.isDue(last, 29_999)).isFalse();
    assertThat(redials.isDue(last, 60_000)).isTrue();
  }

  /// A name server that does not answer holds up nobody else, and is asked now and then only.
  @Test
  void othersAreDialledWhileNamesAreLookedUp() throws Exception {
    Host boot = host(2);
    Host fixed = host(3);
    CountDownLatch answer = new CountDownLatch(1);
    AtomicInteger asked = new AtomicInteger();
    DnsAddresses.Lookup slow =
        name -> {
          asked.incrementAndGet();
          try {
            answer.await();
          } catch (InterruptedException e) {
            return List.of();
          }
          return List.of("dnsaddr=" + TestHosts.address(boot));
        };
    PeersOptions options =
        PeersOptions.of(2, 4)
            .withBootnodes(List.of(Multiaddr.parse("/dnsaddr/boot.example")))
            .withFixed(List.of(TestHosts.address(fixed)));
    Peers peers = new Peers(options, clock::get, new Random(1), slow);
    Host host = Host.start(TestHosts.options(1).withGate(peers).withLimits(PATIENT));
    peers.start(host);
    open.add(peers);
    open.add(host);
    Node node = new Node(host, peers);
    Await.until("question", () -> asked.get() == 1);
    for (int i = 0; i < 100; i++) {
      passSecond(node);
    }
    Await.until("fixed peer", () -> host.connection(fixed.id()).isPresent());
    assertThat(asked.get()).isEqualTo(1);
    answer.countDown();
    Await.until("bootnode", () -> host.connection(boot.id()).isPresent());
  }

  @Test
  void dnsAddressesAreFollowedWithinBounds() {
    PeerId peer = id(1);
    Map<String, List<String>> zone =
        Map.of(
            "_dnsaddr.boot.example",
            List.of(
                "dnsaddr=/dnsaddr/one.example/p2p/" + peer,
                "dnsaddr=/ip4/192.0.2.1/tcp/1/p2p/" + id(2),
                "dnsaddr=/unknown/1",
                "v=spf1"),
            "_dnsaddr.one.example",
            List.of(
                "dnsaddr=/ip4/192.0.2.7/tcp/7/p2p/" + peer,
                "dnsaddr=/ip4/192.0.2.8/tcp/8/p2p/" + id(3)),
            "_dnsaddr.loop.example",
            List.of("dnsaddr=/dnsaddr/loop.example", "dnsaddr=/dnsaddr/loop.example"));
    DnsAddresses dns = new DnsAddresses(name -> zone.getOrDefault(name, List.of()));
    assertThat(dns.resolve(Multiaddr.parse("/dnsaddr/boot.example")))
        .containsExactly(
            Multiaddr.parse("/ip4/192.0.2.7/tcp/7/p2p/" + peer),
            Multiaddr.parse("/ip4/192.0.2.1/tcp/1/p2p/" + id(2)));
    assertThat(dns.resolve(Multiaddr.parse("/dnsaddr/loop.example"))).isEmpty();
    Multiaddr plain = Multiaddr.parse("/dns4/boot.example/tcp/1");
    assertThat(dns.resolve(plain)).containsExactly(plain);
  }
}
