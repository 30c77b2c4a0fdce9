package io.semper.lightclient;

import io.semper.core.bytes.Hash32;
import io.semper.core.types.Header;
import io.semper.core.view.UnavailableException;
import io.semper.lightclient.beacon.BeaconFollower;
import io.semper.lightclient.beacon.BeaconHead;
import io.semper.lightclient.beacon.BeaconSource;
import io.semper.lightclient.beacon.BeaconStatus;
import io.semper.lightclient.beacon.Claim;
import io.semper.lightclient.beacon.LightClientUpdate;
import io.semper.lightclient.upstream.Call;
import io.semper.lightclient.upstream.Reply;
import io.semper.lightclient.upstream.UpstreamPool;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Moves the verified head of Ethereum on. Sources of the beacon chain prove which execution block
/// is the newest and which is final, by hash; the block's header comes from any node that has it,
/// and its hash proves it.
final class SyncCommitteeFollower implements HeadFollower {
  private final BeaconFollower beacon;
  private final UpstreamPool upstreams;
  private final Consumer<Alert> alerts;
  private boolean expired;
  private Header finalized;

  SyncCommitteeFollower(
      Header genesis, BeaconFollower beacon, UpstreamPool upstreams, Consumer<Alert> alerts) {
    this.beacon = beacon;
    this.upstreams = upstreams;
    this.alerts = alerts;
    finalized = genesis;
  }

  /// Begins where a stored client was.
  Header restore(LightStore.Content content) {
    LightStore.Beacon stored = content.beacon().orElseThrow();
    beacon.restore(stored.snapshot());
    finalized = stored.finalized();
    return content.head();
  }

  /// Begins at the block trusted.
  ///
  /// @throws UnavailableException where nobody proves it and what came after
  Header begin() {
    beacon.advance();
    finalized = settled();
    return header(beacon.latest(), finalized);
  }

  BeaconFollower.Offered offer(String from, Claim<LightClientUpdate> claim) {
    return beacon.offer(from, claim);
  }

  boolean add(BeaconSource source, int most) {
    return beacon.add(source, most);
  }

  BeaconStatus ownStatus() {
    return beacon.ownStatus();
  }

  Header finalized() {
    return finalized;
  }

  @Override
  public Step step(HeaderChain chain) {
    try {
      beacon.advance();
      expired = false;
    } catch (UnavailableException old) {
      if (!beacon.isExpired()) {
        throw old;
      }
      if (!expired) {
        expired = true;
        alerts.accept(new Alert.Expired(old.getMessage()));
      }
      return Step.NOTHING;
    }
    Header settled = settled();
    Header head = header(beacon.latest(), chain.head());
    boolean news = !head.equals(chain.head()) || !settled.equals(finalized);
    finalized = settled;
    return new Step(
        news ? Optional.of(head) : Optional.empty(), Optional.of(settled), beacon.witnesses());
  }

  /// The newest final block at hand: where nobody has a newer one, what was final before still is.
  private Header settled() {
    BeaconHead newest = beacon.finalized();
    try {
      return newest.executionBlockHash().isZero() ? finalized : header(newest, finalized);
    } catch (UnavailableException nobody) {
      return finalized;
    }
  }

  private Header header(BeaconHead at, Header known) {
    Hash32 hash = at.executionBlockHash();
    if (hash.equals(known.hash())) {
      return known;
    }
    if (hash.isZero()) {
      throw new UnavailableException(
          "the beacon chain proves no execution block at slot " + at.slot());
    }
    return upstreams
        .find(
            List.of(Call.of("eth_getBlockByHash", hash, false)),
            replies -> HeaderChain.ofHash(Reply.found(replies.get(0)), hash))
        .orElseThrow(() -> new UnavailableException("no node has block " + hash + " yet"))
        .value();
  }

  @Override
  public List<BeaconFollower.Status> sources() {
    return beacon.status();
  }

  @Override
  public LightStore.Content content(Header head) {
    return new LightStore.Content(
        List.of(), head, Optional.of(new LightStore.Beacon(beacon.snapshot(), finalized)), 0);
  }
}
