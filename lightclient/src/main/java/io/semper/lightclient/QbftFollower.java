package io.semper.lightclient;

import io.semper.core.bytes.Address;
import io.semper.core.types.Header;
import io.semper.core.types.QbftExtraData;
import io.semper.core.view.UnavailableException;
import io.semper.genesis.Network;
import io.semper.lightclient.HeaderVerifier.Verdict;
import io.semper.lightclient.beacon.BeaconFollower;
import io.semper.lightclient.upstream.Answer;
import io.semper.lightclient.upstream.BlockJson;
import io.semper.lightclient.upstream.Call;
import io.semper.lightclient.upstream.LieException;
import io.semper.lightclient.upstream.Reply;
import io.semper.lightclient.upstream.Survey;
import io.semper.lightclient.upstream.UpstreamPool;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Moves the verified head of a QBFT network on. Every node is asked for its newest block; the
/// highest that can be verified is the new head, all others are witnesses.
///
/// Verification is [QbftVerifier]'s. What is in between comes from the node that named the block,
/// so that each answers for itself. Where some of these hold more keys than may be stolen, points
/// of before tell: a block is judged from several of them. Used by one thread.
final class QbftFollower implements HeadFollower {
  /// Trusted points kept, from which a second block of one number is judged.
  static final int MAX_POINTS = 64;

  /// For slower nodes, once one has named a new block.
  private static final long WITNESS_MILLIS = 150;

  /// For slower nodes, once one has named a block that is known. Who is later is heard the next
  /// time.
  private static final long LISTEN_MILLIS = 1_000;

  /// For a node to show the way to the block it has named, from all points together.
  private static final long SHOW_MILLIS = 10_000;

  /// Who has not shown it is not listened to for a while, longer each time.
  private static final long FIRST_PAUSE_MILLIS = 1_000;

  private static final int MAX_DOUBLINGS = 10;

  private final Network network;
  private final QbftVerifier verifier;
  private final UpstreamPool upstreams;
  private final Consumer<Alert> alerts;
  private final LongSupplier nowSeconds;
  private final List<TrustedHeader> points = new ArrayList<>();
  private final Survey<Header> newest;

  /// Those who named a block and did not show the way, until they do.
  private final Map<String, Stalled> stalled = new HashMap<>();

  /// Who named the head, empty for nobody yet.
  private String leader = "";

  /// What nodes that lag have named and is to be compared, by node, in the order they are due.
  private final Map<String, Header> lagging = new LinkedHashMap<>();

  /// Of each node that lags, the number of the block that was compared last.
  private final Map<String, Long> compared = new HashMap<>();

  /// How often comparing has failed lately, and until when nothing is compared.
  private Stalled comparing = new Stalled(0, 0);

  /// The number of which two blocks are sealed, 0 for none.
  private long diverged;

  private boolean expired;

  /// @param until by the pool's clock
  private record Stalled(int times, long until) {}

  /// @param points trusted ones, oldest first; at least one
  /// @param diverged the number of which two blocks are known to be sealed, 0 for none
  QbftFollower(
      Network network,
      QbftVerifier verifier,
      UpstreamPool upstreams,
      List<TrustedHeader> points,
      long diverged,
      Consumer<Alert> alerts,
      LongSupplier nowSeconds) {
    this.network = network;
    this.verifier = verifier;
    this.upstreams = upstreams;
    this.alerts = alerts;
    this.nowSeconds = nowSeconds;
    this.diverged = diverged;
    points.forEach(this::keep);
    newest =
        upstreams.survey(
            List.of(Call.of("eth_getBlockByNumber", "latest", false)),
            replies -> BlockJson.header(Reply.found(replies.get(0))));
  }

  private void keep(TrustedHeader point) {
    if (points.size() == MAX_POINTS) {
      points.remove(leastMissed());
    }
    points.add(point);
  }

  /// Of the points between the oldest and the newest, the one whose neighbours are closest together
  /// for how far back they are: so there are always some of the last minutes, hours and days.
  private int leastMissed() {
    long newest = points.getLast().number();
    int found = 1;
    double least = Double.MAX_VALUE;
    for (int i = 1; i < points.size() - 1; i++) {
      long before = points.get(i - 1).number();
      double gap = (double) (points.get(i + 1).number() - before) / (newest - before);
      if (gap < least) {
        least = gap;
        found = i;
      }
    }
    return found;
  }

