package io.semper.lightclient;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Header;
import io.semper.core.view.UnavailableException;
import io.semper.genesis.Network;
import io.semper.lightclient.HeaderVerifier.Verdict;
import io.semper.lightclient.upstream.Call;
import io.semper.lightclient.upstream.Reply;
import io.semper.lightclient.upstream.UpstreamPool;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// Where a client of a network of QBFT begins: where a stored one was, or at a block that its user
/// names.
final class QbftStart {
  private final Network network;
  private final QbftVerifier verifier;
  private final UpstreamPool upstreams;
  private final Consumer<Alert> alerts;
  private final LongSupplier nowSeconds;

  QbftStart(
      Network network,
      QbftVerifier verifier,
      UpstreamPool upstreams,
      Consumer<Alert> alerts,
      LongSupplier nowSeconds) {
    this.network = network;
    this.verifier = verifier;
    this.upstreams = upstreams;
    this.alerts = alerts;
    this.nowSeconds = nowSeconds;
  }

  /// Where a stored client was, unless that is too old to go on from, or stands where the network
  /// has sealed two blocks, and a newer block has been named.
  ///
  /// @param named by its hash; `null` for none, which stands for the genesis block
  /// @throws UnavailableException where nobody proves that it may be begun with
  LightStore.Content content(Optional<LightStore.Content> stored, Hash32 named) {
    if (stored.isEmpty()) {
      return checkpoint(named);
    }
    LightStore.Content before = stored.get();
    boolean usable =
        before.diverged() == 0
            && !verifier.expired(before.points().getLast(), nowSeconds.getAsLong());
    if (usable || named == null) {
      return before;
    }
    try {
      LightStore.Content anew = checkpoint(named);
      return anew.head().number() > before.diverged() ? anew : before;
    } catch (UnavailableException noBetter) {
      return before;
    }
  }

  private LightStore.Content checkpoint(Hash32 hash) {
    Header header =
        hash == null || hash.equals(network.genesisHash())
            ? network.genesis()
            : upstreams
                .ask(
                    List.of(Call.of("eth_getBlockByHash", hash, false)),
                    replies -> HeaderChain.ofHash(Reply.found(replies.get(0)), hash))
                .value();
    Verdict<TrustedHeader> verdict =
        verifier.checkpoint(header, validators(header), nowSeconds.getAsLong());
    return switch (verdict) {
      case Verdict.Accepted<TrustedHeader> accepted ->
          new LightStore.Content(List.of(accepted.next()), header, Optional.empty(), 0);
      case Verdict.Expired<TrustedHeader> expired ->
          throw new UnavailableException("the checkpoint is too old: " + expired.reason());
      case Verdict.Refused<TrustedHeader> refused ->
          throw new UnavailableException("not a checkpoint: " + refused.reason());
      case Verdict.Unconnected<TrustedHeader> unconnected ->
          throw new IllegalStateException(unconnected.reason());
    };
  }

  /// Who sealed the checkpoint where a contract says so: those it names after the parent.
  private List<Address> validators(Header header) {
    QbftFollower reader =
        new QbftFollower(network, null, upstreams, List.of(), 0, alerts, nowSeconds);
    return header.number() == 0
        ? QbftVerifier.genesis(network)
            .map(TrustedHeader::validators)
            .orElseGet(() -> reader.contractValidators(header))
        : reader.claim(header).contractValidators();
  }
}
