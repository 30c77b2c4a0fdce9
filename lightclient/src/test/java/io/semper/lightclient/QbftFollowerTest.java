package io.semper.lightclient;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Header;
import io.semper.genesis.Network;
import io.semper.lightclient.upstream.UpstreamLimits;
import io.semper.lightclient.upstream.UpstreamPool;
import io.semper.lightclient.upstream.UpstreamPool.State;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Which of the blocks that nodes name becomes the head, and who is waited for.
class QbftFollowerTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long START = 1_700_000_000;
  private static Network network;

  private final List<Address> set = ForgedChain.validators(1, 4);
  private final Header base = ForgedChain.header(100, Hash32.of(1, 1, 1, 1), START, set, 4);
  private final Map<String, Node> nodes = new HashMap<>();
  private final List<Alert> alerts = new ArrayList<>();
  private final AtomicLong millis = new AtomicLong();
  private final AtomicInteger steps = new AtomicInteger();
  private long nowSeconds = START + 1_000_000;
  private UpstreamPool upstreams;
  private QbftFollower follower;
  private HeaderChain chain;

  /// What a node says the block with a number, or the newest, is.
  private interface Node {
    Header block(String name) throws IOException;
  }

  @BeforeAll
  static void read() {
    network = RecordedChain.read().network();
  }

  private void follow(String... names) {
    upstreams =
        new UpstreamPool(
            List.of(names).stream().map(name -> URI.create("http://" + name)).toList(),
            (url, body, allowance, timeout) -> {
              JsonNode request = JSON.readTree(body);
              String block = request.get("params").get(0).textValue();
              var reply = JSON.createObjectNode().put("jsonrpc", "2.0").put("id", 0);
              Header header = nodes.get(url.getHost()).block(block);
              reply.set("result", header == null ? null : HeaderText.json(header));
              return JSON.writeValueAsBytes(reply);
            },
            UpstreamLimits.DEFAULT,
            millis::get,
            lie -> {});
    follower =
        new QbftFollower(
            network,
            new QbftVerifier(network),
            upstreams,
            List.of(TrustedHeader.of(base, set)),
            0,
            alerts::add,
            () -> nowSeconds);
    chain = new HeaderChain(network.genesis(), network.forks(), base, new StateCache(), upstreams);
  }

  @AfterEach
  void close() {
    upstreams.close();
  }

  private Header sealed(long number) {
    return ForgedChain.header(number, Hash32.ZERO, START + 10 * (number - 100), set, 4);
  }

  /// Looks until somebody has named one.
  private Header nextHead() {
    long end = System.nanoTime() + 10_000_000_000L;
    HeadFollower.Step step = follower.step(chain);
    while (step.head().isEmpty() && System.nanoTime() < end) {
      steps.incrementAndGet();
      step = follower.step(chain);
    }
    return step.head().orElseThrow();
  }

  /// Whoever names a block and shows the way to it too slowly costs a little time once, and nobody
  /// is kept from the blocks that others name.
  @Test
  void whoDoesNotShowTheWayIsNotWaitedForAgain() {
    List<Address> strangers = ForgedChain.validators(50, 53);
    Header far = ForgedChain.header(90_000, Hash32.ZERO, START + 900_000, strangers, 4);
    AtomicInteger shown = new AtomicInteger();
    nodes.put(
        "slow",
        name -> {
          if (name.equals("latest")) {
            return far;
          }
          millis.addAndGet(3_000);
          shown.incrementAndGet();
          long number = Long.decode(name);
          long time = START + 10 * (number - 100);
          return ForgedChain.header(number, Hash32.ZERO, time, strangers, 4);
        });
    nodes.put("honest", name -> sealed(200));
    follow("slow", "honest");
    assertThat(nextHead()).isEqualTo(sealed(200));
    assertThat(shown.get()).as("blocks on the way that were waited for").isLessThanOrEqualTo(5);
    chain.advance(sealed(200));
    int before = shown.get();
    nodes.put("honest", name -> sealed(202));
    assertThat(nextHead()).isEqualTo(sealed(202));
    assertThat(shown).hasValue(before);
    // Later it is given another chance.
    millis.addAndGet(5_000_000);
    chain.advance(sealed(202));
    assertThat(follower.step(chain).head()).isEmpty();
    assertThat(shown.get()).isGreaterThan(before);
  }

  /// An old head named at once does not keep the newest from being heard that comes later.
  @Test
  void aQuickNodeDoesNotHoldTheHead() {
    nodes.put("stale", name -> base);
    nodes.put(
        "honest",
        name -> {
          int asked = steps.get();
          long end = System.nanoTime() + 10_000_000_000L;
          while (steps.get() == asked) { // always later than it is waited for
            if (System.nanoTime() > end) {
              throw new SocketTimeoutException("not asked twice");
            }
            Thread.onSpinWait();
          }
          return sealed(150);
        });
    follow("stale", "honest");
    assertThat(nextHead()).isEqualTo(sealed(150));
  }

  /// A block from the future is no lie: our own clock may be slow.
  @Test
  void whoseClockIsWrongIsNotKnown() {
    nodes.put("fast", name -> sealed(200));
    follow("fast");
    nowSeconds = sealed(200).timestamp() - QbftVerifier.CLOCK_DRIFT_SECONDS - 1;
    assertThat(follower.step(chain).head()).isEmpty();
    assertThat(upstreams.status().getFirst().state()).isEqualTo(State.GOOD);
    assertThat(upstreams.evidence()).isEmpty();
    nowSeconds++;
    assertThat(nextHead()).isEqualTo(sealed(200));
  }

  /// Two sealed blocks of one number: the better of the two is no head either.
  @Test
  void nothingIsAHeadOnceTheNetworkHasSplit() {
    Header other = ForgedChain.header(200, Hash32.of(2, 2, 2, 2), START + 1_000, set, 4);
    nodes.put("one", name -> sealed(200));
    nodes.put("two", name -> other);
    follow("one", "two");
    long end = System.nanoTime() + 10_000_000_000L;
    while (follower.content(base).diverged() == 0) {
      assertThat(System.nanoTime()).isLessThan(end);
      HeadFollower.Step step = follower.step(chain);
      if (step.head().isPresent()) {
        assertThat(follower.content(base).diverged()).isZero();
        chain.advance(step.head().get());
      }
    }
    assertThat(follower.step(chain).head()).isEmpty();
  }

  /// A block that was believed by its hash alone convicts nobody before its seals are found.
  @Test
  void evidenceHasSealsWhereAnybodyHasThem() {
    Header whole = sealed(200);
    byte[] extra = whole.qbft().orElseThrow().unsealed(0).encode();
    Header bare = whole.toBuilder().extraData(extra).build();
    nodes.put("one", name -> bare);
    follow("one");
    SealedHeaders headers = new SealedHeaders(true, upstreams);
    assertThat(headers.best(bare).encode()).isEqualTo(bare.encode());
    nodes.put("one", name -> whole);
    assertThat(headers.best(bare).encode()).isEqualTo(whole.encode());
  }

  /// A block of thieves who hold so many keys of those who were validators at block 100.
  private Header stolen(long number, int keys) {
    List<Address> thieves = new ArrayList<>(set.subList(0, keys));
    thieves.addAll(ForgedChain.validators(50, 53 - keys));
    long time = START + 10 * (number - 100);
    List<Address> sorted = thieves.stream().sorted().toList();
    return ForgedChain.header(number, Hash32.ZERO, time, sorted, sorted.size());
  }

  private void stepUntil(BooleanSupplier condition) {
    long end = System.nanoTime() + 10_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(end);
      steps.incrementAndGet();
      follower.step(chain).head().ifPresent(chain::advance);
      follower.settle();
    }
  }

  /// Has numbers become the newest one by one, each of which has to be believed.
  private void followAll(AtomicLong newest, long first, long last, long step) {
    for (long number = first; number <= last; number += step) {
      newest.set(number);
      long head = number;
      stepUntil(() -> chain.head().number() == head);
    }
  }

  /// As many keys as validators may be faulty convince of nothing.
  @Test
  void fewStolenKeysConvinceOfNothing() {
    nodes.put("thief", name -> stolen(name.equals("latest") ? 300 : Long.decode(name), 1));
    nodes.put("honest", name -> sealed(name.equals("latest") ? 200 : Long.decode(name)));
    follow("thief", "honest");
    stepUntil(() -> chain.head().number() != 100 && !upstreams.evidence().isEmpty());
    assertThat(chain.head()).isEqualTo(sealed(200));
    assertThat(upstreams.status().getFirst().state()).isEqualTo(State.BANNED);
    assertThat(upstreams.evidence().getFirst().reply()).isEqualTo(stolen(300, 1).encode());
    assertThat(alerts).isEmpty();
  }

  /// More than that, within the trusting period, is what no rule survives. It is found out by
  /// whoever is honest, also while that one has fewer blocks.
  @Test
  void aBranchOfStolenKeysIsFoundOutByWhoLagsBehind() {
    nodes.put("thief", name -> stolen(name.equals("latest") ? 300 : Long.decode(name), 2));
    nodes.put("honest", name -> chain.head().number() == 300 ? sealed(200) : base);
    follow("thief", "honest");
    stepUntil(() -> !alerts.isEmpty());
    Alert.Diverged found = (Alert.Diverged) alerts.getFirst();
    assertThat(found.trusted().number()).isEqualTo(100);
    assertThat(List.of(found.ours(), found.theirs()))
        .containsExactlyInAnyOrder(stolen(200, 2), sealed(200));
    assertThat(upstreams.evidence()).isEmpty();
    assertThat(follower.step(chain).head()).isEmpty();
  }

  /// Thieves who hide where their branch leaves the honest one are found out when that is longer.
  @Test
  void aBranchOfStolenKeysIsFoundOutByWhoGoesOn() {
    AtomicLong newest = new AtomicLong(100);
    nodes.put(
        "thief",
        name -> {
          long number = name.equals("latest") ? 300 : Long.decode(name);
          return number == 300 ? stolen(300, 2) : sealed(number);
        });
    nodes.put(
        "honest",
        name -> {
          long number = name.equals("latest") ? newest.get() : Long.decode(name);
          return number == 100 ? base : sealed(number);
        });
    follow("thief", "honest");
    stepUntil(() -> chain.head().number() == 300);
    assertThat(alerts).isEmpty();
    newest.set(301);
    stepUntil(() -> !alerts.isEmpty());
    Alert.Diverged found = (Alert.Diverged) alerts.getFirst();
    assertThat(List.of(found.ours(), found.theirs())).containsExactly(stolen(300, 2), sealed(300));
    assertThat(upstreams.evidence()).isEmpty();
  }

  /// They are, too, when the thieves' branch has been believed for a while: what is honest does not
  /// follow from its blocks, but from those before it.
  @Test
  void aBranchOfStolenKeysIsFoundOutThoughItWasBelievedForLong() {
    AtomicLong believed = new AtomicLong(310);
    nodes.put(
        "thief",
        name -> {
          long number = name.equals("latest") ? believed.get() : Long.decode(name);
          return stolen(number, number > 310 ? 0 : 2); // later ones are of thieves alone
        });
    nodes.put("honest", name -> base);
    follow("thief", "honest");
    followAll(believed, 310, 400, 10);
    nodes.put("honest", name -> sealed(name.equals("latest") ? 401 : Long.decode(name)));
    stepUntil(() -> !alerts.isEmpty());
    Alert.Diverged found = (Alert.Diverged) alerts.getFirst();
    assertThat(found.trusted()).isEqualTo(TrustedHeader.of(base, set));
    assertThat(List.of(found.ours(), found.theirs())).containsExactly(stolen(400, 0), sealed(400));
    assertThat(upstreams.evidence()).isEmpty();
  }

  /// Also where the oldest point is too old: those in between are asked.
  @Test
  void aBranchOfStolenKeysIsFoundOutThoughTheOldestPointIsTooOld() {
    AtomicLong believed = new AtomicLong();
    nodes.put("leader", name -> sealed(name.equals("latest") ? believed.get() : Long.decode(name)));
    nodes.put("honest", name -> base);
    follow("leader", "honest");
    followAll(believed, 102, 400, 2);
    nodes.put(
        "leader",
        name -> {
          long number = name.equals("latest") ? believed.get() : Long.decode(name);
          return number > 402 ? stolen(number, 0) : number == 402 ? stolen(402, 2) : sealed(number);
        });
    followAll(believed, 402, 800, 2);
    // Ten seconds a block: those up to 200 are too old.
    nowSeconds = sealed(200).timestamp() + QbftVerifier.TRUSTING_SECONDS;
    nodes.put("honest", name -> sealed(name.equals("latest") ? 802 : Long.decode(name)));
    stepUntil(() -> !alerts.isEmpty());
    Alert.Diverged found = (Alert.Diverged) alerts.getFirst();
    assertThat(found.trusted().number()).isBetween(201L, 402L);
    assertThat(List.of(found.ours(), found.theirs())).containsExactly(stolen(800, 0), sealed(800));
    assertThat(upstreams.evidence()).isEmpty();
  }

  /// Another block than was asked for is a lie, and no way to be asked again and again.
  @Test
  void whoShowsABlockOfAnotherNumberIsBanned() {
    Header forged = stolen(300, 1);
    nodes.put("liar", name -> name.equals("latest") ? forged : sealed(7));
    nodes.put("honest", name -> sealed(name.equals("latest") ? 200 : Long.decode(name)));
    follow("liar", "honest");
    stepUntil(() -> !upstreams.evidence().isEmpty() && chain.head().number() == 200);
    assertThat(upstreams.status().getFirst().state()).isEqualTo(State.BANNED);
    assertThat(upstreams.evidence()).hasSize(1);
    assertThat(alerts).isEmpty();
  }

  /// Below the checkpoint there is nothing to judge by, at it there is one block.
  @Test
  void anotherBlockOfTheCheckpointsNumberIsALie() {
    Header other = ForgedChain.header(100, Hash32.of(9, 9, 9, 9), START, set, 4);
    nodes.put("liar", name -> other);
    nodes.put("honest", name -> base);
    follow("liar", "honest");
    stepUntil(() -> !upstreams.evidence().isEmpty());
    assertThat(upstreams.evidence().getFirst().reply()).isEqualTo(other.encode());
    assertThat(upstreams.status().getFirst().state()).isEqualTo(State.BANNED);
  }

  /// Who is not heard when its block is to be looked into has not lied; it is heard again.
  @Test
  void whoIsSilentWhenAskedAgainHasNotLied() {
    AtomicInteger refusals = new AtomicInteger();
    AtomicLong newest = new AtomicLong(100);
    nodes.put("thief", name -> stolen(name.equals("latest") ? 300 : Long.decode(name), 2));
    nodes.put(
        "honest",
        name -> {
          if (!name.equals("latest") && refusals.getAndIncrement() == 0) {
            throw new SocketTimeoutException("busy");
          }
          return name.equals("latest") && newest.get() == 100
              ? base
              : sealed(name.equals("latest") ? newest.get() : Long.decode(name));
        });
    follow("thief", "honest");
    stepUntil(() -> chain.head().number() == 300);
    newest.set(301);
    stepUntil(() -> refusals.get() > 0);
    assertThat(upstreams.evidence()).isEmpty();
    millis.addAndGet(60_000); // pauses end
    stepUntil(() -> !alerts.isEmpty());
    assertThat(alerts.getFirst()).isInstanceOf(Alert.Diverged.class);
    assertThat(upstreams.evidence()).isEmpty();
  }

  /// A made-up block below the head costs no head any time, and its maker the place.
  @Test
  void aForgedBlockBelowTheHeadConvicts() {
    Header forged = stolen(150, 1);
    nodes.put("honest", name -> sealed(name.equals("latest") ? 200 : Long.decode(name)));
    nodes.put(
        "liar",
        name -> {
          if (!name.equals("latest")) {
            return stolen(Long.decode(name), 1);
          }
          return chain.head().number() == 100 ? base : forged;
        });
    follow("honest", "liar");
    stepUntil(() -> !upstreams.evidence().isEmpty());
    assertThat(chain.head()).isEqualTo(sealed(200));
    assertThat(upstreams.evidence()).hasSize(1);
    assertThat(upstreams.evidence().getFirst().reply()).isEqualTo(forged.encode());
    assertThat(alerts).isEmpty();
  }

  /// However many blocks were heads, points of every age are kept, few of long ago.
  @Test
  void trustedPointsReachBackToTheOldest() {
    follow("nobody");
    List<TrustedHeader> all = new ArrayList<>();
    for (long number = 100; number < 20_100; number++) {
      Header header = Header.builder().number(number).extraData(base.extraData()).build();
      all.add(TrustedHeader.of(header, set));
    }
    follower =
        new QbftFollower(
            network, new QbftVerifier(network), upstreams, all, 0, alerts::add, () -> nowSeconds);
    List<Long> kept = follower.content(base).points().stream().map(TrustedHeader::number).toList();
    assertThat(kept).hasSize(QbftFollower.MAX_POINTS).isSorted().startsWith(100L).endsWith(20_099L);
    for (long age = 2; age < 10_000; age *= 2) {
      long until = 20_099 - age;
      long since = 20_099 - 2 * age;
      assertThat(kept).as(age + " to " + 2 * age + " back").anyMatch(n -> n >= since && n <= until);
    }
  }

  /// After it, all keys of the old set are worth nothing.
  @Test
  void allStolenKeysConvinceOfNothingAfterTheTrustingPeriod() {
    nowSeconds = START + QbftVerifier.TRUSTING_SECONDS;
    nodes.put("thief", name -> stolen(name.equals("latest") ? 300 : Long.decode(name), 4));
    follow("thief");
    stepUntil(() -> !alerts.isEmpty());
    assertThat(alerts.getFirst()).isInstanceOf(Alert.Expired.class);
    assertThat(chain.head()).isEqualTo(base);
  }
}