  @Override
  public List<BeaconFollower.Status> sources() {
    return List.of();
  }

  @Override
  public LightStore.Content content(Header head) {
    return new LightStore.Content(List.copyOf(points), head, Optional.empty(), diverged);
  }

  /// Asks all nodes for their newest block and takes the highest that is proven.
  ///
  /// @param chain what is verified so far
  @Override
  public Step step(HeaderChain chain) {
    if (diverged != 0) {
      return Step.NOTHING;
    }
    long before = chain.head().number();
    List<Answer<Header>> named =
        newest.ask(header -> header.number() > before, WITNESS_MILLIS, LISTEN_MILLIS).answers();
    List<Answer<Header>> highestFirst = new ArrayList<>(named);
    // Nobody waits for those who have kept us waiting before.
    highestFirst.sort(
        Comparator.comparingInt((Answer<Header> each) -> timesStalled(each.upstream()))
            .thenComparing(each -> each.value().number(), Comparator.reverseOrder()));
    Header best = null;
    int witnesses = 0;
    for (Answer<Header> each : highestFirst) {
      Header header = each.value();
      Header known = best != null && header.number() == best.number() ? best : null;
      known = known == null ? chain.known(header.number()).orElse(null) : known;
      if (known != null && known.hash().equals(header.hash())) {
        witnesses++;
      } else if (known != null) {
        conflict(known, each);
      } else if (header.number() > before && best == null) {
        best = accept(chain.head(), each) ? header : null;
        witnesses += best == null ? 0 : 1;
        leader = best == null ? leader : each.upstream();
      } else if (header.number() < before
          && compared.getOrDefault(each.upstream(), -1L) != header.number()) {
        lagging.put(each.upstream(), header);
      }
      if (diverged != 0) {
        return Step.NOTHING; // also not the best of before: nothing is believed any more
      }
    }
    return new Step(Optional.ofNullable(best), Optional.empty(), witnesses);
  }

  private boolean accept(Header head, Answer<Header> named) {
    if (named.value().timestamp() > nowSeconds.getAsLong() + QbftVerifier.CLOCK_DRIFT_SECONDS) {
      return false; // the node's clock is wrong or ours: no proof of a lie
    }
    Verdict<TrustedHeader> verdict;
    try {
      verdict = judge(List.of(points.getLast()), named).verdict();
    } catch (UnavailableException silent) {
      return false;
    }
    return switch (verdict) {
      case Verdict.Accepted<TrustedHeader> accepted -> {
        keep(accepted.next());
        expired = false;
        yield true;
      }
      case Verdict.Refused<TrustedHeader> refused -> {
        condemn(head, named, refused.reason());
        yield false;
      }
      case Verdict.Unconnected<TrustedHeader> unconnected -> {
        condemn(head, named, unconnected.reason());
        yield false;
      }
      case Verdict.Expired<TrustedHeader> old -> {
        if (!expired) {
          expired = true;
          alerts.accept(new Alert.Expired(old.reason()));
        }
        yield false;
      }
    };
  }

  private void ban(Answer<Header> named, String why) {
    String node = named.upstream();
    upstreams.ban(node, "block " + named.value().number() + ": " + why, named.value().encode());
    lagging.remove(node);
    leader = leader.equals(node) ? "" : leader;
  }

  private int timesStalled(String upstream) {
    Stalled before = stalled.get(upstream);
    return before == null ? 0 : before.times();
  }

  /// What becomes of a block by the rules.
  ///
  /// @param from the point that leads to it, where it is accepted
  private record Judgement(TrustedHeader from, Verdict<TrustedHeader> verdict) {}

  /// Judges a block from one point after the other until one accepts it.
  ///
  /// @param trusted newest first; those after the first that is too old are not asked
  /// @throws UnavailableException where the node does not show the way, or has not lately
  private Judgement judge(List<TrustedHeader> trusted, Answer<Header> named) {
    String node = named.upstream();
    long end = upstreams.nowMillis() + SHOW_MILLIS;
    Judgement judgement = null;
    for (TrustedHeader from : trusted) {
      Verdict<TrustedHeader> verdict =
          shown(
              node,
              () ->
                  Bisection.advance(
                      verifier,
                      from,
                      claim(named.value()),
                      number -> claim(headerInTime(node, number, end)),
                      nowSeconds.getAsLong()));
      if (judgement == null || !(verdict instanceof Verdict.Expired)) {
        judgement = new Judgement(from, verdict);
      }
      if (verdict instanceof Verdict.Accepted) {
        stalled.remove(node);
        break;
      }
      if (verdict instanceof Verdict.Expired) {
        break;
      }
    }
    return judgement;
  }

