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
import io.semper.lightclient.upstream.Reply;
import io.semper.lightclient.upstream.Survey;
import io.semper.lightclient.upstream.UpstreamPool;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// Moves the verified head of a QBFT network on. Every node is asked for its newest block; the
/// highest that can be verified is the new head, all others are witnesses.
///
/// Verification is [QbftVerifier]'s. What is in between comes from the node that named the block,
/// so that each answers for itself. Used by one thread.
final class QbftFollower implements HeadFollower {
  /// Trusted points kept, from which a second block of one number is judged.
  private static final int MAX_POINTS = 64;

  /// For slower nodes, once one has named a new block.
  private static final long WITNESS_MILLIS = 150;

  /// For slower nodes, once one has named a block that is known. Who is later is heard the next
  /// time.
  private static final long LISTEN_MILLIS = 1_000;

  /// For a node to show the way to the block it has named.
  private static final long SHOW_MILLIS = 10_000;

  /// Who has not shown it is not listened to for a while, longer each time.
  private static final long FIRST_PAUSE_MILLIS = 1_000;

  private static final int MAX_DOUBLINGS = 10;

  private final Network network;
  private final QbftVerifier verifier;
  private final UpstreamPool upstreams;
  private final Consumer<Alert> alerts;
  private final LongSupplier nowSeconds;
  private final Deque<TrustedHeader> points = new ArrayDeque<>();
  private final Survey<Header> newest;

  /// Those who named a block and did not show the way, until they do.
  private final Map<String, Stalled> stalled = new HashMap<>();

  /// Who named the head, empty for nobody yet.
  private String leader = "";

  /// Of each node that lags, the number of the block that was compared last.
  private final Map<String, Long> compared = new HashMap<>();

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
      // The oldest is the way back for everything; the one after it goes.
      TrustedHeader oldest = points.removeFirst();
      points.removeFirst();
      points.addFirst(oldest);
    }
    points.addLast(point);
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
      } else if (header.number() < before) {
        compare(each);
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
      verdict = judge(points.getLast(), named);
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
    upstreams.ban(
        named.upstream(), "block " + named.value().number() + ": " + why, named.value().encode());
  }

  private int timesStalled(String upstream) {
    Stalled before = stalled.get(upstream);
    return before == null ? 0 : before.times();
  }

  /// @throws UnavailableException where the node does not show the way, or has not lately
  private Verdict<TrustedHeader> judge(TrustedHeader from, Answer<Header> named) {
    String node = named.upstream();
    Stalled before = stalled.get(node);
    if (before != null && upstreams.nowMillis() < before.until()) {
      throw new UnavailableException(node + " has not shown the way lately");
    }
    try {
      Verdict<TrustedHeader> verdict = follow(from, named);
      stalled.remove(node);
      return verdict;
    } catch (UnavailableException silent) {
      int times = timesStalled(node);
      long pause = FIRST_PAUSE_MILLIS << Math.min(times, MAX_DOUBLINGS);
      stalled.put(node, new Stalled(times + 1, upstreams.nowMillis() + pause));
      throw silent;
    }
  }

  private Verdict<TrustedHeader> follow(TrustedHeader from, Answer<Header> named) {
    long end = upstreams.nowMillis() + SHOW_MILLIS;
    return Bisection.advance(
        verifier,
        from,
        claim(named.value()),
        number -> {
          if (upstreams.nowMillis() >= end) {
            throw new UnavailableException(
                "no way to block " + named.value().number() + " within " + SHOW_MILLIS + " ms");
          }
          return claim(header(named.upstream(), number));
        },
        nowSeconds.getAsLong());
  }

  private Header header(String upstream, long number) {
    return upstreams.askOne(
        upstream,
        List.of(Call.of("eth_getBlockByNumber", Call.quantity(number), false)),
        replies -> BlockJson.header(Reply.found(replies.get(0))));
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

  /// The newest trusted point below a block; `null` where there is none.
  private TrustedHeader below(long number) {
    TrustedHeader below = null;
    for (TrustedHeader point : points) {
      below = point.number() < number ? point : below;
    }
    return below;
  }

  /// Whether a block follows from what was trusted before it, whatever else does.
  private boolean isProven(Answer<Header> named) {
    TrustedHeader below = below(named.value().number());
    return below != null && judge(below, named) instanceof Verdict.Accepted<TrustedHeader>;
  }

  private void diverge(Header ours, Answer<Header> theirs) {
    diverged = ours.number();
    alerts.accept(new Alert.Diverged(below(diverged), ours, theirs.value(), theirs.upstream()));
  }

  /// Another block where one is verified. Who named it lies, unless enough validators sealed both.
  private void conflict(Header known, Answer<Header> named) {
    try {
      if (isProven(named)) {
        diverge(known, named);
      } else {
        ban(named, "not the block that was verified");
      }
    } catch (UnavailableException silent) {
      // It is heard again.
    }
  }

  /// A block that does not follow from the head. Who named it lies, unless it stands on another one
  /// of the head's number that is sealed as well.
  private void condemn(Header head, Answer<Header> named, String why) {
    try {
      Answer<Header> there =
          new Answer<>(header(named.upstream(), head.number()), named.upstream());
      if (there.value().number() == head.number()
          && !there.value().hash().equals(head.hash())
          && isProven(there)) {
        diverge(head, there);
        return;
      }
    } catch (UnavailableException notShown) {
      // What it named convicts it.
    }
    ban(named, why);
  }

  /// A block below the head that is not at hand, of a node that lags. Who named the head may stand
  /// on another one of its number.
  private void compare(Answer<Header> lagging) {
    long number = lagging.value().number();
    String node = lagging.upstream();
    Long last = compared.put(node, number);
    if (leader.isEmpty() || leader.equals(node) || last != null && last == number) {
      return;
    }
    try {
      Answer<Header> ours = new Answer<>(header(leader, number), leader);
      if (ours.value().number() == number
          && !ours.value().hash().equals(lagging.value().hash())
          && isProven(lagging)
          && isProven(ours)) {
        diverge(ours.value(), lagging);
      }
    } catch (UnavailableException notShown) {
      // The next block is compared again.
    }
  }
}
