package io.semper.lightclient.beacon;

import io.semper.core.bytes.Hash32;
import io.semper.lightclient.HeaderVerifier;
import java.time.Duration;

/// Believes headers of the beacon chain that its sync committee signed, by the sync protocol and
/// two rules more. What is trusted expires with the weak-subjectivity window, after which those who
/// were validators then may have left and have nothing to lose. And two thirds of a committee have
/// to sign whatever is believed: the protocol takes any minority for the newest header when it has
/// lately seen no larger one.
public final class SyncCommitteeVerifier
    implements HeaderVerifier<LightClientStore, LightClientUpdate> {
  /// How long after its time a finalised header may be built on.
  public static final Duration TRUSTING_PERIOD = Duration.ofDays(14);

  /// By how much a server's clock may be ahead of ours (`MAXIMUM_GOSSIP_CLOCK_DISPARITY`).
  static final long CLOCK_DISPARITY_MILLIS = 500;

  static final String NOTHING_NEW = "nothing new";

  private final ConsensusNetwork network;
  private final SyncProtocol protocol;

  public SyncCommitteeVerifier(ConsensusNetwork network) {
    this.network = network;
    protocol = new SyncProtocol(network);
  }

  ConsensusNetwork network() {
    return network;
  }

  /// The header whose root the user trusts, and its committee, as a first trusted point.
  Verdict<LightClientStore> checkpoint(
      Hash32 trustedBlockRoot, LightClientBootstrap bootstrap, long nowMillis) {
    SyncProtocol.Refusal refusal = protocol.verifyBootstrap(trustedBlockRoot, bootstrap);
    if (refusal != null) {
      return new Verdict.Refused<>(refusal.reason());
    }
    LightClientStore store = protocol.initialize(bootstrap, slotAt(nowMillis));
    return isExpired(store, nowMillis)
        ? new Verdict.Expired<>(expiry(store, nowMillis))
        : new Verdict.Accepted<>(store);
  }

  @Override
  public Verdict<LightClientStore> verify(
      LightClientStore trusted, LightClientUpdate claim, long nowSeconds) {
    return verifyAt(trusted, claim, 1000 * nowSeconds);
  }

  Verdict<LightClientStore> verifyAt(
      LightClientStore trusted, LightClientUpdate claim, long nowMillis) {
    if (isExpired(trusted, nowMillis)) {
      return new Verdict.Expired<>(expiry(trusted, nowMillis));
    }
    // Cheap questions first: the signature costs more than all else.
    if (!claim.syncAggregate().isSupermajority()) {
      return new Verdict.Unconnected<>(
          "signed by %d of %d, less than two thirds"
              .formatted(claim.syncAggregate().participants(), network.syncCommitteeSize()));
    }
    if (!isNews(trusted, claim)) {
      return new Verdict.Unconnected<>(NOTHING_NEW);
    }
    long slot = slotAt(nowMillis);
    SyncProtocol.Refusal refusal = protocol.verifyUpdate(trusted, claim, slot);
    if (refusal != null) {
      return refusal.lie()
          ? new Verdict.Refused<>(refusal.reason())
          : new Verdict.Unconnected<>(refusal.reason());
    }
    return new Verdict.Accepted<>(protocol.apply(trusted, claim, slot));
  }

  private static boolean isNews(LightClientStore trusted, LightClientUpdate claim) {
    return claim.attestedHeader().slot() > trusted.optimisticHeader().slot()
        || claim.finalizedHeader().slot() > trusted.finalizedHeader().slot()
        || claim.isSyncCommitteeUpdate() && !trusted.isNextSyncCommitteeKnown();
  }

  long slotAt(long nowMillis) {
    return network.slotAt(nowMillis + CLOCK_DISPARITY_MILLIS);
  }

  boolean isExpired(LightClientStore store, long nowMillis) {
    return ageMillis(store, nowMillis) > TRUSTING_PERIOD.toMillis();
  }

  private long ageMillis(LightClientStore store, long nowMillis) {
    return nowMillis - network.timeMillisOf(store.finalizedHeader().slot());
  }

  String expiry(LightClientStore store, long nowMillis) {
    return ("what is trusted of %s is of slot %d, %d days ago, and may be built on for %d: start from a"
            + " newer finalised block, whose root somebody you trust names"
            + " (/eth/v1/beacon/headers/finalized)")
        .formatted(
            network.name(),
            store.finalizedHeader().slot(),
            Duration.ofMillis(ageMillis(store, nowMillis)).toDays(),
            TRUSTING_PERIOD.toDays());
  }
}