  private Header headerInTime(String node, long number, long end) {
    if (upstreams.nowMillis() >= end) {
      throw new UnavailableException("no way shown by " + node + " within " + SHOW_MILLIS + " ms");
    }
    return header(node, number);
  }

  /// @param times before
  private Stalled pausedAgain(int times) {
    long pause = FIRST_PAUSE_MILLIS << Math.min(times, MAX_DOUBLINGS);
    return new Stalled(times + 1, upstreams.nowMillis() + pause);
  }

  private boolean isPaused(String node) {
    Stalled before = stalled.get(node);
    return before != null && upstreams.nowMillis() < before.until();
  }

  /// What a node shows, unless it has kept us waiting lately. Where it does now, it is not listened
  /// to for a while.
  ///
  /// @throws UnavailableException in both cases
  private <T> T shown(String node, Supplier<T> show) {
    if (isPaused(node)) {
      throw new UnavailableException(node + " has not shown the way lately");
    }
    try {
      return show.get();
    } catch (UnavailableException silent) {
      stalled.put(node, pausedAgain(timesStalled(node)));
      throw silent;
    }
  }

  private Header header(String upstream, long number) {
    return upstreams.askOne(
        upstream,
        List.of(Call.of("eth_getBlockByNumber", Call.quantity(number), false)),
        replies -> {
          Header header = BlockJson.header(Reply.found(replies.get(0)));
          if (header.number() != number) {
            throw new LieException("block " + header.number() + " instead of block " + number);
          }
          return header;
        });
  }

  /// Adds who must have sealed where a contract says so.
  QbftClaim claim(Header header) {
    boolean named =
        header.qbft().map(QbftExtraData::validators).filter(set -> !set.isEmpty()).isPresent();
    if (named || header.qbft().isEmpty()) {
      return QbftClaim.of(header);
    }
    Header parent =
        header.parentHash().equals(network.genesisHash())
            ? network.genesis()
            : upstreams
                .ask(
                    List.of(Call.of("eth_getBlockByHash", header.parentHash(), false)),
                    replies -> HeaderChain.ofHash(Reply.found(replies.get(0)), header.parentHash()))
                .value();
    return new QbftClaim(header, contractValidators(parent));
  }

  /// Who the contract says are the validators after a block, `null` where none does. The block may
  /// be made up, so that nothing read of its state is kept.
  List<Address> contractValidators(Header parent) {
    Address contract =
        network.qbft().at(parent.number() + 1, parent.timestamp()).validatorContract();
    return contract == null
        ? null
        : ContractValidators.after(
            network, parent, new ProvenState(parent, new StateCache(), upstreams), contract);
  }

  /// Judges a block by what was trusted before it, whatever else follows from that; empty where
  /// nothing was.
  private Optional<Judgement> judgeFromBefore(Answer<Header> named) {
    List<TrustedHeader> before = before(named.value().number());
    return before.isEmpty() ? Optional.empty() : Optional.of(judge(before, named));
  }

  /// The points to judge a block from, newest first. The newest may be a thief's; so there are
  /// others, each at least twice as far back as the last, and the oldest that is not too old.
  private List<TrustedHeader> before(long number) {
    long now = nowSeconds.getAsLong();
    List<TrustedHeader> all = points.stream().filter(point -> point.number() < number).toList();
    List<TrustedHeader> fresh =
        all.stream().filter(point -> !verifier.expired(point, now)).toList();
    if (fresh.isEmpty()) {
      return all.isEmpty() ? all : List.of(all.getLast());
    }
    List<TrustedHeader> chosen = new ArrayList<>();
    long least = 1;
    for (TrustedHeader point : fresh.reversed()) {
      long back = number - point.number();
      if (back >= least) {
        chosen.add(point);
        least = 2 * back;
      }
    }
    if (chosen.getLast() != fresh.getFirst()) {
      chosen.add(fresh.getFirst());
    }
    return chosen;
  }

  /// Tells of two blocks of one number that are both sealed.
  ///
  /// @param trusted from which both follow
  private void diverge(TrustedHeader trusted, Header ours, Answer<Header> theirs) {
    diverged = ours.number();
    alerts.accept(new Alert.Diverged(trusted, ours, theirs.value(), theirs.upstream()));
  }

  /// Another block where one is verified. Who named it lies, unless enough validators sealed both.
  private void conflict(Header known, Answer<Header> named) {
    try {
      judgeSecond(known, named, named, "not the block that was verified");
    } catch (UnavailableException silent) {
      // It is heard again.
    }
  }

  /// A block that does not follow from the head. Who named it lies, unless it stands on another one
  /// of the head's number that is sealed as well; who does not show that one is asked again later.
  private void condemn(Header head, Answer<Header> named, String why) {
    String node = named.upstream();
    try {
      Header there = shown(node, () -> header(node, head.number()));
      if (there.hash().equals(head.hash())) {
        ban(named, why);
      } else {
        judgeSecond(head, new Answer<>(there, node), named, why);
      }
    } catch (UnavailableException notShown) {
      // It is heard again.
    }
  }

  /// Judges a second block of a number, and who named something that stands on it.
  private void judgeSecond(Header ours, Answer<Header> second, Answer<Header> named, String why) {
    Optional<Judgement> judgement = judgeFromBefore(second);
    if (judgement.isEmpty()) {
      ban(named, why);
      return;
    }
    switch (judgement.get().verdict()) {
      case Verdict.Accepted<TrustedHeader> sealed -> diverge(judgement.get().from(), ours, second);
      case Verdict.Refused<TrustedHeader> lie -> ban(named, why);
      case Verdict.Unconnected<TrustedHeader> lie -> ban(named, why);
      case Verdict.Expired<TrustedHeader> unknown -> {}
    }
  }

  /// Compares what one node that lags has named with the block of whoever named the head, who may
  /// stand on another one.
  @Override
  public void settle() {
    boolean paused = upstreams.nowMillis() < comparing.until();
    if (diverged != 0 || leader.isEmpty() || lagging.isEmpty() || paused) {
      return;
    }
    String node = lagging.keySet().iterator().next();
    Answer<Header> named = new Answer<>(lagging.remove(node), node);
    if (node.equals(leader) || isPaused(node)) {
      return;
    }
    Header ours;
    try {
      ours = header(leader, named.value().number());
      comparing = new Stalled(0, 0);
    } catch (UnavailableException lacking) {
      // That a leader lacks an old block is no fault.
      comparing = pausedAgain(comparing.times());
      return;
    }
    try {
      compare(named, new Answer<>(ours, leader));
    } catch (UnavailableException notShown) {
      // Compared again when it is named again.
    }
  }

  private void compare(Answer<Header> named, Answer<Header> ours) {
    if (!ours.value().hash().equals(named.value().hash())) {
      Optional<Judgement> theirs = judgeFromBefore(named);
      Optional<Judgement> leaders = judgeFromBefore(ours);
      if (isSealed(theirs) && isSealed(leaders)) {
        TrustedHeader one = theirs.get().from();
        TrustedHeader other = leaders.get().from();
        diverge(one.number() < other.number() ? one : other, ours.value(), named);
        return;
      }
      theirs.ifPresent(judgement -> banRefused(named, judgement));
      leaders.ifPresent(judgement -> banRefused(ours, judgement));
    }
    compared.put(named.upstream(), named.value().number());
  }

  private static boolean isSealed(Optional<Judgement> judgement) {
    return judgement.filter(each -> each.verdict() instanceof Verdict.Accepted).isPresent();
  }

  private void banRefused(Answer<Header> named, Judgement judgement) {
    switch (judgement.verdict()) {
      case Verdict.Refused<TrustedHeader> refused -> ban(named, refused.reason());
      case Verdict.Unconnected<TrustedHeader> unconnected -> ban(named, unconnected.reason());
      case Verdict.Accepted<TrustedHeader> proven -> {}
      case Verdict.Expired<TrustedHeader> unknown -> {}
    }
  }
}
